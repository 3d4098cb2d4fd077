/* Physical memory that is mapped by hand: counted from its creation until its last handle and its last mapping are gone. */
#include "claim.h"
#include "driver.h"
#include "meter.h"

CUresult cuMemCreate(CUmemGenericAllocationHandle *handle, size_t size, const CUmemAllocationProp *prop,
                     unsigned long long flags)
{
    struct claim claim;
    if (real()->cuMemCreate == NULL)
        return CUDA_ERROR_NOT_FOUND;
    if (prop != NULL && prop->location.type != CU_MEM_LOCATION_TYPE_DEVICE)
        claim_host(&claim, size);
    else if (!claim_gpu(&claim, prop == NULL ? NULL : meter_device_seat(prop->location.id), size))
        return CUDA_ERROR_OUT_OF_MEMORY;
    CUresult result = real()->cuMemCreate(handle, size, prop, flags);
    return claim_settle(&claim, result, OWNED_HANDLE, result == CUDA_SUCCESS ? *handle : 0);
}

CUresult cuMemRelease(CUmemGenericAllocationHandle handle)
{
    if (real()->cuMemRelease == NULL)
        return CUDA_ERROR_NOT_FOUND;
    struct owned *owned = owned_detach(OWNED_HANDLE, handle);
    return claim_freed(owned, real()->cuMemRelease(handle));
}

CUresult cuMemRetainAllocationHandle(CUmemGenericAllocationHandle *handle, void *addr)
{
    if (real()->cuMemRetainAllocationHandle == NULL)
        return CUDA_ERROR_NOT_FOUND;
    CUresult result = real()->cuMemRetainAllocationHandle(handle, addr);
    uint64_t mapping = result != CUDA_SUCCESS ? 0 : owned_at(OWNED_MAPPING, (uintptr_t)addr);
    if (mapping != 0)
        owned_share(OWNED_MAPPING, mapping, OWNED_HANDLE, *handle, 0);
    return result;
}

CUresult cuMemMap(CUdeviceptr ptr, size_t size, size_t offset, CUmemGenericAllocationHandle handle,
                  unsigned long long flags)
{
    if (real()->cuMemMap == NULL)
        return CUDA_ERROR_NOT_FOUND;
    CUresult result = real()->cuMemMap(ptr, size, offset, handle, flags);
    if (result == CUDA_SUCCESS)
        owned_share(OWNED_HANDLE, handle, OWNED_MAPPING, ptr, size);
    return result;
}

CUresult cuMemUnmap(CUdeviceptr ptr, size_t size)
{
    if (real()->cuMemUnmap == NULL)
        return CUDA_ERROR_NOT_FOUND;
    struct owned *owned = owned_detach_range(OWNED_MAPPING, ptr, size);
    return claim_freed(owned, real()->cuMemUnmap(ptr, size));
}
