/* The simulated driver and NVML as one process sees them: results, errors, captures, look-up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aliquot_cuda.h"
#include "aliquot_nvml.h"

static const char ptx[] = ".version 7.0\n.target sm_70\n.address_size 64\n"
                          ".visible .entry aliquot_spin(.param .u64 ns, .param .u64 counters) { ret; }\n"
                          ".visible .entry other(.param .u32 n) { ret; }\n";

static CUcontext context;
static CUfunction spin, other;
static CUstream stream;
static CUdeviceptr counters;

#define OK(call) assert_int_equal(call, CUDA_SUCCESS)
#define FAILS(call, error) assert_int_equal(call, error)

static CUresult launch_on(CUstream s, uint64_t ns)
{
    void *params[] = {&ns, &counters};
    return cuLaunchKernel(spin, 1, 1, 1, 32, 1, 1, 0, s, params, NULL);
}

static int setup(void **state)
{
    (void)state;
    CUmodule module;
    if (cuInit(0) || cuCtxCreate_v2(&context, 0, 0) || cuModuleLoadData(&module, ptx) ||
        cuModuleGetFunction(&spin, module, "aliquot_spin") || cuModuleGetFunction(&other, module, "other") ||
        cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING) || cuMemAlloc_v2(&counters, 16) ||
        cuMemsetD8_v2(counters, 0, 16))
        return -1;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    return cuCtxDestroy_v2(context) ? -1 : 0;
}

static void needsInitialisation(void **state)
{
    (void)state;
    int n;
    unsigned count;
    FAILS(cuDeviceGetCount(&n), CUDA_ERROR_NOT_INITIALIZED);
    FAILS(cuCtxSynchronize(), CUDA_ERROR_NOT_INITIALIZED);
    FAILS(nvmlDeviceGetCount_v2(&count), NVML_ERROR_UNINITIALIZED);
    FAILS(nvmlShutdown(), NVML_ERROR_UNINITIALIZED);
    OK(cuInit(0));
    FAILS(cuCtxSynchronize(), CUDA_ERROR_INVALID_CONTEXT);
    OK(cuDeviceGetCount(&n));
    assert_int_equal(n, 2);
}

static void countersShowWhatWasDone(void **state)
{
    (void)state;
    uint64_t word[2];
    for (int i = 0; i < 5; i++)
        OK(launch_on(stream, 30000));
    OK(cuStreamSynchronize(stream));
    OK(cuMemcpyDtoH_v2(word, counters, sizeof word));
    assert_int_equal(word[0], 5);
    assert_int_equal(word[1], 150000);
}

static void eventsGiveTheExactTime(void **state)
{
    (void)state;
    CUevent a, b, never;
    float ms;
    OK(cuEventCreate(&a, 0));
    OK(cuEventCreate(&b, 0));
    OK(cuEventCreate(&never, 0));
    FAILS(cuEventElapsedTime(&ms, a, b), CUDA_ERROR_INVALID_HANDLE); /* not recorded */
    OK(cuEventQuery(never));
    OK(launch_on(stream, 300000000)); /* longer than any pause of this process */
    OK(cuEventRecord(a, stream));
    OK(launch_on(stream, 7000000));
    OK(cuEventRecord(b, stream));
    FAILS(cuEventQuery(b), CUDA_ERROR_NOT_READY);
    FAILS(cuStreamQuery(stream), CUDA_ERROR_NOT_READY);
    FAILS(cuEventElapsedTime(&ms, a, b), CUDA_ERROR_NOT_READY);
    OK(cuEventSynchronize(b));
    OK(cuStreamQuery(stream));
    OK(cuEventElapsedTime(&ms, a, b));
    assert_true(ms > 6.999f && ms < 7.001f);
    OK(cuEventDestroy_v2(never));
    FAILS(cuEventQuery(never), CUDA_ERROR_INVALID_HANDLE);
    FAILS(cuEventQuery((CUevent)0x1234), CUDA_ERROR_INVALID_HANDLE);
    OK(cuEventCreate(&never, CU_EVENT_DISABLE_TIMING));
    OK(cuEventRecord(never, stream));
    FAILS(cuEventElapsedTime(&ms, a, never), CUDA_ERROR_INVALID_HANDLE);
}

