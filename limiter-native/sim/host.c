/* Host memory that is pinned, and memory that is shared with other processes. */
#include "driver.h"

#include <stdlib.h>
#include <string.h>

struct registered {
    struct registered *next;
    void *address;
    size_t bytes;
};

static struct registered *registrations;

bool host_is_registered(uintptr_t address)
{
    for (const struct registered *r = registrations; r; r = r->next)
        if (address - (uintptr_t)r->address < r->bytes)
            return true;
    return false;
}

CUresult cuMemHostAlloc(void **pp, size_t bytesize, unsigned int Flags)
{
    struct context *ctx;
    CUresult result = driver_enter_current(&ctx);
    if (result)
        return result;
    result = pp && Flags <= 7 ? capture_check_unsafe() : CUDA_ERROR_INVALID_VALUE;
    CUdeviceptr base = 0;
    if (!result)
        result = range_new(RANGE_HOST, bytesize, 0, ctx, ctx->gpu, &base);
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

CUresult cuMemHostRegister_v2(void *p, size_t bytesize, unsigned int Flags)
{
    struct context *ctx;
    CUresult result = driver_enter_current(&ctx);
    if (result)
        return result;
    result = capture_check_unsafe();
    if (!result && host_is_registered((uintptr_t)p))
        result = CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED;
    struct registered *r = !result && p && bytesize && Flags <= 15 ? malloc(sizeof *r) : NULL;
    if (!r)
        return driver_return(result ? result : CUDA_ERROR_INVALID_VALUE);
    *r = (struct registered){registrations, p, bytesize};
    registrations = r;
    return driver_return(CUDA_SUCCESS);
}

CUresult cuMemHostRegister(void *p, size_t bytesize, unsigned int Flags)
{
    return cuMemHostRegister_v2(p, bytesize, Flags);
}

CUresult cuMemHostUnregister(void *p)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct registered **at = &registrations, *r;
    while (*at && (*at)->address != p)
        at = &(*at)->next;
    if (!(r = *at))
        return driver_return(CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED);
    *at = r->next;
    free(r);
    return driver_return(CUDA_SUCCESS);
}

CUresult cuMemHostGetDevicePointer_v2(CUdeviceptr *pdptr, void *p, unsigned int Flags)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct range *r = range_find((uintptr_t)p);
    bool known = (r && r->kind == RANGE_HOST) || host_is_registered((uintptr_t)p);
    if (!pdptr || Flags || !known)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    *pdptr = (uintptr_t)p;
    return driver_return(CUDA_SUCCESS);
}

/* ---- between processes: another range of addresses for memory that its owner's process counts ---- */

struct shared_memory {
    uint64_t size;
    uint32_t gpu;
};

CUresult cuIpcGetMemHandle(CUipcMemHandle *pHandle, CUdeviceptr dptr)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    const struct range *r = range_find(dptr);
    if (!pHandle || !r || r->kind != RANGE_DEVICE)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    const struct shared_memory memory = {r->size, r->gpu};
    memset(pHandle, 0, sizeof *pHandle);
    memcpy(pHandle->reserved, &memory, sizeof memory);
    return driver_return(CUDA_SUCCESS);
}

CUresult cuIpcOpenMemHandle_v2(CUdeviceptr *pdptr, CUipcMemHandle handle, unsigned int Flags)
{
    struct context *ctx;
    CUresult result = driver_enter_current(&ctx);
    if (result)
        return result;
    struct shared_memory memory;
    memcpy(&memory, handle.reserved, sizeof memory);
    if (!pdptr || Flags != 1 || memory.gpu != ctx->gpu)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    return driver_return(range_new(RANGE_DEVICE, memory.size, 0, ctx, ctx->gpu, pdptr));
}

CUresult cuIpcCloseMemHandle(CUdeviceptr dptr)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct range *r = range_find(dptr);
    if (!r || r->base != dptr || r->kind != RANGE_DEVICE || r->charged)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    range_free(r, false);
    return driver_return(CUDA_SUCCESS);
}
