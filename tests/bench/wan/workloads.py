"""The measurements. Each takes the laboratory and what is to be measured, and returns what goes into the cell."""

import math
import statistics

from laboratory import PAGE_OBJECTS
from peers import PEERS

GAP_MS = 500
WARM_UP_LOADS = 3
# How long one page load may take before its measurement counts as failed.
PATIENCE_SECONDS = 40


def quantile(values, share):
    """The least value that `share` of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]


def spread(values):
    return {"count": len(values), "p50": round(statistics.median(values), 2), "p95": round(quantile(values, 0.95), 2),
            "p99": round(quantile(values, 0.99), 2), "max": round(max(values), 2)}


def page(laboratory, peer, condition, loads):
    """Page loads, one after the other, and what each cost on the path."""
    laboratory.path.become(condition)
    with PEERS[peer].started(laboratory) as pair:
        def load(rounds):
            client = laboratory.client("page", pair, PAGE_OBJECTS, target="/page.html", gap_ms=GAP_MS, rounds=rounds)
            return [line["ms"] for line in client.wait(rounds * PATIENCE_SECONDS)]

        load(WARM_UP_LOADS)
        laboratory.path.reset()
        times = load(loads)
        return {"ms": spread(times), "samples_ms": times, "path_per_page": per_page(laboratory.path.stats(), loads)}


def per_page(stats, loads):
    return {way: {name: round(value / loads, 1) for name, value in counters.items() if not name.startswith("wait")}
            for way, counters in stats.items()}
