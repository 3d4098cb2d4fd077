/*
 * Copies. What lies past the first 64 MiB of an allocation is accepted and not kept: it reads as zeros. Memsets and copies
 * within a GPU take the time that 2 TB/s need, as they would on its multiprocessors; copies from and to the host take none.
 */
#include "driver.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define KEPT_BYTES ((size_t)64 << 20)
#define BYTES_A_NS 2000

struct copy_work {
    CUdeviceptr device;
    CUdeviceptr source; /* on the same GPU; 0: none */
    void *to_host; /* else to the device */
    size_t bytes;
    int fill; /* with this byte; -1: copy data */
    unsigned char data[];
};

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

static CUresult move(CUdeviceptr to, CUdeviceptr from, size_t bytes)
{
    unsigned char *source, *target;
    size_t source_kept, target_kept;
    CUresult result = reach(from, bytes, &source, &source_kept);
    if (!result)
        result = reach(to, bytes, &target, &target_kept);
    if (result)
        return result;
    size_t both = source_kept < target_kept ? source_kept : target_kept;
    if (both)
        memmove(target, source, both);
    if (target_kept > both)
        memset(target + both, 0, target_kept - both);
    return CUDA_SUCCESS;
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
    if (c->source)
        move(c->device, c->source, c->bytes);
    else if (c->to_host)
        to_host(c->to_host, c->device, c->bytes);
    else if (c->fill >= 0)
        fill(c->device, (unsigned char)c->fill, c->bytes);
    else
        from_host(c->device, c->data, c->bytes);
    free(c);
}

/* ---- copies that wait ---- */

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

/* Takes a multiprocessor's time on the default stream, to its end. */
static CUresult occupy(size_t bytes, bool per_thread)
{
    struct stream *s;
    CUresult result = stream_find_for_work(NULL, per_thread, &s);
    if (result)
        return result;
    struct context *ctx = s->ctx;
    result = work_push_stream(s, (int64_t)(bytes / BYTES_A_NS), WORK_KERNEL, 0);
    return result ? result : work_wait(ctx, work_end(ctx));
}

static CUresult check(CUdeviceptr address, size_t bytes)
{
    unsigned char *at;
    size_t kept;
    return reach(address, bytes, &at, &kept);
}

static CUresult copy_on_device(CUdeviceptr to, CUdeviceptr from, size_t bytes, bool per_thread)
{
    CUresult result = enter_copy(per_thread, &to);
    if (result || bytes == 0)
        return result ? result : driver_return(CUDA_SUCCESS);
    result = check(from, bytes);
    if (!result)
        result = check(to, bytes);
    if (!result)
        result = occupy(bytes, per_thread);
    return driver_return(result ? result : move(to, from, bytes));
}

static CUresult fill_now(CUdeviceptr to, unsigned char value, size_t bytes, bool per_thread)
{
    CUresult result = enter_copy(per_thread, &to);
    if (result || bytes == 0)
        return result ? result : driver_return(CUDA_SUCCESS);
    result = check(to, bytes);
    if (!result)
        result = occupy(bytes, per_thread);
    return driver_return(result ? result : fill(to, value, bytes));
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

/* ---- copies in a stream ---- */

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
    if (!result && what->bytes && what->source)
        result = check(what->source, what->bytes);
    if (result)
        return driver_return(result);
    if (capture_active(s, &result))
        return driver_return(result ? result : capture_other(s, CU_GRAPH_NODE_TYPE_MEMCPY));
    size_t carried = data ? kept : 0;
    int64_t ns = what->source || what->fill >= 0 ? (int64_t)(what->bytes / BYTES_A_NS) : 0;
    struct copy_work *c = malloc(sizeof *c + carried);
    if (!c)
        return driver_return(CUDA_ERROR_OUT_OF_MEMORY);
    *c = *what;
    if (carried) {
        memcpy(c->data, data, carried); /* the caller may change its own as soon as this returns */
        c->bytes = carried;
    }
    result = c->bytes ? work_push_stream(s, ns, WORK_COPY, (uint64_t)(uintptr_t)c) : CUDA_SUCCESS;
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

static CUresult on_device_async(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream, bool per_thread)
{
    const struct copy_work c = {.device = to, .source = from, .bytes = bytes, .fill = -1};
    return copy_async(&c, NULL, stream, per_thread);
}

/* What memory an address is: CU_MEMORYTYPE_*, 0 for what the driver does not know. */
static unsigned type_of(CUdeviceptr address, CUdevice *device)
{
    const struct range *r = range_find(address);
    *device = r ? visible_device(r->gpu) : -2;
    return !r ? 0 : r->kind == RANGE_HOST ? CU_MEMORYTYPE_HOST : CU_MEMORYTYPE_DEVICE;
}

static CUresult unified_async(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream, bool per_thread)
{
    CUdevice unused;
    CUresult result = driver_enter();
    if (result)
        return result;
    bool to_device = type_of(to, &unused) == CU_MEMORYTYPE_DEVICE, from_device = type_of(from, &unused) == CU_MEMORYTYPE_DEVICE;
    driver_leave();
    if (to_device && from_device)
        return on_device_async(to, from, bytes, stream, per_thread);
    if (to_device)
        return from_host_async(to, (const void *)(uintptr_t)from, bytes, stream, per_thread);
    return from_device ? to_host_async((void *)(uintptr_t)to, from, bytes, stream, per_thread) : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuPointerGetAttributes(unsigned int numAttributes, CUpointer_attribute *attributes, void **data, CUdeviceptr ptr)
{
    CUdevice device;
    CUresult result = driver_enter();
    if (result)
        return result;
    unsigned type = type_of(ptr, &device);
    driver_leave();
    for (unsigned int i = 0; i < numAttributes; i++)
        if (attributes[i] == CU_POINTER_ATTRIBUTE_MEMORY_TYPE)
            *(unsigned int *)data[i] = type;
        else if (attributes[i] == CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL)
            *(int *)data[i] = device;
        else
            return CUDA_ERROR_NOT_SUPPORTED;
    return CUDA_SUCCESS;
}

BOTH(cuMemcpyDtoDAsync_v2, (CUdeviceptr dstDevice, CUdeviceptr srcDevice, size_t ByteCount, CUstream hStream),
     on_device_async(dstDevice, srcDevice, ByteCount, hStream, false),
     on_device_async(dstDevice, srcDevice, ByteCount, hStream, true))
BOTH(cuMemcpyAsync, (CUdeviceptr dst, CUdeviceptr src, size_t ByteCount, CUstream hStream),
     unified_async(dst, src, ByteCount, hStream, false), unified_async(dst, src, ByteCount, hStream, true))
BOTH(cuMemcpyHtoDAsync_v2, (CUdeviceptr dstDevice, const void *srcHost, size_t ByteCount, CUstream hStream),
     from_host_async(dstDevice, srcHost, ByteCount, hStream, false),
     from_host_async(dstDevice, srcHost, ByteCount, hStream, true))
BOTH(cuMemcpyDtoHAsync_v2, (void *dstHost, CUdeviceptr srcDevice, size_t ByteCount, CUstream hStream),
     to_host_async(dstHost, srcDevice, ByteCount, hStream, false),
     to_host_async(dstHost, srcDevice, ByteCount, hStream, true))
BOTH(cuMemsetD8Async, (CUdeviceptr dstDevice, unsigned char uc, size_t N, CUstream hStream),
     fill_async(dstDevice, uc, N, hStream, false), fill_async(dstDevice, uc, N, hStream, true))
