"""HTTP/1.1 through the overlay: what must pass comes through as it was, what belongs to one hop does not."""

import gzip
import hashlib
import json
import os
import threading
import unittest

from harness.origins import Nginx, Origin
from harness.overlay import Overlay, Site
from harness.processes import run, wait_until
from harness.wire import chunked


class HttpCase(unittest.TestCase):
    """An overlay with one back-end and an origin that writes down what reaches it."""

    @classmethod
    def setUpClass(cls):
        cls.origin = Origin()
        cls.addClassCleanup(cls.origin.stop)
        cls.overlay = Overlay(Site(origins=[cls.origin]))
        cls.addClassCleanup(cls.overlay.stop)
        cls.overlay.start()

    def setUp(self):
        self.origin.clear()
        self.client = self.overlay.client()
        self.addCleanup(self.client.close)

    def echoed(self, **request):
        response = self.client.get("/echo", **request)
        self.assertEqual(response.status, 200)
        return json.loads(response.body)

    def serve(self, path, function, early=False):
        handlers = self.origin.early if early else self.origin.handlers
        handlers[path] = function
        self.addCleanup(handlers.pop, path, None)

    def serve_octets(self, path, octets):
        """Answers with exactly these octets."""
        self.serve(path, lambda request, connection: connection.write(octets))

    def assert_usable(self):
        """The client's connection still works."""
        self.assertEqual(self.client.get("/echo").status, 200)


class Fields(HttpCase):
    def values(self, echoed, name):
        return [value for key, value in echoed["fields"] if key.lower() == name]

    def test_request_arrives_as_it_was(self):
        echoed = self.echoed(method="PATCH", fields=[("X-One", "1"), ("X-Two", "a, b"), ("X-One", "2"), ("Empty", "")])
        self.assertEqual(echoed["method"], "PATCH")
        self.assertEqual(self.values(echoed, "x-one"), ["1", "2"])
        self.assertEqual(self.values(echoed, "x-two"), ["a, b"])
        self.assertEqual(self.values(echoed, "empty"), [""])
        self.assertEqual(self.values(echoed, "host"), ["shop.test"])

    def test_target_is_not_rewritten(self):
        for target in ("/echo?a=1&b=%20%2F&c", "/echo?", "/echo?x=//../.", "/echo?q='\"|{}"):
            self.assertEqual(json.loads(self.client.get(target).body)["target"], target)

    def test_forwarding_fields_are_added(self):
        echoed = self.echoed(host="shop.test:8080")
        self.assertEqual(self.values(echoed, "x-forwarded-for"), ["127.0.0.1"])
        self.assertEqual(self.values(echoed, "x-forwarded-proto"), ["http"])
        forwarded = ";".join(self.values(echoed, "forwarded")).lower()
        self.assertIn("for=127.0.0.1", forwarded.replace('"', ""))
        self.assertIn("proto=http", forwarded)
        self.assertTrue(self.values(echoed, "via")[0].startswith("1.1 "), echoed)

    def test_what_a_client_claims_of_itself_is_replaced(self):
        echoed = self.echoed(fields=[("X-Forwarded-For", "192.0.2.7"), ("X-Forwarded-Proto", "https"),
                                     ("Forwarded", "for=192.0.2.7"), ("Via", "1.0 far")])
        self.assertEqual(self.values(echoed, "x-forwarded-for"), ["127.0.0.1"])
        self.assertEqual(self.values(echoed, "x-forwarded-proto"), ["http"])
        self.assertNotIn("192.0.2.7", ";".join(self.values(echoed, "forwarded")))
        self.assertTrue(", ".join(self.values(echoed, "via")).startswith("1.0 far, 1.1 "), echoed)

    def test_hop_by_hop_fields_of_requests_stay_here(self):
        echoed = self.echoed(fields=[("Connection", "keep-alive, X-Mine"), ("X-Mine", "1"), ("Keep-Alive", "timeout=5"),
                                     ("Proxy-Connection", "keep-alive"), ("Proxy-Authorization", "Basic eA=="),
                                     ("TE", "gzip"), ("Upgrade", "h2c"), ("X-Other", "1")])
        names = {name.lower() for name, _ in echoed["fields"]}
        self.assertFalse(names & {"x-mine", "keep-alive", "proxy-connection", "te", "upgrade"}, names)
        self.assertIn("x-other", names)

    def test_hop_by_hop_fields_of_responses_stay_there(self):
        self.serve("/hop", lambda request, connection: connection.respond(b"x", fields=[
            ("Connection", "X-Mine"), ("X-Mine", "1"), ("Keep-Alive", "timeout=5"), ("Proxy-Connection", "keep-alive"),
            ("X-Other", "1")]))
        response = self.client.get("/hop")
        for name in ("x-mine", "keep-alive", "proxy-connection"):
            self.assertNotIn(name, response.fields)
        self.assertEqual(response.fields.get("x-other"), "1")
        self.assertIn("1.1 ", response.fields.get("via", ""))

    def test_response_fields_keep_their_order_and_number(self):
        cookies = [("Set-Cookie", f"c{number}=v; Path=/") for number in range(20)]
        self.serve("/cookies", lambda request, connection: connection.respond(b"x", fields=cookies))
        self.assertEqual(self.client.get("/cookies").fields.all("set-cookie"), [value for _, value in cookies])

    def test_status_and_reason_pass(self):
        for status in ("201 Created", "299 Odd", "404 Not Found", "418 I'm a teapot", "500 Oh", "599 Last"):
            self.serve("/status", lambda request, connection, s=status: connection.respond(b"x", status=s))
            response = self.client.get("/status")
            self.assertEqual(response.status, int(status[:3]))
        self.assert_usable()

    def test_large_head_passes(self):
        fields = [(f"X-Field-{number}", "v" * 400) for number in range(50)]
        self.assertEqual(len(self.values(self.echoed(fields=fields), "x-field-49")[0]), 400)
        self.serve("/large", lambda request, connection: connection.respond(b"x", fields=fields))
        self.assertEqual(len(self.client.get("/large").fields.get("x-field-49")), 400)


