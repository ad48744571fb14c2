"""The measurements. Each takes the laboratory and what is to be measured, and returns what goes into its cell."""

import math
import os
import statistics
import time

from harness.processes import Failure, wait_until
from laboratory import PAGE_OBJECTS, Client
from path import Condition
from peers import FLOWS, OWN, PEERS

# Between the end of one page load and the beginning of the next.
GAP_MS = 400
WARM_UP_LOADS = 3

CROWD = Condition(rate_mbit=20, rtt_ms=80, loss_percent=0.5)
CROWD_DOWNLOADS, CROWD_USERS = 8, 2
CROWD_SECONDS = 30
CROWD_RINGS = [{"ring": 0, "when": {"path": "/small.bin"}}, {"ring": 4, "when": {"path": "/endless.bin"}}]

BULK = Condition(rate_mbit=500, rtt_ms=100, loss_percent=0.5)
BULK_START_SECONDS, BULK_MOST_SECONDS = 1.5, 120

ANSWERS_SECONDS = 20
ANSWERS_CONNECTIONS = 8
THINK_MS = 20

LOOPBACK_ROUNDS = 3

FAIR_SECONDS, FAIR_SETTLE_SECONDS, FAIR_SLICE_SECONDS = 60, 5, 5
FAIR_FLOWS = 4


def quantile(values, share):
    """The least value that `share` of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]


def spread(values):
    if not values:
        return {"count": 0}
    return {"count": len(values), "p50": round(statistics.median(values), 2), "p95": round(quantile(values, 0.95), 2),
            "p99": round(quantile(values, 0.99), 2), "max": round(max(values), 2)}


def times_of(lines):
    """What never ended counts as what it had taken until then."""
    return [line.get("ms", line.get("unfinished_ms")) for line in lines]


def page(laboratory, peer, condition, loads, **more):
    """Page loads, one after the other, and what each cost on the path."""
    laboratory.path.become(condition)
    with PEERS[peer].started(laboratory, **more) as pair:
        def load(rounds):
            client = laboratory.client("page", pair, PAGE_OBJECTS, target="/page.html", gap_ms=GAP_MS, rounds=rounds)
            return times_of(client.wait())

        load(WARM_UP_LOADS)
        laboratory.path.reset()
        resent = laboratory.resent_octets(pair)
        samples = load(loads)
        return {"ms": spread(samples), "samples_ms": samples, "path": laboratory.path.stats(),
                "resent_octets": laboratory.resent_octets(pair) - resent}


def crowd(laboratory, peer):
    """Pages and probes beside endless downloads."""
    laboratory.path.become(CROWD)
    more = {"priorities": CROWD_RINGS} if peer == OWN else {}
    with PEERS[peer].started(laboratory, **more) as pair:
        downloads = laboratory.client("downloads", pair, CROWD_DOWNLOADS, target="/endless.bin", every_ms=250)
        time.sleep(FAIR_SETTLE_SECONDS)
        laboratory.path.reset()
        before = sum(downloads.last()["octets"])
        users = [laboratory.client("page", pair, PAGE_OBJECTS, target="/page.html", gap_ms=GAP_MS,
                                   seconds=CROWD_SECONDS) for _ in range(CROWD_USERS)]
        probes = laboratory.client("probes", pair, 1, target="/small.bin", every_ms=100, seconds=CROWD_SECONDS)
        loads = [line for user in users for line in user.wait()]
        answers = probes.wait()
        taken = sum(downloads.last()["octets"]) - before
        stats = laboratory.path.stats()
        downloads.stop()
    others = sum(line.get("octets", 0) for line in loads) + 1000 * len(answers)
    return {"page_ms": spread(times_of(loads)), "probe_ms": spread(times_of(answers)),
            "downloads_share_of_rest": round(share_of_rest(taken, others, stats["back"]), 3), "path": stats}


def share_of_rest(taken, others, counters):
    """Of the rate that the others leave, what the downloads use, each counted with its part of the overhead."""
    wire = counters["delivered_octets"] / (taken + others)
    rate = CROWD.rate_mbit * 1e6 / 8 * (1 - CROWD.loss_percent / 100)
    return taken * wire / (rate * CROWD_SECONDS - others * wire)


def answers(laboratory, peer, condition, **more):
    """Small answers that cannot be compressed, one at a time on each connection."""
    laboratory.path.become(condition)
    with PEERS[peer].started(laboratory, **more) as pair:
        def ask(seconds):
            client = laboratory.client("answers", pair, ANSWERS_CONNECTIONS, target="/small.bin", gap_ms=THINK_MS,
                                       seconds=seconds)
            return times_of(client.wait())

        ask(10)  # a link lasts: it knows the loss of its path
        laboratory.path.reset()
        samples = ask(ANSWERS_SECONDS)
        stats = laboratory.path.stats()
    octets = sum(stats[way]["offered_octets"] for way in ("there", "back"))
    return {"ms": spread(samples), "wire_octets_per_answer": round(octets / len(samples), 1), "path": stats}


def bulk(laboratory, peer):
    """One large answer."""
    laboratory.write_bulk()
    laboratory.path.become(BULK)
    with PEERS[peer].started(laboratory) as pair:
        before = [process.resident_octets() for process in pair.processes]
        cpu = [process.cpu_seconds() for process in pair.processes]
        lines = laboratory.client("downloads", pair, 1, target="/bulk.bin", every_ms=100, rounds=1,
                                  seconds=BULK_MOST_SECONDS).wait()
        grown = [(process.peak_octets() - was) / 1e6 for process, was in zip(pair.processes, before)]
        cpu = [round(process.cpu_seconds() - was, 2) for process, was in zip(pair.processes, cpu)]
        stats = laboratory.path.stats()
    points = [(line["ms"] / 1e3, sum(line["octets"])) for line in lines]
    started = min(points, key=lambda point: abs(point[0] - BULK_START_SECONDS))
    rate = (points[-1][1] - started[1]) * 8e-6 / (points[-1][0] - started[0])
    return {"seconds": round(points[-1][0], 2), "rate_mbit_after_start": round(rate, 1),
            "share_of_rate": round(rate / BULK.rate_mbit, 3), "grown_mb": [round(value, 1) for value in grown],
            "grown_above_bdp_mb": round(max(grown, default=0) - BULK.bdp_octets / 1e6, 1), "cpu_seconds": cpu,
            "mbit_by_100_ms": [round((after[1] - first[1]) * 8e-6 / (after[0] - first[0]))
                               for first, after in zip(points, points[1:])], "path": stats}


def slices(client, begin, end):
    """Octets of each connection in each slice of the time from `begin` to `end`, by the client's own clock in ms."""
    lines = client.lines()
    at = [min(lines, key=lambda line, when=when: abs(line["ms"] - when))["octets"]
          for when in range(begin, end + 1, FAIR_SLICE_SECONDS * 1000)]
    return [[late - early for early, late in zip(first, after)] for first, after in zip(at, at[1:])]


