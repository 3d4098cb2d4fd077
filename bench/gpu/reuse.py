"""Is memory that is freed in one stream and taken in another ever wrong? Alone, beside a neighbour, and under the limiter.

    python3 reuse.py NATIVE_DIR[,NATIVE_DIR...] [--seconds 20]

Stream-ordered allocations (PyTorch's backend cudaMallocAsync), whose blocks are freed in one stream after another has used them, again and
again, the result compared with the CPU's. The neighbour runs GEMMs. A line a way: rounds, wrong ones, and the first wrong places.
Exit code 0: nothing was wrong under the limiter that was not wrong without it.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

import node

HERE = os.path.dirname(os.path.abspath(__file__))


def rounds(seconds, storms):
    import torch
    import smoke_checks as checks
    torch.manual_seed(1)
    done, wrong, first, worst = 0, 0, [], 0
    end = time.monotonic() + seconds
    side = torch.cuda.Stream()
    while time.monotonic() < end:
        if storms:
            kept = checks.storm(500)[1]
            checks.refused(torch.cuda.mem_get_info()[1] + checks.GIB)
            kept.clear()
        x = checks.ints(1 << 20)
        expected = x.cpu()
        for _ in range(20):
            expected = (expected * 2).remainder(1009) + 1
        for _ in range(20):
            with torch.cuda.stream(side):
                side.wait_stream(torch.cuda.current_stream())
                y = x * 2
            torch.cuda.current_stream().wait_stream(side)
            y.record_stream(torch.cuda.current_stream())
            x = y.remainder(1009) + 1
        off = (x.cpu() != expected).nonzero().flatten().tolist()
        done += 1
        if off:
            wrong += 1
            first = first or [done, len(off), off[0], off[-1]]
            worst = max(worst, len(off))
    print(json.dumps({"rounds": done, "wrong": wrong, "first": first, "most": worst}), flush=True)


def program(prefix, seconds, storms):
    env = dict(os.environ, PYTORCH_CUDA_ALLOC_CONF="backend:cudaMallocAsync")
    out = subprocess.run([*prefix, sys.executable, os.path.abspath(__file__), "--rounds", str(seconds)] + (["--storms"] if storms else []),
                         env=env, stdout=subprocess.PIPE, text=True, timeout=seconds + 90)
    return json.loads(out.stdout.splitlines()[-1]) if out.returncode == 0 and out.stdout else {"rounds": 0, "wrong": -1}


def neighbour(prefix, seconds):
    process = subprocess.Popen([*prefix, sys.executable, os.path.join(HERE, "work.py"), "short", "--name", "b", "--seconds", str(seconds)],
                               stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    return process


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("natives", nargs="?")
    options.add_argument("--seconds", type=float, default=20)
    options.add_argument("--rounds", type=float, help=argparse.SUPPRESS)
    options.add_argument("--storms", action="store_true", help="with many other allocations before each round")
    given = options.parse_args()
    if given.rounds:
        return rounds(given.rounds, given.storms)
    bad = {}

    def way(name, prefix, beside):
        other = neighbour(beside, 300) if beside is not None else None
        try:
            said = program(prefix, given.seconds, given.storms)
        finally:
            if other:
                other.kill()
                other.wait()
        bad[name] = said["wrong"]
        print(f"{name:40} {said}", flush=True)

    way("alone", [], None)
    way("beside a neighbour", [], [])
    for native in given.natives.split(","):
        with node.running(native, node.gpu(), 40 << 30, "a:1", "b:1") as host:
            way(f"{os.path.basename(native.rstrip('/'))}: limited, alone", host.under("a"), None)
            way(f"{os.path.basename(native.rstrip('/'))}: limited, beside", host.under("a"), host.under("b"))
    unlimited = bad["alone"] or bad["beside a neighbour"]
    return 0 if unlimited or not any(bad.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
