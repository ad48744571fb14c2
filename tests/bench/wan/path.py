"""The emulated path: a namespace for the front-end's side, one for the hosting centre's, and what lies between them."""

import json
import os
import subprocess
from dataclasses import dataclass

from harness import settings
from harness.processes import Failure, Process
from namespaces import Namespace

DEVICE = "path"
NEAR, FAR, NETWORK = "10.77.0.1", "10.77.0.2", "10.77.0.0/24"
NEAR_MAC, FAR_MAC = "02:00:00:00:00:01", "02:00:00:00:00:02"
MTU = 1500
# As much as 500 Mbit/s brings in 100 ms of a busy machine: the device's own queue must never be the one that drops.
DEVICE_QUEUE_PACKETS = 5000
# Buffers above any path's bandwidth-delay product, and no memory of earlier connections. A sender that has paused keeps
# its window, as one would set it for lasting connections (BBR always does). Reno is for what does not cross the path.
SYSTEM = {"ipv4/tcp_rmem": "4096 131072 67108864", "ipv4/tcp_wmem": "4096 131072 67108864",
          "ipv4/tcp_no_metrics_save": 1, "ipv4/tcp_slow_start_after_idle": 0, "ipv4/tcp_congestion_control": "reno"}


@dataclass(frozen=True)
class Condition:
    """What a path is like, both ways."""

    rate_mbit: float = 50
    rtt_ms: float = 80
    loss_percent: float = 0
    loss_burst: float = 1
    jitter_ms: float = 0
    queue_bdp: float = 1

    @property
    def bdp_octets(self):
        return self.rate_mbit * 1e6 / 8 * self.rtt_ms / 1e3

    def settings(self):
        return {"rate_mbit": self.rate_mbit, "queue_octets": self.queue_bdp * self.bdp_octets,
                "delay_ms": self.rtt_ms / 2, "jitter_ms": self.jitter_ms,
                "loss_percent": self.loss_percent, "loss_burst": self.loss_burst}

    def __str__(self):
        parts = [f"{self.rate_mbit:g} Mbit/s", f"{self.rtt_ms:g} ms", f"{self.loss_percent:g} % loss"]
        if self.loss_burst > 1:
            parts.append(f"in bursts of {self.loss_burst:g}")
        if self.jitter_ms:
            parts.append(f"{self.jitter_ms:g} ms jitter, reordering")
        if self.queue_bdp != 1:
            parts.append(f"queue {self.queue_bdp:g} BDP")
        return ", ".join(parts)


def tun_can_be_opened():
    try:
        os.close(os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC))
        return True
    except OSError:
        return False


class Path:
    """`near` and `far` are the namespaces of its ends."""

    def __init__(self, folder):
        self.near, self.far = Namespace("near", SYSTEM), Namespace("far", SYSTEM)
        outside = [] if tun_can_be_opened() else self._make_veths()
        self.process = Process("wan_emulator",
                               [settings.build / "tests/bench/wan_emulator", "veth" if outside else "tun",
                                self.near.file, self.far.file, DEVICE, *outside],
                               folder / "wan_emulator.log", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._answer()
        for space, address in ((self.near, NEAR), (self.far, FAR)):
            space.ip("address", "add", f"{address}/24", "dev", DEVICE)
            space.ip("link", "set", DEVICE, "mtu", str(MTU), "txqueuelen", str(DEVICE_QUEUE_PACKETS),
                     "addrgenmode", "none", "up")
        if outside:
            self._introduce()

    def _make_veths(self):
        """Where there is no TUN: pairs with their outer ends in a third namespace."""
        outside = Namespace("outside", {})
        for name, space, mac in (("near", self.near, NEAR_MAC), ("far", self.far, FAR_MAC)):
            outside.ip("link", "add", name, "type", "veth", "peer", "name", DEVICE, "address", mac, "netns", space.name)
            outside.ip("link", "set", name, "up")
        return [outside.file, NEAR_MAC, FAR_MAC]

    def _introduce(self):
        """Nobody has to ask the path for an Ethernet address."""
        self.near.ip("neighbour", "add", FAR, "lladdr", FAR_MAC, "dev", DEVICE, "nud", "permanent")
        self.far.ip("neighbour", "add", NEAR, "lladdr", NEAR_MAC, "dev", DEVICE, "nud", "permanent")

    def _answer(self):
        line = self.process.popen.stdout.readline()
        if not line:
            raise Failure(f"the emulator has ended:\n{self.process.tail()}")
        answer = json.loads(line)
        if "error" in answer:
            raise Failure(answer["error"])
        return answer

    def _ask(self, *words):
        self.process.popen.stdin.write((" ".join(str(word) for word in words) + "\n").encode())
        self.process.popen.stdin.flush()
        return self._answer()

    def become(self, condition, seed=1):
        """Anew: the same losses in the same order for everything that is measured under it."""
        self._ask("seed", seed)
        self.set("both", cut=0, block_udp=0, **condition.settings())
        self.reset()

    def set(self, which, **quality):
        """Any settings of the emulator's Quality, for "there" (near to far), "back" or "both"."""
        if quality:
            self._ask("set", which, *(word for item in quality.items() for word in item))

    def control_congestion(self, name):
        """What new TCP connections between the two ends use."""
        for space in (self.near, self.far):
            space.ip("route", "replace", NETWORK, "dev", DEVICE, "congctl", name)

    def reset(self):
        self._ask("reset")
        self._drops_before = self._device_drops()

    def stats(self):
        """Since the reset: {"there", "back": {counter: value}}, and what the devices lost that the path should have had."""
        return self._ask("stats") | {"device_drops": self._device_drops() - self._drops_before}

    def _device_drops(self):
        return sum(space.ip_json("-s", "link", "show", DEVICE)[0]["stats64"]["tx"]["dropped"]
                   for space in (self.near, self.far))

    def stop(self):
        self.process.kill()
        self.process.popen.stdin.close()
        self.process.popen.stdout.close()
