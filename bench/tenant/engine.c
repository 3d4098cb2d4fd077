/* The driver, the calibration and the work. One thread launches and waits; in a gang one a GPU does. */
#include "tenant.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aliquot_cuda.h"
#include "kernel.h"

/* Every driver function that is used, by its exported name. */
#define FUNCTIONS(F)                                                                                               \
    F(cuInit) F(cuDeviceGet) F(cuDeviceGetCount) F(cuDeviceGetName) F(cuDeviceGetAttribute) F(cuDevicePrimaryCtxRetain)                \
    F(cuCtxSetCurrent) F(cuModuleLoadData) F(cuModuleGetFunction) F(cuStreamCreate) F(cuStreamSynchronize)         \
    F(cuEventCreate) F(cuEventRecord) F(cuEventSynchronize) F(cuEventElapsedTime) F(cuMemAlloc_v2) F(cuMemsetD8_v2) \
    F(cuMemcpyDtoH_v2) F(cuMemGetInfo_v2) F(cuLaunchKernel) F(cuGraphLaunch) F(cuStreamBeginCapture_v2)            \
    F(cuStreamEndCapture) F(cuGraphInstantiateWithFlags) F(cuGetErrorName)

static struct {
#define F(name) __typeof__(&name) name;
    FUNCTIONS(F)
#undef F
} cuda;

enum { THREADS = 128, SLOTS = 512 };

/* One of a gang, or the only one. */
static struct gpu {
    CUcontext context;
    CUfunction kernel;
    CUstream stream;
    CUdeviceptr counters;
    CUevent done;
    unsigned blocks;
} gpus[GPUS];
static unsigned gpu_count = 1;
static CUgraphExec graph;
static CUevent event[SLOTS];
static uint64_t kernel_ns, kernel_iterations;

static _Noreturn void fail(const char *function, CUresult result)
{
    const char *name = NULL;
    if (cuda.cuGetErrorName)
        cuda.cuGetErrorName(result, &name);
    const char *fix = result == CUDA_ERROR_OUT_OF_MEMORY     ? "give less --memory, or raise this tenant's memory limit"
                      : result == CUDA_ERROR_NO_DEVICE       ? "check the driver with nvidia-smi, and CUDA_VISIBLE_DEVICES"
                      : result == CUDA_ERROR_INVALID_DEVICE  ? "give --gpu the number of a GPU that is there"
                      : result == CUDA_ERROR_NOT_INITIALIZED ? "check that the driver's kernel module is loaded"
                                                             : "see the driver's log (dmesg, grep NVRM)";
    fprintf(stderr, "aliquot-tenant: %s: %s (%d): %s\n", function, name ? name : "unknown error", (int)result, fix);
    exit(result == CUDA_ERROR_OUT_OF_MEMORY ? EXIT_OUT_OF_MEMORY : EXIT_CUDA);
}

static void check(const char *function, CUresult result)
{
    if (result != CUDA_SUCCESS)
        fail(function, result);
}

#define CALL(name, ...) check(#name, cuda.name(__VA_ARGS__))

static void load_driver(void)
{
    void *driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_GLOBAL);
    if (!driver) {
        fprintf(stderr, "aliquot-tenant: dlopen: %s: install the NVIDIA driver, or put the simulated driver's folder in LD_LIBRARY_PATH\n",
                dlerror());
        exit(EXIT_CUDA);
    }
