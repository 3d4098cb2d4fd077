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
import statistics
import subprocess
import sys
import time

import node
import stack

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
    "sync 30, short 70": [("sync", 30), ("short", 70)],
    "gap 30, short 70": [("gap", 30), ("short", 70)],
    "gap 70, short 30": [("gap", 70), ("short", 30)],
}
# a latency-critical program, and what works beside it at best effort
LATENCY = [("burst", "short"), ("burst", "long"), ("decode", "train")]
# the GPU's own clock is the witness: %globaltimer at the beginning and end of every kernel
WITNESS = {"spin 30/70": [("spin", 30), ("spin", 70)], "spinlong 30, spin 70": [("spinlong", 30), ("spin", 70)],
           "spin alone, hard 50 %": [("spin", "hard")], "spinlong alone, hard 50 %": [("spinlong", "hard")]}
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
    begin = time.monotonic() + 7
    processes = [worker(prefix, kind, str(i), "--seconds", str(seconds + 1), "--at", str(begin), "--size", str(size[kind]))
                 for i, ((kind, _), prefix) in enumerate(zip(programs, prefixes))]
    rows = [lines_of(process) for process in processes]
    series = [[(r["tMonoNs"] / 1e9, r["done"]) for r in row if "tMonoNs" in r] for row in rows]
    start = max(points[0][0] for points in series) + 0.5
    end = min(points[-1][0] for points in series)
    return windows(series, start, end), [row[-1] for row in rows]


def under(way, programs):
    """How to start each of these programs as its tenant."""
    return [way.tenant(f"w{w}", "hard" if w == "hard" else w) for _, w in programs]


def hard_ceilings(way, kinds, alone, demand, size, seconds):
    """Throughput, which rises with the clocks of a GPU that rests half the time, and GPU time by the profiler."""
    print(f"\n{'alone under a hard 50 %':36} {'f x demand':>16} {'by the profiler':>16} {'target':>8} {'sd':>5}")
    prefix = under(way, [("", "hard")])
    for kind in kinds:
        rates, _ = together(prefix, [(kind, 1)], seconds, size)
        shares = [100 * r / alone[kind] * demand[kind] for r in rates[0]]
        share = lines_of(worker(prefix[0], kind, kind, "--demand", "--size", str(size[kind])))[-1]["share"]
        print(f"{kind:36} {statistics.mean(shares):16.1f} {100 * share:16.1f} {100 * min(0.5, demand[kind]):8.1f} "
              f"{statistics.stdev(shares):5.1f}", flush=True)


def latencies(limited, seconds, size, alone):
    prefix = [limited.tenant("critical", "critical"), limited.tenant("effort", "effort")]
    print(f"\n{'latency-critical beside best-effort':36} {'p50 ms':>8} {'p99 ms':>8} {'best-effort f':>14}")
    for first, second in LATENCY:
        if first not in alone or second not in alone:
            continue
        _, final = together([[]], [(first, 1)], seconds, size)
        print(f"{first + ' alone':36} {final[0]['p50Ms']:8.2f} {final[0]['p99Ms']:8.2f}", flush=True)
        for way, prefixes in ("slicing", [[], []]), ("aliquot", prefix):
            rates, final = together(prefixes, [(first, 1), (second, 1)], seconds, size)
            print(f"{f'{first} beside {second}, {way}':36} {final[0]['p50Ms']:8.2f} {final[0]['p99Ms']:8.2f} "
                  f"{statistics.mean(rates[1]) / alone[second]:14.3f}", flush=True)


def divided(programs):
    """GPU nanoseconds of each program in each tenth of a second: where kernels of several overlap, each has its part."""
    edges = sorted(edge for i, spans in enumerate(programs) for first, last in spans
                   for edge in ((first, 1, i), (last, -1, i)))
    running, got, before = [0] * len(programs), [{} for _ in programs], edges[0][0]
    for now, change, program in edges:
        active = [i for i, n in enumerate(running) if n > 0]
        while before < now:
            tenth = before // 100_000_000
            end = min(now, (tenth + 1) * 100_000_000)
            for i in active:
                got[i][tenth] = got[i].get(tenth, 0) + (end - before) / len(active)
            before = end
        running[program] += change
    return got


def lost(programs, first_ns, last_ns):
    """@return switches between programs a second, and the parts of the time lost at these and within turns, in percent"""
    spans = sorted((a, b, i) for i, spans in enumerate(programs) for a, b in spans if first_ns <= a < last_ns)
    switches, between, within, end, before = 0, 0, 0, spans[0][0], spans[0][2]
    for a, b, i in spans:
        gap = max(0, a - end)
        if i == before:
            within += gap
        else:
            switches, between = switches + 1, between + gap
        end, before = max(end, b), i
    whole = last_ns - first_ns
    return switches / whole * 1e9, 100 * between / whole, 100 * within / whole


