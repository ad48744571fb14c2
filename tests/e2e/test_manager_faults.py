"""What happens to clients and gateways when managers, their store, gateways or revisions fail."""

import json
import threading
import time
import unittest

from harness import settings
from harness.manager import ManagedOverlay, Manager, Problem
from harness.origins import Origin
from harness.overlay import at, ringway
from harness.postgres import Postgres
from harness.processes import run, wait_until


def welcome(request, connection):
    connection.respond(b"welcome")


class Clients:
    """Some that ask all the time, of every front-end; what was not answered well is counted."""

    def __init__(self, overlay):
        self.overlay, self.asked, self.failed = overlay, 0, []
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(port,)) for port in overlay.ports.values()]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, port):
        while not self._ended.is_set():
            self.asked += 1
            if fault := self.overlay.fault_at(port):
                self.failed.append((time.monotonic(), port, fault))
            time.sleep(0.02)


class Faults(unittest.TestCase):
    def setUp(self):
        self.origins = [Origin(), Origin()]
        for origin in self.origins:
            origin.handlers["/"] = welcome
            self.addCleanup(origin.stop)

    def overlay(self, **more):
        overlay = ManagedOverlay(self.origins, **more)
        self.addCleanup(overlay.stop)
        return overlay.start()


class ManagerAway(Faults):
    def test_killed_while_clients_ask(self):
        overlay = self.overlay(frontends=2, backends=2)
        with Clients(overlay) as clients:
            # Until what the gateways have counts as good.
            wait_until((overlay.path / "pop-1/content").exists, "the trial's end", 30)
            overlay.managers[0].kill()
            time.sleep(3)
            overlay.gateways["pop-1"].kill()
            overlay.gateways["pop-1"].start()
            wait_until(lambda: overlay.serves(overlay.ports["pop-1"]), "a front-end that started without a manager", 20)
            before = len(clients.failed)
            overlay.managers[0].start()
            wait_until(overlay.managers[0].leads, "the manager to lead", 20)
            wait_until(lambda: overlay.manager.gateway("pop-1").get("connected"), "its agent", 30)
            time.sleep(2)
        self.assertGreater(clients.asked, 50)
        self.assertEqual(len(clients.failed), before)
        self.assertEqual(overlay.manager.gateway("pop-1")["state"], "serving")

    def test_nothing_that_was_acknowledged_is_lost(self):
        """Killed at random moments of commits."""
        overlay = self.overlay()
        manager = overlay.managers[0]
        acknowledged = overlay.manager.status()["revision"]
        weight = 1
        for round_ in range(6):
            ended = threading.Timer(0.05 + 0.03 * round_, manager.process.kill)
            ended.start()
            try:
                while True:
                    weight += 1
                    acknowledged = overlay.manager.apply({"sites": [overlay.site | {"weight": weight % 100 + 1}]})
            except (OSError, AssertionError, json.JSONDecodeError):
                pass
            ended.join()
            manager.process = None
            manager.start()
            wait_until(manager.leads, "it to lead again", 20)
            head = manager.status()["revision"]
            self.assertIn(head, (acknowledged, acknowledged + 1))
            self.assertEqual(manager.get(f"/v1/revisions/{acknowledged}")["revision"]["number"], acknowledged)

    def test_two_managers_on_one_postgres(self):
        postgres = Postgres()
        self.addCleanup(postgres.stop)
        store = f"postgresql://postgres@127.0.0.1:{postgres.port}/postgres?sslmode=disable"

        def managers(path):
            return [Manager(path, f"manager-{number}", store=store, rollout={"gate": "0s"}) for number in (1, 2)]

        overlay = self.overlay(frontends=1, backends=2, managers=managers)
        leader = overlay.manager
        follower, = (each for each in overlay.managers if each is not leader)
        with Clients(overlay) as clients:
            first = overlay.change_site(weight=2)
            wait_until(lambda: self.weight_at(follower) == 2, "the follower to see it", 10)
            with self.assertRaises(Problem) as refused:
                follower.apply({"sites": [overlay.site | {"weight": 9}]})
            self.assertEqual(refused.exception.status, 503)
            leader.kill()
            wait_until(follower.leads, "the other one to lead", 20)
            wait_until(lambda: follower.gateway("pop-1").get("connected"), "the agents to follow", 30)
            second = follower.apply({"sites": [overlay.site | {"weight": 3}]})
            self.assertEqual(second, first + 1)
            wait_until(lambda: follower.spread(second), "the rollout", 30)
            self.cut_off_postgres(postgres, follower)
        self.assertEqual(clients.failed, [], clients.failed)

    @staticmethod
    def weight_at(manager):
        """Of the site; nothing where it does not even know the token yet."""
        try:
            return manager.get("/v1/sites/shop").get("weight")
        except Problem:
            return None

    def cut_off_postgres(self, postgres, manager):
        """It goes and comes back: the manager says so meanwhile, and goes on afterwards."""
        revision = manager.status()["revision"]
        postgres.process.kill()
        wait_until(lambda: manager.request("GET", "/healthz")[0] == 503, "the manager to notice", 30)
        self.assertIn("the store cannot be used", manager.process.output())
        postgres.start()
        wait_until(manager.leads, "the manager to lead again", 40)
        self.assertEqual(manager.status()["revision"], revision)
        self.assertEqual(manager.apply({"pops": [{"name": "new", "latitude": 0, "longitude": 0}]}), revision + 1)


