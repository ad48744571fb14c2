"""WebSocket (RFC 6455) frames by hand: as much as an echo and its client need."""

import base64
import hashlib
import os
import struct

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def accept_value(key):
    """What answers Sec-WebSocket-Key."""
    return base64.b64encode(hashlib.sha1(key.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()).decode()


def frame(kind, payload, masked):
    mask_bit = 0x80 if masked else 0
    if len(payload) < 126:
        head = struct.pack("!BB", 0x80 | kind, mask_bit | len(payload))
    elif len(payload) < 65536:
        head = struct.pack("!BBH", 0x80 | kind, mask_bit | 126, len(payload))
    else:
        head = struct.pack("!BBQ", 0x80 | kind, mask_bit | 127, len(payload))
    if not masked:
        return head + payload
    mask = os.urandom(4)
    return head + mask + _masked(payload, mask)


def _masked(payload, mask):
    pad = (mask * (len(payload) // 4 + 1))[:len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(pad, "big")).to_bytes(len(payload), "big")


def read_frame(reader):
    """(kind, payload) of the next frame."""
    first, second = reader.exactly(2)
    size = second & 0x7F
    if size >= 126:
        size = int.from_bytes(reader.exactly(2 if size == 126 else 8), "big")
    mask = reader.exactly(4) if second & 0x80 else None
    payload = reader.exactly(size)
    return first & 0x0F, _masked(payload, mask) if mask else payload


def echo_server(request, connection):
    """An origin's handler: upgrades, then sends every message back until the client closes."""
    connection.write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      f"Sec-WebSocket-Accept: {accept_value(request.fields.get('sec-websocket-key'))}\r\n\r\n").encode())
    kind = None
    while kind != CLOSE:
        kind, payload = read_frame(connection.reader)
        connection.write(frame(PONG if kind == PING else kind, payload, masked=False))
    connection.close()


def upgrade(client, target, host="shop.test"):
    """Sends the upgrade and checks its answer."""
    key = base64.b64encode(os.urandom(16)).decode()
    client.request(target, host=host, fields=[("Upgrade", "websocket"), ("Connection", "Upgrade"),
                                              ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", key)])
    response = client.head()
    assert response.status == 101, response.status
    assert response.fields.get("sec-websocket-accept") == accept_value(key), response.fields
    assert response.fields.get("upgrade", "").lower() == "websocket", response.fields
    assert "upgrade" in response.fields.get("connection", "").lower(), response.fields
    return client
