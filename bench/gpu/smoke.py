"""PyTorch's own use of CUDA, unchanged under the limiter: each check without it, then under it; both results side by side.

    python3 smoke.py NATIVE_DIR [--only graphs,nccl] [--times 1] [--no-neighbour]

NATIVE_DIR: libaliquot.so, libaliquot-node.so and aliquot-run (the archive's native/). Run it from a checkout, with a C compiler,
PyTorch and a GPU of more than 40 GiB that nothing else uses. A check is a process of its own (smoke_checks.py), four at a time;
those that fill the GPU's memory are alone. Under the limiter they are one tenant with a limit of 40 GiB, and another tenant runs
GEMMs all the time, unless --no-neighbour. A check that runs several times counts by the first that fails or differs. Results
must be equal; `view` must give the limit as the GPU's size. `compile` is skipped where it does not run without the limiter.
Exit code 0: every check ran and came out as it should, and turns went to and fro meanwhile.
"""
import argparse
import concurrent.futures
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

import node

HERE = os.path.dirname(os.path.abspath(__file__))
LIMIT = 40 << 30
AT_ONCE = ["compile", "loader", "sharing", "graphs", "training", "conv", "nccl", "profiler", "allocator", "streams", "copies",
           "gemm", "events", "view"]
ALONE = ["expandable", "malloc-async", "oom"]
SETTINGS = {"expandable": {"PYTORCH_CUDA_ALLOC_CONF": "expandable_segments:True"},
            "malloc-async": {"PYTORCH_CUDA_ALLOC_CONF": "backend:cudaMallocAsync"}}
OPTIONAL = {"compile"}
SECONDS = 90  # a check that takes longer hangs


class Outcome:
    """What one check gave: its result (None: it failed), how long it took, and what it said on stderr."""

    def __init__(self, result, seconds, why):
        self.result, self.seconds, self.why = result, seconds, why

    def last_words(self):
        return self.why.strip().splitlines()[-1]


