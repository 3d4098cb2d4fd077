/*
 * A CUDA program for the preload tests; uses no CUDA library but what it opens itself.
 *   probe lookups        every hooked symbol by dlsym and cuGetProcAddress: "SYMBOL WAY FILE" lines
 *   probe missed         looks a launch up that the limiter does not know, before and after it initialises CUDA, and some
 *                        that it hooks or lets pass: prints how many it does not know
 *   probe memory N...    prints total memory; allocates N bytes one after another: "N ok|refused free total"
 *   probe name           prints what CUDA calls the device, and what of it fits into 8 bytes
 *   probe arrays         makes and destroys arrays and mipmaps of known sizes: prints the memory after each
 *   probe work KIND      two seconds of one kind of copy or memset, as fast as it is let: prints its GPU time in permille, at
 *                        the simulator's 2 TB/s. KIND: memset, memset-sync, copy, copy-sync, unified, host
 *   probe hold N         allocates N bytes, prints "held", waits for its input's end
 *   probe churn          four threads allocate, launch, and free or leave, each on a stream of its own, until it is killed
 *   probe fork           initialises CUDA in a child that was forked before: prints the child's total memory
 *   probe capture        captures launches of 100 kernels into a graph and launches it: "captured ok"
 *   probe captures       the same in four threads, while a fifth launches: "captured ok"
 *   probe threads        three seconds of memsets of 64 us by four threads, each with a stream and eight launches at a time: prints
 *                        their GPU time in permille
 *   probe contexts       resets the primary context 100 times, each time with memory and work left in it, while a thread
 *                        launches in another context: prints the memory at the end
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cuda_calls.h"
#include "aliquot_nvml.h"

static const char *file_of(void *function)
{
    Dl_info info;
    const char *path = dladdr(function, &info) != 0 ? info.dli_fname : "nowhere";
    const char *name = strrchr(path, '/');
    return name == NULL ? path : name + 1;
}

static void look_up(const char *base, int version, cuuint64_t flags)
{
    __typeof__(&cuGetProcAddress_v2) second;
    __typeof__(&cuGetProcAddress) first;
    void *found = find("cuGetProcAddress_v2"), *pointer = NULL, *older = NULL;
    CUdriverProcAddressQueryResult status = (CUdriverProcAddressQueryResult)77;
    memcpy(&second, &found, sizeof found);
    found = find("cuGetProcAddress");
    memcpy(&first, &found, sizeof found);
    CUresult result = second(base, &pointer, version, flags, &status);
    first(base, &older, version, flags);
    Dl_info info = {0};
    dladdr(pointer, &info);
    printf("%s version=%d flags=%d result=%d status=%d file=%s symbol=%s older=%s\n", base, version, (int)flags, (int)result,
           (int)status, pointer == NULL ? "none" : file_of(pointer), info.dli_sname == NULL ? "-" : info.dli_sname,
           older == pointer ? "same" : "other");
}

static void lookups(void)
{
    void *nvml = dlopen("libnvidia-ml.so.1", RTLD_NOW);
#define HOOK(name, base, since, stream, library)                                        \
    {                                                                                   \
        void *function = dlsym(library, #name);                                         \
        printf("%s dlsym %s\n", #name, function == NULL ? "absent" : file_of(function)); \
    }
#define CUDA cuda
#define NVML nvml
#include "../limiter/hooks.def"
#undef CUDA
#undef NVML
#undef HOOK
    look_up("cuLaunchKernel", 4000, CU_GET_PROC_ADDRESS_DEFAULT);
    look_up("cuLaunchKernel", 7000, CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM);
    look_up("cuLaunchKernel", 13000, CU_GET_PROC_ADDRESS_LEGACY_STREAM);
    look_up("cuLaunchKernelEx", 11060, CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM);
    look_up("cuGraphLaunch", 12000, CU_GET_PROC_ADDRESS_DEFAULT);
    look_up("cuMemAlloc", 12000, CU_GET_PROC_ADDRESS_DEFAULT);
    look_up("cuGetProcAddress", 12000, CU_GET_PROC_ADDRESS_DEFAULT);
    look_up("cuGetProcAddress", 11030, CU_GET_PROC_ADDRESS_DEFAULT);
    look_up("cuStreamQuery", 12000, CU_GET_PROC_ADDRESS_DEFAULT);
    look_up("cuNoSuchThing", 12000, CU_GET_PROC_ADDRESS_DEFAULT);
    look_up("cuLaunchKernelEx", 4000, CU_GET_PROC_ADDRESS_DEFAULT);
}

static void look_up_the_unknown(void)
{
    CUcontext context;
    find("cuLaunchOfTomorrow");
    CALL(cuInit, 0);
    CALL(cuDevicePrimaryCtxRetain, &context, 0);
    find("cuLaunchKernel_ptsz");
    find("cuMemcpyHtoD_v2");
    find("cuCtxSynchronize");
    look_up("cuMemcpyHtoDAsync", 12000, CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM);
    look_up("cuMemsetD8Async", 12000, CU_GET_PROC_ADDRESS_DEFAULT);
    look_up("cuLaunchOfTomorrow", 12000, CU_GET_PROC_ADDRESS_DEFAULT); /* by both look-ups */
    look_up("cuStreamQuery", 12000, CU_GET_PROC_ADDRESS_DEFAULT);
    look_up("cuLaunchNothing", 12000, CU_GET_PROC_ADDRESS_DEFAULT);
    puts("missed=3");
}

