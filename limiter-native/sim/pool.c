/*
 * Memory pools, and the memory that the driver keeps for graphs. A pool grows by whole steps and keeps what is freed, until
 * someone waits for the GPU: then it goes down to its release threshold.
 */
#include "driver.h"

#include <stdlib.h>

#define STEP UINT64_C(33554432)

struct pool {
    void *handle;
    unsigned gpu;
    bool on_device; /* else in host memory: not counted */
    uint64_t reserved, reserved_high, used, used_high, threshold;
};

static struct pool default_pool[STATE_GPUS];
static uint64_t graph_reserved[STATE_GPUS], graph_high[STATE_GPUS];

static uint64_t steps(uint64_t bytes)
{
    return (bytes + STEP - 1) / STEP * STEP;
}

static CUresult take(struct pool *p, uint64_t bytes)
{
    uint64_t wanted = steps(p->used + bytes);
    if (wanted > p->reserved) {
        if (p->on_device && memory_charge(p->gpu, wanted - p->reserved))
            return CUDA_ERROR_OUT_OF_MEMORY;
        p->reserved = wanted;
    }
    p->used += bytes;
    p->reserved_high = p->reserved > p->reserved_high ? p->reserved : p->reserved_high;
    p->used_high = p->used > p->used_high ? p->used : p->used_high;
    return CUDA_SUCCESS;
}

static void shrink(struct pool *p, uint64_t keep)
{
    if (keep >= p->reserved)
        return;
    uint64_t wanted = steps(keep > p->used ? keep : p->used);
    if (wanted >= p->reserved)
        return;
    if (p->on_device)
        memory_refund(p->gpu, p->reserved - wanted);
    p->reserved = wanted;
}

void pool_give(struct pool *pool, uint64_t bytes)
{
    pool->used -= bytes;
}

static void shrink_visited(void *pool, void *unused)
{
    (void)unused;
    shrink(pool, ((struct pool *)pool)->threshold);
}

void pool_release_unused(void)
{
    handle_each(HANDLE_POOL, shrink_visited, NULL);
}

static struct pool *default_of(unsigned gpu)
{
    struct pool *p = &default_pool[gpu];
    if (!p->handle)
        *p = (struct pool){.handle = handle_new(HANDLE_POOL, p), .gpu = gpu, .on_device = true};
    return p->handle ? p : NULL;
}

/* ---- allocation in a stream's order ---- */

static CUresult alloc_async(CUdeviceptr *dptr, size_t bytes, CUmemoryPool handle, bool own_pool, CUstream stream,
                            bool per_thread)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct stream *s;
    result = dptr ? stream_find_for_work(stream, per_thread, &s) : CUDA_ERROR_INVALID_VALUE;
    if (result)
        return driver_return(result);
    struct pool *p = own_pool ? default_of(s->ctx->gpu) : handle_get(HANDLE_POOL, handle);
    if (!p)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    if (capture_active(s, &result))
        return driver_return(result ? result : capture_allocation(s, dptr, bytes));
    result = take(p, bytes);
    if (result)
        return driver_return(result);
    result = range_new(RANGE_ASYNC, bytes, 0, s->ctx, p->gpu, dptr);
    if (result)
        pool_give(p, bytes);
    else
        range_find(*dptr)->pool = p;
    return driver_return(result);
}

static CUresult free_async(CUdeviceptr dptr, CUstream stream, bool per_thread)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct stream *s;
    result = stream_find_for_work(stream, per_thread, &s);
    if (result)
        return driver_return(result);
    if (capture_active(s, &result))
        return driver_return(result ? result : capture_other(s, CU_GRAPH_NODE_TYPE_MEM_FREE));
    const struct range *r = range_find(dptr);
    if (!r || r->base != dptr || r->kind == RANGE_RESERVED || r->kind == RANGE_HOST)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    return driver_return(work_push_stream(s, 0, WORK_FREE, dptr));
}

BOTH(cuMemAllocAsync, (CUdeviceptr *dptr, size_t bytesize, CUstream hStream),
     alloc_async(dptr, bytesize, NULL, true, hStream, false), alloc_async(dptr, bytesize, NULL, true, hStream, true))
BOTH(cuMemAllocFromPoolAsync, (CUdeviceptr *dptr, size_t bytesize, CUmemoryPool pool, CUstream hStream),
     alloc_async(dptr, bytesize, pool, false, hStream, false), alloc_async(dptr, bytesize, pool, false, hStream, true))
BOTH(cuMemFreeAsync, (CUdeviceptr dptr, CUstream hStream), free_async(dptr, hStream, false),
     free_async(dptr, hStream, true))

/* ---- pools ---- */