def measure_together(clients):
    """The slices of several downloads that run at the same time."""
    time.sleep(FAIR_SETTLE_SECONDS + FAIR_SECONDS + 1)
    for client in clients:
        if not client.process.running():
            raise Failure(f"{client.process.name}: {client.process.tail()}")
    begin = FAIR_SETTLE_SECONDS * 1000
    found = [slices(client, begin, begin + FAIR_SECONDS * 1000) for client in clients]
    for client in clients:
        client.stop()
    return found


def mbit(found):
    """All connections' mean rate over all slices."""
    return statistics.mean(map(sum, found)) * 8e-6 / FAIR_SLICE_SECONDS


def fairness(laboratory, control, active, queue_bdp):
    """A link with `active` connections beside TCP flows in one bottleneck."""
    condition = Condition(queue_bdp=queue_bdp)
    laboratory.path.become(condition)
    with PEERS[OWN].started(laboratory) as own, FLOWS[control].started(laboratory) as plain:
        link, flows = measure_together([
            laboratory.client("downloads", own, active, target="/endless.bin", every_ms=250),
            laboratory.client("downloads", plain, FAIR_FLOWS, target="/endless.bin", every_ms=250)])
    link_mbit, flow_mbit = mbit(link), mbit(flows) / FAIR_FLOWS
    share = (link_mbit + flow_mbit * FAIR_FLOWS) / (active + FAIR_FLOWS)
    least = min(octets for slice in flows for octets in slice) * 8e-6 / FAIR_SLICE_SECONDS
    return {"ratio": round(link_mbit / active / flow_mbit, 3), "link_mbit": round(link_mbit, 2),
            "flow_mbit": round(flow_mbit, 2), "least_of_share_in_5_s": round(least / share, 3),
            "path": laboratory.path.stats()}


def two_links(laboratory, active):
    """Two links with as many connections each."""
    laboratory.path.become(Condition())
    with PEERS[OWN].started(laboratory) as one, PEERS[OWN].started(laboratory) as other:
        rates = list(map(mbit, measure_together(
            [laboratory.client("downloads", pair, active, target="/endless.bin", every_ms=250)
             for pair in (one, other)])))
    return {"mbit": [round(rate, 2) for rate in rates], "ratio": round(max(rates) / min(rates), 3)}


def pin(process, core):
    for task in os.listdir(f"/proc/{process.pid}/task"):
        os.sched_setaffinity(int(task), {core})


def loopback(laboratory, make):
    """What an octet costs at either end of a link without a path: the sender on one core, the receiver on another."""
    laboratory.write_bulk()
    with laboratory.path.far:
        pair = make(laboratory.folder.path, laboratory.certificate, laboratory.origin)
    try:
        front, back = pair.processes
        pin(front, 0)
        pin(back, min(1, os.cpu_count() - 1))
        before = [process.cpu_seconds() for process in (front, back)]
        client = Client(laboratory, laboratory.path.far, "downloads", pair.entry(1), target="/bulk.bin", every_ms=1000,
                        rounds=LOOPBACK_ROUNDS)
        line = client.wait()[-1]
        octets = sum(line["octets"])
        receiving, sending = ((process.cpu_seconds() - was) / (octets / 1e9)
                              for process, was in zip((front, back), before))
        return {"gbit": round(octets * 8e-6 / line["ms"], 3), "sending_cpu_s_per_gb": round(sending, 3),
                "receiving_cpu_s_per_gb": round(receiving, 3)}
    finally:
        pair.stop()
