"""Origins: nginx, and one in this process that writes down all that reaches it."""

import json
import socket
import threading
from pathlib import Path

from harness.processes import Folder, Process, accepts, free_port, run, wait_until
from harness.wire import Closed, Content, Fields, Reader


class Request:
    """A request as an origin got it."""

    def __init__(self, first, fields):
        self.method, self.target, self.version = first.split(" ")
        self.path = self.target.split("?")[0]
        self.fields = fields
        self.trailers = Fields()
        self.content = Content()
        self.complete = False


class Connection:
    """The origin's end of one connection, for handlers."""

    def __init__(self, origin, sock):
        self.origin, self.sock = origin, sock
        self.reader = Reader(sock)
        self.keep = True

    def write(self, octets):
        self.sock.sendall(octets)

    def respond(self, body=b"", status="200 OK", fields=()):
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *(f"{name}: {value}" for name, value in fields)]
        self.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    def read_content(self, request):
        if "chunked" in request.fields.get("transfer-encoding", ""):
            request.content.take(self.reader.chunks(request.trailers))
        else:
            request.content.take(self.reader.pieces(int(request.fields.get("content-length", "0"))))
        request.complete = True

    def close(self):
        self.keep = False


def echo(request, connection):
    """Answers with what arrived, as JSON."""
    connection.respond(json.dumps({
        "method": request.method, "target": request.target, "fields": request.fields, "trailers": request.trailers,
        "length": request.content.length, "sha256": request.content.hash.hexdigest(),
    }).encode(), fields=[("Content-Type", "application/json")])


class Held(threading.Event):
    """A handler that answers `one`, and `two` behind it once the test sets it."""

    def __call__(self, request, connection):
        connection.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\none")
        self.wait(60)
        connection.write(b"two")


class Origin:
    """Answers by path through `handlers`: {path: function(request, connection)}; /echo is there, others get 404.

    A handler in `early` is called at the request's head, before its content is read, and reads it itself.
    """

    def __init__(self, address="127.0.0.1", tls=None):
        self.address, self.tls = address, tls
        self.handlers = {"/echo": echo}
        self.early = {}
        self.lock = threading.Lock()
        self.pending = 0  # requests that are being served
        self.clear()
        self.port = free_port(address)
        self.listener = None
        self.start()

    def clear(self):
        """Forgets what it has seen."""
        with self.lock:
            self.requests = []  # whole ones and others, from their head on
            self.connections = 0
            self.octets = b""  # the first of everything that came in, whatever it was
            self.open = set()
            self.most_pending = self.pending

    def start(self):
        family = socket.AF_INET6 if ":" in self.address else socket.AF_INET
        self.listener = socket.socket(family, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((self.address, self.port))
        self.listener.listen(1024)
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()

    def kill(self):
        """Refuses from now on, and breaks what is open."""
        listener, self.listener = self.listener, None
        if listener:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        with self.lock:
            open_now = list(self.open)
        for sock in open_now:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    stop = kill

    def seen(self, path):
        """The requests for that path so far."""
        with self.lock:
            return [request for request in self.requests if request.path == path]

    def _accept(self, listener):
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        try:
            if self.tls:
                sock = self.tls.wrap_socket(sock, server_side=True)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                self.connections += 1
                self.open.add(sock)
            connection = Connection(self, _Tapped(sock, self))
            while connection.keep:
                self._serve_one(connection)
        except (Closed, OSError, ValueError, AssertionError):
            pass  # the peer's doing, and seen in `requests` and `octets`
        finally:
            with self.lock:
                self.open.discard(sock)
            sock.close()

    def _serve_one(self, connection):
        request = Request(*connection.reader.head())
        with self.lock:
            self.requests.append(request)
            self.pending += 1
            self.most_pending = max(self.most_pending, self.pending)
        try:
            if request.path in self.early:
                self.early[request.path](request, connection)
                return
            connection.read_content(request)
            handler = self.handlers.get(request.path)
            if handler:
                handler(request, connection)
            else:
                connection.respond(b"not here\n", "404 Not Found")
        finally:
            with self.lock:
                self.pending -= 1


class _Tapped:
    """A socket that shows the origin the first octets that come in."""

    def __init__(self, sock, origin):
        self.sock, self.origin = sock, origin

    def recv(self, size):
        data = self.sock.recv(size)
        if len(self.origin.octets) < 1 << 20:
            with self.origin.lock:
                self.origin.octets += data
        return data

    def __getattr__(self, name):
        return getattr(self.sock, name)


NGINX = """
daemon off; master_process off; worker_processes 1;
pid {folder}/nginx.pid; error_log {folder}/error.log warn; worker_rlimit_nofile 20000;
events {{ worker_connections 10000; }}
http {{
  access_log off; default_type application/octet-stream; sendfile on; keepalive_requests 1000000;
  types {{ text/html html shtml; text/css css; text/javascript js; image/png png; application/json json; }}
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  client_max_body_size 0; client_body_buffer_size 1m;
  server {{
    listen {listen}; root {folder}/site;
    location / {{ ssi on; gzip on; gzip_proxied any; gzip_min_length 200; gzip_types text/css text/javascript application/json; }}
    location /upload/ {{ dav_methods PUT; create_full_put_path on; }}
    {more}
  }}
}}
"""


class Nginx:
    """A real nginx with its files in a folder of its own: `site` is what it serves, /upload/ takes PUT."""

    def __init__(self, more=""):
        self.folder = Folder("nginx")
        self.site = self.folder.path / "site"
        (self.site / "upload").mkdir(parents=True)
        self.port = free_port()
        config = self.folder.path / "nginx.conf"
        config.write_text(NGINX.format(folder=self.folder.path, listen=f"127.0.0.1:{self.port}", more=more))
        self.command = ["nginx", "-p", self.folder.path, "-c", config, "-e", self.folder.path / "error.log"]
        if run(["id", "-u"]).stdout.strip() == "0":
            config.write_text("user root;\n" + config.read_text())
        self.start()

    def start(self):
        self.process = Process("nginx", self.command, self.folder.path / "nginx.log")
        wait_until(lambda: accepts(self.port), "nginx")

    def kill(self):
        self.process.kill()

    def stop(self):
        self.kill()
        self.folder.remove()

    def write(self, name, octets):
        path = Path(self.site, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(octets)
        return path
