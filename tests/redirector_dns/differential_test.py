"""Messages and zones, read here and by dnspython: whatever octets come, both read the same, or both refuse.

Usage: differential_test.py PROGRAM, which is dns_text.cpp's. dnspython is Debian's python3-dnspython.
"""

import random
import struct
import subprocess
import sys
import unittest

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.wire
import dns.zone

IN = dns.rdataclass.IN
# Types whose form is known on our side; all others are octets to both.
KNOWN = {dns.rdatatype.from_text(name) for name in (
    "A AAAA NS CNAME PTR DNAME SOA HINFO MX TXT SRV NAPTR DS SSHFP TLSA SVCB HTTPS CAA").split()}
SVCB = (dns.rdatatype.SVCB, dns.rdatatype.HTTPS)

# Of whose texts dnspython takes \\200 for a character and not for an octet.
UTF8_TEXTS = SVCB + tuple(dns.rdatatype.from_text(name) for name in ("CAA", "HINFO", "NAPTR"))

DATA = [
    "A 192.0.2.1", "AAAA 2001:db8::1", "NS {name}", "CNAME {name}", "PTR {name}", "DNAME {name}",
    "SOA {name} {name} 1 3600 900 604800 30", "HINFO \"a\" \"b c\"", "MX 10 {name}",
    "TXT \"a b\" \"\" \"\\\"\\\\\\007\\255\"", "SRV 1 2 443 {name}", "NAPTR 1 2 \"u\" \"E2U\" \"!x!\" {name}",
    "DS 1 8 2 " + "ab" * 32, "SSHFP 1 1 " + "cd" * 20, "TLSA 3 1 1 " + "ef" * 32, "CAA 0 issue \"ca.example; a=b\"",
    "HTTPS 1 . alpn=\"h2,h3\" port=\"8443\" ipv4hint=\"192.0.2.1,192.0.2.2\" ipv6hint=\"2001:db8::1\"",
    "SVCB 2 {name} mandatory=\"alpn\" alpn=\"h2\" no-default-alpn ech=\"AAEC\" key667=\"hello\"",
    "HTTPS 0 {name}", "TYPE999 \\# 3 010203", "TYPE998 \\# 0",
]
LABELS = ["a", "bb", "www", "example", "com", "net", "x\\.y", "\\000\\255", "UPPER", "z" * 63]


class Program:
    def __init__(self, path):
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask_all(self, lines):
        """One answer a line. In one go, as the program reads all of a batch before this side reads."""
        answers = []
        for begin in range(0, len(lines), 50):
            part = lines[begin:begin + 50]
            self.process.stdin.write("".join(line + "\n" for line in part))
            self.process.stdin.flush()
            answers += [self.process.stdout.readline().rstrip("\n") for _ in part]
        return answers

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait()


def any_name(rng):
    return ".".join(rng.choice(LABELS) for _ in range(rng.randint(0, 3))) + "."


def any_message(rng):
    message = dns.message.Message(id=rng.randrange(65536))
    message.flags = rng.choice([0, dns.flags.RD, dns.flags.QR | dns.flags.AA])
    message.question.append(dns.rrset.RRset(dns.name.from_text(any_name(rng)), IN, rng.choice(list(KNOWN))))
    for section in (message.answer, message.authority, message.additional):
        for _ in range(rng.randint(0, 3)):
            kind, data = rng.choice(DATA).replace("{name}", any_name(rng), 1).split(" ", 1)
            data = data.replace("{name}", any_name(rng))
            section.append(dns.rrset.from_text(any_name(rng), rng.randrange(2**31), IN, kind, data))
    return message.to_wire(max_size=65535)


def mutated(rng, wire):
    octets = bytearray(wire)
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(12, len(octets)) if rng.random() < 0.9 else rng.randrange(len(octets))
        octets[at] = rng.choice([0, 1, 63, 64, 0xc0, rng.randrange(256), (octets[at] + 1) % 256])
    if rng.random() < 0.15:
        octets = octets[:rng.randrange(len(octets) + 1)]
    return bytes(octets)


class Unlike(dns.exception.FormError):
    """What dnspython does not judge as the RFCs do; each place says why."""


read_name = dns.name.from_wire_parser


def read_name_alone(parser):
    """A pointer may lead to labels that run on over the pointer itself; then dnspython goes on behind them, not behind it."""
    at = parser.current
    name = read_name(parser)
    while 0 < parser.wire[at] < 64:
        at += 1 + parser.wire[at]
    if parser.current != at + (2 if parser.wire[at] else 1):
        raise Unlike()
    return name


