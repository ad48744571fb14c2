"""`ringway dns` that nobody tells which front-ends are ill: by its file alone, and cut off from its manager."""

import signal
import socket
import threading
import time
import unittest

from harness.processes import Folder, free_port, wait_until
from harness.redirector import Redirector, Table
from test_dns_managed import Managed as ManagedBase
from test_dns_managed import NEAR, records

ADDRESS = {"near": "127.0.0.2", "far": "127.0.0.3"}
CLIENTS = [f"20.{i}.0.0/16" for i in range(16)]
CHECK = {"every": "1s", "timeout": "500ms"}


class FrontEnd:
    """Takes connections at an address, until it is killed."""

    def __init__(self, address, port):
        self.place = (address, port)
        self.start()

    def start(self):
        self.listener = socket.create_server(self.place)
        threading.Thread(target=self._run, args=(self.listener,), daemon=True).start()

    @staticmethod
    def _run(listener):
        while True:
            try:
                listener.accept()[0].close()
            except OSError:
                return

    def kill(self):
        self.listener.shutdown(socket.SHUT_RDWR)  # wakes who accepts
        self.listener.close()


def steering(**pops):
    """A site whose clients are near the first POP; `pops` are the names of their front-ends."""
    frontends = [name for names in pops.values() for name in names]
    return {
        "pops": [{"name": pop, "latitude": 10 * i, "longitude": 0} for i, pop in enumerate(pops)],
        "frontends": [{"name": name, "pop": pop, "addresses": [ADDRESS[name]]}
                      for pop, names in pops.items() for name in names],
        "sites": [{"name": "shop", "frontends": frontends, "answers": 1, "ttl": "5s"}],
        "clients": [{"network": "20.0.0.0/8", "latitude": 0, "longitude": 0}],
    }


