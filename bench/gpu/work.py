"""One kind of GPU work in a loop, which says how far it has come.

    python3 work.py KIND --name a --seconds 10

KIND: short  GEMMs of about 0.2 ms, 8 queued ahead          long   GEMMs of about 12.8 ms, 2 queued ahead
      graph  CUDA graphs of four short GEMMs                 gap    a short GEMM, waited for, then 300 us on the CPU
      small  a small model trained, one tiny kernel after another (bound by launches)
      train  a transformer trained in bf16 (keeps the GPU busy)
      burst  20 kernels of 0.12 ms every 20 ms, each burst waited for: a latency a line
      decode a request of 32 tokens every 50 ms, one token at a time of a small transformer by CUDA graph, each waited for
      sync   a small model trained, every step waited for
      spin   kernels of 0.2 ms that write %globaltimer when they begin and end, 8 queued ahead; spinlong: of 12.8 ms, 2 ahead
      ddp    a transformer trained on several GPUs: RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT say with whom

Prints JSON lines: {"name", "tMonoNs", "done"} ten times a second from the end of the warm-up, done = units finished on the GPU
as events tell (not as the limiter says); then one with "final" and, for burst and decode, "p50Ms", "p99Ms", for spin "spans":
when each kernel began and ended by the GPU's own clock, nanoseconds, and "warmUp": how many of them came before; with --stamps
"doneNs": CLOCK_MONOTONIC nanoseconds at which each unit was seen to be finished. With --demand instead: {"name", "busyMs", "share", "size"}: how long its kernels keep the GPU busy for one unit
and what part of the time they do, by the profiler's own record, and the size of its GEMMs, found by trying: give it to the
others as --size, for beside them a trial would find another.
"""
import argparse
import gc
import json
import os
import sys
import threading
import time

import torch
from torch import nn


def gemm(size):
    a = torch.randn(size, size, device="cuda", dtype=torch.bfloat16)
    b = torch.randn(size, size, device="cuda", dtype=torch.bfloat16)
    out = torch.empty_like(a)
    return lambda: torch.mm(a, b, out=out)


def sized_gemm(target_ms):
    """A square GEMM that takes about target_ms alone, found by trying."""
    if sizes:
        return gemm(sizes[0])
    size, step = 1024, None
    for _ in range(6):
        step = gemm(size)
        for _ in range(3):
            step()
        first, last = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        first.record()
        for _ in range(5):
            step()
        last.record()
        last.synchronize()
        took = first.elapsed_time(last) / 5
        if 0.9 < took / target_ms < 1.1:
            break
        size = max(256, round(size * (target_ms / took) ** (1 / 3) / 64) * 64)
    sizes.append(size)
    return step


def captured(step, times):
    side = torch.cuda.Stream()
    with torch.cuda.stream(side):
        step()
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for _ in range(times):
            step()
    return graph.replay


def small_training():
    model = nn.Sequential(*[nn.Sequential(nn.Linear(256, 256), nn.ReLU()) for _ in range(8)]).to("cuda")
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    x, y = torch.randn(64, 256, device="cuda"), torch.randn(64, 256, device="cuda")

    def step():
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    return step


def transformer(width, layers, length, batch):
    layer = nn.TransformerEncoderLayer(width, width // 64, 4 * width, 0.0, batch_first=True, norm_first=True)
    model = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False).to("cuda", torch.bfloat16)
    return model, torch.randn(batch, length, width, device="cuda", dtype=torch.bfloat16)


def training(together=lambda model: model):
    model, x = transformer(1024, 8, 512, 16)
    model = together(model.train())
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)

    def step():
        model(x).float().square().mean().backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    return step


def training_together():
    torch.distributed.init_process_group("nccl")
    return training(nn.parallel.DistributedDataParallel)


def decoding():
    model, x = transformer(1024, 12, 1, 1)
    model.eval()
    with torch.no_grad():
        model(x)
        return captured(lambda: model(x), 1)


SPIN = """
extern "C" __global__ void spin(unsigned long long *stamps, int launch, int turns)
{
    unsigned long long now;
    asm volatile("mov.u64 %0, %globaltimer;" : "=l"(now));
    if (threadIdx.x == 0)
        atomicMin(&stamps[2 * launch], now);
    float value = threadIdx.x;
    for (int i = 0; i < turns; i++)
        value = fmaf(value, 0.999f, 1.0f);
    asm volatile("mov.u64 %0, %globaltimer;" : "=l"(now));
    if (threadIdx.x == 0 || value == 0.5f)
        atomicMax(&stamps[2 * launch + 1], now);
}
"""
LAUNCHES = 1 << 19


def spinning(target_ms):
    """Kernels that fill the GPU, and when each began and ended by the GPU's clock."""
    kernel = torch.cuda._compile_kernel(SPIN, "spin")
    blocks = 2 * torch.cuda.get_device_properties(0).multi_processor_count
    stamps.append(torch.tensor([[-1, 0]], dtype=torch.int64, device="cuda").repeat(LAUNCHES, 1))
    stamps[0] = stamps[0].view(torch.uint64)
    turns = sizes[0] if sizes else 0

    def step():
        kernel(grid=(blocks, 1, 1), block=(256, 1, 1), args=[stamps[0], launched[0] % LAUNCHES, turns])
        launched[0] += 1

    if not turns:
        turns = 20000
        for _ in range(2):  # the second time with the clocks that the first has raised
            end = time.perf_counter() + 0.5
            while time.perf_counter() < end:
                step()
            torch.cuda.synchronize()
            took = [last - first for first, last in spans()[-9:]]
            turns = round(turns * target_ms * 1e6 / sorted(took)[4])
        sizes.append(turns)
        stamps[0].view(torch.int64)[:, 0], stamps[0].view(torch.int64)[:, 1] = -1, 0
        launched[0] = 0
    return step