class BadRevisions(Faults):
    def test_a_refused_one_stops_and_goes_back(self):
        overlay = self.overlay(frontends=2, backends=1)
        before = overlay.manager.status()["revision"]
        # Another program has that address: the first gateway that is told cannot listen there.
        revision = overlay.manager.apply({"sites": [
            {"name": "database", "protocol": "tcp", "listen": at(self.origins[0].port),
             "origins": [{"address": at(self.origins[1].port)}], "frontends": {"min": 2}}]})
        wait_until(lambda: overlay.manager.rollout()["to"] > revision, "the automatic rollback", 60)
        wait_until(lambda: overlay.manager.rollout()["state"] == "done", "its end", 30)
        with self.assertRaises(Problem):
            overlay.manager.get("/v1/sites/database")
        told = [event for event in overlay.manager.events() if event["kind"] == "rollout"]
        self.assertTrue(any("refused" in event["text"] for event in told), told)
        self.assertGreater(overlay.manager.status()["revision"], before)
        self.assertTrue(all(overlay.serves(port) for port in overlay.ports.values()))

    def test_one_that_makes_errors_stops_and_goes_back(self):
        def slowly(request, connection):
            time.sleep(0.02)
            connection.respond(b"welcome")
        for origin in self.origins:
            origin.handlers["/"] = slowly
        overlay = self.overlay(frontends=2, backends=1, rollout={"gate": "6s"})
        with Clients(overlay) as clients:
            time.sleep(3)
            revision = overlay.change_site(answer_timeout="1ms")
            wait_until(lambda: overlay.manager.rollout()["to"] > revision, "the automatic rollback", 60)
            wait_until(lambda: overlay.manager.rollout()["state"] == "done", "its end", 30)
            time.sleep(1)
            ended = time.monotonic()
            time.sleep(2)
        self.assertTrue(clients.failed)
        self.assertFalse([at for at, _, _ in clients.failed if at > ended])
        self.assertNotIn("answer_timeout", overlay.manager.get("/v1/sites/shop"))

    def test_a_gateway_that_dies_of_it_comes_back_with_what_was_good(self):
        overlay = self.overlay(frontends=1, backends=1, rollout={"gate": "20s"})
        gateway = overlay.gateways["pop-1"]
        good = overlay.manager.status()["revision"]
        revision = overlay.change_site(weight=7)
        wait_until(lambda: overlay.manager.gateway("pop-1")["revision"] == revision, "it to be tried", 30)
        gateway.kill()
        gateway.start()
        wait_until(lambda: overlay.manager.rollout()["to"] > revision, "the automatic rollback", 60)
        self.assertEqual(overlay.manager.get("/v1/sites/shop").get("weight", 1), 1)
        wait_until(lambda: overlay.serves(overlay.ports["pop-1"]), "the site", 20)
        self.assertGreater(overlay.manager.status()["revision"], good)


