"""Machines on one network: each a network namespace with a shell in it. They end with the processes that hold them."""

import os
import subprocess

from harness.processes import Failure, Process, run, wait_until

_DONE = "::done"


def _as_root(words):
    """In a user namespace where this is not root."""
    return words if os.getuid() == 0 else ["--user", "--map-root-user", *words]


class Network:
    """A switch, and the machines on it: {name: address}, all of one /24."""

    def __init__(self, folder, addresses, environment):
        own = os.stat("/proc/self/ns/net").st_ino
        self.switch = Process("switch", ["unshare", *_as_root(["--net"]), "sleep", "infinity"], folder / "switch.log")
        wait_until(lambda: os.stat(f"/proc/{self.switch.pid}/ns/net").st_ino != own, "a network namespace")
        self._ip("link", "add", "switch", "type", "bridge")
        self._ip("link", "set", "switch", "up")
        self.machines = {}
        for name, address in addresses.items():
            place = folder / name
            place.mkdir()
            self.machines[name] = machine = Machine(name, self._enter("unshare", "--net"), place, environment)
            device = f"to-{name}"[:15]
            self._ip("link", "add", device, "type", "veth", "peer", "name", "eth0", "netns", str(machine.pid))
            self._ip("link", "set", device, "master", "switch", "up")
            machine.run(f"ip link set lo up; ip addr add {address}/24 dev eth0; ip link set eth0 up")

    def _enter(self, *words):
        user = [] if os.getuid() == 0 else ["--user", "--preserve-credentials"]
        return ["nsenter", "--target", str(self.switch.pid), *user, "--net", *words]

    def _ip(self, *words):
        run(self._enter("ip", *words))

    def cut(self, name):
        self._ip("link", "set", f"to-{name}"[:15], "down")

    def join(self, name):
        self._ip("link", "set", f"to-{name}"[:15], "up")

    def end(self):
        for machine in self.machines.values():
            machine.end()
        self.switch.kill()


class Machine:
    """A shell that goes on from one command to the next, as an operator's does."""

    def __init__(self, name, enter, folder, environment):
        self.name = name
        self.folder = folder
        self._shell = Process(name, [*enter, "bash", "-u"], folder / "shell.log", stdin=subprocess.PIPE, cwd=folder,
                              env=environment | {"HOME": str(folder)})
        self.pid = self._shell.pid
        own = os.stat("/proc/self/ns/net").st_ino
        wait_until(lambda: os.stat(f"/proc/{self.pid}/ns/net").st_ino != own, f"{name}'s network namespace")
        self.run("true")

    def run(self, text, seconds=60):
        """What it prints, once it has ended well. A failing command ends the shell."""
        before = len(self._shell.output())
        lines = f"set -e\n{text}\nset +e\necho '{_DONE} fine'\n"
        self._shell.popen.stdin.write(lines.encode())
        self._shell.popen.stdin.flush()
        wait_until(lambda: _DONE in self._shell.output()[before:] or not self._shell.running(),
                   f"{self.name}: {text}", seconds)
        said = self._shell.output()[before:]
        if _DONE not in said:
            raise Failure(f"{self.name} failed at:\n{text}\nIt said:\n{said}")
        return said.split(_DONE)[0]

    def end(self):
        self._shell.kill()
