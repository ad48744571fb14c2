"""Raw TCP sites: a real PostgreSQL, and connections that end in every way."""

import os
import socket
import threading
import unittest

from harness import settings
from harness.overlay import Overlay, Site
from harness.postgres import Postgres
from harness.processes import free_port, run, wait_until


class Database(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.postgres = Postgres()
        cls.addClassCleanup(cls.postgres.stop)
        cls.port = free_port()
        cls.overlay = Overlay(Site(name="db", protocol="tcp", listen=f"127.0.0.1:{cls.port}", origins=[cls.postgres]))
        cls.addClassCleanup(cls.overlay.stop)
        cls.overlay.start()

    def psql(self, *statements, **more):
        return self.postgres.psql(*statements, port=self.port, **more).stdout.strip()

    def test_copy_of_100_mb_there_and_back(self):
        rows = settings.scaled(1_000_000)
        source, back = self.overlay.path / "rows.csv", self.overlay.path / "back.csv"
        with open(source, "w") as out:
            out.writelines(f"{number},{'%090d' % (number * 7919)}\n" for number in range(rows))
        self.psql("create table rows (number int, text text)")
        with open(source) as rows_in:
            self.psql("copy rows from stdin csv", stdin=rows_in)
        self.assertEqual(self.psql("select count(*), sum(number) from rows"), f"{rows}|{rows * (rows - 1) // 2}")
        self.psql(f"\\copy (select * from rows order by number) to '{back}' csv")
        run(["cmp", source, back])

    def test_pgbench(self):
        self.postgres.pgbench("-i", "-s", "1", "-q", port=self.port)
        result = self.postgres.pgbench("-c", "10", "-j", "2", "-t", settings.scaled(100), port=self.port)
        done = settings.scaled(100) * 10
        self.assertIn(f"number of transactions actually processed: {done}/{done}", result.stdout)

    def test_an_error_leaves_the_session_usable(self):
        result = self.postgres.psql("select 1/0", port=self.port, check=False)
        self.assertIn("division by zero", result.stderr)
        self.assertEqual(self.psql("select 6*7"), "42")


class Streams(unittest.TestCase):
    """What TCP promises to the two ends."""

    def setUp(self):
        self.server = socket.create_server(("127.0.0.1", free_port()))
        self.server.settimeout(settings.patience(20))
        self.addCleanup(self.server.close)
        self.listen = free_port()
        origin = {"address": "127.0.0.1:%d" % self.server.getsockname()[1]}
        self.overlay = Overlay(Site(name="raw", protocol="tcp", listen=f"127.0.0.1:{self.listen}", origins=[origin]))
        self.addCleanup(self.overlay.stop)
        self.overlay.start()

    def connect(self):
        """A connection through the overlay: the client's end and the origin's."""
        client = socket.create_connection(("127.0.0.1", self.listen), timeout=settings.patience(20))
        self.addCleanup(client.close)
        client.sendall(b"hello")
        server, _ = self.server.accept()
        server.settimeout(settings.patience(20))
        self.addCleanup(server.close)
        self.assertEqual(self.read(server, 5), b"hello")
        return client, server

    def read(self, sock, count):
        data = b""
        while len(data) < count and (piece := sock.recv(count - len(data))):
            data += piece
        return data

    def test_half_close_of_the_client(self):
        client, server = self.connect()
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(server.recv(1), b"")
        server.sendall(b"still here" * 1000)
        server.close()
        self.assertEqual(self.read(client, 20_000), b"still here" * 1000)

    def test_half_close_of_the_origin(self):
        client, server = self.connect()
        server.shutdown(socket.SHUT_WR)
        self.assertEqual(client.recv(1), b"")
        client.sendall(b"still here" * 1000)
        client.close()
        self.assertEqual(self.read(server, 20_000), b"still here" * 1000)

    def test_both_ways_at_once(self):
        client, server = self.connect()
        data = os.urandom(settings.scaled(20_000_000))
        senders = [threading.Thread(target=sock.sendall, args=(data,)) for sock in (client, server)]
        results = {}

        def receive(name, sock):
            results[name] = self.read(sock, len(data)) == data
        receivers = [threading.Thread(target=receive, args=item) for item in (("client", client), ("server", server))]
        for thread in (*senders, *receivers):
            thread.start()
        for thread in (*senders, *receivers):
            thread.join(settings.patience(60))
        self.assertEqual(results, {"client": True, "server": True})

    def test_origin_speaks_first(self):
        client = socket.create_connection(("127.0.0.1", self.listen), timeout=settings.patience(20))
        self.addCleanup(client.close)
        server, _ = self.server.accept()
        self.addCleanup(server.close)
        server.sendall(b"220 ready\r\n")
        self.assertEqual(self.read(client, 11), b"220 ready\r\n")

    def test_reset_by_the_client(self):
        client, server = self.connect()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()
        self.assert_ended(server)

    def test_reset_by_the_origin(self):
        client, server = self.connect()
        server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        server.close()
        self.assert_ended(client)

    def test_back_end_dies(self):
        client, server = self.connect()
        self.overlay.backends[0].kill()
        self.assert_ended(server)
        self.overlay.backends[0].start()
        self.assert_ended(client)
        wait_until(self.overlay.frontend.ready, "the link to come back")
        self.connect()

    def test_origin_refuses(self):
        self.server.close()
        try:
            client = socket.create_connection(("127.0.0.1", self.listen), timeout=settings.patience(20))
        except ConnectionResetError:
            return  # the refusal was here before connect() had returned
        self.addCleanup(client.close)
        self.assert_ended(client)

    def assert_ended(self, sock):
        try:
            self.assertEqual(sock.recv(1), b"")
        except ConnectionResetError:
            pass
