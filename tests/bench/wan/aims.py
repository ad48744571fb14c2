"""The project's own aims, each judged where all that it needs was measured."""

from cells import ANSWER_AIMS_MS, ANSWER_WIRE_AIMS, PAGE_AIMS, PAGE_CONDITIONS
from peers import OTHERS, OWN, OWN_WITHOUT_REPAIR


class Judge:
    """Collects a line for each aim."""

    def __init__(self, cells):
        self.cells, self.lines = cells, []

    def get(self, name):
        """None where it was not measured, or failed."""
        found = self.cells.get(name)
        return None if found is None or "error" in found else found

    def at_most(self, what, value, most, unit=""):
        self.say(value <= most, f"{what}: {value:g}{unit}, at most {most:g}{unit}")

    def at_least(self, what, value, least, unit=""):
        self.say(value >= least, f"{what}: {value:g}{unit}, at least {least:g}{unit}")

    def say(self, met, text):
        self.lines.append(f"{'met   ' if met else 'MISSED'} {text}")


def judge_pages(judge):
    for name in PAGE_CONDITIONS:
        own = judge.get(f"page/{name}/{OWN}")
        if own is None:
            continue
        if name in PAGE_AIMS:
            for part, most in zip(("p50", "p95"), PAGE_AIMS[name]):
                judge.at_most(f"page at {name}, {part}", own["ms"][part], most, " ms")
        peers = {peer: judge.get(f"page/{name}/{peer}") for peer in OTHERS}
        for part in ("p50", "p95"):
            times = {peer: found["ms"][part] for peer, found in peers.items() if found}
            if times:
                best = min(times, key=times.get)
                judge.at_most(f"page at {name}, {part} beside the best peer's ({best})", own["ms"][part], times[best],
                              " ms")


def judge_crowd(judge):
    own = judge.get(f"crowd/0.5%/{OWN}")
    if own:
        judge.at_most("page in a crowd, p50", own["page_ms"]["p50"], 1300, " ms")
        judge.at_most("probe in a crowd, p50", own["probe_ms"]["p50"], 95, " ms")
        judge.at_most("probe in a crowd, p95", own["probe_ms"]["p95"], 130, " ms")
        judge.at_least("downloads in a crowd, of what is left", own["downloads_share_of_rest"], 0.9)
        judge.at_most("queue in a crowd, p50", own["path"]["back"]["wait_p50_ms"], 10, " ms")


def judge_fairness(judge):
    for name in judge.cells:
        found = judge.get(name)
        if not name.startswith("fairness/") or found is None:
            continue
        if name.endswith("two-links"):
            judge.at_most("two links' rates, the larger to the smaller", found["ratio"], 1.1)
        elif name.endswith("bbr"):
            judge.at_most(f"{name}, to a flow's rate", found["ratio"], 1)
        else:
            judge.say(0.8 <= found["ratio"] <= 1.25, f"{name}, to a flow's rate: {found['ratio']:g}, 0.8 to 1.25")
            judge.at_least(f"{name}, least of a flow's share in 5 s", found["least_of_share_in_5_s"], 0.3)


def judge_bulk(judge):
    own = judge.get(f"bulk/0.5%/{OWN}")
    if own:
        judge.at_least("bulk, of the rate from 1.5 s on", own["share_of_rate"], 0.93)
        judge.at_most("bulk, memory above the bandwidth-delay product", own["grown_above_bdp_mb"], 20, " MB")


def judge_answers(judge):
    for name, most in ANSWER_AIMS_MS.items():
        own, without = judge.get(f"answers/{name}/{OWN}"), judge.get(f"answers/{name}/{OWN_WITHOUT_REPAIR}")
        if own:
            judge.at_most(f"small answers at {name}, p99", own["ms"]["p99"], most, " ms")
        if own and without and name in ANSWER_WIRE_AIMS:
            ratio = own["wire_octets_per_answer"] / without["wire_octets_per_answer"]
            judge.at_most(f"small answers at {name}, octets to those without repair", round(ratio, 3),
                          ANSWER_WIRE_AIMS[name])


def judge_loopback(judge):
    own = judge.get(f"loopback/bulk/{OWN}")
    peers = [found for found in map(judge.get, ("loopback/bulk/nginx", "loopback/bulk/haproxy")) if found]
    for way, most in (("sending", 1.3), ("receiving", 1.2)):
        key = f"{way}_cpu_s_per_gb"
        if own:
            judge.at_most(f"loopback, {way}", own[key], most, " CPU s a GB")
        if own and peers:
            best = min(found[key] for found in peers)
            judge.at_most(f"loopback, {way}, beside TLS over TCP", own[key], best, " CPU s a GB")


def aims(cells):
    judge = Judge(cells)
    for part in (judge_pages, judge_crowd, judge_fairness, judge_bulk, judge_answers, judge_loopback):
        part(judge)
    return judge.lines
