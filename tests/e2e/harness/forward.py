"""A TCP port that leads to another one, as the network does between two gateways."""

import contextlib
import socket
import threading


class TcpForward:
    """Passes every connection to 127.0.0.1:`port` on to `target_port`, octet by octet."""

    def __init__(self, port, target_port):
        self.target_port = target_port
        self.accepted = 0
        self.octets = 0
        self._pairs = set()
        self._listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self.accepted += 1
                self._join(client)

    def _join(self, client):
        try:
            server = socket.create_connection(("127.0.0.1", self.target_port))
        except OSError:
            return client.close()
        pair = (client, server)
        self._pairs.add(pair)
        for source, sink in (pair, pair[::-1]):
            source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    def _pass_on(self, source, sink):
        with contextlib.suppress(OSError):
            while octets := source.recv(65536):
                sink.sendall(octets)
                self.octets += len(octets)
            sink.shutdown(socket.SHUT_WR)

    def cut(self):
        """Breaks every connection; new ones pass."""
        for pair in list(self._pairs):
            for end in pair:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
        self._pairs.clear()

    def stop(self):
        self._listener.close()
        self.cut()