dns.name.from_wire_parser = read_name_alone


def svcb_is_strict(wire):
    """RFC 9460 §2.2, §7 and §8 want keys that rise and values that are there; dnspython 2.3 lets both pass."""
    at, before = 2, -1
    while wire[at] != 0:
        at += 1 + wire[at]
    at += 1
    while at < len(wire):
        key, length = struct.unpack_from("!HH", wire, at)
        if key <= before or (length == 0 and key in (0, 1, 4, 5, 6)):
            return False
        if key == 0 and wire[at + 4:at + 6] == b"\0\0":
            return False
        before, at = key, at + 4 + length
    return True


def reference_rdata(kind, parser):
    """Data of one record without compression; Unlike where nothing is to be learned from it."""
    if kind not in KNOWN:
        return parser.get_remaining()
    raw = bytes(parser.wire[parser.current:parser.end])
    try:
        data = dns.rdata.from_wire_parser(IN, kind, parser)
    except Unlike:
        raise
    except Exception as error:
        if kind == dns.rdatatype.DS or kind == dns.rdatatype.SOA and "TTL" in str(error):
            raise Unlike() from error  # it knows how long digests are, and bounds times
        if kind in SVCB and raw[:2] == b"\0\0":
            raise Unlike() from error  # parameters of an alias are to be passed over (RFC 9460 §2.4.2)
        raise
    if parser.remaining() != 0:
        raise dns.exception.FormError
    if kind == dns.rdatatype.TXT and not raw:
        raise dns.exception.FormError  # one or more strings (RFC 1035 §3.3.14)
    if kind in (dns.rdatatype.TLSA, dns.rdatatype.SSHFP, dns.rdatatype.DS) and not (
            data.to_wire()[4 if kind == dns.rdatatype.DS else 3 if kind == dns.rdatatype.TLSA else 2:]):
        raise dns.exception.FormError
    if kind in SVCB:
        if raw[:2] == b"\0\0":
            raise Unlike()
        if not svcb_is_strict(raw[:2] + data.target.to_wire() + svcb_params(raw)):
            raise dns.exception.FormError
    return data.to_wire()


def svcb_params(raw):
    """What stands behind the target, which may have been compressed."""
    at = 2
    while at < len(raw) and 0 < raw[at] < 64:
        at += 1 + raw[at]
    return raw[at + (2 if raw[at] >= 0xc0 else 1):]


def reference_message(wire):
    """As the program prints it, without texts; None where it is malformed."""
    try:
        parser = dns.wire.Parser(wire)
        header = parser.get_struct("!HHHHHH")
        fields = [header]
        for _ in range(header[2]):
            name = parser.get_name()
            kind, cls = parser.get_struct("!HH")
            fields.append((name, cls, kind))
        for _ in range(header[3] + header[4] + header[5]):
            name = parser.get_name()
            kind, cls, ttl, length = parser.get_struct("!HHIH")
            with parser.restrict_to(length):
                data = reference_rdata(kind, parser)
            fields.append((name, ttl, cls, kind, data))
        return fields if parser.remaining() == 0 else None
    except Unlike:
        raise
    except (dns.exception.DNSException, ValueError, struct.error):
        return None


def our_message(line):
    if line == "malformed":
        return None, []
    parts = line.split("\t|\t")
    fields, texts = [tuple(int(number) for number in parts[0].split("\t"))], []
    for part in parts[1:]:
        cells = part.split("\t")
        name = dns.name.from_text(cells[0])
        if len(cells) == 3:
            fields.append((name, int(cells[1]), int(cells[2])))
        else:
            fields.append((name, int(cells[1]), int(cells[2]), int(cells[3]), bytes.fromhex(cells[4])))
            texts.append((int(cells[3]), bytes.fromhex(cells[4]), cells[5]))
    return fields, texts


