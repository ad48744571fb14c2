"""Origins, back-ends, the network and clients that fail: every exchange ends in a right answer or a clean error, and no
origin sees a request twice that must not be repeated."""

import collections
import hashlib
import json
import os
import threading
import time
import unittest

from harness import settings, wire
from harness.origins import Origin
from harness.overlay import Overlay, Site
from harness.processes import wait_until


class Load:
    """Clients in threads, each sending one request after the other until told to stop. Every answer is judged.

    GETs ask for content whose hash they know; POSTs carry a number that the origin must see at most once, and exactly
    once where the answer was 200.
    """

    CLEAN_ERRORS = {502, 503, 504}

    def __init__(self, overlay, origins, clients=200):
        self.overlay, self.origins, self.clients = overlay, origins, clients
        self.stopping = threading.Event()
        self.statuses = collections.Counter()
        self.aborted = 0
        self.faults = []
        self.answered = set()
        self.lock = threading.Lock()
        self.numbers = iter(range(1 << 40))
        self.body = os.urandom(20_000)
        for origin in origins:
            origin.clear()
            origin.handlers["/get"] = self._serve_get
            origin.handlers["/post"] = self._serve_post

    def _serve_get(self, request, connection):
        time.sleep(0.02)  # so that exchanges are open when the fault strikes
        connection.respond(self.body)

    def _serve_post(self, request, connection):
        time.sleep(0.02)
        connection.respond(request.content.octets)

    def __enter__(self):
        self.threads = [threading.Thread(target=self._run, args=(number % 2 == 0,), daemon=True)
                        for number in range(self.clients)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        end = time.monotonic() + settings.patience(40)
        for thread in self.threads:
            thread.join(max(0, end - time.monotonic()))
        if any(thread.is_alive() for thread in self.threads):
            self.faults.append("an exchange does not end")

    def _run(self, posting):
        client = None
        while not self.stopping.is_set():
            try:
                client = client or self.overlay.client(seconds=30)
                status = self._post(client) if posting else self._get(client)
                with self.lock:
                    self.statuses[status] += 1
                if status != 200:
                    time.sleep(0.05)
            except (wire.Closed, ConnectionError):
                with self.lock:
                    self.aborted += 1
                client = client and client.close()
            except (AssertionError, TimeoutError, ValueError) as fault:
                with self.lock:
                    self.faults.append(repr(fault))
                client = client and client.close()
        if client:
            client.close()

    def _get(self, client):
        response = client.get("/get")
        assert response.status in self.CLEAN_ERRORS or response.status == 200, response.status
        assert response.status != 200 or response.body == self.body, "another content"
        if response.status == 503:
            assert "retry-after" in response.fields, "503 without Retry-After"
        return response.status

    def _post(self, client):
        with self.lock:
            number = next(self.numbers)
        mark = b"%d " % number + b"x" * 1000
        response = client.get("/post", method="POST", body=mark, fields=[("X-Number", number)])
        assert response.status in self.CLEAN_ERRORS or response.status == 200, response.status
        assert response.status != 200 or response.body == mark, "another content"
        if response.status == 200:
            with self.lock:
                self.answered.add(number)
        return response.status

    def wait_for(self, count, seconds=20):
        """Until so many more requests were answered with 200."""
        before = self.statuses[200]
        wait_until(lambda: self.statuses[200] >= before + count, f"{count} more answers: {self.statuses}", seconds)

    def posts_seen(self):
        seen = collections.Counter()
        for origin in self.origins:
            for request in origin.seen("/post"):
                seen[int(request.fields.get("x-number"))] += 1
        return seen


class FaultCase(unittest.TestCase):
    def overlay(self, *sites, **more):
        overlay = Overlay(*sites, **more)
        self.addCleanup(overlay.stop)
        return overlay.start()

    def origin(self):
        origin = Origin()
        self.addCleanup(origin.stop)
        return origin

    def assert_clean(self, load):
        self.assertEqual(load.faults[:10], [])
        seen = load.posts_seen()
        self.assertEqual([number for number, times in seen.items() if times > 1], [], "POSTs seen twice")
        self.assertLessEqual(load.answered, set(seen), "answers to POSTs that no origin saw")


class Origins(FaultCase):
    def test_one_of_two_dies_and_comes_back(self):
        origins = [self.origin(), self.origin()]
        overlay = self.overlay(Site(origins=origins, backend={"timeouts": {"leave_alone": "500ms"}}))
        with Load(overlay, origins, settings.scaled(200)) as load:
            load.wait_for(200)
            origins[0].kill()
            load.wait_for(200)
            origins[0].start()
            before = origins[0].connections
            wait_until(lambda: origins[0].connections > before, "the origin to be used again")
        self.assert_clean(load)

    def test_all_die_and_come_back(self):
        origin = self.origin()
        overlay = self.overlay(Site(origins=[origin], backend={"timeouts": {"leave_alone": "500ms"}}))
        with Load(overlay, [origin], settings.scaled(200)) as load:
            load.wait_for(100)
            origin.kill()
            wait_until(lambda: load.statuses[502] + load.statuses[503] > 100, "errors")
            origin.start()
            load.wait_for(200)
        self.assert_clean(load)

    def test_idle_connection_that_the_origin_closed(self):
        """A GET that finds it closed is done again unseen; a POST is seen at most once."""
        origin = self.origin()

        def hang_up(request, connection):
            connection.respond(b"bye")
            connection.close()
        origin.handlers["/bye"] = hang_up
        overlay = self.overlay(Site(origins=[origin]))
        with overlay.client() as client:
            for _ in range(100):
                self.assertEqual(client.get("/bye").status, 200)
                self.assertEqual(client.get("/echo").status, 200)
            for number in range(100):
                self.assertEqual(client.get("/bye").status, 200)
                self.assertIn(client.get("/echo", method="POST", body=b"%d" % number).status, (200, 502))
        self.assertLessEqual(len([request for request in origin.seen("/echo") if request.method == "POST"]), 100)

    def test_request_on_a_connection_that_dies_with_it(self):
        """Closed without an answer: a GET is repeated on another connection, a POST is not."""
        origin = self.origin()
        seen = []

        def die_once(request, connection):
            seen.append(request.method)
            if len(seen) == 1:
                connection.close()
            else:
                connection.respond(b"second time")
        origin.handlers["/die"] = die_once
        overlay = self.overlay(Site(origins=[origin]))
        with overlay.client() as client:
            self.assertEqual(client.get("/echo").status, 200)
            response = client.get("/die", method="POST", body=b"x")
            self.assertEqual((response.status, seen), (502, ["POST"]))
            seen.clear()
            self.assertEqual(client.get("/echo").status, 200)
            self.assertEqual((client.get("/die").body, seen), (b"second time", ["GET", "GET"]))

    def test_pending_stays_below_the_mark(self):
        origins = [self.origin(), self.origin()]
        entries = [{"address": f"127.0.0.1:{origin.port}", "max_pending": mark} for origin, mark in zip(origins, (3, 5))]
        overlay = self.overlay(Site(origins=entries))
        with Load(overlay, origins, 50) as load:
            load.wait_for(500)
        self.assert_clean(load)
        self.assertEqual(load.statuses.keys(), {200})
        self.assertEqual([origin.most_pending for origin in origins], [3, 5])

    def test_fewest_pending_is_next(self):
        """While one origin holds its requests, the other gets all new ones beyond its share."""
        origins = [self.origin(), self.origin()]
        release = threading.Event()
        self.addCleanup(release.set)

        def hold(request, connection):
            release.wait(30)
            connection.respond(b"held")
        for origin in origins:
            origin.handlers["/hold"] = hold
        overlay = self.overlay(Site(origins=origins))
        clients = [overlay.client().request("/hold") for _ in range(20)]
        wait_until(lambda: sum(len(origin.seen("/hold")) for origin in origins) == 20, "all at the origins")
        self.assertEqual([len(origin.seen("/hold")) for origin in origins], [10, 10])
        release.set()
        for client in clients:
            self.assertEqual(client.response().body, b"held")
            client.close()

    def test_full_queue_sheds(self):
        origin = self.origin()
        release = threading.Event()
        self.addCleanup(release.set)

        def hold(request, connection):
            release.wait(30)
            connection.respond(b"held")
        origin.handlers["/hold"] = hold
        overlay = self.overlay(Site(origins=[{"address": f"127.0.0.1:{origin.port}", "max_pending": 2}],
                                    backend={"max_queued": 3}))
        clients = [overlay.client().request("/hold") for _ in range(5)]
        wait_until(lambda: len(origin.seen("/hold")) == 2, "two at the origin")
        shed = []

        def shed_one():
            with overlay.client(seconds=2) as client:
                try:
                    shed.append(client.get("/hold"))
                except TimeoutError:
                    pass  # queued after all: one of the five is not there yet
                return bool(shed)
        wait_until(shed_one, "a request to be shed")
        self.assertEqual(shed[0].status, 503)
        self.assertIn("retry-after", shed[0].fields)
        release.set()
        for client in clients:
            self.assertEqual(client.response().status, 200)
            client.close()


class Backends(FaultCase):
    def test_one_of_two_dies_and_comes_back(self):
        origin = self.origin()
        overlay = self.overlay(Site(origins=[origin]), backends=2)
        with Load(overlay, [origin], settings.scaled(200)) as load:
            for gateway in overlay.backends:
                load.wait_for(300)
                gateway.kill()
                load.wait_for(300)
                gateway.start()
                wait_until(lambda g=gateway: g.metric("^ringway_link_up") > 0, "the link to come back")
        self.assert_clean(load)

    def test_one_of_two_is_stopped_and_nobody_sees_it(self):
        origin = self.origin()
        overlay = self.overlay(Site(origins=[origin]), backends=2)
        with Load(overlay, [origin], settings.scaled(200)) as load:
            load.wait_for(300)
            overlay.backends[0].stop()
            load.wait_for(300)
        self.assert_clean(load)
        self.assertEqual((set(load.statuses), load.aborted), ({200}, 0))

    def test_both_die_and_come_back(self):
        origin = self.origin()
        overlay = self.overlay(Site(origins=[origin]), backends=2)
        with Load(overlay, [origin], settings.scaled(200)) as load:
            load.wait_for(300)
            for gateway in overlay.backends:
                gateway.kill()
            wait_until(lambda: load.statuses[503] > 50, "503 while no back-end is there", 30)
            for gateway in overlay.backends:
                gateway.start()
            load.wait_for(500)
        self.assert_clean(load)

    def test_all_away_and_back_on_the_same_connection(self):
        origin = self.origin()
        overlay = self.overlay(Site(origins=[origin]))
        with overlay.client() as client:
            self.assertEqual(client.get("/echo").status, 200)
            overlay.backends[0].stop()
            for _ in range(3):
                response = client.get("/echo")
                self.assertEqual(response.status, 503)
                self.assertGreater(int(response.fields.get("retry-after")), 0)
            overlay.backends[0].start()
            self.assert_back_within_2_seconds(client)

    def test_blackout_and_back_on_the_same_connection(self):
        origin = self.origin()
        overlay = self.overlay(Site(origins=[origin]), network={"delay_ms": 10})
        with overlay.client(seconds=60) as client:
            self.assertEqual(client.get("/echo").status, 200)
            overlay.relays[0].set(cut=1)
            wait_until(lambda: client.get("/echo").status in (503, 504), "an error while the network is away", 60)
            overlay.relays[0].set(cut=0)
            self.assert_back_within_2_seconds(client)

    def assert_back_within_2_seconds(self, client):
        begun = time.monotonic()
        wait_until(lambda: client.get("/echo").status == 200, "the back-end to be used again", 2)
        self.assertLess(time.monotonic() - begun, settings.patience(2))

    def test_short_blackout_is_not_seen(self):
        origin = self.origin()
        overlay = self.overlay(Site(origins=[origin]), network={"delay_ms": 10})
        with overlay.client() as client:
            overlay.relays[0].set(cut=1)
            client.request("/echo")
            wait_until(lambda: overlay.relays[0].stats()["lost"] > 0, "a datagram to be lost")
            overlay.relays[0].set(cut=0)
            self.assertEqual(client.response().status, 200)


class Clients(FaultCase):
    def test_clients_that_abort(self):
        """Half of the clients leave in the middle; the others see nothing of it, and nothing is kept of them."""
        origin = self.origin()
        body = os.urandom(2_000_000)
        origin.handlers["/large"] = lambda request, connection: connection.respond(body)
        overlay = self.overlay(Site(origins=[origin]), network={"delay_ms": 5})
        digest = hashlib.sha256(body).hexdigest()
        for _ in range(3):
            clients = [overlay.client(seconds=60).request("/large") for _ in range(settings.scaled(40))]
            for client in clients[::2]:
                client.reader.exactly(1000)
                client.close()
            for client in clients[1::2]:
                self.assertEqual(client.response().content.hash.hexdigest(), digest)
                client.close()
        wait_until(lambda: origin.pending == 0, "the origin's work to end")
        self.assertEqual(json.loads(overlay.get("/echo").body)["target"], "/echo")

    def test_a_client_that_does_not_read(self):
        """It stops its own exchange, and nobody else's; memory stays bounded."""
        origin = self.origin()

        def endless(request, connection):
            connection.write(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n")
            while True:
                connection.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        origin.handlers["/endless"] = endless
        overlay = self.overlay(Site(origins=[{"address": f"127.0.0.1:{origin.port}", "max_pending": 200}]))
        before = [gateway.process.resident_octets() for gateway in (overlay.frontend, overlay.backends[0])]
        readers = [overlay.client().request("/endless") for _ in range(100)]
        for client in readers:
            client.head()
        for _ in range(300):
            self.assertEqual(overlay.get("/echo").status, 200)
        # Receive windows grow with the round trip, up to 512 MiB for all of them together.
        for gateway, octets in zip((overlay.frontend, overlay.backends[0]), before):
            if not settings.sanitized:
                self.assertLess(gateway.process.resident_octets() - octets, 640_000_000, gateway.name)
        for client in readers:
            client.close()