class Operations(Faults):
    def test_another_back_end_takes_over_and_no_request_fails(self):
        overlay = self.overlay(frontends=1, backends=2, site={"backends": {"min": 1, "max": 1}})
        with Clients(overlay) as clients:
            for _ in range(4):
                time.sleep(1)
                counts = {name: self.exchanges(overlay, name) for name in ("host-1", "host-2")}
                time.sleep(1)
                used = next(name for name in counts if self.exchanges(overlay, name) > counts[name])
                other, = set(counts) - {used}
                overlay.manager.ask("PUT", f"/v1/drains/backend:{used}", {})
                wait_until(lambda: self.exchanges(overlay, other) > counts[other], f"{other} to serve", 10)
                overlay.manager.ask("DELETE", f"/v1/drains/backend:{used}")
        self.assertGreater(clients.asked, 200)
        self.assertEqual(clients.failed, [], clients.failed)

    def test_a_drained_back_end_gets_nothing_new_within_a_second(self):
        overlay = self.overlay(frontends=1, backends=2)
        with Clients(overlay) as clients:
            time.sleep(2)
            used = next(name for name in ("host-1", "host-2") if self.exchanges(overlay, name) > 10)
            overlay.manager.ask("PUT", f"/v1/drains/backend:{used}", {})
            time.sleep(settings.patience(1))
            before = self.exchanges(overlay, used)
            time.sleep(2)
            self.assertEqual(self.exchanges(overlay, used), before)
            overlay.gateways[used].stop()
            time.sleep(1)
        self.assertEqual(clients.failed, [], clients.failed)
        overlay.gateways[used].start()
        overlay.manager.ask("DELETE", f"/v1/drains/backend:{used}")
        wait_until(lambda: overlay.manager.gateway(used)["state"] == "serving", "it to serve again", 40)

    def exchanges(self, overlay, name):
        return overlay.gateways[name].metric(r"^ringway_exchanges_total")

    def test_a_drained_origin_gets_nothing_new(self):
        overlay = self.overlay()
        with Clients(overlay) as clients:
            time.sleep(1)
            overlay.manager.ask("PUT", f"/v1/drains/origin:shop:{at(self.origins[0].port)}", {})
            time.sleep(settings.patience(1))
            before = len(self.origins[0].requests)
            time.sleep(2)
            self.assertEqual(len(self.origins[0].requests), before)
        self.assertEqual(clients.failed, [], clients.failed)
        with self.assertRaises(Problem) as refused:
            overlay.manager.ask("PUT", f"/v1/drains/origin:shop:{at(self.origins[1].port)}", {})
        self.assertEqual(refused.exception.status, 409)

    def test_a_revoked_gateway_is_cut_off_within_five_seconds(self):
        overlay = self.overlay(frontends=2, backends=1)
        overlay.manager.ask("POST", "/v1/revocations", {"role": "frontend", "name": "pop-2", "reason": "stolen"})
        began = time.monotonic()
        wait_until(lambda: not overlay.serves(overlay.ports["pop-2"]), "its link to end", 10)
        self.assertLess(time.monotonic() - began, settings.patience(5))
        self.assertTrue(overlay.serves(overlay.ports["pop-1"]))

    def test_a_link_is_closed_and_made_again(self):
        overlay = self.overlay()
        ups = overlay.gateways["pop-1"].log.read_text().count("link is up")
        overlay.manager.ask("POST", "/v1/links/pop-1/host-1/close", {})
        wait_until(lambda: overlay.gateways["pop-1"].log.read_text().count("link is up") > ups, "a new link", 10)
        wait_until(lambda: overlay.serves(overlay.ports["pop-1"]), "the site", 10)

    def test_an_older_backup_leaves_newer_gateways_alone(self):
        overlay = self.overlay()
        manager = overlay.managers[0]
        backup = overlay.path / "older"
        run([ringway(), "backup", "--config", manager.file, backup])
        newer = overlay.change_site(weight=5)
        wait_until(lambda: overlay.manager.spread(newer), "the rollout", 30)
        manager.stop()
        run([ringway(), "restore", "--config", manager.file, backup, "--replace"])
        manager.start()
        wait_until(manager.leads, "it to lead", 20)
        wait_until(lambda: manager.gateway("pop-1").get("state") == "foreign", "the newer gateway to be known", 20)
        self.assertEqual(manager.gateway("pop-1")["revision"], newer)
        manager.ask("POST", "/v1/takeover", {})
        wait_until(lambda: manager.gateway("pop-1")["revision"] < newer, "the gateway to follow", 30)
        self.assertTrue(overlay.serves(overlay.ports["pop-1"]))

    def test_every_log_line_says_the_revision(self):
        overlay = self.overlay()
        revision = overlay.manager.status()["revision"]
        overlay.serves(overlay.ports["pop-1"])
        wait_until(lambda: overlay.gateways["pop-1"].access(), "the access log", 10)
        self.assertEqual(overlay.gateways["pop-1"].access()[-1]["revision"], revision)
        self.assertIn(f"revision={revision}", overlay.gateways["pop-1"].log.read_text())
