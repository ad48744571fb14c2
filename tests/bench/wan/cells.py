"""Every cell of the bench: what is measured, on which path, with whom."""

from dataclasses import dataclass
from functools import partial

import pairs
import workloads
from path import Condition
from peers import OTHERS, OWN, OWN_OVER_TCP, OWN_WITHOUT_REPAIR

PAGE_CONDITIONS = {
    "0%": Condition(), "1%": Condition(loss_percent=1), "3%": Condition(loss_percent=3),
    "burst": Condition(loss_percent=1, loss_burst=4), "200ms": Condition(rtt_ms=200, loss_percent=1),
    "10Mbit": Condition(rate_mbit=10, loss_percent=1), "jitter": Condition(jitter_ms=10),
}
# Where aims speak of the 95th percentile, and elsewhere.
OWN_LOADS, OWN_LOADS_ELSEWHERE, PEER_LOADS = 100, 24, 12
# In milliseconds: p50 and p95.
PAGE_AIMS = {"0%": (345, 365), "1%": (365, 410), "3%": (400, 470)}

ANSWER_CONDITIONS = {f"{loss}%": Condition(rate_mbit=100, rtt_ms=50, loss_percent=loss) for loss in (0, 1, 3)}
ANSWER_AIMS_MS = {"0%": 56, "1%": 62, "3%": 75}  # p99
ANSWER_WIRE_AIMS = {"1%": 1.25, "3%": 1.45}  # of the octets with repair switched off

FAIR_ACTIVE, FAIR_QUEUES = (1, 4, 16, 64), (0.25, 1, 4)

# The peer that was quickest with pages when all were measured; the others are measured with --all.
BEST_PEER = {"0%": "haproxy-cubic", "1%": "nghttpx-bbr", "3%": "haproxy-bbr", "burst": "nghttpx-bbr",
             "200ms": "haproxy-bbr", "10Mbit": "nghttpx-bbr", "jitter": "haproxy-cubic"}


@dataclass(frozen=True)
class Cell:
    workload: str
    condition: str
    who: str
    core: bool
    measure: object  # of a laboratory: what goes into the results

    @property
    def name(self):
        return f"{self.workload}/{self.condition}/{self.who}"


def page_cells(rounds):
    """`rounds`, where it is given, is how many page loads each has."""
    for name, condition in PAGE_CONDITIONS.items():
        own_loads = OWN_LOADS if name in PAGE_AIMS else OWN_LOADS_ELSEWHERE
        for peer in (OWN, OWN_OVER_TCP, *OTHERS):
            core = peer in (OWN, BEST_PEER[name]) or (peer == OWN_OVER_TCP and name == "1%")
            loads = rounds or (own_loads if peer == OWN else PEER_LOADS)
            yield Cell("page", name, peer, core,
                       partial(workloads.page, peer=peer, condition=condition, loads=loads))


def crowd_cells():
    for peer in (OWN, "haproxy-bbr", "nginx-bbr", "nghttpx-bbr"):
        yield Cell("crowd", "0.5%", peer, peer in (OWN, "haproxy-bbr"), partial(workloads.crowd, peer=peer))


def fairness_cells():
    for queue in FAIR_QUEUES:
        for active in FAIR_ACTIVE:
            yield Cell("fairness", f"{queue:g}BDP", f"{active}-beside-cubic", queue == 1 and active == 16,
                       partial(workloads.fairness, control="cubic", active=active, queue_bdp=queue))
    for active in FAIR_ACTIVE:
        yield Cell("fairness", "1BDP", f"{active}-beside-bbr", False,
                   partial(workloads.fairness, control="bbr", active=active, queue_bdp=1))
    yield Cell("fairness", "1BDP", "two-links", False, partial(workloads.two_links, active=8))


def bulk_cells():
    for peer in (OWN, "nginx-bbr", "haproxy-bbr", "kcptun"):
        yield Cell("bulk", "0.5%", peer, peer in (OWN, "nginx-bbr"), partial(workloads.bulk, peer=peer))


def answer_cells():
    for name, condition in ANSWER_CONDITIONS.items():
        for peer in (OWN, OWN_WITHOUT_REPAIR, "haproxy-bbr", "kcptun"):
            core = peer == OWN or (peer == OWN_WITHOUT_REPAIR and name in ANSWER_WIRE_AIMS)
            yield Cell("answers", name, peer, core, partial(workloads.answers, peer=peer, condition=condition))


def loopback_cells():
    for name, make in pairs.PAIRS.items():
        yield Cell("loopback", "bulk", name, name in (OWN, "nginx"), partial(workloads.loopback, make=make))


def all_cells(rounds=None):
    return [*page_cells(rounds), *crowd_cells(), *fairness_cells(), *bulk_cells(), *answer_cells(), *loopback_cells()]
