"""The results as text: a table for each workload, and whether the project's own aims are met."""

from aims import aims
from cells import ANSWER_CONDITIONS, PAGE_CONDITIONS
from peers import PEERS
from workloads import CROWD


def in_short(found):
    """The single figures of one cell, for whoever watches."""
    if "error" in found:
        return "FAILED: " + found["error"].splitlines()[0]
    parts = []
    for key, value in found.items():
        if isinstance(value, dict) and "p50" in value:
            parts.append(f"{key} {value['p50']:.0f} / {value['p95']:.0f}")
        elif isinstance(value, (int, float)):
            parts.append(f"{key} {value:g}")
    return ", ".join(parts)


class Table:
    """Rows of cells under a head, each column as wide as it must be."""

    def __init__(self, title, *head):
        self.title, self.rows = title, [head]

    def add(self, *row):
        self.rows.append(row)

    def print(self):
        if len(self.rows) == 1:
            return
        widths = [max(len(row[column]) for row in self.rows) for column in range(len(self.rows[0]))]
        print(f"\n{self.title}")
        for row in self.rows:
            first, *others = zip(row, widths)
            print("  " + first[0].ljust(first[1]) + "".join("  " + text.rjust(width) for text, width in others))


def pair_of(found, key="ms", second="p95"):
    """p50 / p95 of one cell as text."""
    if found is None:
        return "-"
    if "error" in found or not found[key].get("count"):
        return "failed"
    return f"{found[key]['p50']:.0f} / {found[key][second]:.0f}"


def print_pages(cells):
    measured = [peer for peer in PEERS if any(f"page/{name}/{peer}" in cells for name in PAGE_CONDITIONS)]
    table = Table("Page of 61 parts, 1.02 MB: p50 / p95 in ms", "", *PAGE_CONDITIONS)
    for peer in measured:
        table.add(peer, *(pair_of(cells.get(f"page/{name}/{peer}")) for name in PAGE_CONDITIONS))
    table.print()
    if measured:
        print("\n".join(f"    {name}: {condition}" for name, condition in PAGE_CONDITIONS.items()))


def print_packets(cells, condition="1%"):
    table = Table(f"What one such page costs on the path at {condition} loss", "", "packets there", "packets back",
                  "with content", "without", "KB in all", "KB resent")
    for peer in PEERS:
        found = cells.get(f"page/{condition}/{peer}")
        if found is None or "error" in found:
            continue
        loads = found["ms"]["count"]
        there, back = found["path"]["there"], found["path"]["back"]
        packets, small, octets = (there[f"{name}"] + back[f"{name}"]
                                  for name in ("offered_packets", "small_packets", "offered_octets"))
        figures = (there["offered_packets"], back["offered_packets"], packets - small, small, octets / 1000,
                   found["resent_octets"] / 1000)
        table.add(peer, *(f"{figure / loads:.0f}" for figure in figures))
    table.print()


def rows_of(cells, workload):
    """(condition, who, what was found) of each cell of the workload."""
    for name, found in cells.items():
        kind, condition, who = name.split("/")
        if kind == workload:
            yield condition, who, found


def print_crowd(cells):
    table = Table(f"Two users and a probe beside 8 downloads, {CROWD}: p50 / p95 in ms", "", "page", "probe",
                  "downloads' share of the rest", "queue in ms")
    for _, who, found in rows_of(cells, "crowd"):
        if "error" in found:
            table.add(who, *["failed"] * 4)
            continue
        back = found["path"]["back"]
        table.add(who, pair_of(found, "page_ms"), pair_of(found, "probe_ms"), f"{found['downloads_share_of_rest']:.3f}",
                  f"{back['wait_p50_ms']:g} / {back['wait_p95_ms']:g}")
    table.print()


def print_fairness(cells):
    table = Table("N connections of one link beside 4 TCP flows, 50 Mbit/s, 80 ms", "", "queue",
                  "link's rate / N to a flow's", "link, Mbit/s", "flow, Mbit/s", "least of a flow's share in 5 s")
    for condition, who, found in rows_of(cells, "fairness"):
        if "error" in found:
            table.add(who, condition, *["failed"] * 4)
        elif who == "two-links":
            rates = " and ".join(map(str, found["mbit"]))
            table.add("two links of 8", condition, f"{found['ratio']:.2f}", rates, "", "")
        else:
            table.add(who, condition, f"{found['ratio']:.2f}", str(found["link_mbit"]), str(found["flow_mbit"]),
                      f"{found['least_of_share_in_5_s']:.2f}")
    table.print()


def print_bulk(cells):
    table = Table("1 GB over 500 Mbit/s, 100 ms, 0.5 % loss", "", "seconds", "Mbit/s from 1.5 s on", "of the rate",
                  "MB above the BDP", "CPU s")
    for _, who, found in rows_of(cells, "bulk"):
        if "error" in found:
            table.add(who, *["failed"] * 5)
        else:
            table.add(who, f"{found['seconds']:.1f}", f"{found['rate_mbit_after_start']:.0f}",
                      f"{found['share_of_rate']:.3f}", f"{found['grown_above_bdp_mb']:.1f}",
                      " + ".join(map(str, found["cpu_seconds"])))
    table.print()


def octets_of(found):
    return "" if found is None or "error" in found else f", {found['wire_octets_per_answer']:.0f}"


def print_answers(cells):
    measured = list(dict.fromkeys(who for _, who, _ in rows_of(cells, "answers")))
    table = Table("Answers of 1 KB, 100 Mbit/s, 50 ms: p50 / p99 in ms, octets on the path for each answer", "",
                  *ANSWER_CONDITIONS)
    for who in measured:
        found = [cells.get(f"answers/{name}/{who}") for name in ANSWER_CONDITIONS]
        table.add(who, *(pair_of(one, "ms", "p99") + octets_of(one) for one in found))
    table.print()


def print_loopback(cells):
    table = Table("3 GB without a path, each end on a core of its own (client and origin share them)", "", "Gbit/s",
                  "CPU s a GB sending", "receiving")
    for _, who, found in rows_of(cells, "loopback"):
        if "error" in found:
            table.add(who, *["failed"] * 3)
        else:
            table.add(who, f"{found['gbit']:.2f}", f"{found['sending_cpu_s_per_gb']:.2f}",
                      f"{found['receiving_cpu_s_per_gb']:.2f}")
    table.print()


def print_all(results):
    print("\n".join(f"{name}: {value}" for name, value in results.header.items()))
    for table in (print_pages, print_packets, print_crowd, print_fairness, print_bulk, print_answers, print_loopback):
        table(results.cells)
    print()
    for aim in aims(results.cells):
        print(aim)
    for name, found in results.cells.items():
        if "error" in found:
            print(f"FAILED {name}: {found['error'].splitlines()[0]}")
        elif found.get("path", {}).get("device_drops"):
            print(f"DOUBT  {name}: the emulator was late and lost {found['path']['device_drops']} packets of its own")
