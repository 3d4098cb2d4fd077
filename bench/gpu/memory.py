"""What the limiter counts of every kind of GPU memory, beside what the GPU says; and eight processes that race for a limit.

    python3 memory.py NATIVE_DIR        NATIVE_DIR: where libaliquot.so is; for the simulator, with LD_LIBRARY_PATH=NATIVE_DIR/sim

counted: the tenant's use as the limiter shows it to the program. GPU: growth of the memory in use on the whole GPU, by NVML,
since the program's context was there; so nothing else may use the GPU. Exit code 0: they agree within 4 MiB at every step
(the driver's rounding), no request that fits is refused, and the race ends at the limit to the byte.
"""
import argparse
import ctypes
import os
import subprocess
import sys

MIB = 1 << 20
LIMIT = 2048 * MIB
U64, PTR = ctypes.c_uint64, ctypes.c_void_p


class Location(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int), ("id", ctypes.c_int)]


class Allocation(ctypes.Structure):  # CUmemAllocationProp
    _fields_ = [("type", ctypes.c_int), ("handles", ctypes.c_int), ("location", Location), ("windows", PTR),
                ("flags", ctypes.c_ubyte * 8)]


class Cuda:
    """The driver API, a call a method; an error ends the program, except in try_()."""

    def __init__(self):
        self.lib = ctypes.CDLL("libcuda.so.1")
        context = PTR()
        self.cuInit(0)
        self.cuDevicePrimaryCtxRetain(ctypes.byref(context), 0)
        self.cuCtxSetCurrent(context)

    def try_(self, name, *arguments):
        return getattr(self.lib, name)(*arguments)

    def __getattr__(self, name):
        def call(*arguments):
            result = self.try_(name, *arguments)
            if result != 0:
                sys.exit(f"{name}: error {result}")
        return call

    def used(self):
        left, total = ctypes.c_size_t(), ctypes.c_size_t()
        self.cuMemGetInfo_v2(ctypes.byref(left), ctypes.byref(total))
        return total.value - left.value

    def alloc(self, name, size, *rest):
        address = U64()
        getattr(self, name)(ctypes.byref(address), ctypes.c_size_t(size), *rest)
        return address


def steps(cuda):
    """One kind after another; yields after each step."""
    stream, pool, keep = PTR(), PTR(), U64(2**64 - 1)
    plain = cuda.alloc("cuMemAlloc_v2", 100 * MIB)
    yield "cuMemAlloc 100"
    cuda.cuMemFree_v2(plain)
    yield "freed"
    cuda.cuStreamCreate(ctypes.byref(stream), 1)
    for size in (1, 1 * MIB, 33 * MIB, 100 * MIB):
        pooled = cuda.alloc("cuMemAllocAsync", size, stream)
        yield f"cuMemAllocAsync of {size}"
        cuda.cuMemFreeAsync(pooled, stream)
        yield "freed, not waited for"
        cuda.cuStreamSynchronize(stream)
        yield "waited for"
    cuda.cuDeviceGetDefaultMemPool(ctypes.byref(pool), 0)
    cuda.cuMemPoolSetAttribute(pool, 4, ctypes.byref(keep))
    for _ in range(3):
        cuda.cuMemFreeAsync(cuda.alloc("cuMemAllocAsync", 300 * MIB, stream), stream)
    cuda.cuStreamSynchronize(stream)
    yield "kept by the pool"
    whole = cuda.alloc("cuMemAlloc_v2", LIMIT)
    yield "cuMemAlloc of the limit: the pool has given back"
    cuda.cuMemFree_v2(whole)
    graph, executable, node = PTR(), PTR(), U64()
    cuda.cuStreamBeginCapture_v2(stream, 1)
    cuda.cuMemFreeAsync(cuda.alloc("cuMemAllocAsync", 64 * MIB, stream), stream)
    cuda.cuStreamEndCapture(stream, ctypes.byref(graph))
    cuda.cuGraphInstantiateWithFlags(ctypes.byref(executable), graph, U64(0))
    cuda.cuGraphLaunch(executable, stream)
    cuda.cuStreamSynchronize(stream)
    yield "graph with a memory node, launched"
    cuda.cuGraphExecDestroy(executable)
    cuda.cuDeviceGraphMemTrim(0)
    yield "destroyed and trimmed"
    handle, where = U64(), Allocation(type=1, location=Location(1, 0))
    cuda.cuMemAddressReserve(ctypes.byref(node), ctypes.c_size_t(64 * MIB), ctypes.c_size_t(0), U64(0), U64(0))
    cuda.cuMemCreate(ctypes.byref(handle), ctypes.c_size_t(64 * MIB), ctypes.byref(where), U64(0))
    cuda.cuMemMap(node, ctypes.c_size_t(64 * MIB), ctypes.c_size_t(0), handle, U64(0))
    cuda.cuMemRelease(handle)
    yield "mapped and released"
    cuda.cuMemUnmap(node, ctypes.c_size_t(64 * MIB))
    yield "unmapped"
    pinned = PTR()
    cuda.cuMemAllocHost_v2(ctypes.byref(pinned), ctypes.c_size_t(256 * MIB))
    yield "host memory pinned"