def witness(way, rows, seconds):
    print(f"\n{'by %globaltimer':28} {'GPU time':>16} {'target':>12} {'sd':>5} {'total':>6}  {'meter / witness':>16}  "
          "switches a second, lost at them, within turns")
    for name, programs in rows.items():
        size = {k: lines_of(worker([], k, k, "--seconds", "0.1"))[-1]["size"] for k, _ in programs}
        before = way.gpu_seconds()
        _, final = together(under(way, programs), programs, seconds, size)
        time.sleep(1)
        after = way.gpu_seconds()
        gpu = divided([f["spans"] for f in final])
        first = max(f["spans"][f["warmUp"]][0] for f in final) // 100_000_000 + 5
        last = min(max(g) for g in gpu) - 2
        if last < first + 20:
            sys.exit(f"{name}: the programs ran for less than 2 s side by side")
        shares = [[sum(g.get(t + i, 0) for i in range(10)) / 1e7 for t in range(first, last - 9, 10)] for g in gpu]
        means = [sum(g.get(t, 0) for t in range(first, last)) / 1e6 / (last - first) for g in gpu]
        ratio = [(after[f"w{w}"] - before.get(f"w{w}", 0)) / (sum(g.values()) / 1e9) for (_, w), g in zip(programs, gpu)]
        gaps = lost([f["spans"] for f in final], first * 100_000_000, last * 100_000_000)
        target = "/".join("50" if w == "hard" else str(w) for _, w in programs)
        print(f"{name:28} {'/'.join(f'{m:.1f}' for m in means):>16} {target:>12} "
              f"{max(statistics.stdev(s) for s in shares):5.1f} {sum(means) / 100:6.3f}  "
              f"{'/'.join(f'{r:.3f}' for r in ratio):>16}  {', '.join(f'{x:.1f}' for x in gaps)}", flush=True)


def chosen(rows, names):
    return {n: p for n, p in rows.items() if names != "none" and any(n.startswith(r) for r in names.split(","))}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("aliquot")
    options.add_argument("--rows", default="", help="only rows whose name begins with one of these, by commas; none")
    options.add_argument("--seconds", type=float, default=10)
    options.add_argument("--hard", action="store_true", help="also each kind alone under a hard ceiling of 50 %%")
    options.add_argument("--latency", action="store_true", help="also latency-critical programs beside best-effort ones")
    options.add_argument("--witness", nargs="?", const="", metavar="ROWS",
                         help="also GPU time by the GPU's own clock, and the meter beside it")
    options.add_argument("--native", action="store_true", help="the native parts alone: the node library in a test program, no JVM")
    options.add_argument("--alone", default="", metavar="FILE", help="what the programs do alone: read from there, and kept")
    options.add_argument("--no-slicing", action="store_true", help="leave plain time-slicing out")
    given = options.parse_args()
    rows = chosen(ROWS, given.rows)
    native = os.path.join(given.aliquot, "native")
    with node.limiting(native) if given.native else stack.running(os.path.join(given.aliquot, "aliquot")) as limited:
        measure(limited, rows, given)


def measure(limited, rows, given):
    alone, demand, size = {}, {}, {}
    if given.alone and os.path.exists(given.alone):
        with open(given.alone) as file:
            alone, demand, size = json.load(file)
    kinds = {k for programs in rows.values() for k, _ in programs} | {k for pair in LATENCY for k in pair if given.latency}
    for kind in sorted(kinds - alone.keys()):
        unit = lines_of(worker([], kind, kind, "--demand"))[-1]
        size[kind] = unit["size"]
        rates, _ = together([[]], [(kind, 1)], 4, size)
        alone[kind] = statistics.mean(rates[0])
        demand[kind] = min(1.0, unit["busyMs"] / 1e3 * alone[kind])
        print(f"{kind}: {alone[kind]:.1f} /s alone, {unit['kernels']:.0f} kernels and {unit['busyMs']:.3f} ms of GPU each: "
              f"GPU busy {100 * demand[kind]:.1f} %", flush=True)
    if given.alone:
        with open(given.alone, "w") as file:
            json.dump((alone, demand, size), file)
    print(f"{'':28} {'GPU time':>24} {'target':>22} {'worst off':>9} {'sd':>5} {'total':>6}")
    for name, programs in rows.items():
        ways = [("slicing", [[] for _ in programs])] if not given.no_slicing else []
        ways.append(("aliquot", under(limited, programs)))
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
    if given.latency:
        latencies(limited, given.seconds, size, alone)
    if given.witness is not None:
        witness(limited, chosen(WITNESS, given.witness), given.seconds)
    if given.hard:
        hard_ceilings(limited, [k for k in HARD if k in alone], alone, demand, size, given.seconds)


if __name__ == "__main__":
    main()