def spans():
    torch.cuda.synchronize()
    return stamps[0].view(torch.int64)[: min(launched[0], LAUNCHES)].tolist()


def finished():
    count[0] += 1
    if done_ns is not None:
        done_ns.append(time.monotonic_ns())


def loop(step, ahead, pause):
    """Runs step for ever, at most `ahead` steps before the GPU; counts what has finished."""
    waiting = []
    torch.cuda.synchronize()  # gives this thread its context
    while not stop.is_set():
        step()
        event = torch.cuda.Event()
        event.record()
        waiting.append(event)
        while waiting and (len(waiting) >= ahead or waiting[0].query()):
            waiting.pop(0).synchronize()
            finished()
        if pause:
            end = time.perf_counter() + pause
            while time.perf_counter() < end:
                pass
    torch.cuda.synchronize()


def timed(step, every, times=1):
    """Every `every` seconds runs step so many times, each waited for, and keeps how long each took."""
    due = time.perf_counter()
    while not stop.is_set():
        for _ in range(times):
            started = time.perf_counter()
            step()
            torch.cuda.synchronize()
            latencies.append(time.perf_counter() - started)
            finished()
        if every:
            due = max(due + every, time.perf_counter() - every)
            time.sleep(max(0.0, due - time.perf_counter()))


stop, count, latencies, sizes, stamps, launched = threading.Event(), [0], [], [], [], [0]
done_ns = None  # a list with --stamps


def make(kind):
    if kind == "short":
        step = sized_gemm(0.2)
        return step, lambda: loop(step, 8, 0)
    if kind == "long":
        step = sized_gemm(12.8)
        return step, lambda: loop(step, 2, 0)
    if kind == "graph":
        step = captured(sized_gemm(0.22), 4)
        return step, lambda: loop(step, 4, 0)
    if kind == "gap":
        step = sized_gemm(0.6)
        return step, lambda: loop(step, 1, 300e-6)
    if kind == "small":
        step = small_training()
        return step, lambda: loop(step, 8, 0)
    if kind == "train":
        step = training()
        return step, lambda: loop(step, 4, 0)
    if kind == "burst":
        kernel = sized_gemm(0.12)
        step = lambda: [kernel() for _ in range(20)]
        return step, lambda: timed(step, 0.02)
    if kind == "decode":
        step = decoding()
        return step, lambda: timed(step, 0.05, 32)
    if kind in ("spin", "spinlong"):
        step = spinning(0.2 if kind == "spin" else 12.8)
        return step, lambda: loop(step, 8 if kind == "spin" else 2, 0)
    if kind == "sync":
        step = small_training()
        return step, lambda: timed(step, 0)
    if kind == "ddp":
        step = training_together()
        return step, lambda: loop(step, 4, 0)
    raise SystemExit(f"no such kind of work: {kind}")


def measure_demand(run, name):
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CUDA]) as record:
        thread = threading.Thread(target=run)
        thread.start()
        time.sleep(2)
        stop.set()
        thread.join()
    records = sorted((e.time_range.start, e.time_range.end) for e in record.events() if e.device_type.name == "CUDA")
    busy, end = 0.0, records[0][0]
    for first, last in records:
        busy += max(0.0, last - max(first, end))
        end = max(end, last)
    units = max(count[0], 1)
    print(json.dumps({"name": name, "busyMs": busy / 1e3 / units, "share": busy / (end - records[0][0]),
                      "kernels": len(records) / units,
                      "size": sizes[0] if sizes else 0}), flush=True)


def main():
    global done_ns
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("kind")
    options.add_argument("--name", default="work")
    options.add_argument("--seconds", type=float, default=10)
    options.add_argument("--at", type=float, default=0, help="CLOCK_MONOTONIC seconds at which to begin (0: when warm)")
    options.add_argument("--size", type=int, default=0, help="of its GEMMs (0: found by trying)")
    options.add_argument("--demand", action="store_true")
    options.add_argument("--stamps", action="store_true")
    given = options.parse_args()
    done_ns = [] if given.stamps else None
    torch.manual_seed(1)
    if given.size:
        sizes.append(given.size)
    step, run = make(given.kind)
    for _ in range(5):
        step()
    torch.cuda.synchronize()
    gc.collect()
    gc.freeze()  # else a collection stops the program for 70 ms, once in some 15,000 steps
    warm_up = launched[0]
    if given.demand:
        measure_demand(run, given.name)
        return
    time.sleep(max(0.0, given.at - time.monotonic()))
    thread = threading.Thread(target=run)
    thread.start()
    due = time.monotonic()
    end = due + given.seconds
    while time.monotonic() < end:
        print(json.dumps({"name": given.name, "tMonoNs": time.monotonic_ns(), "done": count[0]}), flush=True)
        due += 0.1
        time.sleep(max(0.0, due - time.monotonic()))
    if given.kind == "ddp":  # no rank knows after which step the others stop
        sys.stdout.flush()
        os._exit(0)
    stop.set()
    thread.join()
    final = {"name": given.name, "final": True, "done": count[0], "size": sizes[0] if sizes else 0}
    if latencies:
        ordered = sorted(latencies[len(latencies) // 10:])
        final["p50Ms"], final["p99Ms"] = (1e3 * ordered[int(len(ordered) * q)] for q in (0.5, 0.99))
    if stamps:
        final["spans"], final["warmUp"] = spans(), warm_up
    if done_ns is not None:
        final["doneNs"] = done_ns
    print(json.dumps(final), flush=True)


if __name__ == "__main__":
    main()
