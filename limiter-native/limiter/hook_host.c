/* Host memory that is pinned: counted as a figure of its own, and held to no limit. */
#include "claim.h"
#include "driver.h"

CUresult cuMemAllocHost_v2(void **pp, size_t bytesize)
{
    struct claim claim;
    if (real()->cuMemAllocHost_v2 == NULL)
        return CUDA_ERROR_NOT_FOUND;
    claim_host(&claim, bytesize);
    CUresult result = real()->cuMemAllocHost_v2(pp, bytesize);
    return claim_settle(&claim, result, OWNED_HOST, result == CUDA_SUCCESS ? (uintptr_t)*pp : 0);
}

CUresult cuMemHostAlloc(void **pp, size_t bytesize, unsigned int Flags)
{
    struct claim claim;
    if (real()->cuMemHostAlloc == NULL)
        return CUDA_ERROR_NOT_FOUND;
    claim_host(&claim, bytesize);
    CUresult result = real()->cuMemHostAlloc(pp, bytesize, Flags);
    return claim_settle(&claim, result, OWNED_HOST, result == CUDA_SUCCESS ? (uintptr_t)*pp : 0);
}

static CUresult pin(__typeof__(&cuMemHostRegister_v2) function, void *p, size_t bytesize, unsigned int flags)
{
    struct claim claim;
    if (function == NULL)
        return CUDA_ERROR_NOT_FOUND;
    claim_host(&claim, bytesize);
    return claim_settle(&claim, function(p, bytesize, flags), OWNED_HOST, (uintptr_t)p);
}

CUresult cuMemHostRegister(void *p, size_t bytesize, unsigned int Flags)
{
    return pin(real()->cuMemHostRegister, p, bytesize, Flags);
}

CUresult cuMemHostRegister_v2(void *p, size_t bytesize, unsigned int Flags)
{
    return pin(real()->cuMemHostRegister_v2, p, bytesize, Flags);
}

static CUresult unpin(CUresult (*function)(void *), void *p)
{
    if (function == NULL)
        return CUDA_ERROR_NOT_FOUND;
    struct owned *owned = owned_detach(OWNED_HOST, (uintptr_t)p);
    return claim_freed(owned, function(p));
}

CUresult cuMemFreeHost(void *p)
{
    return unpin(real()->cuMemFreeHost, p);
}

CUresult cuMemHostUnregister(void *p)
{
    return unpin(real()->cuMemHostUnregister, p);
}