class Content(HttpCase):
    BODY = os.urandom(300_000)

    def sha(self, octets):
        return hashlib.sha256(octets).hexdigest()

    def test_lengths_around_the_boundaries(self):
        for size in (0, 1, 2, 511, 512, 1199, 1200, 1399, 1400, 1472, 4095, 4096, 16384, 65535, 65536, 131073, 300_000):
            body = self.BODY[:size]
            self.serve("/sized", lambda request, connection, b=body: connection.respond(b))
            response = self.client.get("/sized")
            self.assertEqual((response.body, response.fields.get("content-length")), (body, str(size)))
            echoed = self.echoed(method="POST", body=body)
            self.assertEqual((echoed["length"], echoed["sha256"]), (size, self.sha(body)))

    def test_compressible_content_is_unchanged(self):
        body = b"<p>the same again and again</p>\n" * 20_000
        for kind in ("text/html; charset=utf-8", "application/json", "image/svg+xml", "application/octet-stream"):
            self.serve("/text", lambda request, connection, k=kind: connection.respond(body, fields=[("Content-Type", k)]))
            response = self.client.get("/text")
            self.assertEqual(response.body, body)
            self.assertNotIn("content-encoding", response.fields)
            echoed = self.echoed(method="POST", body=body, fields=[("Content-Type", kind)])
            self.assertEqual(echoed["sha256"], self.sha(body))

    def test_chunked_response(self):
        pieces = [self.BODY[:1], self.BODY[:70_000], self.BODY[:13]]
        self.serve_octets("/chunked", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(*pieces))
        response = self.client.get("/chunked")
        self.assertEqual(response.body, b"".join(pieces))
        self.assertNotIn("content-length", response.fields)
        self.assert_usable()

    def test_chunked_request(self):
        self.client.send(b"POST /echo HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\n\r\n"
                         + chunked(b"a" * 10, self.BODY[:100_000]))
        echoed = json.loads(self.client.response().body)
        self.assertEqual(echoed["sha256"], self.sha(b"a" * 10 + self.BODY[:100_000]))

    def test_response_until_close(self):
        def until_close(request, connection):
            connection.write(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n" + self.BODY)
            connection.close()
        self.serve("/close", until_close)
        self.assertEqual(self.client.get("/close").body, self.BODY)
        self.assert_usable()

    def test_response_streams(self):
        """The first half arrives while the origin has not written the second."""
        half_seen = threading.Event()

        def halves(request, connection):
            connection.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
                             b"5\r\nfirst\r\n")
            half_seen.wait(20)
            connection.write(b"6\r\nsecond\r\n0\r\n\r\n")
        self.serve("/halves", halves)
        self.client.request("/halves").head()
        self.assertEqual(self.client.reader.until(b"\r\n"), b"5")
        self.assertEqual(self.client.reader.exactly(7), b"first\r\n")
        half_seen.set()
        self.assertEqual(self.client.reader.until(b"0\r\n\r\n"), b"6\r\nsecond\r\n")

    def test_request_streams(self):
        """The origin has the first half while the client has not sent the second."""
        half_seen = threading.Event()

        def read_halves(request, connection):
            first = connection.reader.exactly(5)
            half_seen.set()
            connection.respond(first + connection.reader.exactly(6))
        self.serve("/upload", read_halves, early=True)
        self.client.send(b"PUT /upload HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 11\r\n\r\nfirst")
        self.assertTrue(half_seen.wait(20))
        self.client.send(b"second")
        self.assertEqual(self.client.response().body, b"firstsecond")

    def test_early_answer_to_an_upload(self):
        """An origin that answers before the upload's end is heard, and the gateways go on."""
        def refuse(request, connection):
            connection.respond(b"no", status="403 Forbidden", fields=[("Connection", "close")])
            connection.close()
        self.serve("/refuse", refuse, early=True)
        self.client.send(b"PUT /refuse HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 100000000\r\n\r\n" + b"x" * 1000)
        self.assertEqual(self.client.response().status, 403)
        self.assertEqual(self.overlay.get("/echo").status, 200)

    def test_request_trailers(self):
        self.client.send(b"POST /echo HTTP/1.1\r\nHost: shop.test\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n"
                         + chunked(b"content", trailers=[("X-Sum", "123")]))
        echoed = json.loads(self.client.response().body)
        self.assertEqual([[name.lower(), value] for name, value in echoed["trailers"]], [["x-sum", "123"]])

    def test_response_trailers(self):
        self.serve_octets("/trailers", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
                          + chunked(b"content", trailers=[("X-Sum", "123"), ("X-Other", "4")]))
        self.client.request("/trailers", fields=[("TE", "trailers"), ("Connection", "TE")])
        response = self.client.response()
        self.assertEqual(response.body, b"content")
        self.assertEqual([(name.lower(), value) for name, value in response.trailers], [("x-sum", "123"), ("x-other", "4")])

    def test_head(self):
        self.serve_octets("/head", b"HTTP/1.1 200 OK\r\nContent-Length: 12345\r\nETag: \"x\"\r\n\r\n")
        response = self.client.get("/head", method="HEAD")
        self.assertEqual((response.fields.get("content-length"), response.fields.get("etag")), ("12345", '"x"'))
        self.assert_usable()

    def test_no_content_statuses(self):
        self.serve_octets("/204", b"HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n")
        self.serve_octets("/304", b"HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\nContent-Length: 500\r\n\r\n")
        for status in (204, 304, 204):
            self.assertEqual(self.client.get(f"/{status}").status, status)
        self.assertNotIn("transfer-encoding", self.client.get("/204").fields)
        self.assert_usable()

    def test_interim_responses(self):
        self.serve_octets("/hints", b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
                          b"HTTP/1.1 103 Early Hints\r\nLink: </b.css>; rel=preload\r\n\r\n"
                          b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        response = self.client.get("/hints")
        self.assertEqual([(interim.status, interim.fields.get("link")) for interim in response.interim],
                         [(103, "</a.css>; rel=preload"), (103, "</b.css>; rel=preload")])
        self.assertEqual(response.body, b"ok")


class Expectations(HttpCase):
    HEAD = b"PUT /expect HTTP/1.1\r\nHost: shop.test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"

    def test_origin_continues(self):
        def proceed(request, connection):
            self.assertEqual(request.fields.get("expect"), "100-continue")
            connection.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            connection.respond(connection.reader.exactly(5))
        self.serve("/expect", proceed, early=True)
        self.client.send(self.HEAD)
        self.assertEqual(self.client.any_head().status, 100)
        self.client.send(b"hello")
        self.assertEqual(self.client.response().body, b"hello")
        self.assert_usable()

    def test_origin_refuses(self):
        def refuse(request, connection):
            connection.respond(b"too much", status="413 Content Too Large", fields=[("Connection", "close")])
            connection.close()
        self.serve("/expect", refuse, early=True)
        self.client.send(self.HEAD)
        response = self.client.response()
        self.assertEqual((response.status, response.interim), (413, []))

    def test_curl(self):
        result = run(["curl", "-s", "--max-time", 20, "-H", "Expect: 100-continue", "--data-binary", "hello",
                      *self.overlay.url("/echo")])
        self.assertEqual(json.loads(result.stdout)["length"], 5)


class Connections(HttpCase):
    def test_persistent(self):
        for _ in range(50):
            self.assert_usable()

    def test_close_is_kept(self):
        response = self.client.get("/echo", fields=[("Connection", "close")])
        self.assertEqual(response.fields.get("connection", "").lower(), "close")
        self.assertTrue(self.client.closed())

    def test_http_1_0(self):
        self.serve_octets("/old", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"one", b"two"))
        self.client.send(b"GET /old HTTP/1.0\r\nHost: shop.test\r\n\r\n")
        response = self.client.response()
        self.assertNotIn("transfer-encoding", response.fields)
        self.assertEqual(response.body, b"onetwo")
        self.assertTrue(self.client.closed())

    def test_pipelined_answers_keep_the_order(self):
        slow = threading.Event()

        def wait(request, connection):
            slow.wait(20)
            connection.respond(b"slow")
        self.serve("/slow", wait)
        self.client.request("/slow")
        for number in range(10):
            self.client.request(f"/echo?{number}")
        slow.set()
        self.assertEqual(self.client.response().body, b"slow")
        targets = [json.loads(self.client.response().body)["target"] for _ in range(10)]
        self.assertEqual(targets, [f"/echo?{number}" for number in range(10)])

    def test_pipelined_requests_do_not_wait_for_each_other(self):
        """The second is at the origin while the first is not answered."""
        second_seen = threading.Event()

        def first(request, connection):
            connection.respond(b"together" if second_seen.wait(20) else b"apart")

        def second(request, connection):
            second_seen.set()
            connection.respond(b"second")
        self.serve("/first", first)
        self.serve("/second", second)
        self.client.request("/first").request("/second")
        self.assertEqual(self.client.response().body, b"together")
        self.assertEqual(self.client.response().body, b"second")

    def test_pipelined_with_content_and_heads(self):
        self.serve_octets("/head", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n")
        self.client.request("/echo?1", method="POST", body=b"x" * 10_000)
        self.client.request("/head", method="HEAD")
        self.client.send(b"POST /echo?2 HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"yz"))
        self.assertEqual(json.loads(self.client.response().body)["length"], 10_000)
        self.assertEqual(self.client.response("HEAD").fields.get("content-length"), "99")
        self.assertEqual(json.loads(self.client.response().body)["length"], 2)

    def test_octet_by_octet(self):
        for octet in (b"POST /echo HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\n\r\n"
                      + chunked(b"slowly", trailers=[("A", "b")])):
            self.client.send(bytes([octet]))
        self.assertEqual(json.loads(self.client.response().body)["length"], 6)

    def test_many_at_once(self):
        clients = [self.overlay.client() for _ in range(200)]
        for number, client in enumerate(clients):
            client.request(f"/echo?{number}")
        for number, client in enumerate(clients):
            self.assertEqual(json.loads(client.response().body)["target"], f"/echo?{number}")
            client.close()

    def test_origin_connections_are_kept(self):
        for _ in range(100):
            self.assert_usable()
        self.assertLessEqual(self.origin.connections, 1)

    def test_client_that_goes_away_ends_the_origins_work(self):
        gone = threading.Event()

        def endless(request, connection):
            connection.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            try:
                while True:
                    connection.write(b"4000\r\n" + b"x" * 0x4000 + b"\r\n")
            finally:
                gone.set()
        self.serve("/endless", endless)
        self.client.request("/endless").head()
        self.client.close()
        self.assertTrue(gone.wait(20), "the origin still writes")


class Routing(HttpCase):
    def test_unknown_host(self):
        self.assertEqual(self.client.get("/echo", host="other.test").status, 421)
        self.assertEqual(self.origin.requests, [])

    def test_host_is_compared_without_case_and_port(self):
        for host in ("SHOP.test", "shop.test:80", "Shop.Test:12345"):
            self.assertEqual(self.client.get("/echo", host=host).status, 200)

    def test_absolute_form(self):
        self.client.send(b"GET http://shop.test/echo?a HTTP/1.1\r\nHost: shop.test\r\n\r\n")
        self.assertEqual(json.loads(self.client.response().body)["target"], "/echo?a")

    def test_options_of_the_server(self):
        self.client.send(b"OPTIONS * HTTP/1.1\r\nHost: shop.test\r\n\r\n")
        self.client.response()
        self.assertEqual([request.target for request in self.origin.requests], ["*"])
        self.assert_usable()


class RealOrigin(unittest.TestCase):
    """nginx behind the overlay: its own features, seen the same through it as without it."""

    @classmethod
    def setUpClass(cls):
        cls.nginx = Nginx()
        cls.addClassCleanup(cls.nginx.stop)
        cls.overlay = Overlay(Site(origins=[cls.nginx]))
        cls.addClassCleanup(cls.overlay.stop)
        cls.data = os.urandom(200_000)
        cls.nginx.write("data.bin", cls.data)
        cls.nginx.write("part.html", b"<b>part</b>")
        cls.nginx.write("page.html", b'<p><!--#include virtual="/part.html" --></p>' + b" padding" * 100)
        cls.overlay.start()

    def setUp(self):
        self.client = self.overlay.client()
        self.addCleanup(self.client.close)

    def test_ranges(self):
        for value, status, expected in (("bytes=0-99", 206, self.data[:100]), ("bytes=-5", 206, self.data[-5:]),
                                        ("bytes=199990-", 206, self.data[199990:]), ("bytes=200000-", 416, None)):
            response = self.client.get("/data.bin", fields=[("Range", value)])
            self.assertEqual(response.status, status)
            if expected is not None:
                self.assertEqual(response.body, expected)
        several = self.client.get("/data.bin", fields=[("Range", "bytes=0-9,50-59")])
        self.assertEqual(several.status, 206)
        self.assertIn(self.data[50:60], several.body)

    def test_conditions(self):
        tag = self.client.get("/data.bin").fields.get("etag")
        self.assertEqual(self.client.get("/data.bin", fields=[("If-None-Match", tag)]).status, 304)
        self.assertEqual(self.client.get("/data.bin", fields=[("If-Match", '"no"')]).status, 412)
        self.assertEqual(self.client.get("/data.bin").body, self.data)

    def test_ssi(self):
        body = self.client.get("/page.html").body
        self.assertTrue(body.startswith(b"<p><b>part</b></p>"), body)

    def test_gzip_is_the_clients(self):
        plain = self.client.get("/page.html")
        coded = self.client.get("/page.html", fields=[("Accept-Encoding", "gzip")])
        self.assertNotIn("content-encoding", plain.fields)
        self.assertEqual(coded.fields.get("content-encoding"), "gzip")
        self.assertEqual(gzip.decompress(coded.body), plain.body)

    def test_put_and_get_back(self):
        self.assertEqual(self.client.get("/upload/a/b.bin", method="PUT", body=self.data).status, 201)
        self.assertEqual(self.client.get("/upload/a/b.bin").body, self.data)

    def test_curl_with_a_site_of_60_files(self):
        files = {f"site/{number % 7}/file-{number}.{kind}": content for number, (kind, content) in
                 enumerate((kind, self.content(kind, number)) for number in range(15) for kind in ("html", "css", "js", "png"))}
        self.assertEqual(len(files), 60)
        for name, content in files.items():
            self.nginx.write(name, content)
        got = self.overlay.path / "got"
        words = [word for name in files for word in ("-o", got / name, f"http://shop.test/{name}")]
        connect = self.overlay.url("/")[:2]
        for encoding in ([], ["--compressed"]):
            run(["curl", "-sf", "--max-time", 60, "--parallel", "--parallel-max", 8, "--create-dirs", *encoding, *connect, *words])
            for name, content in files.items():
                self.assertEqual((got / name).read_bytes(), content, name)

    def content(self, kind, number):
        size = (number * 7919) % 60_000
        return os.urandom(size) if kind == "png" else (f"/* {kind} {number} */\n".encode() * (size // 12 + 1))

    def test_wrk(self):
        result = run(["wrk", "-t2", "-c64", "-d2s", "-H", "Host: shop.test", f"http://127.0.0.1:{self.overlay.port}/part.html"])
        self.assertNotIn("Non-2xx", result.stdout)
        self.assertNotIn("Socket errors", result.stdout)
        self.assertIn("Requests/sec", result.stdout)


class Version6(unittest.TestCase):
    """The same with IPv6 everywhere: the listener, the link, the admin port and the origin."""

    def test_get(self):
        origin = Origin(address="::1")
        self.addCleanup(origin.stop)
        overlay = Overlay(Site(origins=[origin]), address="::1")
        self.addCleanup(overlay.stop)
        overlay.start()
        response = overlay.get("/echo")
        fields = {name.lower(): value for name, value in json.loads(response.body)["fields"]}
        self.assertEqual(fields["x-forwarded-for"], "::1")
        self.assertIn('for="[::1]', fields["forwarded"])


class Rings(unittest.TestCase):
    """A site's rules choose the ring; the access log tells it."""

    def test_rules(self):
        origin = Origin()
        self.addCleanup(origin.stop)
        origin.handlers["/bulk/x"] = origin.handlers["/image"] = lambda request, connection: connection.respond(
            b"x", fields=[("Content-Type", "image/png")])
        overlay = Overlay(Site(origins=[origin], frontend={"priorities": [
            {"ring": 0, "when": {"header": {"X-Priority": "high"}}},
            {"ring": 4, "when": {"path": "/bulk*"}},
            {"ring": 1, "when": {"method": "POST", "query": {"fast": "1"}}},
            {"ring": 1, "when": {"cookie": {"member": "gold*"}}},
            {"ring": 3, "when": {"content_type": "image/*"}}]}))
        self.addCleanup(overlay.stop)
        overlay.start()
        cases = [("/echo", {}, 2), ("/echo?1", {"fields": [("X-Priority", "high")]}, 0), ("/bulk/x", {}, 4), ("/image", {}, 3),
                 ("/echo?fast=1", {"method": "POST", "body": b""}, 1), ("/echo?fast=1&get", {}, 2),
                 ("/echo?2", {"fields": [("Cookie", "a=b; member=gold1")]}, 1)]
        for target, more, _ in cases:
            self.assertEqual(overlay.get(target, **more).status, 200)
        wait_until(lambda: len(overlay.frontend.access()) >= len(cases), "the access log")
        rings = {entry["target"]: entry["ring"] for entry in overlay.frontend.access()}
        self.assertEqual(rings, {target: ring for target, _, ring in cases})
