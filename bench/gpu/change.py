"""How long a new share takes to be in force on tenants that are at work; asked: at most 20 ms.

    python3 change.py NATIVE_DIR [--changes 20]

NATIVE_DIR: libaliquot.so, libaliquot-node.so and aliquot-run (the archive's native/). Run it from a checkout, with a C compiler
and PyTorch. Two tenants run GEMMs of about 0.2 ms; about every second, at no fixed point of a turn, their weights go from
50 / 50 to 90 / 10, or back.

A turn takes 10 ms and more, so no single moment shows the new share; the work does. A change at t0 (just before the new shares are
written into the pages) that is in force after tau leaves a tenant that had the rate r0 and is to have r1 with

    G(T) = r0 tau + r1 (T - tau) units finished in (t0, t0 + T], so    tau = (r1 T - G(T)) / (r1 - r0)    with T = 0.8 s.

r0 and r1 are the tenant's rates in the last 0.5 s before each change, each the mean over all seconds with the same weights: a
rate in one of them is off by as much as a turn, which is more than tau. Where turns fall makes single figures scatter by some tens of
ms, to both sides of zero, and goes out of the mean. Exit code 0: the mean of all is at most 20 ms.
"""
import argparse
import bisect
import random
import statistics
import sys
import time

import node
from limiter import lines_of, worker

WEIGHTS = [(50, 50), (90, 10)]
LEAD, WARM, EVERY, SPREAD, WINDOW, STEADY = 15.0, 2.0, 1.0, 0.1, 0.8, 0.5  # seconds
ASKED_MS = 20


def measure(host, changes, size):
    """@return when each change was made, and one after the last; when each tenant's units were finished; in seconds"""
    begin = time.monotonic() + LEAD
    options = ["--stamps", "--size", str(size), "--at", str(begin), "--seconds", str(WARM + EVERY * (changes + 1))]
    programs = [worker(host.under(name), "short", name, *options) for name in ("a", "b")]
    made, chance = [], random.Random(1)
    for i in range(changes):
        a, b = WEIGHTS[(i + 1) % 2]
        time.sleep(max(0.0, begin + WARM + EVERY * i + chance.uniform(0, SPREAD) - time.monotonic()))
        applied, _ = host.ask(f"a:{a}:0:1000 b:{b}:0:1000")
        made.append(applied / 1e9)
    done = [[ns / 1e9 for ns in lines_of(program)[-1]["doneNs"]] for program in programs]
    for stamps in done:
        if not stamps or stamps[0] > made[0] - EVERY:
            sys.exit("a program began too late: the machine is slow to load PyTorch; run it again")
    return [*made, made[-1] + EVERY - SPREAD], done


def units(stamps, start, end):
    return bisect.bisect_right(stamps, end) - bisect.bisect_right(stamps, start)


def lags(made, stamps):
    """Of one tenant. @return its rates with the first and the second weights, and tau of every change in ms"""
    steady = [units(stamps, end - STEADY, end) / STEADY for end in made]  # before the first change, before the second...
    rates = [statistics.mean(steady[first::2]) for first in (0, 1)]
    if abs(rates[0] - rates[1]) < 0.1 * max(rates):
        sys.exit(f"the changes changed nothing: {rates[0]:.0f} and {rates[1]:.0f} units/s")
    taus = []
    for i, t0 in enumerate(made[:-1]):
        r0, r1 = rates[i % 2], rates[(i + 1) % 2]
        taus.append(1e3 * (r1 * WINDOW - units(stamps, t0, t0 + WINDOW)) / (r1 - r0))
    return rates, taus


def row(name, taus, rates=""):
    print(f"{name:14} {rates:>16} {len(taus):8} {statistics.mean(taus):9.1f} {statistics.median(taus):9.1f} "
          f"{statistics.stdev(taus):9.1f} {min(taus):9.1f} {max(taus):9.1f}")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("native_dir")
    options.add_argument("--changes", type=int, default=20)
    given = options.parse_args()
    if given.changes < 4:
        sys.exit(f"--changes {given.changes}: at least 4, two there and two back")
    size = lines_of(worker([], "short", "alone", "--seconds", "0.1"))[-1]["size"]
    with node.running(given.native_dir, node.gpu(), 0, "a:50", "b:50") as host:
        made, done = measure(host, given.changes, size)
    print(f"{'share, %':14} {'units/s':>16} {'changes':>8} {'mean ms':>9} {'median':>9} {'sd':>9} {'least':>9} {'most':>9}")
    every = []
    for tenant, stamps in enumerate(done):
        rates, taus = lags(made, stamps)
        every.append(taus)
        for first in (0, 1):
            row("{} {} -> {}".format("ab"[tenant], WEIGHTS[first][tenant], WEIGHTS[1 - first][tenant]), taus[first::2],
                f"{rates[first]:.0f} -> {rates[1 - first]:.0f}")
    both = [statistics.mean(pair) for pair in zip(*every)]
    row("50/50 -> 90/10", both[0::2])
    row("90/10 -> 50/50", both[1::2])
    row("all", both)
    mean = statistics.mean(both)
    print(f"in force after {mean:.1f} ms (mean; standard error {statistics.stdev(both) / len(both) ** 0.5:.1f}); asked: {ASKED_MS}")
    return 0 if mean <= ASKED_MS else 1


if __name__ == "__main__":
    sys.exit(main())
