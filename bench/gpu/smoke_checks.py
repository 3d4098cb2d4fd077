"""What PyTorch does with CUDA, one check a call; smoke.py runs them without the limiter and under it.

    python3 smoke_checks.py CHECK

Prints a line of JSON: a list that must be the same however the GPU is shared. Most of it is checksums of whole numbers, which
floating point adds exactly in any order. Exit code 0: the check ran to its end, and what must hold by itself does.
"""
import json
import random
import sys
import tempfile
import zlib

import torch
from torch import nn

GIB = 1 << 30


def crc(*tensors):
    value = 0
    for tensor in tensors:
        value = zlib.crc32(tensor.detach().contiguous().reshape(-1).view(torch.uint8).cpu().numpy().tobytes(), value)
    return value


def ints(*shape, dtype=torch.float32):
    return torch.randint(-3, 4, shape, device="cuda").to(dtype)


def must(holds, what):
    if not holds:
        sys.exit(f"not so: {what}")


def deterministic():
    torch.use_deterministic_algorithms(True)
    torch.backends.cudnn.benchmark = False


def refused(size):
    try:
        torch.empty(size, dtype=torch.uint8, device="cuda")
    except torch.cuda.OutOfMemoryError:
        return True
    return False


def storm(rounds):
    """Blocks of many sizes come and go. @return how many had kept what was written into them, and those still there"""
    chance, kept, whole = random.Random(1), [], torch.zeros((), dtype=torch.int64, device="cuda")
    for i in range(rounds):
        size = chance.choice((1, 500, 4096, 1 << 17, 3 << 19, 5 << 20, 24 << 20))
        kept.append((i % 251, torch.full((size,), i % 251, dtype=torch.uint8, device="cuda")))
        if len(kept) > 48:
            value, block = kept.pop(chance.randrange(len(kept)))
            whole += (block == value).all()
    return int(whole), kept


def allocator():
    whole, kept = storm(2000)
    stats = torch.cuda.memory_stats()
    held, total = stats["allocated_bytes.all.current"], torch.cuda.mem_get_info()[1]
    must(0 < held <= stats["reserved_bytes.all.current"] <= total, f"0 < held <= reserved <= total: {stats}")
    must(held <= stats["allocated_bytes.all.peak"], f"held <= peak: {stats}")
    kept.clear()
    torch.cuda.empty_cache()
    must(torch.cuda.memory_allocated() == 0, f"all is free: {torch.cuda.memory_allocated()}")
    return [whole, held, stats["num_ooms"], storm(200)[0]]


def oom():
    """More than there is, at once and bit by bit; the next small block is to be had each time."""
    total, kept = torch.cuda.mem_get_info()[1], []
    must(refused(total + GIB), "more than there is is refused")
    small = int(torch.ones(1 << 20, device="cuda").sum())
    try:
        for _ in range(total // (2 * GIB) + 1):
            kept.append(torch.empty(2 * GIB, dtype=torch.uint8, device="cuda"))
        sys.exit("not so: bit by bit, more than there is is refused")
    except torch.cuda.OutOfMemoryError:
        must(0.8 * total < len(kept) * 2 * GIB, f"most of {total} is to be had: {len(kept) * 2 * GIB}")
    kept.clear()
    return [small, storm(200)[0]]


def expandable():
    """Needs PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True."""
    sums = [int(torch.arange(mib << 17, device="cuda").sum()) for mib in (16, 64, 256, 1024, 64, 512)]
    whole, kept = storm(500)
    must(all(segment["is_expandable"] for segment in torch.cuda.memory_snapshot()), "every segment is expandable")
    must(refused(torch.cuda.mem_get_info()[1] + GIB), "more than there is is refused")
    kept.clear()
    torch.cuda.empty_cache()
    sums.append(int(torch.arange(256 << 17, device="cuda").sum()))
    return [whole, *sums]


def malloc_async():
    """Needs PYTORCH_CUDA_ALLOC_CONF=backend:cudaMallocAsync."""
    must(torch.cuda.get_allocator_backend() == "cudaMallocAsync", "the allocator is cudaMallocAsync")
    whole, kept = storm(500)
    must(refused(torch.cuda.mem_get_info()[1] + GIB), "more than there is is refused")
    kept.clear()
    side, alive = torch.cuda.Stream(), []
    x = ints(1 << 20)
    for _ in range(20):  # what two streams use is not freed on the way: that goes wrong beside any busy program (reuse.py)
        with torch.cuda.stream(side):
            side.wait_stream(torch.cuda.current_stream())
            y = x * 2
        torch.cuda.current_stream().wait_stream(side)
        alive += [x, y]
        x = y.remainder(1009) + 1
    graph, out = capture(lambda: (x * 3 + 1).sum())
    graph.replay()
    return [whole, crc(x), int(out)]


def capture(work, **options):
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        work()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph, **options):
        out = work()
    return graph, out


