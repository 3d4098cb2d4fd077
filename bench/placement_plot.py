#!/usr/bin/env python3
"""Draws docs/results/placement-{errors,times}.svg from the tables beside them; the standard library alone.

placement_plot.py FOLDER
"""

import csv
import math
import sys
from pathlib import Path

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 400, 60, 180, 36, 48
COLOURS = ["#1b6ca8", "#7fb3d5", "#c0392b", "#e6a39b", "#6b6b6b", "#b5b5b5"]


class Plot:
    """Lines over two logarithmic axes."""

    def __init__(self, title, x_title, lines, limits=()):
        self.lines = lines
        xs = [x for _, points in lines for x, _ in points]
        ys = [y for _, points in lines for _, y in points] + [y for y, _ in limits]
        self.x_range = math.log10(min(xs)), math.log10(max(xs))
        self.y_range = math.floor(math.log10(min(ys))), math.ceil(math.log10(max(ys)))
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
            self.text(LEFT, 20, title, size=14),
            self.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, x_title, anchor="middle"),
        ]
        self.axes(sorted(set(xs)))
        for y, label in limits:
            self.limit(y, label)
        for number, (name, points) in enumerate(lines):
            self.line(number, name, points)

    def x(self, value):
        low, high = self.x_range
        return LEFT + (math.log10(value) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def y(self, value):
        low, high = self.y_range
        return HEIGHT - BOTTOM - (math.log10(value) - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    @staticmethod
    def text(x, y, words, anchor="start", size=12, colour="#333"):
        return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{colour}">{words}</text>'

    def axes(self, xs):
        for power in range(self.y_range[0], self.y_range[1] + 1):
            y = self.y(10**power)
            self.parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
            self.parts.append(self.text(LEFT - 6, y + 4, f"{10**power:g}", anchor="end"))
        last = -100
        for value in xs:
            if self.x(value) - last > 34:
                last = self.x(value)
                self.parts.append(self.text(last, HEIGHT - BOTTOM + 16, f"{value:,g}", anchor="middle"))

    def limit(self, y, label):
        at = self.y(y)
        self.parts.append(f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="#333" stroke-dasharray="4 3"/>')
        self.parts.append(self.text(LEFT + 4, at - 4, label, size=11))

    def line(self, number, name, points):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points)
        self.parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for x, y in points:
            self.parts.append(f'<circle cx="{self.x(x):.1f}" cy="{self.y(y):.1f}" r="3" fill="{colour}"/>')
        y = TOP + 14 + 20 * number
        self.parts.append(f'<path d="M{WIDTH - RIGHT + 12} {y - 4}h18" stroke="{colour}" stroke-width="2"/>')
        self.parts.append(self.text(WIDTH - RIGHT + 36, y, name))

    def write(self, path):
        path.write_text("\n".join([*self.parts, "</svg>"]) + "\n")


def errors(folder):
    rows = list(csv.DictReader((folder / "placement-errors.csv").open()))
    names = [name for name in rows[0] if name != "rounds"]
    lines = [(name, [(int(row["rounds"]), max(1e-3, float(row[name]))) for row in rows]) for name in names]
    limits = [(5, "worst, cold: at most 5 %"), (0.5, "mean, warm: at most 0.5 %")]
    Plot("Error of a tenant's total, %", "rounds", lines, limits).write(folder / "placement-errors.svg")


def times(folder):
    lines = {}
    for row in csv.DictReader((folder / "placement-times.csv").open()):
        start = row["Benchmark"].rsplit(".", 1)[-1] if ":" not in row["Benchmark"] else None
        if start:
            name = f"{start}, {'neighbours' if row['Param: local'] == 'true' else 'scattered'}"
            lines.setdefault(name, []).append((int(row["Param: gpus"]), float(row["Score"])))
    limits = [(1000, "cold: at most 1 s"), (100, "warm: at most 100 ms")]
    Plot("A tick, ms: 1000 tenants, 4 on each GPU", "GPUs", list(lines.items()), limits).write(folder / "placement-times.svg")


if __name__ == "__main__":
    errors(Path(sys.argv[1]))
    times(Path(sys.argv[1]))
