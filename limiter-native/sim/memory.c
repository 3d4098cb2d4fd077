/* Memory. Allocations count against the GPU's capacity; they take address space but no RAM until something is copied. */
#include "driver.h"

#define ALLOCATION_UNIT UINT64_C(512)

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

void memory_release_async(CUdeviceptr base)
{
    struct range *r = range_find(base);
    if (r && r->base == base)
        range_free(r, true);
}
