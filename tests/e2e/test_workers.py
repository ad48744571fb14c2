"""Gateways with several workers: clients and sites are spread over them, and nobody can tell from outside."""

import hashlib
import os
import re
import signal
import socket
import threading
import unittest

from harness import settings, websocket, wire
from harness.origins import Nginx, Origin
from harness.overlay import Overlay, Site
from harness.processes import Process, accepts, free_port, run, wait_until

WORKERS = 2
BOTH = {"frontend": {"workers": WORKERS}, "backend": {"workers": WORKERS}}


def in_parallel(count, work):
    """work(0) to work(count - 1) on threads of their own; raises what any of them did."""
    faults = []

    def guarded(number):
        try:
            work(number)
        except BaseException as fault:  # noqa: BLE001: handed on below
            faults.append(fault)
    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


def by_worker(gateway, name):
    """What each worker counts under that name."""
    found = {key: value for key, value in gateway.metrics().items() if key.startswith(name + "{")}
    return {re.search(r'worker="(\d+)"', key).group(1): value for key, value in found.items()}


class EchoServer:
    """An origin of raw TCP: sends back what it gets, and ends when its client does."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", free_port()), backlog=200)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        try:
            while True:
                threading.Thread(target=self._serve, args=(self.listener.accept()[0],), daemon=True).start()
        except OSError:
            pass

    def _serve(self, sock):
        with sock:
            while data := sock.recv(65536):
                sock.sendall(data)

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class Serving(unittest.TestCase):
    """Three sites behind one back-end: with two workers, each of them serves one at least."""

    @classmethod
    def setUpClass(cls):
        cls.nginx, cls.origin, cls.echo = Nginx(), Origin(), EchoServer()
        for origin in (cls.nginx, cls.origin, cls.echo):
            cls.addClassCleanup(origin.stop)
        cls.tcp_port = free_port()
        sites = (Site("shop", ["shop.test"], [cls.nginx]), Site("news", ["news.test"], [cls.origin]),
                 Site("raw", [], [cls.echo], protocol="tcp", listen=f"127.0.0.1:{cls.tcp_port}"))
        cls.overlay = Overlay(*sites, **BOTH)
        cls.addClassCleanup(cls.overlay.stop)
        cls.overlay.start()
        cls.files = {}
        for number, size in enumerate((1, 1000, 16_384, 100_000, 1_000_000, 5_000_000)):
            octets = os.urandom(size)
            cls.nginx.write(f"{number}.bin", octets)
            cls.files[f"/{number}.bin"] = hashlib.sha256(octets).hexdigest()

    def setUp(self):
        self.frontend, self.backend = self.overlay.frontend, self.overlay.backends[0]

    def wrk(self, seconds=2, connections=64):
        """How many requests were answered, none of them badly."""
        result = run(["wrk", "-t2", f"-c{connections}", f"-d{seconds}s", "-H", "Host: shop.test",
                      f"http://127.0.0.1:{self.overlay.port}/1.bin"], seconds=seconds + 30)
        self.assertNotIn("Non-2xx", result.stdout)
        self.assertNotIn("Socket errors", result.stdout)
        return int(re.search(r"(\d+) requests in", result.stdout).group(1))

    def test_clients_and_sites_are_on_both_workers_and_all_is_counted(self):
        in_parallel(8, lambda _: self.overlay.get("/echo", host="news.test"))
        answered = self.wrk() + 8
        wait_until(lambda: self.frontend.metrics()["ringway_exchanges"] == 0, "the exchanges that wrk left to end")
        wait_until(lambda: self.backend.metrics()["ringway_exchanges"] == 0, "those of the back-end")
        front, back = self.frontend.metrics(), self.backend.metrics()
        accepted = by_worker(self.frontend, "ringway_worker_client_connections_total")
        self.assertEqual(len(accepted), WORKERS)
        self.assertGreater(min(accepted.values()), 0, accepted)
        self.assertEqual(sum(accepted.values()), front["ringway_client_connections_total"])
        taken = by_worker(self.backend, "ringway_worker_exchanges_total")
        self.assertGreater(min(taken.values()), 0, taken)
        self.assertEqual(sum(taken.values()), back["ringway_exchanges_total"])
        requests = self.frontend.metric(r"^ringway_requests_total\{")
        self.assertGreaterEqual(requests, answered)
        wait_until(lambda: self.frontend.metric("^ringway_link_streams") == 0, "the link's streams to end")
        self.assertEqual([value for name, value in back.items() if name.startswith("ringway_origin_well")], [1, 1, 1])
        for gateway in (self.frontend, self.backend):
            wait_until(lambda g=gateway: sum(entry["site"] == "shop" and entry["status"] == 200 for entry in g.access())
                       >= answered - 8, "a line in the access log for each")

    def test_objects_arrive_as_they_are(self):
        def load(number):
            with self.overlay.client(seconds=60) as client:
                for path, digest in self.files.items():
                    self.assertEqual(client.get(path).content.hash.hexdigest(), digest)
                octets = os.urandom(settings.scaled(500_000))
                client.request(f"/upload/{number}.bin", method="PUT", body=octets)
                self.assertIn(client.response().status, (201, 204))
                self.assertEqual((self.nginx.site / f"upload/{number}.bin").read_bytes(), octets)
        in_parallel(16, load)

    def test_websockets(self):
        self.origin.early["/socket"] = websocket.echo_server

        def talk(number):
            with self.overlay.client() as client:
                websocket.upgrade(client, "/socket", host="news.test")
                for size in (1, 1000, 200_000):
                    payload = os.urandom(size)
                    client.send(websocket.frame(websocket.BINARY, payload, masked=True))
                    self.assertEqual(websocket.read_frame(client.reader), (websocket.BINARY, payload))
        in_parallel(16, talk)
        wait_until(lambda: self.origin.pending == 0, "the origin's ends to close")

    def test_raw_tcp(self):
        def talk(number):
            octets = os.urandom(settings.scaled(1_000_000))
            with socket.create_connection(("127.0.0.1", self.tcp_port), timeout=settings.patience(30)) as sock:
                sender = threading.Thread(target=lambda: (sock.sendall(octets), sock.shutdown(socket.SHUT_WR)))
                sender.start()
                back = b""
                while data := sock.recv(65536):
                    back += data
                sender.join()
            self.assertEqual(hashlib.sha256(back).digest(), hashlib.sha256(octets).digest())
        in_parallel(16, talk)

    def test_reload_under_load(self):
        wrk = Process("wrk", ["wrk", "-t1", "-c32", "-d3s", "-H", "Host: shop.test",
                              f"http://127.0.0.1:{self.overlay.port}/1.bin"], self.overlay.path / "wrk.log")
        for _ in range(5):
            for gateway in (self.frontend, self.backend):
                said = gateway.process.output().count("reloaded")
                gateway.process.send_signal(signal.SIGHUP)
                wait_until(lambda g=gateway, s=said: g.process.output().count("reloaded") > s, "the new settings")
        self.assertEqual(wrk.wait(), 0)
        self.assertNotIn("Non-2xx", wrk.output())
        self.assertNotIn("Socket errors", wrk.output())

    def test_reload_listens_anew(self):
        port = free_port()
        old = self.frontend.config["listen"]
        self.frontend.config["listen"] = old + [{"address": f"127.0.0.1:{port}"}]
        self.addCleanup(self.reload_frontend, old)
        self.reload_frontend(self.frontend.config["listen"])
        wait_until(lambda: accepts(port), "the new port")
        in_parallel(16, lambda _: self.assertEqual(wire.get(port, "/1.bin").status, 200))
        self.reload_frontend(old)
        wait_until(lambda: not accepts(port), "the new port to close")
        self.assertEqual(self.overlay.get("/1.bin").status, 200)

    def reload_frontend(self, listen):
        self.frontend.config["listen"] = listen
        self.frontend.write()
        self.frontend.process.send_signal(signal.SIGHUP)

    def test_number_of_workers_takes_a_restart(self):
        for gateway in (self.frontend, self.backend):
            text = gateway.file.read_text()
            gateway.file.write_text(text.replace(f'"workers": {WORKERS}', '"workers": 3'))
            gateway.process.send_signal(signal.SIGHUP)
            wait_until(lambda g=gateway: "number of workers" in g.process.output(), "the log to say so")
            gateway.file.write_text(text)


class Promises(unittest.TestCase):
    """What the file promises of a site is exact, whatever worker its requests came through."""

    MARK = 3

    def setUp(self):
        self.origin = Origin()
        self.addCleanup(self.origin.stop)
        self.release = threading.Event()
        self.addCleanup(self.release.set)
        self.origin.handlers["/held"] = self.hold
        origin = {"address": f"127.0.0.1:{self.origin.port}", "max_pending": self.MARK}
        self.overlay = Overlay(Site(origins=[origin]), **BOTH)
        self.addCleanup(self.overlay.stop)
        self.overlay.start()

    def hold(self, request, connection):
        self.release.wait(60)
        connection.respond(b"done")

    def held(self, count):
        clients = [self.overlay.client(seconds=40) for _ in range(count)]
        for client in clients:
            self.addCleanup(client.close)
            client.request("/held")
        return clients

    def test_mark_of_an_origin(self):
        clients = self.held(20)
        backend = self.overlay.backends[0]
        wait_until(lambda: backend.metric("^ringway_queue_length") == 20 - self.MARK, "the others to queue")
        self.assertEqual(backend.metric("^ringway_origin_pending"), self.MARK)
        wait_until(lambda: self.origin.pending == self.MARK, "the origin to have as many")
        self.release.set()
        for client in clients:
            self.assertEqual(client.response().body, b"done")
        self.assertEqual(self.origin.most_pending, self.MARK)

    def drain(self, gateway):
        clients = self.held(20)
        wait_until(lambda: self.overlay.backends[0].metric("^ringway_queue_length") == 20 - self.MARK, "the requests")
        process, gateway.process = gateway.process, None
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: "draining" in process.output(), "the drain to begin")
        self.release.set()
        for client in clients:
            response = client.response()
            self.assertEqual((response.status, response.body), (200, b"done"))
        self.assertEqual(process.wait(), 0, process.tail())

    def test_drain_of_the_front_end(self):
        self.drain(self.overlay.frontend)

    def test_drain_of_the_back_end(self):
        self.drain(self.overlay.backends[0])

    def test_an_end_at_once(self):
        """A second signal ends what is in flight on every worker."""
        clients = self.held(20)
        wait_until(lambda: self.origin.pending == self.MARK, "the requests")
        process, self.overlay.frontend.process = self.overlay.frontend.process, None
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: "draining" in process.output(), "the drain to begin")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 0, process.tail())
        for client in clients:
            self.assertTrue(client.closed())

    def test_back_end_comes_back(self):
        """Every worker hears that the link is down, and that it is up again."""
        self.overlay.backends[0].kill()
        in_parallel(8, lambda _: self.assertIn(self.overlay.get("/echo").status, (502, 503)))
        self.overlay.backends[0].start()
        wait_until(self.overlay.frontend.ready, "the link to come back")
        in_parallel(16, lambda _: self.assertEqual(self.overlay.get("/echo").status, 200))
