#!/usr/bin/env python3
"""Draws soak.svg from the soak.csv beside it, and prints by how much each process grew; the standard library alone.

soak_plot.py FOLDER
"""

import csv
import statistics
import sys
from collections import defaultdict
from pathlib import Path

WIDTH, PANEL, LEFT, RIGHT, TOP, GAP = 760, 190, 70, 120, 34, 46
COLOURS = {"broker": "#1b6ca8", "controller": "#c0392b", "node": "#2e8b57", "tenant": "#9a9a9a"}
MEASURES = [
    ("rss_kib", "resident memory, MiB", 1024),
    ("heap_kib", "heap in use, MiB", 1024),
    ("threads", "threads", 1),
    ("files", "file handles", 1),
]
SETTLING = 30  # seconds after its start in which a process still loads its classes


def kind(process):
    if "-" in process:
        return "tenant"
    return "controller" if process in ("east", "west") else process.rstrip("0123456789")


def read(path):
    """@return process to its samples, in order"""
    samples = defaultdict(list)
    with open(path, newline="") as table:
        for row in csv.DictReader(table):
            samples[row["process"]].append({"pid": row["pid"], **{k: int(row[k]) for k in row if k not in ("process", "pid")}})
    return samples


def lives(samples):
    """Of each process the runs between two kills."""
    runs = []
    for sample in samples:
        if not runs or runs[-1][-1]["pid"] != sample["pid"]:
            runs.append([])
        runs[-1].append(sample)
    return runs


def panel(samples, top, name, title, unit):
    seconds = max(s["second"] for all_of in samples.values() for s in all_of) or 1
    most = max(s[name] for all_of in samples.values() for s in all_of) / unit or 1
    parts = [f'<text x="{LEFT}" y="{top - 8}" font-size="13">{title}</text>']
    for mark in range(5):
        y = top + PANEL - mark * PANEL / 4
        parts.append(f'<line x1="{LEFT}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{most * mark / 4:.0f}</text>')
    for process, all_of in samples.items():
        for run in lives(all_of):
            points = " ".join(
                f"{LEFT + s['second'] / seconds * (WIDTH - LEFT - RIGHT):.1f},{top + PANEL - s[name] / unit / most * PANEL:.1f}"
                for s in run
            )
            parts.append(f'<polyline points="{points}" fill="none" stroke="{COLOURS[kind(process)]}" stroke-width="1.2"/>')
    parts.append(f'<text x="{WIDTH - RIGHT}" y="{top + PANEL + 16}" text-anchor="end">{seconds} s</text>')
    return parts


def draw(samples):
    height = TOP + len(MEASURES) * (PANEL + GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="11">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
    ]
    for number, (name, title, unit) in enumerate(MEASURES):
        parts += panel(samples, TOP + number * (PANEL + GAP), name, title, unit)
    for number, (name, colour) in enumerate(COLOURS.items()):
        parts.append(f'<text x="{WIDTH - RIGHT + 14}" y="{TOP + 14 + 16 * number}" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>\n"])


def growth(samples):
    """Of each process's longest life: the median of its first and of its last third, once it has settled."""
    yield "| process | longest life | " + " | ".join(title for _, title, _ in MEASURES) + " |"
    yield "|---|---|" + "---|" * len(MEASURES)
    for process, all_of in samples.items():
        run = max(lives(all_of), key=lambda r: r[-1]["second"] - r[0]["second"])
        run = [s for s in run if s["second"] - run[0]["second"] >= SETTLING] or run
        third = max(1, len(run) // 3)
        cells = []
        for name, _, unit in MEASURES:
            first, last = (statistics.median(s[name] for s in part) / unit for part in (run[:third], run[-third:]))
            cells.append(f"{first:.0f} to {last:.0f}")
        yield f"| {process} | {run[-1]['second'] - run[0]['second']} s | " + " | ".join(cells) + " |"


def main():
    folder = Path(sys.argv[1])
    samples = read(folder / "soak.csv")
    (folder / "soak.svg").write_text(draw(samples))
    print("\n".join(growth(samples)))


if __name__ == "__main__":
    main()
