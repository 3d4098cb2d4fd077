/*
 * What the limiter adds to a launch: launch_cost NAME LAUNCHES REPEATS. The same calls through the hook and to the driver
 * itself, in turns of CHUNK, in one process; only the calls are timed, and the GPU is idle again before each turn. Prints a
 * line for cuLaunchKernel and one for cuGraphLaunch:
 *   NAME  CALL  ns of a call to the driver | ns that the limiter adds: median, least and most of the repeats
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aliquot_cuda.h"

enum { CHUNK = 500, REPEATS_MOST = 100 }; /* less than a GPU's queue takes */

typedef void *(*look_up)(void *, const char *);

static void *cuda;

/* dlsym as glibc has it: the limiter answers the other one. */
static look_up real_look_up(void)
{
    static const char *const VERSIONS[] = {"GLIBC_2.34", "GLIBC_2.17", "GLIBC_2.2.5"};
    void *found = NULL;
    look_up function;
    for (size_t i = 0; found == NULL && i < sizeof VERSIONS / sizeof *VERSIONS; i++)
        found = dlvsym(RTLD_DEFAULT, "dlsym", VERSIONS[i]);
    memcpy(&function, &found, sizeof found);
    return function;
}

static void *find(look_up from, const char *name)
{
    void *function = from(cuda, name);
    if (function == NULL) {
        fprintf(stderr, "launch_cost: no %s\n", name);
        exit(1);
    }
    return function;
}

static void check(const char *what, CUresult result)
{
    if (result != CUDA_SUCCESS) {
        fprintf(stderr, "launch_cost: %s: error %d\n", what, (int)result);
        exit(1);
    }
}

#define LOOK_UP(from, name)                            \
    __extension__({                                    \
        void *found_ = find(from, #name);              \
        __typeof__(&name) function_;                   \
        memcpy(&function_, &found_, sizeof function_); \
        function_;                                     \
    })
#define CALL(name, ...) check(#name, LOOK_UP(dlsym, name)(__VA_ARGS__))

struct work {
    CUstream stream;
    CUfunction kernel;
    CUgraphExec graph; /* of that kernel */
    __typeof__(&cuLaunchKernel) launch_kernel;
    __typeof__(&cuGraphLaunch) launch_graph;
};

static CUresult launch(const struct work *work)
{
    return work->launch_kernel(work->kernel, 1, 1, 1, 1, 1, 1, 0, work->stream, NULL, NULL);
}

static struct work prepare(void)
{
    static const char PTX[] = ".version 7.0\n.target sm_70\n.address_size 64\n.visible .entry empty()\n{\nret;\n}\n";
    struct work work = {.launch_kernel = LOOK_UP(dlsym, cuLaunchKernel), .launch_graph = LOOK_UP(dlsym, cuGraphLaunch)};
    CUcontext context;
    CUmodule module;
    CUgraph graph;
    CALL(cuInit, 0);
    CALL(cuDevicePrimaryCtxRetain, &context, 0);
    CALL(cuCtxSetCurrent, context);
    CALL(cuStreamCreate, &work.stream, CU_STREAM_NON_BLOCKING);
    CALL(cuModuleLoadData, &module, PTX);
    CALL(cuModuleGetFunction, &work.kernel, module, "empty");
    CALL(cuStreamBeginCapture_v2, work.stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
    check("cuLaunchKernel", launch(&work));
    CALL(cuStreamEndCapture, work.stream, &graph);
    CALL(cuGraphInstantiateWithFlags, &work.graph, graph, 0);
    return work;
}

static double now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static double kernels_ns(const struct work *work)
{
    double began_ns = now_ns();
    for (int i = 0; i < CHUNK; i++)
        launch(work);
    return now_ns() - began_ns;
}

static double graphs_ns(const struct work *work)
{
    double began_ns = now_ns();
    for (int i = 0; i < CHUNK; i++)
        work->launch_graph(work->graph, work->stream);
    return now_ns() - began_ns;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(const char *name, const char *call, double (*time_ns)(const struct work *), const struct work *hooked,
                    const struct work *bare, long launches, int repeats)
{
    double bare_ns[REPEATS_MOST], added_ns[REPEATS_MOST];
    __typeof__(&cuCtxSynchronize) finish = LOOK_UP(dlsym, cuCtxSynchronize);
    for (int r = 0; r < repeats; r++) {
        double sums_ns[2] = {0};
        for (long i = 0; i < 2 * launches; i += CHUNK) {
            int side = (int)(i / CHUNK % 2);
            sums_ns[side] += time_ns(side == 0 ? bare : hooked);
            check("cuCtxSynchronize", finish());
        }
        bare_ns[r] = sums_ns[0] / (double)launches;
        added_ns[r] = (sums_ns[1] - sums_ns[0]) / (double)launches;
    }
    qsort(bare_ns, (size_t)repeats, sizeof *bare_ns, by_value);
    qsort(added_ns, (size_t)repeats, sizeof *added_ns, by_value);
    printf("%-12s%-16s%10.1f%10.1f%10.1f%10.1f\n", name, call, bare_ns[repeats / 2], added_ns[repeats / 2], added_ns[0],
           added_ns[repeats - 1]);
}

int main(int count, char **arguments)
{
    long launches = count == 4 ? atol(arguments[2]) : 0;
    int repeats = count == 4 ? atoi(arguments[3]) : 0;
    if (launches < CHUNK || repeats < 1 || repeats > REPEATS_MOST) {
        fprintf(stderr, "usage: launch_cost NAME LAUNCHES REPEATS, at least %d launches, at most %d repeats\n", CHUNK,
                REPEATS_MOST);
        return 2;
    }
    cuda = dlopen("libcuda.so.1", RTLD_NOW);
    look_up real = real_look_up();
    if (cuda == NULL || real == NULL) {
        fprintf(stderr, "launch_cost: %s\n", dlerror());
        return 1;
    }
    struct work hooked = prepare(), bare = hooked;
    bare.launch_kernel = LOOK_UP(real, cuLaunchKernel);
    bare.launch_graph = LOOK_UP(real, cuGraphLaunch);
    if (bare.launch_kernel == hooked.launch_kernel) {
        fprintf(stderr, "launch_cost: there is no limiter: preload libaliquot.so\n");
        return 1;
    }
    measure(arguments[1], "cuLaunchKernel", kernels_ns, &hooked, &bare, launches - launches % CHUNK, repeats);
    measure(arguments[1], "cuGraphLaunch", graphs_ns, &hooked, &bare, launches - launches % CHUNK, repeats);
    return 0;
}
