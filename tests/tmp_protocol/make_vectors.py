#!/usr/bin/env python3
"""Writes docs/tmp_vectors.txt: the wire of docs/tmp.md a second time, from Python's own primitives.

Nothing here is shared with the C++ code, so that the unit tests compare two implementations.
Needs the Python package `cryptography`. Use: make_vectors.py > docs/tmp_vectors.txt
"""

import hashlib
import hmac
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

SALT = hashlib.sha256(b"ringway tmp initial salt").digest()[:20]


def mac256(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def expand(secret, label, size=32, context=b""):
    label = b"tls13 " + label.encode()
    info = struct.pack(">HB", size, len(label)) + label + bytes([len(context)]) + context
    return mac256(secret, info + b"\x01")[:size]


def varint(value):
    if value < 1 << 6:
        return struct.pack(">B", value)
    if value < 1 << 14:
        return struct.pack(">H", value | 1 << 14)
    if value < 1 << 30:
        return struct.pack(">I", value | 2 << 30)
    return struct.pack(">Q", value | 3 << 62)


def frame(kind, *fields):
    return bytes([kind]) + b"".join(varint(f) if isinstance(f, int) else f for f in fields)


def text(value):
    return varint(len(value)) + value


def aead(suite, key):
    return AESGCM(key) if suite == "aes" else ChaCha20Poly1305(key)


def nonce(iv, path, number):
    return bytes(a ^ b for a, b in zip(iv, struct.pack(">IQ", path, number)))


def mask(suite, key, sample):
    if suite == "aes":
        return Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(sample)[:5]
    return Cipher(algorithms.ChaCha20(key, sample), None).encryptor().update(bytes(5))


def say(name, octets):
    print(f"{name} = {octets.hex()}")


def section(title):
    print(f"\n# {title}")


def write_varints():
    section("Varints: decimal value, octets")
    for value in (0, 63, 64, 16383, 16384, 1073741823, 1073741824, (1 << 62) - 1):
        say(f"varint.{value}", varint(value))


def write_frames():
    section("Frames, one of each; the fields are in the unit test of the same name")
    token = bytes(range(16))
    site = text(b"shop")
    frames = {
        "padding": bytes(3),
        "ping": frame(0x01),
        "ack": frame(0x02, 0, 1000, 25, 2, 0, 0, 9, 498, 100),
        "ack_ecn": frame(0x03, 1, 70000, 5000, 0, 69999, 1, 20, 300),
        "crypto": frame(0x08, 1, 600, text(b"client hello")),
        "close": frame(0x09, 8, text(b"refused")),
        "goaway": frame(0x0A, 40),
        "new_cookie": frame(0x0B, text(bytes(24))),
        "stream": frame(0x12, 8, b"\x40\x05", b"first"),
        "stream_fin": frame(0x17, 8, 1000, b"\x40\x04", b"last"),
        "stream_open": frame(0x18, 8, 0, 2, 77, site),
        "reset_stream": frame(0x19, 8, 1, 123456),
        "stop_sending": frame(0x1A, 8, 8),
        "priority_update": frame(0x1B, 8, 4),
        "max_data": frame(0x20, 48 << 20),
        "max_stream_data": frame(0x21, 8, 16 << 20),
        "max_streams": frame(0x22, 65536),
        "data_blocked": frame(0x23, 48 << 20),
        "stream_data_blocked": frame(0x24, 8, 16 << 20),
        "streams_blocked": frame(0x25, 65536),
        "path_challenge": frame(0x28, b"question"),
        "path_response": frame(0x29, b"question"),
        "new_cid": frame(0x2A, 1, 2, bytes.fromhex("0102030405060708"), token),
        "retire_cid": frame(0x2B, 1, 2),
        "path_status": frame(0x2C, 1, 3, 1),
        "link_quality": frame(0x30, 100000, 250, 2500, 1900, 130, 80123, 79000, 950, 640, 12, 6250000),
        "ack_frequency": frame(0x31, 3, 32, 5000),
        "immediate_ack": frame(0x32),
        "repair": frame(0x38, 0, 5000, text(bytes([0b1011, 0x80])), bytes([2]), text(b"sum")),
        "recovered": frame(0x39, 0, 5001, 2),
        "guarded": frame(0x3A),
    }
    for name, octets in frames.items():
        say(f"frame.{name}", octets)


def handshake_keys(version, destination, label):
    common = mac256(SALT, destination)
    secret = expand(common, label, 32, struct.pack(">I", version))
    return secret, expand(secret, "tmp key", 16), expand(secret, "tmp iv", 12)


def long_header(kind, version, destination, source, rest):
    return bytes([0xC0 | kind << 4]) + struct.pack(">I", version) + destination + source + rest


def write_handshake():
    section("Handshake packets: version 1, the client's first destination ID and both own IDs")
    first = bytes.fromhex("8394c8f03e515708")
    client = bytes.fromhex("c0c1c2c3c4c5c6c7")
    server = bytes.fromhex("50515253545556f7")
    cookie = bytes(range(24))
    mac_key = hashlib.sha256(b"ringway tmp authority" + b"a public key, as SubjectPublicKeyInfo").digest()
    say("first_destination", first)
    say("client_id", client)
    say("server_id", server)
    say("cookie", cookie)
    say("mac_key", mac_key)
    for label, name in (("tmp client in", "client"), ("tmp server in", "server")):
        secret, key, iv = handshake_keys(1, first, label)
        say(f"handshake.{name}.secret", secret)
        say(f"handshake.{name}.key", key)
        say(f"handshake.{name}.iv", iv)

    def sealed(label, header, number, plain):
        _, key, iv = handshake_keys(1, first, label)
        return header + AESGCM(key).encrypt(nonce(iv, 0, number), plain, header)

    def signed(packet):
        return packet + mac256(mac_key, packet)[:16]

    number = struct.pack(">I", 2)
    plain = frame(0x08, 0, 0, text(b"client hello"))
    header = long_header(0, 1, first, client, struct.pack(">H", len(cookie)) + cookie + number)
    overhead = len(header) + 32
    padded = plain + bytes(1200 - overhead - len(plain))
    say("packet.initial", signed(sealed("tmp client in", header, 2, padded)))
    header = long_header(1, 1, client, first, struct.pack(">H", len(cookie)) + cookie)
    say("packet.retry", signed(header))
    header = long_header(2, 1, client, server, number)
    say("packet.handshake", sealed("tmp server in", header, 2, frame(0x08, 0, 0, text(b"server hello"))))
    say("packet.version", signed(long_header(3, 0, client, first, struct.pack(">II", 2, 1))))


def write_settings():
    section("SETTINGS, and the context of the exporter for the IDs above, epoch 3, these SETTINGS from both ends")
    values = [
        (1, struct.pack(">II", 2, 1)),
        (2, varint(65536)),
        (3, varint(48 << 20)),
        (4, varint(16 << 20)),
        (5, varint(1472)),
        (6, varint(5000)),
        (7, bytes(range(16))),
    ]
    settings = b"".join(varint(number) + text(value) for number, value in values)
    say("settings", settings)
    ids = bytes.fromhex("8394c8f03e515708" "c0c1c2c3c4c5c6c7" "50515253545556f7")
    prefixed = struct.pack(">H", len(settings)) + settings
    say("key_context", hashlib.sha256(struct.pack(">IQ", 2, 3) + ids + prefixed + prefixed).digest())


def write_data_packets():
    section("Data packets from the exported secret: path 7, number 2^32 + 5, destination client_id, text 'ringway'")
    exported = bytes(range(32))
    say("exported", exported)
    client = expand(exported, "tmp client")
    say("client_secret", client)
    say("server_secret", expand(exported, "tmp server"))
    path, number, plain = 7, (1 << 32) + 5, b"\x12\x08\x40\x07ringway"
    destination = bytes.fromhex("c0c1c2c3c4c5c6c7")
    for suite, size in (("aes", 16), ("chacha", 32)):
        hp = expand(client, "tmp hp", size)
        say(f"{suite}.mask_key", hp)
        secret = client
        for phase in (0, 1):
            key, iv = expand(secret, "tmp key", size), expand(secret, "tmp iv", 12)
            say(f"{suite}.{phase}.key", key)
            say(f"{suite}.{phase}.iv", iv)
            header = bytes([0x40 | phase << 1]) + destination + struct.pack(">I", number & 0xFFFFFFFF)
            packet = bytearray(header + aead(suite, key).encrypt(nonce(iv, path, number), plain, header))
            hidden = mask(suite, hp, bytes(packet[13:29]))
            packet[0] ^= hidden[0] & 0x1F
            for index in range(4):
                packet[9 + index] ^= hidden[1 + index]
            say(f"packet.{suite}.{phase}", bytes(packet))
            secret = expand(secret, "tmp ku")


def times_two(value):
    return value << 1 ^ (0x11D if value & 0x80 else 0)


def write_repairs():
    """The three sums of a group of members of different lengths, each octet by itself."""
    members = [b"first", b"the second one", b"3", bytes(range(40))]
    symbols = [struct.pack(">H", len(member)) + member for member in members]
    longest = max(len(symbol) for symbol in symbols)
    for number, member in enumerate(members):
        say(f"repair.member{number}", member)
    for row in range(3):
        total = [0] * longest
        for symbol in symbols:
            for _ in range(row):
                total = [times_two(value) for value in total]
            total = [a ^ b for a, b in zip(total, symbol.ljust(longest, b"\0"))]
        say(f"repair.row{row}", bytes(total))


print("# Test vectors of TMP (tmp.md), written by tests/tmp_protocol/make_vectors.py. Octets in hexadecimal.")
write_varints()
write_frames()
write_handshake()
write_settings()
write_repairs()
write_data_packets()
