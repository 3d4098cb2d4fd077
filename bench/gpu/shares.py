"""Shares of programs that ran side by side, from the JSON lines that each printed.

    python3 shares.py --field steps --target a=125 --target b=250 --alone 31.5 --within 50 a.json b.json

For every file: the rate of --field in the time that all files cover (with --skip seconds left out at its start and end),
divided by the rate alone (--alone for all, or --alone NAME=RATE), divided by the sum of these over the files: permille.
Exits 1 when a share is further than --within permille from its target.
"""
import argparse
import json
import sys


def read(path, field):
    rows = [json.loads(line) for line in open(path) if line.startswith("{")]
    rows = [row for row in rows if field in row and "tMonoNs" in row and not row.get("final")]
    if len(rows) < 2:
        sys.exit(f"{path}: fewer than two lines with {field}: did the program run?")
    return rows[0]["name"], [(row["tMonoNs"] / 1e9, row[field]) for row in rows]


def at(points, t):
    for (t0, v0), (t1, v1) in zip(points, points[1:]):
        if t0 <= t <= t1:
            return v0 + (v1 - v0) * (t - t0) / (t1 - t0)
    sys.exit(f"no figure at {t}")


def pairs(items, convert):
    return {k: convert(v) for k, v in (item.split("=", 1) for item in items)}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("files", nargs="+")
    options.add_argument("--field", default="gpuNs")
    options.add_argument("--alone", action="append", default=[], help="RATE or NAME=RATE, in units of the field a second")
    options.add_argument("--target", action="append", default=[], help="NAME=PERMILLE")
    options.add_argument("--within", type=float, default=1000)
    options.add_argument("--skip", type=float, default=1.0)
    options.add_argument("--rate", action="store_true", help="print the first file's rate and nothing else")
    given = options.parse_args()
    series = dict(read(path, given.field) for path in given.files)
    start = max(points[0][0] for points in series.values()) + given.skip
    end = min(points[-1][0] for points in series.values()) - (0 if given.rate else given.skip)
    if end <= start:
        sys.exit("the programs did not run at the same time for long enough")
    rates = {name: (at(points, end) - at(points, start)) / (end - start) for name, points in series.items()}
    if given.rate:
        print(next(iter(rates.values())))
        return
    common = [float(item) for item in given.alone if "=" not in item]
    alone = {name: common[0] if common else 1.0 for name in rates}
    alone.update(pairs([item for item in given.alone if "=" in item], float))
    targets = pairs(given.target, float)
    fractions = {name: rates[name] / alone[name] for name in rates}
    total, missed = sum(fractions.values()), False
    print(f"{'tenant':10} {'rate/s':>12} {'of alone':>9} {'share':>7} {'target':>7} {'off':>6}   ({end - start:.1f} s)")
    for name in rates:
        share = 1000 * fractions[name] / total
        target = targets.get(name)
        off = share - target if target is not None else 0
        missed = missed or abs(off) > given.within
        print(f"{name:10} {rates[name]:12.2f} {fractions[name]:9.3f} {share:7.1f} "
              f"{target if target is not None else float('nan'):7.1f} {off:+6.1f}")
    print(f"{'total':10} {'':12} {total:9.3f}   (1 = one program alone)")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