def graphs():
    """Replays with new input, graphs that share a private pool, and a training step made of graphs."""
    deterministic()
    x, sums = ints(256, 256), []
    pool = torch.cuda.graph_pool_handle()
    first, product = capture(lambda: (x @ x).remainder(7), pool=pool)
    second, total = capture(lambda: (product * 2 + x).sum(), pool=pool)
    for i in range(20):
        x.copy_(ints(256, 256).add_(i).remainder_(5))
        first.replay()
        second.replay()
        sums.append(int(total))
    model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 8)).cuda()
    graphed = torch.cuda.make_graphed_callables(model, (ints(32, 64),))
    optimizer, losses = torch.optim.SGD(model.parameters(), lr=0.01), []
    for _ in range(10):
        loss = graphed(ints(32, 64)).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item().hex())
    must(losses[0] != losses[-1], "the loss changes")
    return [sum(sums), crc(product), losses[-1]]


def streams():
    """A chain over six streams, which comes out otherwise if any step runs early."""
    lanes = [torch.cuda.Stream(priority=-(i % 2)) for i in range(6)]
    x = torch.arange(1 << 16, device="cuda")
    last = torch.cuda.Event()
    last.record()
    for i in range(300):
        lane = lanes[i % 6]
        with torch.cuda.stream(lane):
            lane.wait_event(last)
            x.mul_(3).add_(i).remainder_(1000003)
            last = torch.cuda.Event()
            last.record(lane)
    torch.cuda.current_stream().wait_event(last)
    apart = []
    for i, lane in enumerate(lanes):  # and six streams that go side by side
        lane.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(lane):
            apart.append((ints(256, 256).fill_(i) @ ints(256, 256).fill_(1)).sum())
    torch.cuda.synchronize()
    return [crc(x), *(int(each) for each in apart)]


def copies():
    """Non-blocking, through pinned memory, both ways, two buffers in turn."""
    side, sums = torch.cuda.Stream(), []
    ready = [torch.cuda.Event() for _ in range(2)]
    there = [torch.empty(1 << 22, dtype=torch.int32, pin_memory=True) for _ in range(2)]
    back = [torch.empty(1 << 22, dtype=torch.int32, pin_memory=True) for _ in range(2)]
    for i in range(20):
        ready[i % 2].synchronize()
        sums.append(int(back[i % 2][7]) if i > 1 else 0)
        there[i % 2].fill_(i)
        with torch.cuda.stream(side):
            block = there[i % 2].to("cuda", non_blocking=True)
            back[i % 2].copy_(block * 3 + 1, non_blocking=True)
            ready[i % 2].record(side)
    torch.cuda.synchronize()
    must(there[0].is_pinned(), "the buffers are pinned")
    return [sum(sums), crc(*back)]


class Squares(torch.utils.data.Dataset):
    def __len__(self):
        return 512

    def __getitem__(self, i):
        return torch.full((1024,), i, dtype=torch.int64), i * i


def loader():
    """Two workers that were forked, then two that were spawned, with pinned batches."""
    total = torch.zeros((), dtype=torch.int64, device="cuda")
    for way in "fork", "spawn":
        batches = torch.utils.data.DataLoader(Squares(), batch_size=32, num_workers=2, pin_memory=True,
                                              multiprocessing_context=way)
        for number, square in batches:
            must(number.is_pinned(), "batches are pinned")
            total += number.to("cuda", non_blocking=True).sum() + square.to("cuda", non_blocking=True).sum()
    return [int(total)]


def borrower(asked, answers):
    borrowed = asked.get()
    own = borrowed * 2 + 1
    borrowed.add_(5)
    torch.cuda.synchronize()
    answers.put(own)
    asked.get()  # what another process reads must live until it has done so


def sharing():
    """CUDA tensors handed to a spawned process and back (CUDA IPC)."""
    spawn = torch.multiprocessing.get_context("spawn")
    asked, answers = spawn.Queue(), spawn.Queue()
    child = spawn.Process(target=borrower, args=(asked, answers))
    child.start()
    lent = torch.arange(1 << 20, device="cuda")
    asked.put(lent)
    theirs = answers.get(timeout=30)
    seen = [crc(lent), crc(theirs)]
    del theirs
    torch.cuda.ipc_collect()
    asked.put(None)
    child.join()
    must(child.exitcode == 0, f"the other process ends with 0: {child.exitcode}")
    return seen


def compiled():
    """By Triton, and then with CUDA graphs besides."""
    def work(x, y):
        return torch.relu(x * 3 - y).sum(dim=1) + (x @ y).amax(dim=1)

    x, y = ints(256, 256), ints(256, 256)
    results = [crc(work(x, y)), crc(torch.compile(work)(x, y))]
    torch.compiler.reset()
    fast = torch.compile(work, mode="reduce-overhead")
    for _ in range(5):
        torch.compiler.cudagraph_mark_step_begin()
        results.append(crc(fast(x, y)))
    return results