static void badHandlesAreErrors(void **state)
{
    (void)state;
    CUfunction f;
    FAILS(cuStreamSynchronize((CUstream)(uintptr_t)0xdeadbeef), CUDA_ERROR_INVALID_HANDLE);
    FAILS(cuLaunchKernel((CUfunction)stream, 1, 1, 1, 1, 1, 1, 0, NULL, NULL, NULL), CUDA_ERROR_INVALID_HANDLE);
    FAILS(cuModuleGetFunction(&f, (CUmodule)spin, "x"), CUDA_ERROR_INVALID_HANDLE);
    FAILS(cuGraphLaunch((CUgraphExec)stream, stream), CUDA_ERROR_INVALID_VALUE);
    FAILS(cuMemFree_v2(0x1000), CUDA_ERROR_INVALID_VALUE);
    FAILS(cuCtxSetCurrent((CUcontext)stream), CUDA_ERROR_INVALID_CONTEXT);
    FAILS(cuLaunchKernel(other, 0, 1, 1, 1, 1, 1, 0, NULL, NULL, NULL), CUDA_ERROR_INVALID_VALUE);
}

static void memoryIsCountedAndKeepsItsData(void **state)
{
    (void)state;
    size_t before, after, total;
    CUdeviceptr p, big;
    unsigned char out[4096], in[4096];
    memset(in, 7, sizeof in);
    OK(cuMemGetInfo_v2(&before, &total));
    OK(cuMemAlloc_v2(&p, 1 << 20));
    OK(cuMemGetInfo_v2(&after, &total));
    assert_int_equal(before - after, 1 << 20);
    OK(cuMemcpyHtoD_v2(p + 8192, in, sizeof in));
    OK(cuMemcpyDtoH_v2(out, p + 8192, sizeof out));
    assert_memory_equal(in, out, sizeof in);
    FAILS(cuMemcpyHtoD_v2(p + (1 << 20) - 1, in, 2), CUDA_ERROR_INVALID_VALUE);
    FAILS(cuMemAlloc_v2(&big, total), CUDA_ERROR_OUT_OF_MEMORY);
    OK(cuMemFree_v2(p));
    OK(cuMemAllocAsync(&p, 4096, stream));
    OK(cuMemsetD8Async(p, 9, 4096, stream));
    OK(cuMemcpyDtoHAsync_v2(out, p, 4096, stream));
    OK(cuMemFreeAsync(p, stream));
    OK(cuStreamSynchronize(stream));
    assert_int_equal(out[4095], 9);
    OK(cuMemGetInfo_v2(&after, &total));
    assert_int_equal(before, after);
}

static void physicalMemoryMapsIntoAReservation(void **state)
{
    (void)state;
    const size_t size = 4 << 20;
    CUmemAllocationProp prop = {.type = CU_MEM_ALLOCATION_TYPE_PINNED, .location = {CU_MEM_LOCATION_TYPE_DEVICE, 0}};
    CUmemGenericAllocationHandle h;
    CUdeviceptr p;
    size_t before, after, total;
    int value = 42, back = 0;
    OK(cuMemGetInfo_v2(&before, &total));
    OK(cuMemCreate(&h, size, &prop, 0));
    OK(cuMemAddressReserve(&p, size, 0, 0, 0));
    FAILS(cuMemcpyHtoD_v2(p, &value, sizeof value), CUDA_ERROR_INVALID_VALUE);
    OK(cuMemMap(p, size, 0, h, 0));
    OK(cuMemRelease(h));
    OK(cuMemcpyHtoD_v2(p, &value, sizeof value));
    OK(cuMemcpyDtoH_v2(&back, p, sizeof back));
    assert_int_equal(back, 42);
    OK(cuMemGetInfo_v2(&after, &total));
    assert_int_equal(before - after, size); /* released, but mapped still */
    OK(cuMemUnmap(p, size));
    OK(cuMemAddressFree(p, size));
    OK(cuMemGetInfo_v2(&after, &total));
    assert_int_equal(before, after);
}

