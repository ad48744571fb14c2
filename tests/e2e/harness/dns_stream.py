"""Clients of a redirector that ask without a pause."""

import selectors
import socket
import struct
import threading
import time


def query(name, number=7):
    """For its A record."""
    labels = b"".join(bytes([len(label)]) + label for label in name.encode().split(b".")) + b"\0"
    return struct.pack(">HHHHHH", number, 0, 1, 0, 0, 0) + labels + struct.pack(">HH", 1, 1)


class Stream:
    """A steady stream of queries by UDP from many ports; `lost()` are those without one of the answers."""

    def __init__(self, port, rate=2000, ports=32, name="mail.shop.test", answers=("192.0.2.25",)):
        self.rate, self.name, self.sockets = rate, name, []
        self.answers = tuple(socket.inet_aton(answer) for answer in answers)
        self.selector = selectors.DefaultSelector()
        for _ in range(ports):
            sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sender.setblocking(False)
            sender.connect(("127.0.0.1", port))
            self.sockets.append(sender)
            self.selector.register(sender, selectors.EVENT_READ)
        self.sent, self.waiting, self.errors = 0, set(), []
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        begun = time.monotonic()
        while not self.ended.is_set():
            due = int((time.monotonic() - begun) * self.rate)
            for _ in range(min(due - self.sent, 50)):
                place = self.sent % len(self.sockets)
                number = self.sent // len(self.sockets) % 65536
                self.waiting.add((place, number))
                self._try(lambda: self.sockets[place].send(query(self.name, number)))
                self.sent += 1
            self._receive(0.002)
        end = time.monotonic() + 3
        while self.waiting and time.monotonic() < end:
            self._receive(0.05)

    def _receive(self, seconds):
        for key, _ in self.selector.select(seconds):
            answer = self._try(lambda: key.fileobj.recv(2048))
            if answer and answer.endswith(self.answers):
                self.waiting.discard((self.sockets.index(key.fileobj), struct.unpack(">H", answer[:2])[0]))

    def _try(self, call):
        try:
            return call()
        except BlockingIOError:
            return None
        except OSError as error:  # an ICMP answer: nobody had the port
            self.errors.append(str(error))
            return None

    def lost(self):
        self.ended.set()
        self.thread.join()
        for sender in self.sockets:
            sender.close()
        return len(self.waiting)
