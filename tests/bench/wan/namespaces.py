"""Private network namespaces. They hang on a mount that only this run and its children see, so that the kernel takes
them away with the last of these, however they end."""

import ctypes
import json
import os

from harness.processes import Failure, run

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWNET = 0x00020000, 0x10000000, 0x40000000
MS_REC, MS_PRIVATE = 0x4000, 0x40000
FOLDER = "/run/netns"

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result, what):
    if result != 0:
        raise Failure(f"{what}: {os.strerror(ctypes.get_errno())} (this needs root, or user namespaces)")


def _mount(source, target, kind, flags):
    _check(_libc.mount(source, target.encode(), kind, flags, None), f"mounting {target}")


def become_private():
    """Puts this process into a mount namespace of its own, and where it is not root into a user namespace too, with a
    network namespace that belongs to it and that it may therefore come back to."""
    user, group = os.getuid(), os.getgid()
    _check(_libc.unshare(CLONE_NEWNS | (CLONE_NEWUSER | CLONE_NEWNET if user else 0)), "unshare")
    if user:
        for name, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(text)
    _mount(None, "/", None, MS_REC | MS_PRIVATE)
    _mount(b"tmpfs", "/run", b"tmpfs", 0)
    os.makedirs(FOLDER)


class Namespace:
    """`with` one, everything that this thread opens and starts is inside it."""

    def __init__(self, name, settings):
        self.name = f"ringway-{os.getpid()}-{name}"
        self.file = f"{FOLDER}/{self.name}"
        self._before = []
        run(["ip", "netns", "add", self.name])
        self.ip("link", "set", "lo", "up")
        with self:
            for key, value in settings.items():
                with open(f"/proc/sys/net/{key}", "w", encoding="ascii") as file:
                    file.write(str(value))

    def ip(self, *words):
        run(["ip", "-n", self.name, *words])

    def ip_json(self, *words):
        return json.loads(run(["ip", "-n", self.name, "-j", *words]).stdout)

    def __enter__(self):
        self._before.append(os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC))
        self._enter(os.open(self.file, os.O_RDONLY | os.O_CLOEXEC))
        return self

    def __exit__(self, *_):
        self._enter(self._before.pop())

    @staticmethod
    def _enter(file):
        try:
            _check(_libc.setns(file, CLONE_NEWNET), "setns")
        finally:
            os.close(file)