CUresult cuMemPoolCreate(CUmemoryPool *pool, const CUmemPoolProps *poolProps)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    bool on_device = poolProps && poolProps->location.type == CU_MEM_LOCATION_TYPE_DEVICE;
    if (!pool || !poolProps || (on_device && !device_valid(poolProps->location.id)) ||
        poolProps->location.type == CU_MEM_LOCATION_TYPE_INVALID)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    struct pool *p = calloc(1, sizeof *p);
    void *handle = p ? handle_new(HANDLE_POOL, p) : NULL;
    if (!handle) {
        free(p);
        return driver_return(CUDA_ERROR_OUT_OF_MEMORY);
    }
    *p = (struct pool){.handle = handle, .gpu = on_device ? visible_gpu(poolProps->location.id) : 0, .on_device = on_device};
    *pool = handle;
    return driver_return(CUDA_SUCCESS);
}

CUresult cuMemPoolDestroy(CUmemoryPool pool)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct pool *p = handle_get(HANDLE_POOL, pool);
    if (!p || p == &default_pool[p->gpu] || p->used > 0) /* the real one waits for what is used: not simulated */
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    shrink(p, 0);
    handle_free(pool);
    free(p);
    return driver_return(CUDA_SUCCESS);
}

CUresult cuMemPoolTrimTo(CUmemoryPool pool, size_t minBytesToKeep)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct pool *p = handle_get(HANDLE_POOL, pool);
    if (p)
        shrink(p, minBytesToKeep);
    return driver_return(p ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE);
}

static uint64_t *attribute(struct pool *p, CUmemPool_attribute attr)
{
    switch (attr) {
    case CU_MEMPOOL_ATTR_RELEASE_THRESHOLD:
        return &p->threshold;
    case CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT:
        return &p->reserved;
    case CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH:
        return &p->reserved_high;
    case CU_MEMPOOL_ATTR_USED_MEM_CURRENT:
        return &p->used;
    case CU_MEMPOOL_ATTR_USED_MEM_HIGH:
        return &p->used_high;
    }
    return NULL;
}

CUresult cuMemPoolGetAttribute(CUmemoryPool pool, CUmemPool_attribute attr, void *value)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct pool *p = handle_get(HANDLE_POOL, pool);
    const uint64_t *figure = p ? attribute(p, attr) : NULL;
    if (!figure || !value)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    *(cuuint64_t *)value = *figure;
    return driver_return(CUDA_SUCCESS);
}

CUresult cuMemPoolSetAttribute(CUmemoryPool pool, CUmemPool_attribute attr, void *value)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct pool *p = handle_get(HANDLE_POOL, pool);
    if (!p || !value || attr != CU_MEMPOOL_ATTR_RELEASE_THRESHOLD) /* the high-water marks can't be reset here */
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    p->threshold = *(cuuint64_t *)value;
    return driver_return(CUDA_SUCCESS);
}

CUresult cuDeviceGetDefaultMemPool(CUmemoryPool *pool_out, CUdevice dev)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    if (!pool_out || !device_valid(dev))
        return driver_return(pool_out ? CUDA_ERROR_INVALID_DEVICE : CUDA_ERROR_INVALID_VALUE);
    const struct pool *p = default_of(visible_gpu(dev));
    *pool_out = p ? p->handle : NULL;
    return driver_return(p ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY);
}

CUresult cuDeviceGetMemPool(CUmemoryPool *pool, CUdevice dev)
{
    return cuDeviceGetDefaultMemPool(pool, dev);
}

/* ---- graphs: all of them share what is kept; a launch takes what it lacks ---- */

CUresult pool_take_for_graph(unsigned gpu, uint64_t bytes)
{
    if (bytes <= graph_reserved[gpu])
        return CUDA_SUCCESS;
    if (memory_charge(gpu, bytes - graph_reserved[gpu]))
        return CUDA_ERROR_OUT_OF_MEMORY;
    graph_reserved[gpu] = bytes;
    graph_high[gpu] = bytes > graph_high[gpu] ? bytes : graph_high[gpu];
    return CUDA_SUCCESS;
}

CUresult cuDeviceGetGraphMemAttribute(CUdevice device, CUgraphMem_attribute attr, void *value)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    if (!value || !device_valid(device))
        return driver_return(value ? CUDA_ERROR_INVALID_DEVICE : CUDA_ERROR_INVALID_VALUE);
    unsigned gpu = visible_gpu(device);
    *(cuuint64_t *)value = attr == CU_GRAPH_MEM_ATTR_RESERVED_MEM_CURRENT ? graph_reserved[gpu]
                           : attr == CU_GRAPH_MEM_ATTR_RESERVED_MEM_HIGH  ? graph_high[gpu]
                                                                          : 0; /* nothing outlives its graph's run */
    return driver_return(CUDA_SUCCESS);
}

CUresult cuDeviceGraphMemTrim(CUdevice device)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    if (!device_valid(device))
        return driver_return(CUDA_ERROR_INVALID_DEVICE);
    unsigned gpu = visible_gpu(device);
    memory_refund(gpu, graph_reserved[gpu]);
    graph_reserved[gpu] = 0;
    return driver_return(CUDA_SUCCESS);
}