class Alone(unittest.TestCase):
    def redirector(self, **more):
        folder = Folder("dns-health")
        self.addCleanup(folder.remove)
        self.dns = Redirector(folder.path, **more)
        self.addCleanup(lambda: self.dns.process.stop())

    def serve(self, **more):
        """Two POPs of a front-end each, that are looked at."""
        port = free_port()
        for name in ADDRESS:
            frontend = FrontEnd(ADDRESS[name], port)
            setattr(self, name, frontend)
            self.addCleanup(lambda frontend=frontend: frontend.listener.close())
        self.redirector(steering=steering(pop1=["near"], pop2=["far"]), health_check=CHECK | {"port": port}, **more)
        self.wait_for({"near"})

    def sent(self):
        """Where clients are sent; "?": nowhere."""
        names = {address: name for name, address in ADDRESS.items()}
        told = [self.dns.short("www.shop.test", "A", f"+subnet={network}") for network in CLIENTS]
        return {names.get(answer[0], "?") if len(answer) == 1 else "?" for answer in told}

    def wait_for(self, names, seconds=10):
        wait_until(lambda: self.sent() == names, f"clients at {names}", seconds)

    def up(self, name):
        return self.dns.metrics().get(f'ringway_dns_frontend_up{{frontend="{name}"}}')

    def test_one_that_dies_gets_no_clients_until_it_is_back(self):
        self.serve()
        wait_until(lambda: self.up("near") == 1, "a look at it")
        self.near.kill()
        self.wait_for({"far"})
        self.assertEqual((self.up("near"), self.up("far")), (0, 1))
        self.assertRegex(self.dns.process.output(), "a front-end does not answer .*near.*127.0.0.2:.*refused")
        self.near.start()
        self.wait_for({"near", "far"}, 30)  # it begins with a tenth of its clients
        self.assertRegex(self.dns.process.output(), "a front-end answers again .*near")

    def test_where_all_are_dead_all_are_answered(self):
        self.serve()
        self.near.kill()
        self.wait_for({"far"})
        self.far.kill()
        self.wait_for({"near"})
        self.assertEqual((self.up("near"), self.up("far")), (0, 0))

    def test_one_that_is_dead_when_it_begins_is_soon_known(self):
        self.serve()
        self.near.kill()
        self.dns.process.stop()
        self.dns.start()
        self.assertNotIn("?", self.sent())
        self.wait_for({"far"})

    def test_who_takes_over_knows_who_is_dead(self):
        self.serve(handover="next.sock")
        self.near.kill()
        self.wait_for({"far"})
        self.addCleanup(self.dns.process.kill)
        before = self.dns.take_over()
        seen = set()
        until = time.monotonic() + 5
        while time.monotonic() < until:
            seen |= self.sent()
        self.assertEqual(before.wait(), 0)
        self.assertEqual(seen, {"far"})
        self.near.start()
        self.wait_for({"near", "far"}, 30)

    def test_one_that_a_file_drains_loses_its_clients(self):
        self.redirector(steering=steering(pop1=["near", "far"]))
        self.wait_for({"near", "far"})

        def drain(draining):
            self.dns.config["steering"]["frontends"][0]["draining"] = draining
            self.dns.write()
            self.dns.process.send_signal(signal.SIGHUP)

        drain(True)
        self.wait_for({"far"}, 30)
        drain(False)
        self.wait_for({"near", "far"}, 30)

    def test_who_takes_over_goes_on_with_a_drain(self):
        self.redirector(steering=steering(pop1=["near", "far"]), handover="next.sock")

        def left():
            """Clients that are not sent to who drains."""
            return {network for network in CLIENTS
                    if self.dns.short("www.shop.test", "A", f"+subnet={network}") == [ADDRESS["far"]]}

        before = left()
        self.dns.config["steering"]["frontends"][0]["draining"] = True
        self.dns.write()
        begun = time.monotonic()
        self.dns.process.send_signal(signal.SIGHUP)
        wait_until(lambda: len(left()) >= len(before) + 2, "the drain", 20)
        moved = left()
        self.addCleanup(self.dns.process.kill)
        self.dns.take_over()
        now = left()
        self.assertGreaterEqual(now, moved)
        if time.monotonic() - begun < 15:  # of the 20 that a drain takes
            self.assertLess(len(now), len(CLIENTS), "nor does it jump to its end")
        self.wait_for({"far"}, 30)


class CutOff(ManagedBase):
    def test_looks_for_itself(self):
        addresses = {"near": "127.0.0.2", "middle": "127.0.0.3", "far": "127.0.0.4"}
        port = free_port()
        frontends = {name: FrontEnd(address, port) for name, address in addresses.items()}
        dns = self.redirector(health_check=CHECK | {"port": port}, handover="next.sock")
        agent = self.manager.agent("dns-1")
        self.assertEqual(self.zones(agent, 1, shop=records()), ("applied", ""))
        teller = self.tell(agent, Table(addresses))
        wait_until(lambda: dns.short(*NEAR) == ["127.0.0.2"], "the table", 10)
        frontends["near"].kill()
        time.sleep(6)
        self.assertEqual(dns.short(*NEAR), ["127.0.0.2"])  # a manager that is there knows better
        self.assertEqual(dns.metrics()['ringway_dns_checks_total{result="failed"}'], 0)
        teller.stop()
        self.manager.stop()
        wait_until(lambda: dns.short(*NEAR) == ["127.0.0.3"], "the next POP", 60)
        self.assertEqual(dns.metrics()['ringway_dns_frontend_up{frontend="near"}'], 0)
        self.assertIn("no manager tells who is ill", dns.process.output())
        self.addCleanup(dns.process.kill)
        before = dns.take_over()
        told = {tuple(dns.short(*NEAR)) for _ in range(50)}
        self.assertEqual(before.wait(), 0)
        self.assertEqual(told, {("127.0.0.3",)}, "who takes over goes on from what was seen")


if __name__ == "__main__":
    unittest.main()