def training():
    """20 steps of a model with a fixed seed: the same loss, bit by bit."""
    deterministic()
    model = nn.Sequential(nn.Embedding(512, 256), nn.LayerNorm(256), nn.Linear(256, 1024), nn.GELU(), nn.Dropout(0.1),
                          nn.Linear(1024, 256), nn.LayerNorm(256), nn.Linear(256, 512)).cuda()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)
    tokens, losses = torch.randint(0, 512, (4096,), device="cuda"), []
    for _ in range(20):
        with torch.autocast("cuda", torch.bfloat16):
            loss = nn.functional.cross_entropy(model(tokens).float(), tokens)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(loss.item())
    must(losses[-1] < losses[0], f"the loss falls: {losses}")
    return [losses[-1].hex(), crc(*model.parameters())]


def view():
    """What the GPU's size is said to be: the only figures that differ under the limiter."""
    before = torch.cuda.mem_get_info()[1]
    block = torch.ones(GIB, dtype=torch.uint8, device="cuda")
    free, total = torch.cuda.mem_get_info()
    must(before == total and free <= total - block.numel(), f"1 GiB is taken from {before}: {free} free of {total}")
    return [total, torch.cuda.get_device_properties(0).total_memory]


def gemm():
    """cuBLAS and cuBLASLt, in several types; of -1, 0 and 1, so that every sum is exact in bf16, too."""
    results = []
    for dtype in torch.float32, torch.float64, torch.float16, torch.bfloat16:
        a, b = ints(512, 768, dtype=dtype).sign(), ints(768, 256, dtype=dtype).sign()
        results += [crc(a @ b), crc(torch.addmm(b[0], a, b)), crc(torch.bmm(a.view(8, 64, 768), b.expand(8, 768, 256)))]
    a, b = ints(512, 768, dtype=torch.int8), ints(768, 256, dtype=torch.int8)
    return [*results, crc(torch._int_mm(a, b))]


def conv():
    """cuDNN: convolutions and a recurrent net, forward and backward."""
    deterministic()
    model = nn.Sequential(nn.Conv2d(8, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.Conv2d(32, 16, 3, stride=2),
                          nn.ConvTranspose2d(16, 8, 2)).cuda()
    x = ints(16, 8, 64, 64).requires_grad_()
    y = model(x)
    y.square().mean().backward()
    lstm = nn.LSTM(32, 64, num_layers=2).cuda()
    z, _ = lstm(ints(20, 8, 32))
    z.square().mean().backward()
    return [torch.backends.cudnn.version(), crc(y, x.grad), crc(*(p.grad for p in model.parameters())), crc(z),
            crc(*(p.grad for p in lstm.parameters()))]


def profiled():
    from torch.profiler import ProfilerActivity, profile

    x = torch.zeros(1 << 20, device="cuda")
    with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as record:
        for _ in range(10):
            x.add_(1)
        torch.cuda.synchronize()
    kernels = [event for event in record.events() if event.device_type.name == "CUDA" and "elementwise" in event.name]
    must(len(kernels) > 0, "kernels are seen")
    must(all(event.time_range.elapsed_us() > 0 for event in kernels), "every kernel takes time")
    return [len(kernels), int(x.sum())]


def events():
    """Times between events: at least what the kernels take (10^7 cycles: 5 ms), as a whole what its parts are."""
    marks = [torch.cuda.Event(enable_timing=True) for _ in range(5)]
    marks[0].record()
    for mark in marks[1:]:
        torch.cuda._sleep(10_000_000)
        mark.record()
    marks[-1].synchronize()
    steps = [first.elapsed_time(last) for first, last in zip(marks, marks[1:])]
    whole = marks[0].elapsed_time(marks[-1])
    must(all(mark.query() for mark in marks), "every event is done")
    must(all(4 < step < 5000 for step in steps), f"a step takes 5 ms or somewhat more: {steps}")
    must(abs(whole - sum(steps)) < 0.1, f"the parts {steps} make the whole {whole}")
    return [len(steps)]


def nccl():
    """A group of one."""
    import torch.distributed as dist

    with tempfile.TemporaryDirectory() as folder:
        dist.init_process_group("nccl", init_method=f"file://{folder}/store", rank=0, world_size=1)
        x, out = ints(1 << 20), torch.zeros(1 << 20, device="cuda")
        dist.all_reduce(x)
        dist.all_gather_into_tensor(out, x)
        dist.broadcast(out, 0)
        torch.cuda.synchronize()
        dist.destroy_process_group()
    return [crc(x), crc(out)]


CHECKS = {"allocator": allocator, "oom": oom, "expandable": expandable, "malloc-async": malloc_async, "graphs": graphs,
          "streams": streams, "copies": copies, "loader": loader, "sharing": sharing, "compile": compiled,
          "training": training, "view": view, "gemm": gemm, "conv": conv, "profiler": profiled, "events": events,
          "nccl": nccl}


def main():
    if len(sys.argv) != 2 or sys.argv[1] not in CHECKS:
        sys.exit(f"say which check: {', '.join(CHECKS)}")
    torch.manual_seed(1)
    print(json.dumps(CHECKS[sys.argv[1]]()), flush=True)


if __name__ == "__main__":
    main()