#define F(name)                                                                                               \
    *(void **)&cuda.name = dlsym(driver, #name);                                                              \
    if (!cuda.name) {                                                                                         \
        fprintf(stderr, "aliquot-tenant: dlsym: " #name " is missing: a driver for CUDA 11.4 or newer is needed\n"); \
        exit(EXIT_CUDA);                                                                                      \
    }
    FUNCTIONS(F)
#undef F
}

static void launch(const struct gpu *gpu, uint64_t ns, uint64_t iterations, CUdeviceptr count)
{
    void *params[] = {&ns, &count, &iterations};
    CALL(cuLaunchKernel, gpu->kernel, gpu->blocks, 1, 1, THREADS, 1, 1, 0, gpu->stream, params, NULL);
}

/* ---- calibration ---- */

/* Nanoseconds of one run between two events. A simulated GPU takes ns at its word. */
static double timed(uint64_t iterations)
{
    float ms;
    CALL(cuEventRecord, event[0], gpus->stream);
    launch(gpus, iterations, iterations, 0);
    CALL(cuEventRecord, event[1], gpus->stream);
    CALL(cuEventSynchronize, event[1]);
    CALL(cuEventElapsedTime, &ms, event[0], event[1]);
    return (double)ms * 1e6;
}

/* The least of many: a run that a neighbour's time slice hit is longer. */
static double least(uint64_t iterations)
{
    double best = timed(iterations);
    for (int i = 0; i < 16; i++) {
        double t = timed(iterations);
        if (t < best)
            best = t;
    }
    return best;
}

/* Iterations per nanosecond, from two sizes so that what a launch costs cancels out. */
static double calibrate(void)
{
    for (int64_t end = now_ns() + 20000000; now_ns() < end;) /* clocks rise under load */
        timed(20000);
    double rate = 20000 / least(20000);
    uint64_t small = (uint64_t)(rate * 1e5), large = (uint64_t)(rate * 4e5);
    double difference = least(large) - least(small);
    if (difference > 0)
        rate = (double)(large - small) / difference;
    return rate;
}

/* ---- opening ---- */

static void make_graph(unsigned kernels)
{
    CUgraph g;
    CALL(cuStreamBeginCapture_v2, gpus->stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
    for (unsigned i = 0; i < kernels; i++)
        launch(gpus, kernel_ns, kernel_iterations, gpus->counters);
    CALL(cuStreamEndCapture, gpus->stream, &g);
    CALL(cuGraphInstantiateWithFlags, &graph, g, 0);
}

static void open_device(const struct options *o, struct gpu *gpu, int index)
{
    CUdevice device;
    CUmodule module;
    int processors;
    CALL(cuDeviceGet, &device, index);
    CALL(cuDeviceGetAttribute, &processors, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, device);
    CALL(cuDevicePrimaryCtxRetain, &gpu->context, device);
    CALL(cuCtxSetCurrent, gpu->context);
    CALL(cuModuleLoadData, &module, kernel_ptx);
    CALL(cuModuleGetFunction, &gpu->kernel, module, KERNEL_NAME);
    CALL(cuStreamCreate, &gpu->stream, CU_STREAM_NON_BLOCKING);
    CALL(cuEventCreate, &gpu->done, CU_EVENT_DISABLE_TIMING | CU_EVENT_BLOCKING_SYNC);
    CALL(cuMemAlloc_v2, &gpu->counters, 2 * sizeof(uint64_t));
    CALL(cuMemsetD8_v2, gpu->counters, 0, 2 * sizeof(uint64_t));
    if (o->memory_bytes) {
        CUdeviceptr held;
        CALL(cuMemAlloc_v2, &held, o->memory_bytes);
    }
    gpu->blocks = o->blocks ? o->blocks : (unsigned)processors;
    char name[96];
    CALL(cuDeviceGetName, name, sizeof name, device);
    fprintf(stderr, "aliquot-tenant: %s on %s, %u blocks\n", o->name, name, gpu->blocks);
}

static void open_devices(const struct options *o)
{
    int visible;
    CALL(cuInit, 0);
    CALL(cuDeviceGetCount, &visible);
    if (!o->gang) {
        open_device(o, gpus, o->device);
        return;
    }
    if (visible < 1 || visible > GPUS) {
        fprintf(stderr, "aliquot-tenant: --gang with %d GPUs: show it 1 to %d by CUDA_VISIBLE_DEVICES\n", visible, GPUS);
        exit(EXIT_CUDA);
    }
    gpu_count = (unsigned)visible;
    gang_prepare(gpu_count);
    for (int i = visible; i-- > 0;) /* the first is current at last */
        open_device(o, &gpus[i], i);
}

void engine_open(const struct options *o)
{
    load_driver();
    open_devices(o);
    for (unsigned i = 0; i < 2; i++)
        CALL(cuEventCreate, &event[i], CU_EVENT_DEFAULT);
    double rate = o->iterations_per_ns > 0 ? o->iterations_per_ns : calibrate();
    fprintf(stderr, "aliquot-tenant: %s --iterations-per-ns %.6f (%s)\n", o->name, rate,
            o->iterations_per_ns > 0 ? "given" : "measured");
    /* In throughput mode a waiting thread sleeps; in latency mode it polls, which costs less time. */
    for (unsigned i = 0; i < SLOTS; i++)
        CALL(cuEventCreate, &event[i], CU_EVENT_DISABLE_TIMING | (o->burst ? 0 : CU_EVENT_BLOCKING_SYNC));
    kernel_ns = (uint64_t)o->kernel_ns;
    kernel_iterations = (uint64_t)((double)kernel_ns * rate);
    if (o->graph)
        make_graph(o->graph);
}

/* ---- working ---- */

static unsigned step_kernels(const struct options *o)
{
    return o->graph ? o->graph : 1;
}

static void launch_step(const struct options *o, CUevent done)
{
    if (o->graph)
        CALL(cuGraphLaunch, graph, gpus->stream);
    else
        launch(gpus, kernel_ns, kernel_iterations, gpus->counters);
    if (done)
        CALL(cuEventRecord, done, gpus->stream);
}

static void count(unsigned kernels)
{
    atomic_fetch_add_explicit(&tenant.kernels, kernels, memory_order_relaxed);
    atomic_fetch_add_explicit(&tenant.gpu_ns, kernels * kernel_ns, memory_order_relaxed);
}

void engine_stay_paused(void)
{
    atomic_store(&tenant.idle, true);
    report_line();
    while (atomic_load(&tenant.paused) && !atomic_load(&tenant.stop))
        sleep_until_ns(now_ns() + 2000000);
    atomic_store(&tenant.idle, false);
}

static bool running(void)
{
    return !atomic_load_explicit(&tenant.stop, memory_order_relaxed);
}

static void run_throughput(const struct options *o)
{
    uint64_t launched = 0, done = 0;
    while (running()) {
        bool paused = atomic_load_explicit(&tenant.paused, memory_order_relaxed);
        if (paused && launched == done) {
            engine_stay_paused();
            continue;
        }
        if (!paused && launched - done < o->depth) {
            launch_step(o, event[launched++ % SLOTS]);
            if (o->gap_ns)
                sleep_until_ns(now_ns() + o->gap_ns);
            continue;
        }
        CALL(cuEventSynchronize, event[done++ % SLOTS]);
        count(step_kernels(o));
    }
    for (; done < launched; count(step_kernels(o)))
        CALL(cuEventSynchronize, event[done++ % SLOTS]);
}

static void run_burst(const struct options *o)
{
    int64_t next = now_ns();
    while (running()) {
        if (atomic_load(&tenant.paused)) {
            engine_stay_paused();
            next = now_ns();
            continue;
        }
        int64_t begin = now_ns();
        for (unsigned i = 0; i < o->burst; i++)
            launch_step(o, i == o->burst - 1 ? event[0] : NULL);
        CALL(cuEventSynchronize, event[0]);
        int64_t took = now_ns() - begin;
        count(o->burst * step_kernels(o));
        pthread_mutex_lock(&tenant.latency->lock);
        histogram_add(&tenant.latency->interval, took);
        histogram_add(&tenant.latency->all, took);
        pthread_mutex_unlock(&tenant.latency->lock);
        next += o->period_ns;
        if (next < now_ns())
            next = now_ns(); /* late: bursts don't pile up */
        sleep_until_ns(next);
    }
}

uint64_t engine_enter(unsigned gpu)
{
    CALL(cuCtxSetCurrent, gpus[gpu].context);
    return kernel_ns;
}

void engine_step(unsigned gpu)
{
    launch(&gpus[gpu], kernel_ns, kernel_iterations, gpus[gpu].counters);
    CALL(cuEventRecord, gpus[gpu].done, gpus[gpu].stream);
    CALL(cuEventSynchronize, gpus[gpu].done);
    count(1);
}

void engine_run(const struct options *o)
{
    if (o->gang)
        gang_run();
    else if (o->burst)
        run_burst(o);
    else
        run_throughput(o);
    CALL(cuStreamSynchronize, gpus->stream);
}

void engine_memory(uint64_t *used, uint64_t *total)
{
    static _Thread_local bool current;
    size_t free_bytes, all;
    *used = *total = 0;
    for (unsigned i = 0; i < gpu_count; i++) {
        if (!current || gpu_count > 1)
            CALL(cuCtxSetCurrent, gpus[i].context);
        CALL(cuMemGetInfo_v2, &free_bytes, &all);
        *used += all - free_bytes;
        *total += all;
    }
    current = true;
}

void engine_counters(uint64_t *kernels, uint64_t *ns)
{
    uint64_t word[2];
    *kernels = *ns = 0;
    for (unsigned i = 0; i < gpu_count; i++) {
        CALL(cuCtxSetCurrent, gpus[i].context);
        CALL(cuMemcpyDtoH_v2, word, gpus[i].counters, sizeof word);
        *kernels += word[0];
        *ns += word[1];
    }
}
