/*
 * Memory and copies. Allocations count against the simulated GPU's capacity; they take address space
 * but no RAM until something is copied. What lies past the first 64 MiB of an allocation is accepted
 * and not kept: it reads as zeros. Copies take no simulated time.
 */
#include "driver.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define KEPT_BYTES ((size_t)64 << 20)
#define ALLOCATION_UNIT UINT64_C(512)

struct copy_work {
    CUdeviceptr device;
    void *to_host; /* else to the device */
    size_t bytes;
    int fill; /* with this byte; -1: copy data */
    unsigned char data[];
};

struct pool {
    void *handle;
    unsigned gpu;
};

static struct pool default_pool[STATE_GPUS];

static uint64_t charge_of(size_t bytes)
{
    return (bytes + ALLOCATION_UNIT - 1) / ALLOCATION_UNIT * ALLOCATION_UNIT;
}

/* ---- reaching device memory ---- */

/* Finds bytes of device memory, and how many of them are kept. *at is NULL when none are. */
static CUresult reach(CUdeviceptr address, size_t bytes, unsigned char **at, size_t *kept)
{
    struct range *r = range_find(address);
    if (!r || r->kind == RANGE_HOST || bytes > r->size - (address - r->base))
        return CUDA_ERROR_INVALID_VALUE;
    if (r->kind == RANGE_RESERVED && !vmm_mapped(address, bytes))
        return CUDA_ERROR_INVALID_VALUE;
    size_t offset = address - r->base;
    size_t window = r->size < KEPT_BYTES ? r->size : KEPT_BYTES;
    *kept = offset >= window ? 0 : window - offset < bytes ? window - offset : bytes;
    *at = NULL;
    if (*kept == 0)
        return CUDA_SUCCESS;
    if (!r->backed) {
        size_t length = r->mapped < KEPT_BYTES ? r->mapped : KEPT_BYTES;
        if (mprotect((void *)(uintptr_t)r->base, length, PROT_READ | PROT_WRITE))
            return CUDA_ERROR_OUT_OF_MEMORY;
        r->backed = true;
    }
    *at = (unsigned char *)(uintptr_t)address;
    return CUDA_SUCCESS;
}

static CUresult from_host(CUdeviceptr to, const void *from, size_t bytes)
{
    unsigned char *at;
    size_t kept;
    CUresult result = reach(to, bytes, &at, &kept);
    if (!result && kept)
        memcpy(at, from, kept);
    return result;
}

static CUresult to_host(void *to, CUdeviceptr from, size_t bytes)
{
    unsigned char *at;
    size_t kept;
    CUresult result = reach(from, bytes, &at, &kept);
    if (result)
        return result;
    if (kept)
        memcpy(to, at, kept);
    memset((unsigned char *)to + kept, 0, bytes - kept);
    return CUDA_SUCCESS;
}

static CUresult fill(CUdeviceptr to, unsigned char value, size_t bytes)
{
    unsigned char *at;
    size_t kept;
    CUresult result = reach(to, bytes, &at, &kept);
    if (!result && kept)
        memset(at, value, kept);
    return result;
}

void memory_count(CUdeviceptr counters, uint64_t kernels, uint64_t ns)
{
    unsigned char *at;
    size_t kept;
    if (!counters || reach(counters, 2 * sizeof(uint64_t), &at, &kept) || kept < 2 * sizeof(uint64_t))
        return;
    uint64_t word[2];
    memcpy(word, at, sizeof word);
    word[0] += kernels;
    word[1] += ns;
    memcpy(at, word, sizeof word);
}

