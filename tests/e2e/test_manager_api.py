"""The manager's REST interface: the real process, its store on disk, real curl."""

import concurrent.futures
import json
import re
import signal
import socket
import time
import unittest

from harness import settings
from harness.overlay import ringway
from harness.postgres import Postgres
from harness.processes import Folder, Process, accepts, free_port, run, wait_until

SITE = {"hosts": ["shop.test"], "origins": [{"address": "127.0.0.1:8000"}]}


def site(name, **more):
    return {"name": name, "hosts": [f"{name}.test"], "origins": [{"address": "127.0.0.1:8000"}]} | more


class Reply:
    def __init__(self, text):
        head, _, self.body = text.partition("\n\n")  # run() gives lines as text
        lines = head.splitlines()
        self.status = int(lines[0].split()[1])
        self.fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def etag(self):
        return self.fields["etag"]


class Manager:
    """One `ringway manager`; several may share a store."""

    def __init__(self, folder, name="m-1", store=None, port=None):
        self.folder = folder
        self.name = name
        self.port = port or free_port()
        self.file = folder / f"{name}.yaml"
        self.file.write_text(json.dumps({"name": name, "api": {"address": f"127.0.0.1:{self.port}"},
                                         "store": store or str(folder / "ringway.db")}))
        self.token = ""
        self.process = None
        self.start()

    def start(self):
        self.process = Process(self.name, [ringway(), "manager", "--config", self.file], self.folder / f"{self.name}.log")
        wait_until(lambda: accepts(self.port), "the manager's API")
        return self

    def first_token(self):
        found = wait_until(lambda: re.findall(r"^  (rw_\S+)$", self.process.output(), re.M), "the first token")
        reply = self.curl("POST", "/v1/tokens/exchange", {"role": "owner"}, token=found[-1])
        assert reply.status == 201, reply.body
        self.token = reply.json["token"]
        return self.token

    def leads(self):
        return wait_until(lambda: self.curl("GET", "/healthz").body == "leading\n", f"{self.name} to lead", 20)

    def curl(self, method, path, body=None, token=None, **fields):
        words = ["curl", "-s", "-i", "-X", method, f"http://127.0.0.1:{self.port}{path}", "--max-time", "20",
                 "-H", f"Authorization: Bearer {token or self.token}"]
        if method == "HEAD":
            words[3:4] = ["HEAD", "-I"]
        for name, value in fields.items():
            words += ["-H", f"{name.replace('_', '-')}: {value}"]
        if body is not None:
            words += ["--data-binary", body if isinstance(body, str) else json.dumps(body)]
        return Reply(run(words).stdout.replace("HTTP/1.1 100 Continue\n\n", ""))

    def put(self, path, body, **fields):
        return self.curl("PUT", path, body, **(fields or {"If_None_Match": "*"}))

    def stop(self):
        return self.process.stop()


