"""The rules that need no compiler: who includes whom, how long things are, how headers begin.

Each check takes {path: text} and returns its findings as `file:line: message`.
"""

import re

# A room may include itself and these. `None`: everything.
USES = {
    "base": [],
    "http": ["base"],
    "tmp_protocol": ["base"],
    "agent": ["base", "tmp_protocol"],
    "net": ["base", "tmp_protocol", "http"],
    "frontend": ["base", "http", "tmp_protocol"],
    "backend": ["base", "http", "tmp_protocol"],
    "redirector_dns": ["base"],
    "manager": ["base", "http", "tmp_protocol", "agent", "net", "frontend", "backend", "redirector_dns"],
    "cli": None,
    "tests": None,
}

# Only these rooms touch the world: the others take octets and the time, so that a simulation can replay them.
WORLDLY_ROOMS = {"net", "manager", "cli", "tests"}
WORLDLY_INCLUDES = re.compile(
    r"<(sys/(socket|epoll|select|eventfd|timerfd|signalfd|un|uio)\.h|netinet/|poll\.h|pthread\.h|thread|mutex|shared_mutex"
    r"|condition_variable|future|random|boost/asio)")
WORLDLY_CALLS = re.compile(
    r"\b(steady_clock|system_clock|high_resolution_clock)::now\b"
    r"|\b(RAND_bytes|gettimeofday|clock_gettime|time\(nullptr\))")
# Where the world's random device becomes base's interface, and what `ringway keys` makes identities with.
WORLDLY_EXCEPTIONS = {"base/random.cpp", "tmp_protocol/identity_maker.cpp"}

MAX_FILE_LINES = 800
MAX_FUNCTION_LINES = 70

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"][^>"]+[>"])')


def check_includes(texts):
    faults = []
    for path, text in texts.items():
        room = path.parts[0]
        if room not in USES:
            faults.append(f"{path}:1: '{room}' is not a room (tools/lint/rules.py)")
            continue
        for number, line in enumerate(text.splitlines(), 1):
            fault = include_fault(path, room, line)
            if fault:
                faults.append(f"{path}:{number}: {fault}")
    return faults


def include_fault(path, room, line):
    worldly = room in WORLDLY_ROOMS or str(path) in WORLDLY_EXCEPTIONS
    include = INCLUDE.match(line)
    if not include:
        call = None if worldly else WORLDLY_CALLS.search(line.split("//")[0])
        return f"'{call.group(0)}' belongs to net/ and cli/" if call else None
    name = include.group(1)
    if not worldly and WORLDLY_INCLUDES.match(name):
        return f"{name} belongs to net/ and cli/"
    other = name.strip('<>"').split("/")[0]
    allowed = USES[room]
    if name.startswith('"') and allowed is not None and other != room and other not in allowed:
        return f"{room}/ may not include {other}/"
    return None


def check_headers(texts):
    faults = []
    for path, text in texts.items():
        if path.suffix != ".h":
            continue
        lines = text.splitlines() + ["", ""]
        if lines[0] != "#pragma once":
            faults.append(f"{path}:1: a header begins with #pragma once")
        elif not lines[1].startswith("//"):
            faults.append(f"{path}:2: a header's second line begins to say what it is")
    return faults


def check_lengths(texts):
    faults = []
    for path, text in texts.items():
        lines = text.count("\n")
        if lines > MAX_FILE_LINES:
            faults.append(f"{path}:1: {lines} lines, at most {MAX_FILE_LINES}")
        for first, last in functions(text):
            if last - first + 1 > MAX_FUNCTION_LINES:
                faults.append(f"{path}:{first}: a function of {last - first + 1} lines, at most {MAX_FUNCTION_LINES}")
    return faults


# What may hold a brace that is not one: comments, raw strings, strings, characters, and preprocessor lines.
BLANKED = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])*'|^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.S | re.M)
SCOPE = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b")


def functions(text):
    """First and last line of each function body's definition, its head included."""
    blank = BLANKED.sub(lambda match: re.sub(r"[^\n]", " ", match.group(0)), text)
    found, depth, head, opened = [], 0, 0, 0
    for at, character in enumerate(blank):
        if depth == 0 and character == ";":
            head = at + 1
        elif character == "{":
            if depth == 0 and is_scope(blank[head:at]):
                head = at + 1
                continue
            depth += 1
            opened = at if depth == 1 else opened
        elif character == "}":
            depth -= 1
            if depth < 0:  # a scope ends
                depth, head = 0, at + 1
            if depth > 0 or head == at + 1:
                continue
            # A member's `{…}` in front of a constructor's body belongs to its head.
            if re.match(r"\s*[,{]", blank[at + 1:]) and "(" in blank[head:opened]:
                continue
            begun = head + len(blank[head:at]) - len(blank[head:at].lstrip())
            found.append((blank.count("\n", 0, begun) + 1, blank.count("\n", 0, at) + 1))
            head = at + 1
    return found


def is_scope(head):
    """Whether the `{` after this head opens a namespace or a type, not a function or a value."""
    head = re.sub(r"template\s*<[^{]*?>\s*(?=class|struct|$)|alignas\([^)]*\)|\[\[.*?\]\]", "", head).rstrip()
    return bool(SCOPE.search(head)) and "(" not in head and not head.endswith("=")
