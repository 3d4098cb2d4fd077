#!/usr/bin/env python3
"""Draws docs/results/bus-{latency,cost}.svg from bus.csv beside them; the standard library alone.

bus_plot.py FOLDER
"""

import csv
import sys
from pathlib import Path

from placement_plot import Plot


def lines(rows, columns):
    drawn = []
    for hz in sorted({row["hz"] for row in rows}, key=float, reverse=True):
        of = sorted((row for row in rows if row["hz"] == hz), key=lambda row: int(row["nodes"]))
        for name, column, factor in columns:
            points = [(int(row["nodes"]), max(0.1, float(row[column]) * factor)) for row in of if row[column] != "NaN"]
            if points:
                drawn.append((f"{name}, {float(hz):g} Hz", points))
    return drawn


def main(folder):
    rows = list(csv.DictReader((folder / "bus.csv").open()))
    latency = lines(rows, [("p50", "p50_ms", 1), ("p99", "p99_ms", 1)])
    limits = [(150, "p50: at most 150 ms"), (500, "p99: at most 500 ms")]
    Plot("From sample to applied, ms", "nodes of 8 GPUs", latency, limits).write(folder / "bus-latency.svg")
    cost = lines(rows, [("controller", "controller_cpu", 100), ("broker", "broker_cpu", 100), ("live heap, MB", "controller_live_mb", 1)])
    Plot("Processors, % of one, and heap", "nodes of 8 GPUs", cost).write(folder / "bus-cost.svg")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
