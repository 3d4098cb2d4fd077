/* Memory. Allocations count against the GPU's capacity; they take address space but no RAM until something is copied. */
#include "driver.h"

#include <stdlib.h>

#define ALLOCATION_UNIT UINT64_C(512)

struct pool {
    void *handle;
    unsigned gpu;
};

static struct pool default_pool[STATE_GPUS];

static uint64_t charge_of(size_t bytes)
{
    return (bytes + ALLOCATION_UNIT - 1) / ALLOCATION_UNIT * ALLOCATION_UNIT;
}

/* ---- allocation ---- */

/* Enters for a call that allocates: with a context, and not where a capture forbids it. */
static CUresult enter_allocation(const void *answer, struct context **ctx)
{
    CUresult result = driver_enter_current(ctx);
    if (result)
        return result;
    result = answer ? capture_check_unsafe() : CUDA_ERROR_INVALID_VALUE;
    return result ? driver_return(result) : CUDA_SUCCESS;
}

CUresult cuMemGetInfo_v2(size_t *free, size_t *total)
{
    struct context *ctx;
    CUresult result = driver_enter_current(&ctx);
    if (result)
        return result;
    if (!free || !total)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    state_enter(&driver_view, ctx->gpu);
    *total = driver_view.shared->memory_bytes;
    *free = *total - driver_view.shared->used_bytes[ctx->gpu];
    state_leave(&driver_view);
    return driver_return(CUDA_SUCCESS);
}

CUresult cuMemAlloc_v2(CUdeviceptr *dptr, size_t bytesize)
{
    struct context *ctx;
    CUresult result = enter_allocation(dptr, &ctx);
    if (result)
        return result;
    return driver_return(range_new(RANGE_DEVICE, bytesize, charge_of(bytesize), ctx, ctx->gpu, dptr));
}

CUresult cuMemAllocPitch_v2(CUdeviceptr *dptr, size_t *pPitch, size_t WidthInBytes, size_t Height,
                            unsigned int ElementSizeBytes)
{
    if (!pPitch || WidthInBytes == 0 || Height == 0 || WidthInBytes > SIZE_MAX / 4 ||
        (ElementSizeBytes != 4 && ElementSizeBytes != 8 && ElementSizeBytes != 16))
        return CUDA_ERROR_INVALID_VALUE;
    size_t pitch = (WidthInBytes + 511) & ~(size_t)511;
    if (Height > SIZE_MAX / 4 / pitch)
        return CUDA_ERROR_OUT_OF_MEMORY;
    CUresult result = cuMemAlloc_v2(dptr, pitch * Height);
    if (!result)
        *pPitch = pitch;
    return result;
}

CUresult cuMemAllocManaged(CUdeviceptr *dptr, size_t bytesize, unsigned int flags)
{
    struct context *ctx;
    CUresult result = enter_allocation(dptr, &ctx);
    if (result)
        return result;
    if (flags != CU_MEM_ATTACH_GLOBAL && flags != CU_MEM_ATTACH_HOST)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    return driver_return(range_new(RANGE_MANAGED, bytesize, charge_of(bytesize), ctx, ctx->gpu, dptr));
}

CUresult cuMemFree_v2(CUdeviceptr dptr)
{
    struct context *ctx;
    CUresult result = driver_enter_current(&ctx);
    if (result)
        return result;
    result = capture_check_unsafe();
    if (result || dptr == 0)
        return driver_return(result);
    struct range *r = range_find(dptr);
    if (!r || r->base != dptr || r->kind == RANGE_RESERVED || r->kind == RANGE_HOST)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    struct context *owner = handle_get(HANDLE_CONTEXT, r->ctx);
    if (owner)
        result = work_wait(owner, work_end(owner)); /* as the real one does; others may free it meanwhile */
    r = range_find(dptr);
    if (!result && (!r || r->base != dptr))
        result = CUDA_ERROR_INVALID_VALUE;
    if (!result)
        range_free(r, false);
    return driver_return(result);
}

CUresult cuMemGetAddressRange_v2(CUdeviceptr *pbase, size_t *psize, CUdeviceptr dptr)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    const struct range *r = range_find(dptr);
    if (!r || r->kind == RANGE_HOST)
        return driver_return(CUDA_ERROR_NOT_FOUND);
    if (pbase)
        *pbase = r->base;
    if (psize)
        *psize = r->size;
    return driver_return(CUDA_SUCCESS);
}

/* ---- allocation in a stream's order ---- */

static CUresult alloc_async(CUdeviceptr *dptr, size_t bytes, unsigned gpu, CUstream stream, bool per_thread)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct stream *s;
    result = dptr ? stream_find_for_work(stream, per_thread, &s) : CUDA_ERROR_INVALID_VALUE;
    if (result)
        return driver_return(result);
    if (capture_active(s, &result))
        return driver_return(result ? result : CUDA_ERROR_NOT_SUPPORTED); /* memory nodes are not simulated */
    if (gpu == STATE_GPUS)
        gpu = s->ctx->gpu;
    return driver_return(range_new(RANGE_ASYNC, bytes, charge_of(bytes), s->ctx, gpu, dptr));
}

