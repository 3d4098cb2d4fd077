/*
 * Every kind of memory, step by step: kinds KIND [ARGUMENT]. After each step it prints "STEP USED" in MiB, as cuMemGetInfo
 * has it. At "pause" in a kind it waits for a line of its input.
 */
#include "cuda_calls.h"

#define MIB ((size_t)1 << 20)

static void show(const char *step)
{
    size_t left, total;
    CALL(cuMemGetInfo_v2, &left, &total);
    printf("%s %.4g\n", step, (double)(total - left) / (double)MIB);
    fflush(stdout);
}

static void pause_here(void)
{
    int byte;
    while ((byte = getchar()) != EOF && byte != '\n')
        continue;
}

static const char *outcome(CUresult result)
{
    return result == CUDA_SUCCESS ? "granted" : result == CUDA_ERROR_OUT_OF_MEMORY ? "refused" : "failed";
}

static void pools(void)
{
    CUdeviceptr small[2], large, other;
    CUstream stream;
    CUevent event;
    CUmemoryPool pool;
    CUresult result;
    cuuint64_t keep = UINT64_MAX;
    CALL(cuStreamCreate, &stream, CU_STREAM_NON_BLOCKING);
    CALL(cuMemAllocAsync, &small[0], MIB, stream);
    show("small");
    CALL(cuMemAllocAsync_ptsz, &small[1], MIB, stream);
    show("small-too");
    CALL(cuMemAllocAsync, &large, 40 * MIB, stream);
    show("large");
    CALL(cuMemFreeAsync, small[0], stream);
    CALL(cuMemFreeAsync_ptsz, small[1], stream);
    CALL(cuMemFree_v2, large);
    show("freed");
    CALL(cuStreamSynchronize, stream);
    show("waited");
    CALL(cuDeviceGetDefaultMemPool, &pool, 0);
    CALL(cuMemPoolSetAttribute, pool, CU_MEMPOOL_ATTR_RELEASE_THRESHOLD, &keep);
    CALL(cuMemAllocAsync, &large, 100 * MIB, stream);
    CALL(cuMemFreeAsync, large, stream);
    CALL(cuEventCreate, &event, 0);
    CALL(cuEventRecord, event, stream);
    CALL(cuEventSynchronize, event);
    show("kept");
    CALL(cuMemAllocAsync, &large, 128 * MIB, stream);
    show("reused");
    CALL(cuMemFreeAsync, large, stream);
    CALL(cuStreamSynchronize, stream);
    CALL(cuMemAlloc_v2, &other, 1024 * MIB); /* all there is: the pool's goes back first */
    show("all");
    RESULT(result, cuMemAllocAsync, &large, 1, stream);
    show(outcome(result));
    CALL(cuMemFree_v2, other);
    CALL(cuMemAllocAsync, &large, 1024 * MIB, stream);
    show("all-pool");
    RESULT(result, cuMemAlloc_v2, &other, 1);
    show(outcome(result));
    CALL(cuMemFreeAsync, large, stream);
    CALL(cuStreamSynchronize, stream);
    CALL(cuMemPoolTrimTo, pool, 300 * MIB);
    show("trimmed");
    CALL(cuMemPoolTrimTo, pool, 0);
    CUmemPoolProps props = {.allocType = CU_MEM_ALLOCATION_TYPE_PINNED, .location = {CU_MEM_LOCATION_TYPE_DEVICE, 0}};
    CALL(cuMemPoolCreate, &pool, &props);
    CALL(cuMemAllocFromPoolAsync, &large, 33 * MIB, pool, stream);
    show("own-pool");
    CALL(cuMemFreeAsync, large, stream);
    CALL(cuStreamSynchronize, stream);
    CALL(cuMemAllocFromPoolAsync, &large, MIB, pool, stream);
    CALL(cuMemFree_v2, large);
    show("own-pool-kept");
    CALL(cuMemPoolDestroy, pool);
    show("destroyed");
}