void memory_copy_run(struct copy_work *c)
{
    if (c->to_host)
        to_host(c->to_host, c->device, c->bytes);
    else if (c->fill >= 0)
        fill(c->device, (unsigned char)c->fill, c->bytes);
    else
        from_host(c->device, c->data, c->bytes);
    free(c);
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

#define BOTH(name, parameters, plain, ptsz) \
    CUresult name parameters                \
    {                                       \
        return plain;                       \
    }                                       \
    CUresult name##_ptsz parameters         \
    {                                       \
        return ptsz;                        \
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
    p->gpu = (unsigned)poolProps->location.id;
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
    struct pool *p = &default_pool[dev];
    if (!p->handle)
        *p = (struct pool){.handle = handle_new(HANDLE_POOL, p), .gpu = (unsigned)dev};
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

/* ---- copies ---- */

/* Enters for a copy that waits: earlier work of the context is done, as far as this thread can tell. */
static CUresult enter_copy(bool per_thread, const void *host)
{
    struct context *ctx;
    CUresult result = driver_enter_current(&ctx);
    if (result)
        return result;
    if (!host)
        result = CUDA_ERROR_INVALID_VALUE;
    else if (!per_thread)
        result = capture_legacy(ctx);
    if (!result)
        result = work_wait(ctx, work_end(ctx));
    return result ? driver_return(result) : CUDA_SUCCESS;
}

static CUresult copy_from_host(CUdeviceptr to, const void *from, size_t bytes, bool per_thread)
{
    CUresult result = enter_copy(per_thread, from);
    return result ? result : driver_return(bytes ? from_host(to, from, bytes) : CUDA_SUCCESS);
}

static CUresult copy_to_host(void *to, CUdeviceptr from, size_t bytes, bool per_thread)
{
    CUresult result = enter_copy(per_thread, to);
    return result ? result : driver_return(bytes ? to_host(to, from, bytes) : CUDA_SUCCESS);
}

static CUresult copy_on_device(CUdeviceptr to, CUdeviceptr from, size_t bytes, bool per_thread)
{
    CUresult result = enter_copy(per_thread, &to);
    if (result || bytes == 0)
        return result ? result : driver_return(CUDA_SUCCESS);
    unsigned char *source, *target;
    size_t source_kept, target_kept;
    result = reach(from, bytes, &source, &source_kept);
    if (!result)
        result = reach(to, bytes, &target, &target_kept);
    if (result)
        return driver_return(result);
    size_t both = source_kept < target_kept ? source_kept : target_kept;
    if (both)
        memmove(target, source, both);
    if (target_kept > both)
        memset(target + both, 0, target_kept - both);
    return driver_return(CUDA_SUCCESS);
}

static CUresult fill_now(CUdeviceptr to, unsigned char value, size_t bytes, bool per_thread)
{
    CUresult result = enter_copy(per_thread, &to);
    return result ? result : driver_return(bytes ? fill(to, value, bytes) : CUDA_SUCCESS);
}

#define BOTH_DS(name, parameters, plain, ptds) \
    CUresult name parameters                   \
    {                                          \
        return plain;                          \
    }                                          \
    CUresult name##_ptds parameters            \
    {                                          \
        return ptds;                           \
    }

BOTH_DS(cuMemcpyHtoD_v2, (CUdeviceptr dstDevice, const void *srcHost, size_t ByteCount),
        copy_from_host(dstDevice, srcHost, ByteCount, false), copy_from_host(dstDevice, srcHost, ByteCount, true))
BOTH_DS(cuMemcpyDtoH_v2, (void *dstHost, CUdeviceptr srcDevice, size_t ByteCount),
        copy_to_host(dstHost, srcDevice, ByteCount, false), copy_to_host(dstHost, srcDevice, ByteCount, true))
BOTH_DS(cuMemcpyDtoD_v2, (CUdeviceptr dstDevice, CUdeviceptr srcDevice, size_t ByteCount),
        copy_on_device(dstDevice, srcDevice, ByteCount, false), copy_on_device(dstDevice, srcDevice, ByteCount, true))
BOTH_DS(cuMemsetD8_v2, (CUdeviceptr dstDevice, unsigned char uc, size_t N), fill_now(dstDevice, uc, N, false),
        fill_now(dstDevice, uc, N, true))

/* Queues a copy. data NULL: none to carry. */
static CUresult copy_async(const struct copy_work *what, const void *data, CUstream stream, bool per_thread)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct stream *s;
    result = stream_find_for_work(stream, per_thread, &s);
    unsigned char *at;
    size_t kept = 0;
    if (!result && what->bytes)
        result = reach(what->device, what->bytes, &at, &kept);
    if (result)
        return driver_return(result);
    if (capture_active(s, &result))
        return driver_return(result ? result : capture_other(s, CU_GRAPH_NODE_TYPE_MEMCPY));
    size_t carried = data ? kept : 0;
    struct copy_work *c = malloc(sizeof *c + carried);
    if (!c)
        return driver_return(CUDA_ERROR_OUT_OF_MEMORY);
    *c = *what;
    if (carried) {
        memcpy(c->data, data, carried); /* the caller may change its own as soon as this returns */
        c->bytes = carried;
    }
    result = c->bytes ? work_push_stream(s, 0, WORK_COPY, (uint64_t)(uintptr_t)c) : CUDA_SUCCESS;
    if (result || !c->bytes)
        free(c);
    return driver_return(result);
}

static CUresult from_host_async(CUdeviceptr to, const void *from, size_t bytes, CUstream stream, bool per_thread)
{
    if (!from)
        return CUDA_ERROR_INVALID_VALUE;
    const struct copy_work c = {.device = to, .bytes = bytes, .fill = -1};
    return copy_async(&c, from, stream, per_thread);
}

static CUresult to_host_async(void *to, CUdeviceptr from, size_t bytes, CUstream stream, bool per_thread)
{
    if (!to)
        return CUDA_ERROR_INVALID_VALUE;
    const struct copy_work c = {.device = from, .to_host = to, .bytes = bytes, .fill = -1};
    return copy_async(&c, NULL, stream, per_thread);
}

static CUresult fill_async(CUdeviceptr to, unsigned char value, size_t bytes, CUstream stream, bool per_thread)
{
    const struct copy_work c = {.device = to, .bytes = bytes, .fill = value};
    return copy_async(&c, NULL, stream, per_thread);
}

BOTH(cuMemcpyHtoDAsync_v2, (CUdeviceptr dstDevice, const void *srcHost, size_t ByteCount, CUstream hStream),
     from_host_async(dstDevice, srcHost, ByteCount, hStream, false),
     from_host_async(dstDevice, srcHost, ByteCount, hStream, true))
BOTH(cuMemcpyDtoHAsync_v2, (void *dstHost, CUdeviceptr srcDevice, size_t ByteCount, CUstream hStream),
     to_host_async(dstHost, srcDevice, ByteCount, hStream, false),
     to_host_async(dstHost, srcDevice, ByteCount, hStream, true))
BOTH(cuMemsetD8Async, (CUdeviceptr dstDevice, unsigned char uc, size_t N, CUstream hStream),
     fill_async(dstDevice, uc, N, hStream, false), fill_async(dstDevice, uc, N, hStream, true))