static void print_memory(const char *what)
{
    size_t left, total;
    CALL(cuMemGetInfo_v2, &left, &total);
    printf("%s free=%zu total=%zu\n", what, left, total);
    fflush(stdout);
}

static void print_name(void)
{
    char name[128], start[8];
    CALL(cuDeviceGetName, name, sizeof name, 0);
    CALL(cuDeviceGetName, start, sizeof start, 0);
    printf("%s %s\n", name, start);
}

static int allocate(size_t bytes)
{
    __typeof__(&cuMemAlloc_v2) function;
    void *found = find("cuMemAlloc_v2");
    CUdeviceptr pointer;
    memcpy(&function, &found, sizeof found);
    return function(&pointer, bytes) == CUDA_SUCCESS;
}

static void arrays(void)
{
    const CUDA_ARRAY_DESCRIPTOR plane = {8192, 4096, CU_AD_FORMAT_FLOAT, 2};
    const CUDA_ARRAY3D_DESCRIPTOR layers = {1024, 1024, 6, CU_AD_FORMAT_HALF, 4, CUDA_ARRAY3D_LAYERED};
    __typeof__(&cuArray3DCreate_v2) create;
    CUarray array[2];
    CUmipmappedArray mipmap;
    void *found = find("cuArray3DCreate_v2");
    memcpy(&create, &found, sizeof found);
    CALL(cuArrayCreate_v2, &array[0], &plane);
    print_memory("plane");
    CALL(cuArray3DCreate_v2, &array[1], &layers);
    print_memory("layers");
    CALL(cuMipmappedArrayCreate, &mipmap, &layers, 3);
    print_memory("mipmap");
    const CUDA_ARRAY3D_DESCRIPTOR large = {65536, 65536, 0, CU_AD_FORMAT_FLOAT, 4, 0};
    CUarray refused;
    print_memory(create(&refused, &large) == CUDA_ERROR_OUT_OF_MEMORY ? "refused" : "allowed");
    CALL(cuArrayDestroy, array[0]);
    CALL(cuArrayDestroy, array[1]);
    CALL(cuMipmappedArrayDestroy, mipmap);
    print_memory("end");
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void finish(void)
{
    __typeof__(&cuCtxSynchronize) function;
    void *found = find("cuCtxSynchronize");
    memcpy(&function, &found, sizeof found);
    if (function() != CUDA_SUCCESS)
        exit(1);
}

#define KEPT_BYTES ((size_t)64 << 20) /* by the simulator: what lies behind costs no RAM */

static void work(const char *kind)
{
    const size_t bytes = (size_t)128 << 20;
    CUstream stream;
    CUdeviceptr to, from;
    void *host;
    unsigned long long count = 0;
    CALL(cuStreamCreate, &stream, CU_STREAM_NON_BLOCKING);
    CALL(cuMemAlloc_v2, &to, KEPT_BYTES + bytes);
    CALL(cuMemAlloc_v2, &from, KEPT_BYTES + bytes);
    to += KEPT_BYTES;
    from += KEPT_BYTES;
    CALL(cuMemAllocHost_v2, &host, 4096);
    double start_s = now_s(), end_s;
    while ((end_s = now_s()) < start_s + 2) {
        if (strcmp(kind, "memset") == 0)
            CALL(cuMemsetD8Async, to, 0, bytes, stream);
        else if (strcmp(kind, "memset-sync") == 0)
            CALL(cuMemsetD8_v2, to, 0, bytes);
        else if (strcmp(kind, "copy") == 0)
            CALL(cuMemcpyDtoDAsync_v2_ptsz, to, from, bytes, NULL);
        else if (strcmp(kind, "copy-sync") == 0)
            CALL(cuMemcpyDtoD_v2_ptds, to, from, bytes);
        else if (strcmp(kind, "unified") == 0)
            CALL(cuMemcpyAsync, to, from, bytes, stream);
        else
            CALL(cuMemcpyAsync, to, (CUdeviceptr)(uintptr_t)host, 4096, stream);
        if (++count % 64 == 0)
            finish();
    }
    finish();
    printf("%s: %.0f permille\n", kind, (double)count * (double)bytes / 2e12 / (now_s() - start_s) * 1000);
}

static CUfunction load_kernel(void)
{
    static const char PTX[] = ".version 7.0\n.target sm_70\n.address_size 64\n"
                              ".visible .entry tiny()\n{\nret;\n}\n";
    CUmodule module;
    CUfunction function;
    CALL(cuModuleLoadData, &module, PTX);
    CALL(cuModuleGetFunction, &function, module, "tiny");
    return function;
}

static void launch(CUfunction function, CUstream stream)
{
    CALL(cuLaunchKernel, function, 1, 1, 1, 1, 1, 1, 0, stream, NULL, NULL);
}

static void capture_rounds(CUfunction function, CUstreamCaptureMode mode)
{
    CUstream stream;
    CUgraph graph;
    CUgraphExec exec;
    CALL(cuStreamCreate, &stream, CU_STREAM_NON_BLOCKING);
    launch(function, stream);
    for (int round = 0; round < 20; round++) {
        CALL(cuStreamBeginCapture_v2, stream, mode);
        for (int i = 0; i < 100; i++)
            launch(function, stream);
        usleep(5000); /* the helper has time to do what it must not */
        CALL(cuStreamEndCapture, stream, &graph);
        CALL(cuGraphInstantiateWithFlags, &exec, graph, 0);
        CALL(cuGraphLaunch, exec, stream);
        CALL(cuStreamSynchronize, stream);
    }
}

static _Atomic bool ended;
#define SET_BYTES ((size_t)128000000)

struct worker {
    CUcontext context;
    CUfunction function;
};

static void *launch_on(void *argument)
{
    const struct worker *worker = argument;
    CUstream stream;
    CALL(cuCtxSetCurrent, worker->context);
    CALL(cuStreamCreate, &stream, CU_STREAM_NON_BLOCKING);
    while (!atomic_load(&ended)) {
        launch(worker->function, stream);
        usleep(100);
    }
    CALL(cuStreamSynchronize, stream);
    return NULL;
}

static _Atomic unsigned long long sets;

static void *set_on(void *argument)
{
    const struct worker *worker = argument;
    CUstream stream;
    CUdeviceptr to;
    CALL(cuCtxSetCurrent, worker->context);
    CALL(cuStreamCreate, &stream, CU_STREAM_NON_BLOCKING);
    CALL(cuMemAlloc_v2, &to, KEPT_BYTES + SET_BYTES);
    to += KEPT_BYTES;
    while (!atomic_load(&ended)) {
        for (int i = 0; i < 8; i++)
            CALL(cuMemsetD8Async, to, 0, SET_BYTES, stream);
        CALL(cuStreamSynchronize, stream);
        atomic_fetch_add(&sets, 8);
    }
    return NULL;
}

static void threads(void)
{
    pthread_t thread[4];
    struct worker worker = {0};
    CALL(cuCtxGetCurrent, &worker.context);
    for (int i = 0; i < 4; i++)
        pthread_create(&thread[i], NULL, set_on, &worker);
    sleep(3);
    atomic_store(&ended, true);
    for (int i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
    printf("threads: %.0f permille\n", (double)sets * SET_BYTES / 2e12 / 3 * 1000);
}

static void *capture_in_thread(void *argument)
{
    const struct worker *worker = argument;
    CALL(cuCtxSetCurrent, worker->context);
    capture_rounds(worker->function, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
    return NULL;
}

static void captures(void)
{
    struct worker worker = {.function = load_kernel()};
    pthread_t launcher, thread[4];
    CALL(cuCtxGetCurrent, &worker.context);
    pthread_create(&launcher, NULL, launch_on, &worker);
    for (int i = 0; i < 4; i++)
        pthread_create(&thread[i], NULL, capture_in_thread, &worker);
    for (int i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
    atomic_store(&ended, true);
    pthread_join(launcher, NULL);
}

static void *churn_in_thread(void *argument)
{
    const struct worker *worker = argument;
    unsigned seed = (unsigned)getpid() ^ (unsigned)(uintptr_t)&seed;
    __typeof__(&cuMemAlloc_v2) take;
    void *found = find("cuMemAlloc_v2");
    CUdeviceptr held[8] = {0};
    CUstream stream;
    memcpy(&take, &found, sizeof found);
    CALL(cuCtxSetCurrent, worker->context);
    CALL(cuStreamCreate, &stream, CU_STREAM_NON_BLOCKING);
    for (;;) {
        CUdeviceptr *place = &held[rand_r(&seed) % 8];
        if (*place != 0)
            CALL(cuMemFree_v2, *place);
        if (take(place, 1 + (size_t)rand_r(&seed) % (48 << 20)) != CUDA_SUCCESS)
            *place = 0;
        for (int i = rand_r(&seed) % 200; i > 0; i--)
            launch(worker->function, stream);
        if (rand_r(&seed) % 4 == 0)
            CALL(cuStreamSynchronize, stream);
    }
    return NULL;
}

static void churn(void)
{
    struct worker worker = {.function = load_kernel()};
    pthread_t thread[4];
    CALL(cuCtxGetCurrent, &worker.context);
    for (int i = 0; i < 4; i++)
        pthread_create(&thread[i], NULL, churn_in_thread, &worker);
    pause();
}

/* Launches and waits, for three to four seconds. */
static void rounds(void)
{
    CUfunction function = load_kernel();
    int count = 0;
    for (time_t end = time(NULL) + 4; time(NULL) < end; count++) {
        for (int i = 0; i < 50; i++)
            launch(function, NULL);
        CALL(cuStreamSynchronize, NULL);
    }
    printf("%d rounds\n", count);
}

static void contexts(void)
{
    struct worker worker;
    pthread_t launcher;
    CUcontext context;
    CALL(cuCtxCreate_v2, &worker.context, 0, 0);
    worker.function = load_kernel();
    pthread_create(&launcher, NULL, launch_on, &worker);
    for (int round = 0; round < 100; round++) {
        CALL(cuDevicePrimaryCtxRetain, &context, 0);
        CALL(cuCtxSetCurrent, context);
        if (!allocate(256 << 20)) {
            fprintf(stderr, "probe: no memory in round %d\n", round);
            exit(1);
        }
        CUfunction function = load_kernel();
        for (int i = 0; i < 10; i++)
            launch(function, NULL);
        CALL(cuDevicePrimaryCtxReset_v2, 0);
    }
    atomic_store(&ended, true);
    pthread_join(launcher, NULL);
    CALL(cuCtxSetCurrent, worker.context);
    print_memory("end");
}

int main(int count, char **arguments)
{
    const char *what = count > 1 ? arguments[1] : "";
    if (strcmp(what, "fork") == 0) {
        pid_t child = fork();
        if (child != 0)
            return waitpid(child, NULL, 0) != child;
        what = "memory";
    }
    open_cuda();
    if (strcmp(what, "missed") == 0) {
        look_up_the_unknown();
        return 0;
    }
    start();
    if (strcmp(what, "lookups") == 0) {
        lookups();
    } else if (strcmp(what, "capture") == 0) {
        capture_rounds(load_kernel(), CU_STREAM_CAPTURE_MODE_GLOBAL);
        puts("captured ok");
    } else if (strcmp(what, "captures") == 0) {
        captures();
        puts("captured ok");
    } else if (strcmp(what, "contexts") == 0) {
        contexts();
    } else if (strcmp(what, "threads") == 0) {
        threads();
    } else if (strcmp(what, "rounds") == 0) {
        rounds();
    } else if (strcmp(what, "churn") == 0) {
        churn();
    } else if (strcmp(what, "name") == 0) {
        print_name();
    } else if (strcmp(what, "arrays") == 0) {
        arrays();
    } else if (strcmp(what, "work") == 0 && count > 2) {
        work(arguments[2]);
    } else if (strcmp(what, "hold") == 0) {
        puts(allocate(strtoull(arguments[2], NULL, 10)) ? "held" : "refused");
        fflush(stdout);
        while (getchar() != EOF)
            continue;
    } else {
        print_memory("start");
        for (int i = 2; i < count; i++)
            print_memory(allocate(strtoull(arguments[i], NULL, 10)) ? "ok" : "refused");
    }
    return 0;
}