def gpu_used(nvml=[]):
    if not nvml:
        nvml.append(ctypes.CDLL("libnvidia-ml.so.1"))
        nvml[0].nvmlInit_v2()
    device, memory = PTR(), (ctypes.c_ulonglong * 3)()
    nvml[0].nvmlDeviceGetHandleByIndex_v2(0, ctypes.byref(device))
    if nvml[0].nvmlDeviceGetMemoryInfo(device, memory) != 0:
        sys.exit("NVML does not tell the GPU's memory")
    return memory[2]


def child(what):
    cuda = Cuda()
    if what == "race":
        print("ready", flush=True)
        sys.stdin.readline()
        granted = 0
        while cuda.try_("cuMemAlloc_v2", ctypes.byref(U64()), ctypes.c_size_t(32 * MIB)) == 0:
            granted += 1
        print(granted, flush=True)
        sys.stdin.readline()
        return
    print(f"a context {cuda.used()}", flush=True)
    sys.stdin.readline()
    for step in steps(cuda):
        print(f"{step} {cuda.used()}", flush=True)
        sys.stdin.readline()


def start(native_dir, what, group):
    command = [sys.executable, os.path.abspath(__file__), "--child", what]
    environment = dict(os.environ, LD_PRELOAD=os.path.abspath(os.path.join(native_dir, "libaliquot.so")),
                       ALIQUOT_GROUP=group, ALIQUOT_MEMORY=str(LIMIT))
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def go(program):
    program.stdin.write("\n")
    program.stdin.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("native_dir", nargs="?", default=".")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        return child(options.child)
    missed, base = 0, None
    print(f"{'STEP':52} {'counted':>9} {'GPU':>9}   (MiB)")
    program = start(options.native_dir, "steps", f"memory{os.getpid()}")
    for line in program.stdout:
        step, counted = line.rsplit(" ", 1)
        base = gpu_used() if base is None else base
        gpu = gpu_used() - base
        off = abs(gpu - int(counted)) > 4 * MIB or int(counted) > LIMIT
        missed += off
        print(f"{step:52} {int(counted) / MIB:9.1f} {gpu / MIB:9.1f} {'OFF' if off else ''}")
        go(program)
    missed += program.wait() != 0
    racers = [start(options.native_dir, "race", f"race{os.getpid()}") for _ in range(8)]
    for racer in racers:
        racer.stdout.readline()
    base = gpu_used()
    for racer in racers:
        go(racer)
    granted = sum(int(racer.stdout.readline()) for racer in racers) * 32 * MIB
    gpu = gpu_used() - base
    missed += granted != LIMIT or abs(gpu - LIMIT) > 8 * 4 * MIB
    print(f"{'8 processes race for ' + str(LIMIT // MIB):52} {granted / MIB:9.1f} {gpu / MIB:9.1f}")
    for racer in racers:
        go(racer)
    print("all agree" if missed == 0 else f"{missed} are off")
    return missed != 0


if __name__ == "__main__":
    sys.exit(main())
