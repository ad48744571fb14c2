"""Programs that tests start: each ends with the test, whatever happens, and leaves its output in a file."""

import atexit
import ctypes
import json
import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from harness import settings

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)
_running = set()
_of_this_test = []


class Failure(AssertionError):
    """What the test waited for did not come about."""


def wait_until(condition, what, seconds=10.0):
    """Asks again and again until `condition()` is true; returns its value."""
    end = time.monotonic() + settings.patience(seconds)
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f"waited {settings.patience(seconds):g} s for {what}")
        time.sleep(0.01)


def _before_exec():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class Process:
    """A program in a process group of its own. `log` gets its standard output and error."""

    def __init__(self, name, command, log, stdin=subprocess.DEVNULL, stdout=None, **more):
        self.name = name
        self.log = Path(log)
        with open(self.log, "ab") as out:
            self._begin = out.tell()
            self.popen = subprocess.Popen([str(word) for word in command], stdin=stdin, stdout=stdout or out,
                                          stderr=out, start_new_session=True, preexec_fn=_before_exec, **more)
        self.pid = self.popen.pid
        _running.add(self)
        _of_this_test.append(self)

    def output(self):
        """What it has said itself: the log may begin with what another process said."""
        return self.log.read_bytes()[self._begin:].decode(errors="replace")

    def running(self):
        return self.popen.poll() is None

    def send_signal(self, number):
        self.popen.send_signal(number)

    def wait(self, seconds=20):
        """Its exit code, once it has ended by itself."""
        try:
            code = self.popen.wait(settings.patience(seconds))
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.name} did not end in {settings.patience(seconds)} s:\n{self.tail()}") from None
        _running.discard(self)
        return code

    def stop(self, number=signal.SIGTERM, seconds=20):
        """Asks it to end, and returns its exit code."""
        if self.running():
            self.send_signal(number)
        try:
            return self.wait(seconds)
        finally:
            self.kill()

    def kill(self):
        """Ends it and all that it started, at once."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.popen.wait()
        _running.discard(self)

    def tail(self, lines=40):
        return "\n".join(self.output().splitlines()[-lines:])

    def resident_octets(self):
        return self._status("VmRSS")

    def peak_octets(self):
        return self._status("VmHWM")

    def reset_peak(self):
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def _status(self, name):
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) * 1024
        raise Failure(f"{self.name} has no {name}: it has ended\n{self.tail()}")

    def cpu_seconds(self):
        """User and system time, its threads and the children it has waited for included."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def begin_test():
    """From here on last_words() is about the next test, and those that run still: its class may have started them."""
    _of_this_test[:] = [process for process in _of_this_test if process in _running]


def last_words(lines=15, columns=300):
    """What each process of this test said last: a failure that comes once in a hundred runs is to be understood from it."""
    told = []
    for process in _of_this_test:
        said = process.tail(lines).splitlines() if process.log.exists() else []
        told += [f"--- {process.name}", *(line[:columns] for line in said)]
    return "\n".join(told)


def _end_all(*_):
    for process in list(_running):
        process.kill()


def _end_by_signal(number, _):
    _end_all()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


atexit.register(_end_all)
for _number in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(_number, _end_by_signal)


def run(command, seconds=60, check=True, **more):
    """Runs a program to its end; returns it with stdout and stderr as text."""
    words = [str(word) for word in command]
    result = subprocess.run(words, capture_output=True, text=True, errors="replace", timeout=settings.patience(seconds),
                            preexec_fn=_before_exec, **more)
    if check and result.returncode != 0:
        raise Failure(f"{' '.join(words)}: exit code {result.returncode}\n{result.stdout[-4000:]}{result.stderr[-4000:]}")
    return result


def json_lines(file):
    """What a log that is being written has by now, without a last line of which only a part is there."""
    text = file.read_text()
    return [json.loads(line) for line in text[:text.rfind("\n") + 1].splitlines()]


class Folder:
    """A temporary folder, removed at the end unless --keep."""

    def __init__(self, name):
        self.path = Path(tempfile.mkdtemp(prefix=f"ringway-{name}-"))
        # PostgreSQL runs as another user where this runs as root.
        self.path.chmod(0o755)
        atexit.register(self.remove)

    def remove(self):
        atexit.unregister(self.remove)
        if settings.keep:
            print(f"kept: {self.path}")
        else:
            shutil.rmtree(self.path, ignore_errors=True)


_given_ports = set()


def free_port(address="127.0.0.1"):
    """A port free for TCP and UDP, below those the kernel gives to outgoing connections, never given before."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for _ in range(1000):
        port = random.randrange(10000, 32000)
        if port in _given_ports:
            continue
        try:
            with socket.socket(family, socket.SOCK_STREAM) as tcp, socket.socket(family, socket.SOCK_DGRAM) as udp:
                tcp.bind((address, port))
                udp.bind((address, port))
        except OSError:
            continue
        _given_ports.add(port)
        return port
    raise Failure("no free port")


def accepts(port, address="127.0.0.1"):
    try:
        socket.create_connection((address, port), timeout=1).close()
        return True
    except OSError:
        return False