ZONE = r"""
$TTL 1h
@ IN SOA ns1 host\.master ( 2026112201 1h 15m 1w 30 ) ; a comment ( with ) "all"
    NS  ns1
@   300 IN NS ns2.example.net.
ns1 60 IN A 192.0.2.1
    60 A 192.0.2.2
    AAAA 2001:db8::53
www CNAME ns1.example.com.
mail MX 10 mail
    MX 20 backup.example.org.
text TXT "two words" plain "\"quoted; \" \092 \195\188" ""
    TXT ( "over"
      lines )
$ORIGIN deep.example.com.
a.b SRV 1 2 443 www.example.com.
@ CAA 0 issue "ca.example"
$TTL 5m
h HTTPS 1 . alpn="h2,h3" ipv4hint="192.0.2.1"
s SVCB 0 www.example.com.
n NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:a@b!" .
t TLSA 3 1 1 abcd ef01
d DS 1 8 1 aaaaaaaaaaaaaaaaaaaa aaaaaaaaaaaaaaaaaaaa
f SSHFP 1 1 abcdef
u TYPE65000 \# 4 01020304
o A \# 4 c0000201
p PTR www
i HINFO "CPU" "OS"
x\.y.z A 192.0.2.9
\065\010 A 192.0.2.10
$GENERATE 1-9/2 host-$ A 192.0.2.${100}
$GENERATE 250-260 ${0,3,x}.g 60 CNAME n-${-250,2,X}
$GENERATE 0-20 ${0,3,n}.ip PTR host-${1,4,o}.example.com.
"""


class Differential(unittest.TestCase):
    program = None

    def test_messages(self):
        rng = random.Random(1)
        wires = []
        for _ in range(400):
            wire = any_message(rng)
            wires += [wire] + [mutated(rng, wire) for _ in range(20)]
        read = refused = 0
        for wire, line in zip(wires, self.program.ask_all(["message " + wire.hex() for wire in wires])):
            try:
                wanted = reference_message(wire)
            except Unlike:
                continue
            got, texts = our_message(line)
            self.assertEqual(got, wanted, wire.hex())
            read, refused = read + (wanted is not None), refused + (wanted is None)
            for kind, data, text in texts:
                self.check_text(kind, data, text)
        self.assertGreater(read, 2000)
        self.assertGreater(refused, 2000)

    def check_text(self, kind, data, text):
        if kind not in KNOWN | {998, 999}:
            return
        if kind in UTF8_TEXTS and max(data) > 127:
            return
        again = dns.rdata.from_text(IN, kind, text, origin=dns.name.root, relativize=False)
        self.assertEqual(again.to_wire(), data, f"{kind}: {text}")

    def test_queries(self):
        """Whatever is taken for a query asks for the name that dnspython sees in it."""
        rng = random.Random(2)
        wires = []
        for _ in range(300):
            options = [dns.edns.ECSOption("198.51.100.0", 24), dns.edns.GenericOption(10, b"12345678")]
            wire = dns.message.make_query(any_name(rng), "A", use_edns=0, options=options).to_wire()
            wires += [wire] + [mutated(rng, wire) for _ in range(20)]
        taken = 0
        for wire, line in zip(wires, self.program.ask_all(["query " + wire.hex() for wire in wires])):
            if line.startswith("answer"):
                parser = dns.wire.Parser(wire, 12)
                name = parser.get_name() if wire[4:6] == b"\0\1" else dns.name.root
                self.assertEqual(dns.name.from_text(line.split("\t")[1]), name)
                taken += 1
            elif len(wire) >= 12 and not wire[2] & 0x80:
                self.assertIn(line, ("formerr", "notimp"))
        self.assertGreater(taken, 1500)

    def test_zone_and_answers(self):
        zone = dns.zone.from_text(ZONE, "example.com.", relativize=False)
        count = sum(len(rdataset) for _, rdataset in zone.iterate_rdatasets())
        self.assertEqual(self.program.ask_all(["zone example.com. " + ZONE.encode().hex()]), [f"{count} records"])
        for name, rdataset in zone.iterate_rdatasets():
            query = dns.message.make_query(name, rdataset.rdtype)
            answer = dns.message.from_wire(bytes.fromhex(self.program.ask_all(["answer " + query.to_wire().hex()])[0]))
            self.assertTrue(query.is_response(answer))
            self.assertTrue(answer.flags & dns.flags.AA)
            self.assertEqual(len(answer.answer), 1)
            self.assertEqual(answer.answer[0].name, name)
            self.assertEqual(answer.answer[0].to_rdataset(), rdataset)
            self.assertEqual(answer.answer[0].ttl, rdataset.ttl)
        query = dns.message.make_query("nothing.example.com.", "A")
        answer = dns.message.from_wire(bytes.fromhex(self.program.ask_all(["answer " + query.to_wire().hex()])[0]))
        self.assertEqual(answer.rcode(), dns.rcode.NXDOMAIN)
        self.assertEqual([rrset.name.to_text() for rrset in answer.authority], ["example.com."])


if __name__ == "__main__":
    Differential.program = Program(sys.argv.pop(1))
    result = unittest.main(exit=False, verbosity=2).result
    ended_well = Differential.program.close() == 0
    sys.exit(0 if result.wasSuccessful() and ended_well else 1)