static CUresult alloc_from_pool(CUdeviceptr *dptr, size_t bytes, CUmemoryPool pool, CUstream stream, bool per_thread)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    const struct pool *p = handle_get(HANDLE_POOL, pool);
    unsigned gpu = p ? p->gpu : 0;
    driver_leave();
    return p ? alloc_async(dptr, bytes, gpu, stream, per_thread) : CUDA_ERROR_INVALID_VALUE;
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
        return driver_return(result ? result : CUDA_ERROR_NOT_SUPPORTED);
    const struct range *r = range_find(dptr);
    if (!r || r->base != dptr || r->kind == RANGE_RESERVED || r->kind == RANGE_HOST)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    return driver_return(work_push_stream(s, 0, WORK_FREE, dptr));
}

void memory_release_async(CUdeviceptr base)
{
    struct range *r = range_find(base);
    if (r && r->base == base)
        range_free(r, true);
}

BOTH(cuMemAllocAsync, (CUdeviceptr *dptr, size_t bytesize, CUstream hStream),
     alloc_async(dptr, bytesize, STATE_GPUS, hStream, false), alloc_async(dptr, bytesize, STATE_GPUS, hStream, true))
BOTH(cuMemAllocFromPoolAsync, (CUdeviceptr *dptr, size_t bytesize, CUmemoryPool pool, CUstream hStream),
     alloc_from_pool(dptr, bytesize, pool, hStream, false), alloc_from_pool(dptr, bytesize, pool, hStream, true))
BOTH(cuMemFreeAsync, (CUdeviceptr dptr, CUstream hStream), free_async(dptr, hStream, false),
     free_async(dptr, hStream, true))

CUresult cuMemPoolCreate(CUmemoryPool *pool, const CUmemPoolProps *poolProps)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    if (!pool || !poolProps || poolProps->location.type != CU_MEM_LOCATION_TYPE_DEVICE ||
        !device_valid(poolProps->location.id))
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    struct pool *p = calloc(1, sizeof *p);
    if (p)
        p->handle = handle_new(HANDLE_POOL, p);
    if (!p || !p->handle) {
        free(p);
        return driver_return(CUDA_ERROR_OUT_OF_MEMORY);
    }
    p->gpu = visible_gpu(poolProps->location.id);
    *pool = p->handle;
    return driver_return(CUDA_SUCCESS);
}

CUresult cuMemPoolDestroy(CUmemoryPool pool)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct pool *p = handle_get(HANDLE_POOL, pool);
    if (!p || p == &default_pool[p->gpu])
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    handle_free(pool);
    free(p);
    return driver_return(CUDA_SUCCESS);
}

CUresult cuMemPoolTrimTo(CUmemoryPool pool, size_t minBytesToKeep)
{
    (void)minBytesToKeep; /* nothing is kept */
    CUresult result = driver_enter();
    if (result)
        return result;
    return driver_return(handle_get(HANDLE_POOL, pool) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE);
}

CUresult cuDeviceGetDefaultMemPool(CUmemoryPool *pool_out, CUdevice dev)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    if (!pool_out || !device_valid(dev))
        return driver_return(pool_out ? CUDA_ERROR_INVALID_DEVICE : CUDA_ERROR_INVALID_VALUE);
    struct pool *p = &default_pool[visible_gpu(dev)];
    if (!p->handle)
        *p = (struct pool){.handle = handle_new(HANDLE_POOL, p), .gpu = visible_gpu(dev)};
    *pool_out = p->handle;
    return driver_return(p->handle ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY);
}

CUresult cuDeviceGetMemPool(CUmemoryPool *pool, CUdevice dev)
{
    return cuDeviceGetDefaultMemPool(pool, dev);
}

/* ---- host memory ---- */

CUresult cuMemHostAlloc(void **pp, size_t bytesize, unsigned int Flags)
{
    struct context *ctx;
    CUresult result = enter_allocation(pp, &ctx);
    if (result)
        return result;
    CUdeviceptr base;
    result = Flags > 7 ? CUDA_ERROR_INVALID_VALUE : range_new(RANGE_HOST, bytesize, 0, ctx, ctx->gpu, &base);
    if (!result)
        *pp = (void *)(uintptr_t)base;
    return driver_return(result);
}

CUresult cuMemAllocHost_v2(void **pp, size_t bytesize)
{
    return cuMemHostAlloc(pp, bytesize, 0);
}

CUresult cuMemFreeHost(void *p)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct range *r = range_find((uintptr_t)p);
    if (!r || r->kind != RANGE_HOST || r->base != (uintptr_t)p)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    range_free(r, false);
    return driver_return(CUDA_SUCCESS);
}