def run(check, prefix, gpu, caches, limit=SECONDS):
    """A process group of its own, so that its workers end with it."""
    env = dict(os.environ, CUDA_VISIBLE_DEVICES=gpu, CUBLAS_WORKSPACE_CONFIG=":4096:8", **SETTINGS.get(check, {}),
               TORCHINDUCTOR_CACHE_DIR=os.path.join(caches, "inductor"), TRITON_CACHE_DIR=os.path.join(caches, "triton"))
    began = time.monotonic()
    process = subprocess.Popen([*prefix, sys.executable, os.path.join(HERE, "smoke_checks.py"), check], env=env, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    try:
        out, err = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        _, err = process.communicate()
        return Outcome(None, limit, f"{err}\nnot done after {limit} s")
    seconds = time.monotonic() - began
    lines = [line for line in out.splitlines() if line.startswith("[")]
    if process.returncode != 0 or not lines:
        return Outcome(None, seconds, f"exit code {process.returncode}\n{err}")
    return Outcome(json.loads(lines[-1]), seconds, err)


def run_times(check, prefix, gpu, caches, times):
    first = run(check, prefix, gpu, caches)
    for _ in range(times - 1):
        again = run(check, prefix, gpu, caches)
        if again.result is None or again.result != first.result:
            return again
    return first


def all_of(checks, prefix, gpu, times):
    """Every check, four at a time, then those that must be alone."""
    outcomes = {}
    with tempfile.TemporaryDirectory() as caches:
        for names, workers in ([n for n in AT_ONCE if n in checks], 4), ([n for n in ALONE if n in checks], 1):
            with concurrent.futures.ThreadPoolExecutor(workers) as pool:
                outcomes.update(zip(names, pool.map(lambda name: run_times(name, prefix, gpu, caches, times), names)))
    return outcomes


def neighbour(host, gpu, output):
    """The other tenant, at work."""
    process = subprocess.Popen([*host.under("b"), sys.executable, os.path.join(HERE, "work.py"), "short", "--name", "b",
                                "--seconds", "600"], env=dict(os.environ, CUDA_VISIBLE_DEVICES=gpu), stdout=output,
                               stderr=output)
    end = time.monotonic() + SECONDS
    while os.fstat(output.fileno()).st_size == 0 or '"done"' not in said(output):
        if process.poll() is not None or time.monotonic() > end:
            process.kill()
            sys.exit(f"the other tenant does not run: {said(output)}")
        time.sleep(0.1)
    return process


def said(output):
    with open(output.name) as file:
        return file.read()


def under_the_limiter(native, checks, gpu, given):
    """@return the outcomes, and what went wrong besides"""
    os.environ["ALIQUOT_LOG"] = "info"  # says what was looked up and is not hooked
    with node.running(native, gpu, LIMIT, "a:1", "b:1") as host, tempfile.NamedTemporaryFile() as output:
        other = None if given.no_neighbour else neighbour(host, gpu, output)
        try:
            _, before = host.ask()
            outcomes = all_of(checks, host.under("a"), gpu, given.times)
            _, after = host.ask()
            ended = other and other.poll()
        finally:
            if other:
                other.kill()
                other.wait()
    turns = after["a"]["turns"] - before["a"]["turns"]
    gpu_s = {name: (after[name]["gpu"] - before[name]["gpu"]) / 1e9 for name in ("a", "b")}
    print(f"meanwhile: {turns} turns; GPU time {gpu_s['a']:.1f} s of the checks, {gpu_s['b']:.1f} s of the other tenant; "
          f"look-ups of functions that the limiter does not know: {after['a']['missed']}")
    for line in sorted({line for o in outcomes.values() for line in o.why.splitlines() if "is not hooked" in line}):
        print(line)
    wrong = []
    if ended is not None:
        wrong.append(f"the other tenant ended with {ended}")
    if other and (turns < 10 or min(gpu_s.values()) <= 0):
        wrong.append("turns did not go to and fro")
    if after["a"]["anomalies"] or after["b"]["anomalies"]:
        wrong.append(f"tenants are thought hostile: {after['a']['anomalies']} and {after['b']['anomalies']} times")
    return outcomes, wrong


def verdict(check, without, under):
    """@return whether all is well, and in words"""
    if without.result is None and check in OPTIONAL:
        return True, f"skipped: without the limiter: {without.last_words()}"
    if without.result is None:
        return False, f"FAILED without the limiter: {without.last_words()}"
    if under.result is None:
        return False, f"FAILED: {under.last_words()}"
    if check == "view":
        good = under.result == [LIMIT, LIMIT] and min(without.result) > LIMIT
        return good, "the limit" if good else "NOT THE LIMIT"
    return under.result == without.result, "same" if under.result == without.result else "DIFFERS"


def short(outcome, width=36):
    text = "-" if outcome.result is None else " ".join(str(item) for item in outcome.result)
    return text if len(text) <= width else text[: width - 1] + "…"


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("native_dir")
    options.add_argument("--only", default=",".join(AT_ONCE + ALONE), help="checks, by commas")
    options.add_argument("--times", type=int, default=1, help="each check so often")
    options.add_argument("--no-neighbour", action="store_true", help="the checks have the GPU to themselves")
    given = options.parse_args()
    checks = given.only.split(",")
    unknown = set(checks) - set(AT_ONCE + ALONE)
    if unknown:
        sys.exit(f"no such check: {', '.join(sorted(unknown))}; there are: {', '.join(AT_ONCE + ALONE)}")
    gpu = node.gpu()
    with tempfile.TemporaryDirectory() as caches:
        run("conv", [], gpu, caches, 300)  # the first program on a machine reads PyTorch from the disk
    began = time.monotonic()
    without = all_of(checks, [], gpu, given.times)
    under, wrong = under_the_limiter(given.native_dir, checks, gpu, given)
    print(f"{'CHECK':13} {'WITHOUT':36} {'s':>5} {'UNDER':36} {'s':>5}  VERDICT")
    missed = []
    for check in without:
        good, words = verdict(check, without[check], under[check])
        missed += [] if good else [check]
        print(f"{check:13} {short(without[check]):36} {without[check].seconds:5.1f} {short(under[check]):36} "
              f"{under[check].seconds:5.1f}  {words}")
    for check in missed:
        for way, outcome in ("without", without[check]), ("under", under[check]):
            print(f"\n{check}, {way}: {outcome.result}\n" + "\n".join(outcome.why.strip().splitlines()[-15:]))
    for line in wrong:
        print(line)
    print(f"{len(without) - len(missed)} of {len(without)} as they should be, in {time.monotonic() - began:.0f} s")
    return 1 if missed or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