static void captureMakesAGraph(void **state)
{
    (void)state;
    CUgraph g;
    CUgraphExec x;
    CUstreamCaptureStatus status;
    uint64_t before[2], after[2];
    size_t nodes = 0;
    OK(cuMemcpyDtoH_v2(before, counters, sizeof before));
    OK(cuStreamBeginCapture_v2(stream, CU_STREAM_CAPTURE_MODE_GLOBAL));
    for (int i = 0; i < 3; i++)
        OK(launch_on(stream, 50000));
    OK(cuStreamIsCapturing(stream, &status));
    assert_int_equal(status, CU_STREAM_CAPTURE_STATUS_ACTIVE);
    OK(cuStreamEndCapture(stream, &g));
    OK(cuGraphGetNodes(g, NULL, &nodes));
    assert_int_equal(nodes, 3);
    OK(cuGraphInstantiateWithFlags(&x, g, 0));
    OK(cuGraphDestroy(g));
    OK(cuGraphLaunch(x, stream));
    OK(cuGraphLaunch(x, stream));
    OK(cuGraphExecDestroy(x)); /* while it may be running */
    OK(cuStreamSynchronize(stream));
    OK(cuMemcpyDtoH_v2(after, counters, sizeof after));
    assert_int_equal(after[0] - before[0], 6);
    assert_int_equal(after[1] - before[1], 300000);
}

static void *query_event(void *event)
{
    return (void *)(uintptr_t)cuEventQuery((CUevent)event);
}

static void *query_event_relaxed(void *event)
{
    CUstreamCaptureMode mode = CU_STREAM_CAPTURE_MODE_RELAXED;
    cuThreadExchangeStreamCaptureMode(&mode);
    return query_event(event);
}

static void *in_thread(void *(*body)(void *), void *argument)
{
    pthread_t thread;
    void *result;
    assert_int_equal(pthread_create(&thread, NULL, body, argument), 0);
    pthread_join(thread, &result);
    return result;
}