class ManagerApi(unittest.TestCase):
    def setUp(self):
        folder = Folder("manager")
        self.addCleanup(folder.remove)
        self.path = folder.path

    def manager(self, *words, **more):
        manager = Manager(self.path, *words, **more)
        self.addCleanup(manager.process.kill)
        self.addCleanup(lambda: manager.process.kill())
        return manager

    def test_revisions_drafts_and_rollback(self):
        manager = self.manager()
        manager.first_token()
        self.assertEqual(manager.put("/v1/sites/shop", site("shop")).status, 201)
        self.assertEqual(manager.curl("GET", "/v1/sites/shop").json["hosts"], ["shop.test"])
        self.assertEqual(manager.put("/v1/sites/shop", site("shop")).status, 412)
        draft = manager.curl("POST", "/v1/drafts", {"changes": [{"kind": "sites", "name": "blog", "content": site("blog")}]})
        self.assertEqual(draft.status, 201)
        path = draft.fields["location"]
        self.assertEqual(manager.curl("POST", path + "/commit", "", If_Match=draft.etag).json["revision"], 2)
        back = manager.curl("POST", "/v1/revisions/1/rollback", "", If_Match="*")
        self.assertEqual(back.json["revision"], 3)
        self.assertEqual(manager.curl("GET", "/v1/sites/blog").status, 404)
        self.assertEqual([entry["action"] for entry in manager.curl("GET", "/v1/audit").json["items"]][:3],
                         ["remove", "create", "create"])
        self.assertEqual(manager.stop(), 0)

    def test_openapi_and_rest_agree(self):
        """What REST takes the document takes, and what the document refuses REST refuses, by JSON Schema's own judge."""
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        manager = self.manager()
        manager.first_token()
        document = manager.curl("GET", "/openapi.json").json
        self.assertEqual(document["openapi"], "3.1.0")
        ids = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
        self.assertEqual(len(ids), len(set(ids)))
        for name, schema in document["components"]["schemas"].items():
            jsonschema.Draft202012Validator.check_schema(schema)
        refs = set(re.findall(r'"\$ref": "#/components/([^"]+)"', json.dumps(document)))
        for ref in refs:
            group, name = ref.split("/")
            self.assertIn(name, document["components"][group])
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                named = [each["name"] for each in operation["parameters"] if each["in"] == "path"]
                self.assertEqual(named, re.findall(r"\{(\w+)\}", path), path)

        good = {
            "pops": {"name": "x", "latitude": 1.5, "longitude": -7, "bits_per_s": 5},
            "backends": {"name": "x", "address": "192.0.2.1:7400", "max_packet": "1300", "exchanges_per_s": 4},
            "sites": site("x", weight=3, priorities=[{"ring": 0, "when": {"path": "/pay*"}}], frontends={"min": 2})}
        wrongs = [None, True, -1, 1.5, 10 ** 30, "", "much", [], [[]], {}, {"a": 1}]
        judged = 0
        for kind, content in good.items():
            put = document["paths"][f"/v1/{kind}/{{name}}"]["put"]
            schema = put["requestBody"]["content"]["application/json"]["schema"]
            validator = jsonschema.Draft202012Validator(document | schema, resolver=jsonschema.RefResolver("", document))
            variants = [content, content | {"unknown": 1}]
            variants += [{key: value for key, value in content.items() if key != gone} for gone in content]
            variants += [content | {key: wrong} for key in content for wrong in wrongs]
            for variant in variants:
                reply = manager.put(f"/v1/{kind}/x?dry_run", variant)
                valid = validator.is_valid(variant)
                self.assertIn(reply.status, (200, 422), reply.body)
                if reply.status == 200:
                    self.assertTrue(valid, (kind, variant))
                if not valid:
                    self.assertEqual(reply.status, 422, (kind, variant))
                    self.assertTrue(reply.json["errors"])
                judged += 1
            self.assertEqual(manager.put(f"/v1/{kind}/x?dry_run", content).status, 200)
        self.assertGreater(judged, 100)

    def test_nothing_acknowledged_is_lost(self):
        """Killed again and again while sites are made: what was answered is there."""
        manager = self.manager()
        token = manager.first_token()
        acknowledged = set()
        for turn in range(4):
            def make(number, turn=turn):
                name = f"s-{turn}-{number}"
                words = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-X", "PUT", "--max-time", "10",
                         f"http://127.0.0.1:{manager.port}/v1/sites/{name}", "-H", f"Authorization: Bearer {token}",
                         "-H", "If-None-Match: *", "-d", json.dumps(site(name))]
                return name, run(words, check=False).stdout

            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                made = [pool.submit(make, number) for number in range(40)]
                time.sleep(0.15 + 0.1 * turn)
                manager.process.kill()
                acknowledged |= {name for name, code in (each.result() for each in made) if code == "201"}
            manager.start()
            manager.leads()
            there = {item["name"] for item in manager.curl("GET", "/v1/sites?limit=1000").json["items"]}
            self.assertLessEqual(acknowledged, there)
        self.assertTrue(acknowledged)
        revisions = manager.curl("GET", "/v1/revisions?limit=1").json["items"][0]["number"]
        self.assertEqual(revisions, len(there))

    def test_a_key_outlives_a_kill(self):
        manager = self.manager()
        manager.first_token()
        body = {"changes": [{"kind": "sites", "name": "shop", "content": site("shop")}]}
        first = manager.curl("POST", "/v1/apply", body, If_Match="*", Idempotency_Key="k")
        self.assertEqual(first.status, 200)
        manager.process.kill()
        manager.start()
        manager.leads()
        again = manager.curl("POST", "/v1/apply", body, If_Match="*", Idempotency_Key="k")
        self.assertEqual(again.fields.get("idempotent-replayed"), "true")
        self.assertEqual(again.json, first.json)

    def test_the_stream(self):
        manager = self.manager()
        manager.first_token()
        with socket.create_connection(("127.0.0.1", manager.port), timeout=10) as stream:
            stream.sendall(f"GET /v1/stream HTTP/1.1\r\nHost: m\r\nAuthorization: Bearer {manager.token}\r\n\r\n".encode())
            text = b""
            while text.count(b"event: status") < 3:
                text += stream.recv(65536)
            self.assertEqual(manager.put("/v1/sites/shop", site("shop")).status, 201)
            while b"event: revision\ndata: {\"number\": 1," not in text:
                text += stream.recv(65536)

    def test_large_and_slow_requests(self):
        manager = self.manager()
        manager.first_token()
        large = self.path / "large.json"
        with open(large, "wb") as file:
            file.truncate(100_000_000)
        before = manager.process.resident_octets()
        reply = run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code} %{size_upload}", "-X", "PUT", "-H", "Expect:",
                     "-H", f"Authorization: Bearer {manager.token}", "-H", "If-None-Match: *", "-T", large,
                     f"http://127.0.0.1:{manager.port}/v1/sites/x"], check=False).stdout.split()
        self.assertIn(reply[0], ("413", "000"), reply)
        self.assertLess(int(reply[1]), 20_000_000)
        if not settings.sanitized:
            self.assertLess(manager.process.resident_octets() - before, 16_000_000)
        slow = [socket.create_connection(("127.0.0.1", manager.port)) for _ in range(50)]
        for each in slow:
            each.sendall(b"GET /v1/si")
        started = time.monotonic()
        self.assertEqual(manager.curl("GET", "/v1/sites").status, 200)
        self.assertLess(time.monotonic() - started, settings.patience(5))
        for each in slow:
            each.close()

    def test_backup_restore_and_a_new_token(self):
        manager = self.manager()
        manager.first_token()
        self.assertEqual(manager.put("/v1/sites/shop", site("shop")).status, 201)
        backup = self.path / "kept.backup"
        self.assertIn("is in", run([ringway(), "backup", "--config", manager.file, backup]).stdout)
        self.assertEqual(manager.put("/v1/sites/blog", site("blog")).status, 201)
        refused = run([ringway(), "restore", "--config", manager.file, backup], check=False)
        self.assertEqual(refused.returncode, 1, refused.stderr)
        # Under a manager that runs: it learns that its store is another.
        run([ringway(), "restore", "--config", manager.file, "--replace", backup])
        wait_until(lambda: manager.curl("GET", "/v1/sites/blog").status == 404, "what was restored", 20)
        manager.leads()
        self.assertEqual(manager.put("/v1/sites/news", site("news")).status, 201)
        self.assertEqual(manager.curl("GET", "/v1/revisions").json["items"][0]["number"], 2)
        running = run([ringway(), "manager", "--config", manager.file, "--new-token"], check=False)
        self.assertEqual(running.returncode, 1)
        self.assertIn("stop the manager", running.stderr)
        self.assertEqual(manager.stop(), 0)
        token, = re.findall(r"rw_\S+", run([ringway(), "manager", "--config", manager.file, "--new-token"]).stdout)
        manager.start()
        manager.leads()
        made = manager.curl("POST", "/v1/tokens/exchange", {"role": "reader"}, token=token)
        self.assertEqual(made.status, 201, made.body)
        self.assertEqual(manager.curl("GET", "/v1/audit?limit=5", token=manager.token).status, 200)

    def two_managers(self, store):
        first = self.manager("m-1", store=store)
        first.first_token()
        second = self.manager("m-2", store=store)
        second.token = first.token
        self.assertEqual(first.put("/v1/sites/shop", site("shop")).status, 201)
        wait_until(lambda: second.curl("GET", "/v1/sites/shop").status == 200, "the other manager to follow")
        refused = second.put("/v1/sites/blog", site("blog"))
        self.assertEqual(refused.status, 503)
        self.assertEqual(refused.fields["retry-after"], "1")
        # A token that is taken away at one is good for nothing at the other.
        made = first.curl("POST", "/v1/tokens", {"role": "reader"}).json
        wait_until(lambda: second.curl("GET", "/v1/sites", token=made["token"]).status == 200, "the token")
        self.assertEqual(first.curl("DELETE", f"/v1/tokens/{made['id']}").status, 204)
        wait_until(lambda: second.curl("GET", "/v1/sites", token=made["token"]).status == 401, "the token's end")
        first.process.send_signal(signal.SIGSTOP)
        second.leads()
        self.assertEqual(second.put("/v1/sites/blog", site("blog")).status, 201)
        first.process.send_signal(signal.SIGCONT)
        # It may still think that it leads: whatever it answers, nothing of the other's is lost.
        first.put("/v1/sites/news", site("news"))
        wait_until(lambda: first.curl("GET", "/v1/sites/blog").status == 200, "the first to follow")
        numbers = [each.curl("GET", "/v1/revisions?limit=1").json["items"][0]["hash"] for each in (first, second)]
        wait_until(lambda: len({each.curl("GET", "/v1/revisions?limit=1").json["items"][0]["hash"]
                                for each in (first, second)}) == 1, f"one history {numbers}")

    def test_two_managers_on_one_postgresql(self):
        postgres = Postgres()
        self.addCleanup(postgres.stop)
        self.two_managers(f"postgresql://postgres@127.0.0.1:{postgres.port}/postgres?sslmode=disable")

    def test_two_managers_on_one_sqlite(self):
        self.two_managers(str(self.path / "ringway.db"))
