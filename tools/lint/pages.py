"""The rules for the dashboard and its tests: JavaScript that parses, short lines, and nothing that takes text for markup."""

import re
import subprocess

FOLDERS = ("manager/dashboard/", "tests/dashboard/")
SUFFIXES = (".js", ".mjs", ".css", ".html")
MAX_COLUMNS = 120
MAX_FILE_LINES = 800

# In what is served; tests may try them.
FORBIDDEN = {
    r"\b(inner|outer)HTML\b|\binsertAdjacentHTML\b|\bdocument\.write\b|\bsrcdoc\b": "takes text for markup",
    r"\beval\(|\bnew Function\(": "takes text for a program",
    r"\bconsole\.|\bdebugger\b|\balert\(": "is for trying things out",
    r"\b(https?:)?//[a-z0-9-]+\.[a-z]|\burl\(|@import": "asks elsewhere",
    r"\son[a-z]+=\"|\bstyle=\"": "is written into the page, which its policy refuses",
}
SVG_NAMESPACE = "http://www.w3.org/2000/svg"


def check_lines(texts):
    """`texts`: {path: text}; findings as `file:line: message`."""
    faults = []
    for path, text in texts.items():
        lines = text.splitlines()
        if len(lines) > MAX_FILE_LINES:
            faults.append(f"{path}:1: {len(lines)} lines, at most {MAX_FILE_LINES}")
        for number, line in enumerate(lines, 1):
            faults += [f"{path}:{number}: {fault}" for fault in line_faults(str(path), line)]
    return faults


def line_faults(path, line):
    if len(line) > MAX_COLUMNS:
        yield f"{len(line)} columns, at most {MAX_COLUMNS}"
    if line != line.rstrip() or "\t" in line:
        yield "a tab, or a space at the end"
    if path.startswith("manager/"):
        code = line.replace(SVG_NAMESPACE, "")
        for pattern, why in FORBIDDEN.items():
            found = re.search(pattern, code)
            if found:
                yield f"'{found.group(0).strip()}' {why}"


def check_syntax(root, texts):
    faults = []
    for path in texts:
        if path.suffix in (".js", ".mjs"):
            # From standard input, where nothing but the option says that it is a module.
            result = subprocess.run(["node", "--input-type=module", "--check"], input=texts[path], cwd=root,
                                    capture_output=True, text=True)
            if result.returncode != 0:
                first = next((line for line in result.stderr.splitlines() if "Error" in line), "does not parse")
                number = re.search(r"^\[stdin\]:(\d+)", result.stderr, re.M)
                faults.append(f"{path}:{number.group(1) if number else 1}: {first}")
    return faults
