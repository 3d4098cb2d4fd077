"""Pairs and threes of programs on one real GPU: alone, under plain time-slicing, under Aliquot; a table.

    python3 limiter.py ALIQUOT_DIR [--rows short,long,...] [--seconds 10]      ALIQUOT_DIR: the unpacked archive

A program's progress is counted by its own CUDA events and divided by its progress alone in this call: f. Its GPU time is
f x demand, demand being the part of the time in which it keeps the GPU busy alone (busy time of a unit by the profiler x units
a second alone). target: the weighted
max-min of the demands. sd: over windows of 1 s, in points. total: the sum of GPU time over what the pair could use.
"""
import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# name: (kind, weight) of each program
ROWS = {
    "short 30/70": [("short", 30), ("short", 70)],
    "long 30/70": [("long", 30), ("long", 70)],
    "long 30, short 70": [("long", 30), ("short", 70)],
    "graph 30/70": [("graph", 30), ("graph", 70)],
    "short 10/20/70": [("short", 10), ("short", 20), ("short", 70)],
    "long 7, short 23, graph 70": [("long", 7), ("short", 23), ("graph", 70)],
    "train 30/70": [("train", 30), ("train", 70)],
    "small 30/70": [("small", 30), ("small", 70)],
    "small 30, short 70": [("small", 30), ("short", 70)],
    "small 70, short 30": [("small", 70), ("short", 30)],
    "gap 30, short 70": [("gap", 30), ("short", 70)],
    "gap 70, short 30": [("gap", 70), ("short", 30)],
}
# what runs under a hard ceiling of 50 %, alone
HARD = ["short", "long", "graph", "small"]


def max_min(programs, demands):
    """Weighted max-min of the demands on one GPU."""
    got, left, open_ = [0.0] * len(programs), 1.0, set(range(len(programs)))
    while open_ and left > 1e-9:
        weights = sum(programs[i][1] for i in open_)
        full = [i for i in open_ if demands[i] - got[i] <= left * programs[i][1] / weights]
        if not full:
            for i in open_:
                got[i] += left * programs[i][1] / weights
            break
        for i in full:
            left -= demands[i] - got[i]
            got[i] = demands[i]
            open_.remove(i)
    return got


