"""Managers, and an overlay that one keeps: each gateway with a file that names the manager, and nothing else."""

import http.client
import json
import re
import signal

from harness.overlay import Gateway, at, ringway
from harness.processes import Failure, Folder, Process, accepts, free_port, run, wait_until


class Problem(Failure):
    """What the API refused: `status` and the problem's JSON."""

    def __init__(self, status, problem):
        super().__init__(f"{status}: {json.dumps(problem)}")
        self.status, self.problem = status, problem


class Manager:
    """One manager's process, its file and its API. `more` is added to the file."""

    def __init__(self, path, name="manager-1", **more):
        self.path, self.name = path, name
        self.port, self.agents_port = free_port(), free_port()
        self.file, self.log = path / f"{name}.yaml", path / f"{name}.log"
        self.config = {"name": name, "api": {"address": at(self.port)}, "agents": {"address": at(self.agents_port)},
                       "authority": str(path / "authority"), "store": str(path / f"{name}.db")} | more
        self.process, self.token = None, ""

    def start(self):
        self.file.write_text(json.dumps(self.config, indent=2))
        self.process = Process(self.name, [ringway(), "manager", "--config", self.file], self.log, cwd=self.path)
        wait_until(lambda: accepts(self.port) or not self.process.running(), f"{self.name}'s API", 20)
        if not self.process.running():
            raise Failure(f"{self.name} ended:\n{self.process.tail()}")
        return self

    def sign_in(self):
        """With the first start's token."""
        wait_until(lambda: re.search(r"rw_\w+", self.process.output()), "the first token", 20)
        self.token = re.search(r"rw_\w+", self.process.output()).group()
        self.token = self.ask("POST", "/v1/tokens/exchange",
                              {"role": "owner", "description": "test", "life": "24h"})["token"]
        return self

    def leads(self):
        try:
            return self.request("GET", "/healthz")[2].startswith(b"leading")
        except OSError:
            return False

    def request(self, method, target, body=None, **fields):
        """(status, fields, octets)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
            sent |= {name.replace("_", "-"): value for name, value in fields.items()}
            connection.request(method, target, json.dumps(body) if body is not None else None, sent)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def ask(self, method, target, body=None, **fields):
        """The JSON of a good answer."""
        status, _, said = self.request(method, target, body, **fields)
        content = json.loads(said) if said else None
        if status >= 300:
            raise Problem(status, content)
        return content

    def get(self, target):
        return self.ask("GET", target)

    def apply(self, resources, message="test"):
        """{kind: [content, …]}, content None with a name to remove one; the revision."""
        changes = [{"kind": kind, "name": content["name"], "content": content}
                   for kind, contents in resources.items() for content in contents]
        return self.ask("POST", "/v1/apply", {"changes": changes, "message": message}, If_Match="*")["revision"]

    def status(self):
        return self.get("/v1/status")

    def rollout(self):
        return self.status()["rollout"] or {"to": 0, "state": "done"}

    def spread(self, revision):
        rollout = self.rollout()
        return rollout["to"] == revision and rollout["state"] == "done"

    def gateway(self, name):
        return next((each for each in self.status()["gateways"] if each["name"] == name), {})

    def events(self):
        return self.get("/v1/events?limit=1000")["items"]

    def enrol(self, role, name):
        """The files of a new identity."""
        token = self.ask("POST", "/v1/enrolments", {"role": role, "name": name})["token"]
        place = self.path / name
        run([ringway(), "enrol", token, "--directory", place])
        return {"certificate": str(place / f"{name}.pem"), "key": str(place / f"{name}.key"),
                "authority": str(place / "ca.pem")}

    def kill(self):
        process, self.process = self.process, None
        process.kill()

    def stop(self):
        process, self.process = self.process, None
        if process is not None and (code := process.stop(signal.SIGTERM, 20)) != 0:
            raise Failure(f"{self.name} ended with {code}:\n{process.tail()}")


class ManagedOverlay:
    """Front-ends pop-1, pop-2, … each in a place of its own, back-ends host-1, host-2, …, and one site `shop`."""

    def __init__(self, origins, frontends=1, backends=1, site=None, managers=None, **more):
        self.folder = Folder("managed")
        self.path = self.folder.path
        self.managers = managers(self.path) if managers else [Manager(self.path, **({"rollout": {"gate": "0s"}} | more))]
        self.site = {"name": "shop", "hosts": ["shop.test"], "origins": [{"address": at(each.port)} for each in origins],
                     "frontends": {"min": frontends}, "backends": {"min": backends}} | (site or {})
        self.gateways = {}
        self.ports = {}
        self.counts = (frontends, backends)

    @property
    def manager(self):
        """The one that leads."""
        leading = [each for each in self.managers if each.process is not None and each.leads()]
        if not leading:
            raise Failure("no manager leads")
        return leading[0]

    def start(self):
        for manager in self.managers:
            manager.start()
        wait_until(lambda: any(each.leads() for each in self.managers), "a leader", 20)
        leader = self.manager.sign_in()
        for manager in self.managers:
            manager.token = leader.token
        resources = {"pops": [], "frontends": [], "backends": [], "sites": [self.site]}
        for number in range(1, self.counts[0] + 1):
            resources["pops"].append({"name": f"place-{number}", "latitude": 10 * number, "longitude": 0})
            resources["frontends"].append({"name": f"pop-{number}", "pop": f"place-{number}",
                                           "addresses": [f"127.0.0.{number}"]})
            self._frontend(f"pop-{number}")
        for number in range(1, self.counts[1] + 1):
            resources["backends"].append({"name": f"host-{number}", "address": self._backend(f"host-{number}")})
        self.manager.apply(resources)
        for gateway in self.gateways.values():
            gateway.start()
        wait_until(lambda: all(self.serves(port) for port in self.ports.values()), "the site everywhere", 40)
        return self

    def _managed(self, name, role):
        agents = [at(each.agents_port) for each in self.managers]
        return self.manager.enrol(role, name), {"addresses": agents, "state": str(self.path / name)}

    def _frontend(self, name):
        identity, managed = self._managed(name, "frontend")
        self.ports[name] = free_port()
        self.gateways[name] = Gateway(self.path, "frontend", name, {
            "listen": [{"address": at(self.ports[name])}], "link": {"identity": identity}, "manager": managed})

    def _backend(self, name):
        identity, managed = self._managed(name, "backend")
        address = at(free_port())
        self.gateways[name] = Gateway(self.path, "backend", name, {
            "link": {"address": address, "identity": identity}, "manager": managed})
        return address

    def serves(self, port, target="/"):
        return not self.fault_at(port, target)

    def fault_at(self, port, target="/"):
        """What is wrong with a front-end's answer; empty: nothing."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", target, headers={"Host": "shop.test"})
            answer = connection.getresponse()
            return "" if answer.status == 200 else f"{answer.status}: {answer.read().decode()}"
        except (OSError, http.client.HTTPException) as fault:
            return repr(fault)
        finally:
            connection.close()

    def change_site(self, **keys):
        """A revision with those keys of the site changed."""
        self.site |= keys
        return self.manager.apply({"sites": [self.site]})

    def stop(self):
        for gateway in self.gateways.values():
            if gateway.process is not None:
                gateway.kill()
        for manager in self.managers:
            if manager.process is not None:
                manager.process.kill()
        self.folder.remove()
