"""Ringway's pair of gateways beside an nginx pair and an HAProxy pair, measured in turns in one run.

CPU: user and system time of both halves together, for each request that wrk made on 64 connections, for answers of
1 KB and 64 KB that cannot be compressed. Memory: the peak of the front half with 10,000 client connections that have
each made one request and are idle.
"""

import argparse
import json
import os
import platform
import re
import resource
import statistics
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path[:0] = [str(FOLDER), str(FOLDER.parent / "e2e")]

import pairs  # noqa: E402
from harness import settings, tls, wire  # noqa: E402
from harness.origins import Nginx  # noqa: E402
from harness.processes import Failure, Folder, run  # noqa: E402

SIZES = {"1 KB": 1000, "64 KB": 65536}
# What is to be reached: against the best peer in CPU, in MB for memory.
CPU_AIM = {"1 KB": ("haproxy", 1.0), "64 KB": ("best", 0.7)}
MEMORY_AIM_MB = {"plain": 60, "tls": 240}


class Bench:
    def __init__(self, options):
        self.options = options
        self.folder = Folder("bench")
        authority = tls.Authority(self.folder.path)
        self.certificate = authority.issue("shop")
        self.certificate.authority = authority.certificate
        self.trust = authority.client()
        self.origin = Nginx(more="keepalive_timeout 600;")
        for size in SIZES.values():
            self.origin.write(f"{size}.bin", os.urandom(size))

    def pair(self, name):
        return pairs.PAIRS[name](self.folder.path, self.certificate, self.origin)

    def wrk(self, pair, size, seconds):
        """How many requests were answered; fails if any was not."""
        result = run(["wrk", "-t1", "-c64", f"-d{seconds}s", "-H", "Host: shop.test",
                      f"http://127.0.0.1:{pair.plain_port}/{size}.bin"], seconds=seconds + 30)
        if "Non-2xx" in result.stdout or "Socket errors" in result.stdout:
            raise Failure(f"{pair.name}: {result.stdout}")
        return int(re.search(r"(\d+) requests in", result.stdout).group(1))

    def cpu(self, names):
        """{size: {pair: median of microseconds a request, requests a second}}."""
        running = [self.pair(name) for name in names]
        samples = {size: {name: [] for name in names} for size in SIZES}
        for pair in running:
            self.wrk(pair, SIZES["1 KB"], 1)
        for turn in range(self.options.rounds):
            for size, octets in SIZES.items():
                for pair in running:
                    before = pair.cpu_seconds()
                    count = self.wrk(pair, octets, self.options.seconds)
                    micros = (pair.cpu_seconds() - before) / count * 1e6
                    samples[size][pair.name].append((micros, count / self.options.seconds))
                    print(f"  round {turn + 1}, {size:>5}, {pair.name:12} {micros:7.1f} us a request", file=sys.stderr)
        for pair in running:
            pair.stop()
        return {size: {name: {"cpu_us": statistics.median(micros for micros, _ in taken),
                              "requests_per_s": statistics.median(rate for _, rate in taken)}
                       for name, taken in by_name.items()} for size, by_name in samples.items()}

    def memory(self, names):
        """{plain or tls: {pair: peak of the front half in MB}}, each with a fresh pair."""
        kept = [name for name in names if name != "nginx-tuned"]
        return {kind: {name: self.idle_peak(name, kind) for name in kept} for kind in MEMORY_AIM_MB}

    def idle_peak(self, name, kind):
        pair = self.pair(name)
        clients = []
        try:
            for number in range(self.options.connections):
                client = (wire.Client(pair.tls_port, tls=self.trust, name="shop.test") if kind == "tls"
                          else wire.Client(pair.plain_port))
                clients.append(client)
                response = client.get(f"/{SIZES['1 KB']}.bin")
                if response.status != 200:
                    raise Failure(f"{name}: connection {number} got {response.status}")
            # The first is as alive as the last: none was dropped to make room.
            if clients[0].get(f"/{SIZES['1 KB']}.bin").status != 200:
                raise Failure(f"{name}: the first connection is gone")
            peak = pair.front.peak_octets() / 1e6
            print(f"  {kind:5} {name:12} {peak:7.1f} MB", file=sys.stderr)
            return peak
        finally:
            for client in clients:
                client.close()
            pair.stop()

    def stop(self):
        self.origin.stop()
        self.folder.remove()