def worker(prefix, kind, name, *options):
    return subprocess.Popen([*prefix, sys.executable, os.path.join(HERE, "work.py"), kind, "--name", name, *options],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def lines_of(process):
    out, err = process.communicate()
    if process.returncode != 0:
        sys.exit(f"a program failed ({process.returncode}): {err.strip().splitlines()[-3:]}")
    return [json.loads(line) for line in out.splitlines() if line.startswith("{")]


def at(points, t):
    for (t0, v0), (t1, v1) in zip(points, points[1:]):
        if t0 <= t <= t1:
            return v0 + (v1 - v0) * (t - t0) / (t1 - t0)
    raise SystemExit("no figure at that time")


def windows(series, start, end):
    """Progress a second of each program in each window of 1 s."""
    edges = [start + i for i in range(int(end - start) + 1)]
    return [[at(points, b) - at(points, a) for a, b in zip(edges, edges[1:])] for points in series]


def together(prefixes, programs, seconds, size):
    begin = time.monotonic() + 12
    processes = [worker(prefix, kind, str(i), "--seconds", str(seconds + 1), "--at", str(begin), "--size", str(size[kind]))
                 for i, ((kind, _), prefix) in enumerate(zip(programs, prefixes))]
    rows = [lines_of(process) for process in processes]
    series = [[(r["tMonoNs"] / 1e9, r["done"]) for r in row if "tMonoNs" in r] for row in rows]
    start = max(points[0][0] for points in series) + 0.5
    end = min(points[-1][0] for points in series)
    return windows(series, start, end), [row[-1] for row in rows]


def hard_ceilings(aliquot, kinds, alone, demand, size, seconds):
    subprocess.run([aliquot, "tenants", "set", "hard", "--ceiling", "50%", "--hard"], check=True, stdout=subprocess.DEVNULL)
    for kind in kinds:
        rates, _ = together([[aliquot, "run", "--tenant", "hard", "--"]], [(kind, 1)], seconds, size)
        shares = [100 * r / alone[kind] * demand[kind] for r in rates[0]]
        print(f"{kind + ', alone under a hard 50 %':36} {statistics.mean(shares):16.1f} "
              f"{100 * min(0.5, demand[kind]):22.1f} {'':9} {statistics.stdev(shares):5.1f}", flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("aliquot")
    options.add_argument("--rows", default="", help="only rows whose name begins with one of these, by commas")
    options.add_argument("--seconds", type=float, default=10)
    options.add_argument("--hard", action="store_true", help="also each kind alone under a hard ceiling of 50 %%")
    options.add_argument("--no-slicing", action="store_true", help="leave plain time-slicing out")
    given = options.parse_args()
    rows = {n: p for n, p in ROWS.items() if any(n.startswith(r) for r in given.rows.split(","))}
    aliquot = os.path.join(given.aliquot, "aliquot")
    with tempfile.TemporaryDirectory() as state:
        os.environ["ALIQUOT_RUN_DIR"] = os.path.join(state, "run")
        up = subprocess.Popen([aliquot, "up", "--gpu", "real", "--state", os.path.join(state, "state"), "--http-port", "0",
                               "--agent-port", "0", "--kafka-port", "0"], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
        try:
            measure(aliquot, rows, given)
        finally:
            up.send_signal(signal.SIGINT)
            up.wait(20)


def measure(aliquot, rows, given):
    while not os.path.exists(os.path.join(os.environ["ALIQUOT_RUN_DIR"], "up.json")):
        time.sleep(0.1)
    for weight in {w for programs in rows.values() for _, w in programs}:
        subprocess.run([aliquot, "tenants", "set", f"w{weight}", "--weight", str(weight)], check=True,
                       stdout=subprocess.DEVNULL)
    alone, demand, size = {}, {}, {}
    for kind in sorted({k for programs in rows.values() for k, _ in programs}):
        unit = lines_of(worker([], kind, kind, "--demand"))[-1]
        size[kind] = unit["size"]
        rates, _ = together([[]], [(kind, 1)], 4, size)
        alone[kind] = statistics.mean(rates[0])
        demand[kind] = min(1.0, unit["busyMs"] / 1e3 * alone[kind])
        print(f"{kind}: {alone[kind]:.1f} /s alone, {unit['kernels']:.0f} kernels and {unit['busyMs']:.3f} ms of GPU each: "
              f"GPU busy {100 * demand[kind]:.1f} %", flush=True)
    print(f"{'':28} {'GPU time':>24} {'target':>22} {'worst off':>9} {'sd':>5} {'total':>6}")
    for name, programs in rows.items():
        ways = [("slicing", [[] for _ in programs])] if not given.no_slicing else []
        ways.append(("aliquot", [[aliquot, "run", "--tenant", f"w{w}", "--"] for _, w in programs]))
        demands = [demand[k] for k, _ in programs]
        target = max_min(programs, demands)
        for way, prefixes in ways:
            rates, _ = together(prefixes, programs, given.seconds, size)
            shares = [[100 * r / alone[k] * d for r in rs] for rs, (k, _), d in zip(rates, programs, demands)]
            means = [statistics.mean(s) for s in shares]
            off = max(abs(m - 100 * t) for m, t in zip(means, target))
            sd = max(statistics.stdev(s) for s in shares)
            print(f"{name + ', ' + way:36} {'/'.join(f'{m:.1f}' for m in means):>16} "
                  f"{'/'.join(f'{100 * t:.1f}' for t in target):>22} {off:9.1f} {sd:5.1f} {sum(means) / 100:6.3f}"
                  f"  f {'/'.join(f'{m / d / 100:.3f}' for m, d in zip(means, demands))}", flush=True)
    if given.hard:
        hard_ceilings(aliquot, [k for k in HARD if k in alone], alone, demand, size, given.seconds)


if __name__ == "__main__":
    main()
