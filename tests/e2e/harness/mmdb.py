"""A small database in MaxMind's format 2.0 (maxmind.github.io/MaxMind-DB) for IPv4, with records of 24 bits."""

import ipaddress
import struct


def _head(kind, size):
    return bytes([kind << 5 | size]) if kind < 8 else bytes([size, kind - 7])


def _value(value):
    if isinstance(value, str):
        return _head(2, len(value)) + value.encode()
    if isinstance(value, float):
        return _head(3, 8) + struct.pack(">d", value)
    if isinstance(value, dict):
        return _head(7, len(value)) + b"".join(_value(key) + _value(each) for key, each in value.items())
    if isinstance(value, list):
        return _head(11, len(value)) + b"".join(map(_value, value))
    kind, number, size = value
    return _head(kind, size) + number.to_bytes(size, "big")


def database(places):
    """`places`: networks, none inside another, with (latitude, longitude, country)."""
    nodes, data = [[None, None]], b""
    for network, (latitude, longitude, country) in places.items():
        network = ipaddress.ip_network(network)
        bits = [int(network.network_address) >> 31 - i & 1 for i in range(network.prefixlen)]
        node = 0
        for bit in bits[:-1]:
            if nodes[node][bit] is None:
                nodes[node][bit] = ("node", len(nodes))
                nodes.append([None, None])
            node = nodes[node][bit][1]
        nodes[node][bits[-1]] = ("data", len(data))
        data += _value({"location": {"latitude": float(latitude), "longitude": float(longitude)},
                        "country": {"iso_code": country}})
    records = {"node": 0, "data": len(nodes) + 16}
    tree = b"".join((len(nodes) if record is None else records[record[0]] + record[1]).to_bytes(3, "big")
                    for node in nodes for record in node)
    metadata = {"binary_format_major_version": (5, 2, 1), "binary_format_minor_version": (5, 0, 1),
                "build_epoch": (9, 1700000000, 4), "database_type": "Test-City", "description": {},
                "ip_version": (5, 4, 1), "languages": [], "node_count": (6, len(nodes), 4), "record_size": (5, 24, 1)}
    return tree + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + _value(metadata)
