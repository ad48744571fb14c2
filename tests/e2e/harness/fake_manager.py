"""A manager as its agents see it, that says what a test tells it to."""

import json
import ssl
import struct
import subprocess
import threading
import time

from harness.processes import Failure, free_port, run, wait_until


class FakeManager:
    """Takes agents on a port of its own. `authority` is the folder of ca.pem and ca.key."""

    def __init__(self, authority, folder, name="m1"):
        self.authority, self.folder, self.name = authority, folder, name
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.agents = {}  # by name: the latest connection of each
        self.revoked = {"revoked_serials": [], "revoked_identities": []}
        self.secret = "00" * 16
        self.life_days = "30"
        self._make_certificate()
        self.listener = None

    def _make_certificate(self):
        self.key, chain = self.folder / f"{self.name}.key", self.folder / f"{self.name}.chain.pem"
        request = self.folder / f"{self.name}.csr"
        run(["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
             f"/CN={self.name}", "-keyout", self.key, "-out", request])
        certificate = self.sign(request.read_bytes(), "manager", self.name, "serverAuth,clientAuth")
        chain.write_bytes(certificate + (self.authority / "ca.pem").read_bytes())
        self.chain = chain

    def sign(self, request, role, name, uses="clientAuth"):
        """A certificate (PEM) for what is asked."""
        extensions = self.folder / f"{role}.{name}.ext"
        extensions.write_text(f"subjectAltName=URI:ringway:{role}:{name}\nbasicConstraints=critical,CA:FALSE\n"
                              f"keyUsage=critical,digitalSignature\nextendedKeyUsage={uses}\n")
        signed = subprocess.run(["openssl", "x509", "-req", "-CA", self.authority / "ca.pem", "-CAkey",
                                 self.authority / "ca.key", "-CAcreateserial", "-days", self.life_days, "-extfile",
                                 extensions], input=request, capture_output=True, check=False)
        if signed.returncode != 0:
            raise Failure(signed.stderr.decode())
        return signed.stdout

    def start(self):
        import socket
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(self.chain, self.key)
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_verify_locations(self.authority / "ca.pem")
        context.set_alpn_protocols(["ringway-tmp"])
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self.listener, context), daemon=True).start()
        return self

    def _accept(self, listener, context):
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(plain, context), daemon=True).start()

    def _serve(self, plain, context):
        try:
            with context.wrap_socket(plain, server_side=True) as tls:
                Connection(self, tls).serve()
        except (OSError, ValueError):
            pass

    def stop(self):
        """Goes away, with all connections."""
        if self.listener is None:
            return
        import socket
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.listener = None
        for agent in list(self.agents.values()):
            agent.close()

    def agent(self, name):
        """The agent of that gateway, once it is connected."""
        wait_until(lambda: name in self.agents and self.agents[name].open, f"the agent of {name}", 15)
        return self.agents[name]


class Connection:
    """One agent's connection."""

    def __init__(self, manager, tls):
        self.manager, self.tls = manager, tls
        self.name, self.open = None, True
        self.hello, self.reports, self.statuses = None, [], []
        self.lock = threading.Lock()

    @property
    def report(self):
        """The last one."""
        return self.reports[-1] if self.reports else None

    def serve(self):
        certificate = self.tls.getpeercert()
        try:
            while True:
                message = self._receive()
                if message is None:
                    return
                self._take(message, certificate)
        finally:
            self.open = False

    def _exactly(self, count):
        octets = b""
        while len(octets) < count:
            more = self.tls.recv(count - len(octets))
            if not more:
                return None
            octets += more
        return octets

    def _receive(self):
        header = self._exactly(4)
        body = header and self._exactly(struct.unpack(">I", header)[0])
        return None if body is None else json.loads(body)

    def _take(self, message, certificate):
        if "hello" in message:
            uri = dict(certificate["subjectAltName"])["URI"]
            self.name, self.hello = uri.split(":")[2], message["hello"]
            self.role = uri.split(":")[1]
            self.send({"welcome": self.manager.revoked})
            self.manager.agents[self.name] = self
        if "status" in message:
            self.statuses.append(message["status"])
        if "report" in message:
            self.reports.append(message["report"])
        if "request" in message:
            self.send({"issued": self._issue(message["request"], certificate)})

    def _issue(self, request, certificate):
        if certificate:
            return {"certificate": self.manager.sign(request["request"].encode(), self.role, self.name).decode()}
        if request["secret"] != self.manager.secret:
            return {"refusal": "no such token"}
        role, name = self.manager.enrols
        return {"certificate": self.manager.sign(request["request"].encode(), role, name).decode()}

    def send(self, message):
        text = json.dumps(message).encode()
        with self.lock:
            self.tls.sendall(struct.pack(">I", len(text)) + text)

    def offer(self, revision, sections, epoch=1):
        """The whole content; returns its mark."""
        mark = {"epoch": epoch, "revision": revision, "chain": f"c{revision}", "hash": hash_of(sections)}
        parts = [{"name": name, "text": text} for name, text in sections.items()]
        self.send({"content": {"mark": mark, "sections": parts}})
        return mark

    def table(self, kind, text):
        """A steering table's text, in parts as a manager sends them."""
        for begin in range(0, len(text), 1000):
            self.send({"table": {"kind": kind, "text": text[begin:begin + 1000], "last": begin + 1000 >= len(text)}})

    def order(self, kind, peer=""):
        self.send({"order": {"kind": kind, "peer": peer}})

    def stage(self, mark, seconds=10):
        """What becomes of it in the end: "applied" or "refused", and why."""
        def last():
            stages = [status for status in self.statuses if status["mark"]["hash"] == mark["hash"] and
                      status["stage"] != "validated"]
            return stages[-1] if stages else None
        wait_until(last, "the agent to say what becomes of it", seconds)
        return last()["stage"], last().get("reason", "")

    def close(self):
        import socket
        try:
            self.tls.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def hash_of(sections):
    """As agent/content.h says."""
    import hashlib
    octets = b"ringway content 1"
    for name in sorted(sections):
        text = sections[name].encode()
        octets += b"\n%d %d\n" % (len(name), len(text)) + name.encode() + text
    return hashlib.sha256(octets).hexdigest()
