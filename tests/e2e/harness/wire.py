"""HTTP/1.1 on plain sockets, message by message, so that a test sees and sends exact octets."""

import hashlib
import socket
import ssl

from harness import settings

MAX_HEAD_OCTETS = 1 << 20


class Closed(AssertionError):
    """The other end closed before the message was whole."""


class Fields(list):
    """(name, value) pairs in their order."""

    def all(self, name):
        return [value for key, value in self if key.lower() == name.lower()]

    def get(self, name, default=None):
        values = self.all(name)
        return ", ".join(values) if values else default

    def __contains__(self, name):
        return bool(self.all(name))


class Reader:
    """Octets of a socket, in lines, counts and messages."""

    def __init__(self, sock):
        self.sock = sock
        self.buffer = b""
        self.total = 0

    def more(self):
        data = self.sock.recv(262144)
        self.total += len(data)
        self.buffer += data
        return bool(data)

    def until(self, mark):
        while mark not in self.buffer:
            if len(self.buffer) > MAX_HEAD_OCTETS:
                raise AssertionError("a head without end")
            if not self.more():
                raise Closed(f"closed after {self.buffer[-200:]!r}")
        part, self.buffer = self.buffer.split(mark, 1)
        return part

    def pieces(self, count):
        """The next `count` octets as they come."""
        while count > 0:
            if not self.buffer and not self.more():
                raise Closed(f"closed with {count} octets missing")
            piece, self.buffer = self.buffer[:count], self.buffer[count:]
            count -= len(piece)
            yield piece

    def exactly(self, count):
        return b"".join(self.pieces(count))

    def rest(self):
        while self.more():
            pass
        part, self.buffer = self.buffer, b""
        return part

    def head(self):
        """First line and fields."""
        first, *lines = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        return first, Fields((line.split(":", 1)[0], line.split(":", 1)[1].strip()) for line in lines)

    def chunks(self, trailers):
        """Content in chunks; `trailers` is filled at the end."""
        while True:
            size = int(self.until(b"\r\n").split(b";")[0], 16)
            if size == 0:
                break
            yield from self.pieces(size)
            assert self.exactly(2) == b"\r\n", "a chunk's end"
        while line := self.until(b"\r\n"):
            name, value = line.decode("latin-1").split(":", 1)
            trailers.append((name, value.strip()))


class Content:
    """What a message carried: kept whole while small, always counted and hashed."""

    KEPT = 4 << 20

    def __init__(self):
        self.hash = hashlib.sha256()
        self.length = 0
        self.octets = b""
        self._parts = []

    def take(self, pieces):
        for piece in pieces:
            self.hash.update(piece)
            self.length += len(piece)
            if self.length <= self.KEPT:
                self._parts.append(piece)
        self.octets = b"".join(self._parts)
        return self


class Response:
    def __init__(self, status, reason, version, fields, interim):
        self.status, self.reason, self.version = status, reason, version
        self.fields, self.interim = fields, interim
        self.trailers = Fields()
        self.content = Content()

    @property
    def body(self):
        return self.content.octets


class Client:
    """One client connection."""

    def __init__(self, port, address="127.0.0.1", tls=None, name=None, seconds=20):
        self.sock = socket.create_connection((address, port), timeout=settings.patience(seconds))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is not None:
            self.sock = tls.wrap_socket(self.sock, server_hostname=name)
        self.reader = Reader(self.sock)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.sock.close()

    def send(self, octets):
        self.sock.sendall(octets)

    def request(self, target, host="shop.test", method="GET", fields=(), body=None):
        """Sends a request whole. A `body` of bytes goes with its length."""
        lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", *(f"{name}: {value}" for name, value in fields)]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (body or b""))
        return self

    def head(self):
        """The head of the next final response; interim ones are kept beside it."""
        interim = []
        while True:
            response = self.any_head()
            if response.status >= 200 or response.status == 101:
                response.interim = interim
                return response
            interim.append(response)

    def any_head(self):
        first, fields = self.reader.head()
        version, status, *reason = first.split(" ", 2)
        return Response(int(status), "".join(reason), version, fields, [])

    def response(self, method="GET"):
        """The next response, whole."""
        response = self.head()
        if method != "HEAD" and response.status not in (101, 204, 304):
            response.content.take(self._pieces(response))
        return response

    def _pieces(self, response):
        if "transfer-encoding" in response.fields:
            assert response.fields.get("transfer-encoding").lower() == "chunked", response.fields
            assert "content-length" not in response.fields, response.fields
            return self.reader.chunks(response.trailers)
        if "content-length" in response.fields:
            return self.reader.pieces(int(response.fields.get("content-length")))
        return iter([self.reader.rest()])

    def get(self, target, **more):
        return self.request(target, **more).response(more.get("method", "GET"))

    def closed(self):
        """Whether the other end has closed, or does before the time is out; fails if it sends anything more."""
        try:
            data = self.sock.recv(1)
        except (ConnectionResetError, ssl.SSLError):
            return True
        except TimeoutError:
            return False
        assert data == b"", f"more came: {data!r}"
        return True


def get(port, target, **more):
    """One request on a connection of its own."""
    connection = {name: more.pop(name) for name in ("address", "tls", "name", "seconds") if name in more}
    with Client(port, **connection) as client:
        return client.get(target, **more)


def chunked(*pieces, trailers=()):
    """Content in chunks, whole."""
    out = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return out + b"0\r\n" + b"".join(f"{name}: {value}\r\n".encode() for name, value in trailers) + b"\r\n"