def raise_file_limit():
    """10,000 connections need that many files; root may go above the limit that was given."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 20_000 if hard == resource.RLIM_INFINITY else max(hard, 20_000 if os.geteuid() == 0 else hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(hard, wanted)))


def version(*command):
    result = run(command, check=False)
    return (result.stdout + result.stderr).splitlines()[0]


def print_cpu(cpu):
    print(f"\n{'':8}{'':14}{'CPU us a request':>18}{'requests/s':>12}{'Ringway to it':>16}")
    for size, by_name in cpu.items():
        own = by_name.get("ringway", {}).get("cpu_us")
        for name, value in by_name.items():
            ratio = f"{own / value['cpu_us']:16.2f}" if own else ""
            print(f"{size:8}{name:14}{value['cpu_us']:18.1f}{value['requests_per_s']:12.0f}{ratio}")


def print_memory(memory, connections):
    print(f"\n{'':8}{'':14}{f'MB at {connections} idle connections':>34}")
    for kind, by_name in memory.items():
        for name, megabytes in by_name.items():
            print(f"{kind:8}{name:14}{megabytes:34.1f}")


def print_aims(result):
    """Whether the project's own aims are met, where all that they need was measured."""
    for size, (peer, aim) in CPU_AIM.items():
        by_name = result.get("cpu", {}).get(size, {})
        peers = {name: by_name[name]["cpu_us"] for name in ("nginx", "haproxy") if name in by_name}
        if "ringway" in by_name and len(peers) == 2:
            ratio = by_name["ringway"]["cpu_us"] / (min(peers.values()) if peer == "best" else peers[peer])
            against = "the better pair's" if peer == "best" else f"the {peer} pair's"
            print(f"{'met   ' if ratio <= aim else 'MISSED'} {size} CPU: {ratio:.2f} of {against}, at most {aim:.2f}")
    for kind, aim in MEMORY_AIM_MB.items():
        by_name = result.get("memory_mb", {}).get(kind, {})
        if "ringway" in by_name:
            print(f"{'met   ' if by_name['ringway'] <= aim else 'MISSED'} {kind} memory: {by_name['ringway']:.1f} MB, "
                  f"at most {aim}")


def main():
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("--build", type=Path, default=Path("build/release"))
    parser.add_argument("--seconds", type=int, default=4, help="how long each measurement of CPU takes")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is done; the median counts")
    parser.add_argument("--connections", type=int, default=10_000)
    parser.add_argument("--pairs", nargs="+", choices=pairs.PAIRS, default=list(pairs.PAIRS))
    parser.add_argument("--only", choices=["cpu", "memory"])
    parser.add_argument("--json", type=Path, help="where the figures go too (default: bench.json in the build's folder)")
    options = parser.parse_args()
    settings.build = options.build.resolve()
    raise_file_limit()

    bench = Bench(options)
    result = {"machine": f"{os.cpu_count()} x {platform.machine()}, Linux {platform.release()}",
              "nginx": version("nginx", "-v"), "haproxy": version("haproxy", "-v"), "wrk": version("wrk", "-v")}
    try:
        if options.only != "memory":
            result["cpu"] = bench.cpu(options.pairs)
        if options.only != "cpu":
            result["memory_mb"] = bench.memory(options.pairs)
    finally:
        bench.stop()
    print("\n".join(f"{name}: {result[name]}" for name in ("machine", "nginx", "haproxy", "wrk")))
    if "cpu" in result:
        print_cpu(result["cpu"])
    if "memory_mb" in result:
        print_memory(result["memory_mb"], options.connections)
    print()
    print_aims(result)
    file = options.json or options.build / "bench.json"
    file.write_text(json.dumps(result, indent=2) + "\n")
    print(f"also in {file}")


if __name__ == "__main__":
    main()