static void unsafeCallBreaksAGlobalCapture(void **state)
{
    (void)state;
    CUgraph g;
    CUevent e;
    CUdeviceptr p;
    OK(cuEventCreate(&e, 0));
    OK(cuStreamBeginCapture_v2(stream, CU_STREAM_CAPTURE_MODE_GLOBAL));
    assert_int_equal((uintptr_t)in_thread(query_event_relaxed, e), CUDA_SUCCESS);
    OK(launch_on(stream, 1000)); /* the capture still stands */
    assert_int_equal((uintptr_t)in_thread(query_event, e), CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
    FAILS(launch_on(stream, 1000), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
    FAILS(cuStreamEndCapture(stream, &g), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);

    OK(cuStreamBeginCapture_v2(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
    assert_int_equal((uintptr_t)in_thread(query_event, e), CUDA_SUCCESS);
    FAILS(cuMemAlloc_v2(&p, 64), CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
    FAILS(cuStreamEndCapture(stream, &g), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);

    OK(cuStreamBeginCapture_v2(stream, CU_STREAM_CAPTURE_MODE_RELAXED));
    OK(cuMemAlloc_v2(&p, 64));
    OK(cuEventRecord(e, stream));
    FAILS(cuEventQuery(e), CUDA_ERROR_CAPTURED_EVENT);
    FAILS(cuStreamEndCapture(stream, &g), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
    OK(launch_on(stream, 1000));
    OK(cuStreamSynchronize(stream));
    OK(cuMemFree_v2(p));
}

static void forkedStreamMustBeJoined(void **state)
{
    (void)state;
    CUstream side;
    CUevent fork_event, join_event;
    CUgraph g;
    OK(cuStreamCreate(&side, CU_STREAM_NON_BLOCKING));
    OK(cuEventCreate(&fork_event, CU_EVENT_DISABLE_TIMING));
    OK(cuEventCreate(&join_event, CU_EVENT_DISABLE_TIMING));
    for (int join = 0; join < 2; join++) {
        OK(cuStreamBeginCapture_v2(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
        OK(launch_on(stream, 1000));
        OK(cuEventRecord(fork_event, stream));
        OK(cuStreamWaitEvent(side, fork_event, 0));
        OK(launch_on(side, 1000));
        OK(cuEventRecord(join_event, side));
        if (join)
            OK(cuStreamWaitEvent(stream, join_event, 0));
        FAILS(cuStreamEndCapture(stream, &g), join ? CUDA_SUCCESS : CUDA_ERROR_STREAM_CAPTURE_UNJOINED);
    }
    OK(cuStreamDestroy_v2(side));
}

static void explicitGraphKeepsItsParameters(void **state)
{
    (void)state;
    CUgraph g;
    CUgraphNode node;
    CUgraphExec x;
    uint64_t ns = 123456;
    CUdeviceptr none = 0;
    void *params[] = {&ns, &none};
    CUDA_KERNEL_NODE_PARAMS_v2 p = {
        .func = spin, .gridDimX = 2, .gridDimY = 1, .gridDimZ = 1, .blockDimX = 32, .blockDimY = 1, .blockDimZ = 1,
        .kernelParams = params}, q;
    OK(cuGraphCreate(&g, 0));
    OK(cuGraphAddKernelNode_v2(&node, g, NULL, 0, &p));
    ns = 0;
    OK(cuGraphKernelNodeGetParams_v2(node, &q));
    assert_int_equal(q.gridDimX, 2);
    assert_int_equal(*(uint64_t *)q.kernelParams[0], 123456);
    OK(cuGraphInstantiate_v2(&x, g, NULL, NULL, 0));
    OK(cuGraphLaunch(x, stream));
    OK(cuStreamSynchronize(stream));
    OK(cuGraphExecDestroy(x));
    OK(cuGraphDestroy(g));
}

static void lookUpGivesTheVariantThatWasAskedFor(void **state)
{
    (void)state;
    void *f;
    CUdriverProcAddressQueryResult status;
    OK(cuGetProcAddress_v2("cuLaunchKernel", &f, 4000, 0, &status));
    assert_ptr_equal(f, (void *)(uintptr_t)cuLaunchKernel);
    assert_int_equal(status, CU_GET_PROC_ADDRESS_SUCCESS);
    OK(cuGetProcAddress_v2("cuLaunchKernel", &f, 7000, CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM, &status));
    assert_ptr_equal(f, (void *)(uintptr_t)cuLaunchKernel_ptsz);
    OK(cuGetProcAddress_v2("cuMemAlloc", &f, 13000, CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM, &status));
    assert_ptr_equal(f, (void *)(uintptr_t)cuMemAlloc_v2);
    OK(cuGetProcAddress_v2("cuCtxCreate", &f, 11000, 0, &status));
    assert_ptr_equal(f, (void *)(uintptr_t)cuCtxCreate_v2);
    OK(cuGetProcAddress_v2("cuCtxCreate", &f, 12050, 0, &status));
    assert_ptr_equal(f, (void *)(uintptr_t)cuCtxCreate_v4);
    OK(cuGetProcAddress_v2("cuGetProcAddress", &f, 12000, 0, &status));
    assert_ptr_equal(f, (void *)(uintptr_t)cuGetProcAddress_v2);
    OK(cuGetProcAddress_v2("cuLaunchKernelEx", &f, 11000, 0, &status));
    assert_null(f);
    assert_int_equal(status, CU_GET_PROC_ADDRESS_VERSION_NOT_SUFFICIENT);
    OK(cuGetProcAddress_v2("cuLaunchKernel", &f, 4000, CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM, &status));
    assert_null(f);
    assert_int_equal(status, CU_GET_PROC_ADDRESS_VERSION_NOT_SUFFICIENT);
    OK(cuGetProcAddress_v2("cuNoSuchThing", &f, 13000, 0, NULL));
    OK(cuGetProcAddress_v2("cuNoSuchThing", &f, 13000, 0, &status));
    assert_int_equal(status, CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND);
    FAILS(cuGetProcAddress("cuNoSuchThing", &f, 13000, 0), CUDA_ERROR_NOT_FOUND);
    FAILS(cuGetProcAddress_v2("cuInit", &f, 99000, 0, &status), CUDA_ERROR_INVALID_VALUE);
}

static void everyKindOfLaunchRuns(void **state)
{
    (void)state;
    uint64_t before[2], after[2], ns = 1000;
    void *params[] = {&ns, &counters};
    CUlaunchConfig config = {.gridDimX = 1, .gridDimY = 1, .gridDimZ = 1, .blockDimX = 1, .blockDimY = 1,
                             .blockDimZ = 1, .hStream = stream};
    CUDA_LAUNCH_PARAMS each = {.function = spin, .gridDimX = 1, .gridDimY = 1, .gridDimZ = 1, .blockDimX = 1,
                               .blockDimY = 1, .blockDimZ = 1, .hStream = stream, .kernelParams = params};
    OK(cuMemcpyDtoH_v2(before, counters, sizeof before));
    OK(cuLaunchKernelEx(&config, spin, params, NULL));
    config.hStream = NULL;
    OK(cuLaunchKernelEx_ptsz(&config, spin, params, NULL));
    OK(cuLaunchCooperativeKernel(spin, 1, 1, 1, 1, 1, 1, 0, CU_STREAM_PER_THREAD, params));
    OK(cuLaunchCooperativeKernelMultiDevice(&each, 1, 0));
    OK(cuLaunchKernel_ptsz(spin, 1, 1, 1, 1, 1, 1, 0, NULL, params, NULL));
    OK(cuFuncSetBlockShape(spin, 1, 1, 1));
    OK(cuParamSetSize(spin, 16));
    OK(cuParamSetv(spin, 0, &ns, 8));
    OK(cuParamSetv(spin, 8, &counters, 8));
    OK(cuLaunch(spin));
    OK(cuLaunchGrid(spin, 2, 2));
    OK(cuLaunchGridAsync(spin, 2, 2, stream));
    OK(cuLaunchKernel(other, 1, 1, 1, 1, 1, 1, 0, NULL, NULL, NULL));
    OK(cuCtxSynchronize());
    OK(cuMemcpyDtoH_v2(after, counters, sizeof after));
    assert_int_equal(after[0] - before[0], 8);
}

static void fullQueueHoldsTheLaunchBack(void **state)
{
    (void)state;
    uint64_t before[2], after[2];
    OK(cuMemcpyDtoH_v2(before, counters, sizeof before));
    for (int i = 0; i < 3000; i++)
        OK(launch_on(stream, 20000));
    OK(cuStreamSynchronize(stream));
    OK(cuMemcpyDtoH_v2(after, counters, sizeof after));
    assert_int_equal(after[0] - before[0], 3000);
}

static void nvmlSeesTheSameGpu(void **state)
{
    (void)state;
    nvmlDevice_t d, by_uuid;
    CUuuid u;
    char uuid[NVML_DEVICE_UUID_BUFFER_SIZE], name[NVML_DEVICE_NAME_V2_BUFFER_SIZE];
    unsigned count, index, none = 0;
    nvmlMemory_t m;
    nvmlMemory_v2_t m2 = {.version = nvmlMemory_v2};
    nvmlProcessInfo_t info[8];
    nvmlUtilization_t use;
    CUdeviceptr p;
    OK(nvmlInit_v2());
    OK(nvmlDeviceGetCount_v2(&count));
    assert_int_equal(count, 2);
    FAILS(nvmlDeviceGetHandleByIndex_v2(2, &d), NVML_ERROR_INVALID_ARGUMENT);
    OK(nvmlDeviceGetHandleByIndex_v2(0, &d));
    OK(nvmlDeviceGetUUID(d, uuid, sizeof uuid));
    OK(cuDeviceGetUuid_v2(&u, 0));
    const unsigned char *b = (const unsigned char *)u.bytes;
    char expected[80];
    snprintf(expected, sizeof expected, "GPU-%02x%02x%02x%02x-", b[0], b[1], b[2], b[3]);
    assert_memory_equal(uuid, expected, strlen(expected));
    OK(nvmlDeviceGetHandleByUUID(uuid, &by_uuid));
    assert_ptr_equal(d, by_uuid);
    OK(nvmlDeviceGetIndex(d, &index));
    assert_int_equal(index, 0);
    FAILS(nvmlDeviceGetUUID(d, uuid, 4), NVML_ERROR_INSUFFICIENT_SIZE);
    FAILS(nvmlDeviceGetName((nvmlDevice_t)&u, name, sizeof name), NVML_ERROR_INVALID_ARGUMENT);
    OK(nvmlDeviceGetName(d, name, sizeof name));
    assert_non_null(strstr(name, "Simulated"));
    OK(cuMemAlloc_v2(&p, 1 << 30));
    OK(nvmlDeviceGetMemoryInfo(d, &m));
    OK(nvmlDeviceGetMemoryInfo_v2(d, &m2));
    assert_true(m.used >= 1 << 30 && m2.used == m.used && m.free + m.used == m.total);
    FAILS(nvmlDeviceGetComputeRunningProcesses_v3(d, &none, NULL), NVML_ERROR_INSUFFICIENT_SIZE);
    assert_int_equal(none, 1);
    count = 8;
    OK(nvmlDeviceGetComputeRunningProcesses_v3(d, &count, info));
    assert_int_equal(info[0].pid, getpid());
    assert_int_equal(info[0].usedGpuMemory, m.used);
    OK(launch_on(stream, 300000000));
    OK(cuStreamSynchronize(stream));
    OK(nvmlDeviceGetUtilizationRates(d, &use));
    assert_true(use.gpu <= 100);
    OK(cuMemFree_v2(p));
    OK(nvmlShutdown());
    FAILS(nvmlDeviceGetMemoryInfo(d, &m), NVML_ERROR_UNINITIALIZED);
}

int main(void)
{
    setenv("ALIQUOT_SIM_GPUS", "2", 1);
    unlink(getenv("ALIQUOT_SIM") ? getenv("ALIQUOT_SIM") : "");
#define T(name) cmocka_unit_test(name)
    const struct CMUnitTest before[] = {T(needsInitialisation)};
    const struct CMUnitTest tests[] = {T(countersShowWhatWasDone),
                                       T(eventsGiveTheExactTime),
                                       T(badHandlesAreErrors),
                                       T(memoryIsCountedAndKeepsItsData),
                                       T(physicalMemoryMapsIntoAReservation),
                                       T(captureMakesAGraph),
                                       T(unsafeCallBreaksAGlobalCapture),
                                       T(forkedStreamMustBeJoined),
                                       T(explicitGraphKeepsItsParameters),
                                       T(lookUpGivesTheVariantThatWasAskedFor),
                                       T(everyKindOfLaunchRuns),
                                       T(fullQueueHoldsTheLaunchBack),
                                       T(nvmlSeesTheSameGpu)};
    int failed = cmocka_run_group_tests(before, NULL, NULL);
    return failed + cmocka_run_group_tests(tests, setup, teardown);
}