static CUgraph capture_allocation(CUstream stream, size_t bytes)
{
    CUgraph graph;
    CUdeviceptr address;
    CALL(cuStreamBeginCapture_v2, stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
    CALL(cuMemAllocAsync, &address, bytes, stream);
    CALL(cuMemFreeAsync, address, stream);
    CALL(cuStreamEndCapture, stream, &graph);
    return graph;
}

static void graphs(void)
{
    CUgraph graph, large;
    CUgraphNode node;
    CUgraphExec exec, second;
    CUstream stream;
    CUresult result;
    CUdeviceptr all;
    CALL(cuStreamCreate, &stream, CU_STREAM_NON_BLOCKING);
    graph = capture_allocation(stream, 48 * MIB);
    show("captured");
    CALL(cuGraphInstantiateWithFlags, &exec, graph, 0);
    show("instantiated");
    CALL(cuGraphLaunch, exec, stream);
    CALL(cuGraphLaunch, exec, stream);
    CALL(cuStreamSynchronize, stream);
    show("launched");
    CUDA_MEM_ALLOC_NODE_PARAMS_v1 params = {.poolProps.location = {CU_MEM_LOCATION_TYPE_DEVICE, 0}, .bytesize = 16 * MIB};
    CALL(cuGraphCreate, &large, 0);
    CALL(cuGraphAddMemAllocNode, &node, large, NULL, 0, &params);
    CALL(cuGraphInstantiate_v2, &second, large, NULL, NULL, 0);
    show("two");
    params.bytesize = 1024 * MIB;
    CALL(cuGraphAddMemAllocNode, &node, large, NULL, 0, &params);
    CUgraphExec refused;
    RESULT(result, cuGraphInstantiateWithFlags, &refused, large, 0);
    show(outcome(result));
    CALL(cuGraphExecDestroy, second);
    CALL(cuGraphExecDestroy, exec);
    show("destroyed");
    CALL(cuMemAlloc_v2, &all, 1024 * MIB); /* what is kept for graphs goes back first */
    show("all");
    RESULT(result, cuGraphInstantiateWithFlags, &exec, graph, 0);
    show(outcome(result));
    CALL(cuMemFree_v2, all);
    CALL(cuGraphInstantiateWithFlags, &exec, graph, 0);
    CALL(cuGraphLaunch, exec, stream);
    CALL(cuStreamSynchronize, stream);
    CALL(cuGraphExecDestroy, exec);
    show("kept");
    CALL(cuDeviceGraphMemTrim, 0);
    show("trimmed");
}

static void mappings(void)
{
    CUmemAllocationProp prop = {.type = CU_MEM_ALLOCATION_TYPE_PINNED, .location = {CU_MEM_LOCATION_TYPE_DEVICE, 0}};
    CUmemGenericAllocationHandle handle, second, again;
    CUdeviceptr range;
    CUresult result;
    CALL(cuMemAddressReserve, &range, 192 * MIB, 0, 0, 0);
    CALL(cuMemCreate, &handle, 64 * MIB, &prop, 0);
    CALL(cuMemCreate, &second, 64 * MIB, &prop, 0);
    show("created");
    CALL(cuMemMap, range, 64 * MIB, 0, handle, 0);
    CALL(cuMemMap, range + 64 * MIB, 64 * MIB, 0, handle, 0);
    CALL(cuMemMap, range + 128 * MIB, 64 * MIB, 0, second, 0);
    CALL(cuMemRelease, handle);
    CALL(cuMemRelease, second);
    show("released");
    RESULT(result, cuMemRelease, (CUmemGenericAllocationHandle)1);
    show(outcome(result));
    CALL(cuMemUnmap, range, 64 * MIB);
    show("one-of-two");
    CALL(cuMemRetainAllocationHandle, &again, (void *)(uintptr_t)(range + 129 * MIB));
    CALL(cuMemUnmap, range + 64 * MIB, 128 * MIB);
    show("retained");
    CALL(cuMemRelease, again);
    show("gone");
    RESULT(result, cuMemCreate, &handle, 1026 * MIB, &prop, 0);
    show(outcome(result));
    prop.location.type = CU_MEM_LOCATION_TYPE_HOST;
    CALL(cuMemCreate, &handle, 2048 * MIB, &prop, 0); /* not the GPU's */
    show("host");
    pause_here();
    CALL(cuMemRelease, handle);
    show("end");
    pause_here();
}

static void host(void)
{
    static char mine[8192];
    void *page, *flagged;
    CUmemoryPool pool;
    CUdeviceptr pooled;
    CUmemPoolProps props = {.allocType = CU_MEM_ALLOCATION_TYPE_PINNED, .location = {CU_MEM_LOCATION_TYPE_HOST, 0}};
    CALL(cuMemAllocHost_v2, &page, 10 * MIB);
    CALL(cuMemHostAlloc, &flagged, 5 * MIB, 1);
    CALL(cuMemHostRegister_v2, mine, sizeof mine, 0);
    show("pinned");
    pause_here();
    CALL(cuMemFreeHost, page);
    CALL(cuMemFreeHost, flagged);
    CALL(cuMemHostUnregister, mine);
    CALL(cuMemPoolCreate, &pool, &props);
    CALL(cuMemAllocFromPoolAsync, &pooled, MIB, pool, NULL);
    show("pooled");
    pause_here();
    CALL(cuMemFreeAsync, pooled, NULL);
    CALL(cuMemAllocHost_v2, &page, 3 * MIB);
    CALL(cuDevicePrimaryCtxReset, 0);
    start();
    show("reset");
    pause_here();
}

static void primary(void)
{
    CUdeviceptr address;
    CALL(cuMemAlloc_v2, &address, 256 * MIB);
    show("allocated");
    CALL(cuDevicePrimaryCtxRelease, 0);
    start();
    show("released");
    CALL(cuMemAllocAsync, &address, 256 * MIB, NULL);
    show("pooled");
    CALL(cuDevicePrimaryCtxReset, 0);
    start();
    show("reset");
}

static void ipc_owner(void)
{
    CUdeviceptr address;
    CUipcMemHandle handle;
    CALL(cuMemAlloc_v2, &address, 256 * MIB);
    CALL(cuIpcGetMemHandle, &handle, address);
    for (size_t i = 0; i < sizeof handle; i++)
        printf("%02x", (unsigned char)handle.reserved[i]);
    puts("");
    fflush(stdout);
    pause_here();
}

static void ipc_open(const char *text)
{
    CUdeviceptr address;
    CUipcMemHandle handle;
    for (size_t i = 0; i < sizeof handle; i++) {
        unsigned byte;
        sscanf(text + 2 * i, "%2x", &byte);
        handle.reserved[i] = (char)byte;
    }
    CALL(cuIpcOpenMemHandle_v2, &address, handle, 1);
    show("opened"); /* what the tenant holds: the owner's, once */
    CALL(cuIpcCloseMemHandle, address);
    show("closed");
}

int main(int count, char **argument)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } KINDS[] = {{"pools", pools}, {"graphs", graphs},   {"mappings", mappings},
                 {"host", host},   {"primary", primary}, {"ipc-owner", ipc_owner}};
    open_cuda();
    start();
    for (size_t i = 0; count > 1 && i < sizeof KINDS / sizeof *KINDS; i++)
        if (strcmp(argument[1], KINDS[i].name) == 0)
            KINDS[i].run();
    if (count > 2 && strcmp(argument[1], "ipc-open") == 0)
        ipc_open(argument[2]);
    return 0;
}
