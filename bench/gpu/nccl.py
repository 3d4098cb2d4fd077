"""One training on two GPUs (NCCL all-reduce, a process a GPU) as a tenant of half of both, beside another tenant on each.

    python3 nccl.py ALIQUOT_DIR [--seconds 10]      ALIQUOT_DIR: the unpacked archive; needs two GPUs of one host

Progress is counted by the programs' own CUDA events and divided by their progress alone in this call: f. `slowest`: the longest
time without a finished step, which a rank that waits half-way through a collective for ever would make endless.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import time

import stack

HERE = os.path.dirname(os.path.abspath(__file__))
LEAD = 14  # seconds for a program to load and warm up


def start(prefix, kind, gpu, name, begin, seconds, size, rank=None):
    env = dict(os.environ, CUDA_VISIBLE_DEVICES=str(gpu))
    if rank is not None:
        env.update(RANK=str(rank), WORLD_SIZE="2", MASTER_ADDR="127.0.0.1", MASTER_PORT=str(29400 + int(begin) % 500))
    return subprocess.Popen([*prefix, sys.executable, os.path.join(HERE, "work.py"), kind, "--name", name, "--seconds",
                             str(seconds), "--at", str(begin), "--size", str(size)],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)


def outcome(process, seconds):
    """Units a second, and the longest time without one."""
    try:
        out, err = process.communicate(timeout=LEAD + seconds + 60)
    except subprocess.TimeoutExpired:
        process.kill()
        sys.exit("a program hangs")
    if process.returncode != 0:
        sys.exit(f"a program failed ({process.returncode}): {err.strip().splitlines()[-3:]}")
    lines = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    points = [(row["tMonoNs"] / 1e9, row["done"]) for row in lines if "tMonoNs" in row]
    points = [p for p in points if p[0] >= points[0][0] + 1]
    slowest, since = 0.0, points[0][0]
    for (t, done), (_, before) in zip(points[1:], points):
        if done > before:
            slowest, since = max(slowest, t - since), t
    return (points[-1][1] - points[0][1]) / (points[-1][0] - points[0][0]), max(slowest, points[-1][0] - since)


def measure(ddp, beside, seconds, size):
    """ddp: prefix of both ranks, or None; beside: prefix of a GEMM loop on each GPU, or None."""
    begin = time.monotonic() + LEAD
    jobs = [start(ddp, "ddp", g, f"rank{g}", begin, seconds, 0, g) for g in range(2) if ddp is not None]
    jobs += [start(beside, "short", g, f"gemm{g}", begin, seconds, size) for g in range(2) if beside is not None]
    return [outcome(job, seconds) for job in jobs]


def row(name, got, alone):
    f = [rate / one for (rate, _), one in zip(got, alone)]
    print(f"{name:26} {'  '.join(f'{x:.3f}' for x in f):28} {statistics.mean(f[:2]) + statistics.mean(f[2:]):6.3f} "
          f"{max(slow for _, slow in got[:2]):8.2f}", flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("aliquot")
    options.add_argument("--seconds", type=float, default=10)
    options.add_argument("--size", type=int, default=2240, help="of the other tenant's GEMMs")
    given = options.parse_args()
    aliquot = os.path.join(given.aliquot, "aliquot")
    alone = [rate for rate, _ in measure([], None, 5, 0)] + [rate for rate, _ in measure(None, [], 4, given.size)]
    print(f"alone: {alone[0]:.1f} steps/s on both GPUs; GEMMs {alone[2]:.0f} and {alone[3]:.0f} /s", flush=True)
    print(f"{'':26} {'f: rank 0, 1, GEMM 0, 1':28} {'total':>6} {'slowest, s':>8}")
    row("plain time-slicing", measure([], [], given.seconds, given.size), alone)
    with stack.running(aliquot):
        for tenant in "a", "b":
            subprocess.run([aliquot, "tenants", "set", tenant, "--weight", "50"], check=True, stdout=subprocess.DEVNULL)
        under = [[aliquot, "run", "--tenant", tenant, "--"] for tenant in "ab"]
        row("50 / 50 under Aliquot", measure(under[0], under[1], given.seconds, given.size), alone)
        row("the training alone", measure(under[0], None, 5, 0) + [(0, 0)] * 2, alone)


if __name__ == "__main__":
    main()
