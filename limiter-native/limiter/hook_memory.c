/* GPU memory that is allocated whole: count it, call the real function, keep or refund. */
#include "claim.h"
#include "driver.h"
#include "meter.h"
#include "pool.h"

CUresult cuMemAlloc_v2(CUdeviceptr *dptr, size_t bytesize)
{
    struct claim claim;
    if (real()->cuMemAlloc_v2 == NULL)
        return CUDA_ERROR_NOT_FOUND;
    if (!claim_gpu(&claim, meter_current_seat(), bytesize))
        return CUDA_ERROR_OUT_OF_MEMORY;
    CUresult result = real()->cuMemAlloc_v2(dptr, bytesize);
    return claim_settle(&claim, result, OWNED_ADDRESS, result == CUDA_SUCCESS ? *dptr : 0);
}

/* The driver chooses the pitch: reserve for the widest it uses, then give the rest back. */
CUresult cuMemAllocPitch_v2(CUdeviceptr *dptr, size_t *pPitch, size_t WidthInBytes, size_t Height,
                            unsigned int ElementSizeBytes)
{
    const size_t alignment = 512;
    struct claim claim;
    if (real()->cuMemAllocPitch_v2 == NULL)
        return CUDA_ERROR_NOT_FOUND;
    size_t rows = Height == 0 ? 1 : Height, widest = (WidthInBytes + alignment - 1) / alignment * alignment;
    if (widest < WidthInBytes || widest > SIZE_MAX / rows ||
        !claim_gpu(&claim, meter_current_seat(), (uint64_t)widest * rows))
        return CUDA_ERROR_OUT_OF_MEMORY;
    CUresult result = real()->cuMemAllocPitch_v2(dptr, pPitch, WidthInBytes, Height, ElementSizeBytes);
    if (result == CUDA_SUCCESS && *pPitch < widest)
        claim_shrink(&claim, (uint64_t)*pPitch * rows);
    return claim_settle(&claim, result, OWNED_ADDRESS, result == CUDA_SUCCESS ? *dptr : 0);
}

CUresult cuMemAllocManaged(CUdeviceptr *dptr, size_t bytesize, unsigned int flags)
{
    struct claim claim;
    if (real()->cuMemAllocManaged == NULL)
        return CUDA_ERROR_NOT_FOUND;
    if (!claim_gpu(&claim, meter_current_seat(), bytesize))
        return CUDA_ERROR_OUT_OF_MEMORY;
    CUresult result = real()->cuMemAllocManaged(dptr, bytesize, flags);
    return claim_settle(&claim, result, OWNED_ADDRESS, result == CUDA_SUCCESS ? *dptr : 0);
}

CUresult cuMemFree_v2(CUdeviceptr dptr)
{
    if (real()->cuMemFree_v2 == NULL)
        return CUDA_ERROR_NOT_FOUND;
    struct owned *owned = owned_detach(OWNED_ADDRESS, dptr);
    CUresult result = claim_freed(owned, real()->cuMemFree_v2(dptr));
    if (owned == NULL)
        pool_settle(); /* it was a pool's */
    return result;
}

/* ---- arrays: bytes by the descriptor; the driver's padding is not counted ---- */

/* Bits that one element takes in one channel; 0: the format packs the channels, see packed_bits(). */
static unsigned int channel_bits(unsigned int format)
{
    if (format == CU_AD_FORMAT_UNSIGNED_INT8 || format == CU_AD_FORMAT_SIGNED_INT8)
        return 8;
    if (format == CU_AD_FORMAT_UNSIGNED_INT16 || format == CU_AD_FORMAT_SIGNED_INT16 || format == CU_AD_FORMAT_HALF)
        return 16;
    if (format == CU_AD_FORMAT_UNSIGNED_INT32 || format == CU_AD_FORMAT_SIGNED_INT32 || format == CU_AD_FORMAT_FLOAT)
        return 32;
    if (format >= 0xc0 && format <= 0xcb) /* normalised, of 8 and 16 bits in turns of three */
        return (format - 0xc0) / 3 % 2 == 0 ? 8 : 16;
    return 0;
}

/* Bits of a whole element: block compression (4 in BC1 and BC4, 8 in the others), and video, of at most 64. */
static unsigned int packed_bits(unsigned int format)
{
    if (format >= 0x91 && format <= 0x9e)
        return format == 0x91 || format == 0x92 || format == 0x97 || format == 0x98 ? 4 : 8;
    return format == 0x50 ? 32 : 64; /* 0x50: 10 + 10 + 10 + 2 */
}

static uint64_t at_least_1(uint64_t extent)
{
    return extent == 0 ? 1 : extent;
}

static uint64_t times(uint64_t a, uint64_t b)
{
    uint64_t product;
    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

/* Of all levels. What is sparse, or mapped later, gets its memory from cuMemCreate. */
static uint64_t bytes_of(const CUDA_ARRAY3D_DESCRIPTOR *array, unsigned int levels)
{
    if ((array->Flags & (CUDA_ARRAY3D_SPARSE | CUDA_ARRAY3D_DEFERRED_MAPPING)) != 0)
        return 0;
    unsigned int channel = channel_bits(array->Format);
    uint64_t bits = channel == 0 ? packed_bits(array->Format) : times(channel, at_least_1(array->NumChannels)), sum = 0;
    bool layers = (array->Flags & (CUDA_ARRAY3D_LAYERED | CUDA_ARRAY3D_CUBEMAP)) != 0;
    for (unsigned int level = 0; level < at_least_1(levels) && level < 32; level++) {
        uint64_t depth = at_least_1(layers ? array->Depth : array->Depth >> level);
        uint64_t elements = times(times(at_least_1(array->Width >> level), at_least_1(array->Height >> level)), depth);
        uint64_t bytes = times(elements, bits) / 8;
        sum = bytes > UINT64_MAX - sum ? UINT64_MAX : sum + bytes;
    }
    return sum;
}

static bool claim_array(struct claim *claim, const CUDA_ARRAY3D_DESCRIPTOR *array, unsigned int levels)
{
    return claim_gpu(claim, array == NULL ? NULL : meter_current_seat(), array == NULL ? 0 : bytes_of(array, levels));
}

CUresult cuArrayCreate_v2(CUarray *pHandle, const CUDA_ARRAY_DESCRIPTOR *pAllocateArray)
{
    struct claim claim;
    CUDA_ARRAY3D_DESCRIPTOR array = {0};
    if (real()->cuArrayCreate_v2 == NULL)
        return CUDA_ERROR_NOT_FOUND;
    if (pAllocateArray != NULL)
        array = (CUDA_ARRAY3D_DESCRIPTOR){.Width = pAllocateArray->Width,
                                          .Height = pAllocateArray->Height,
                                          .Format = pAllocateArray->Format,
                                          .NumChannels = pAllocateArray->NumChannels};
    if (!claim_array(&claim, pAllocateArray == NULL ? NULL : &array, 1))
        return CUDA_ERROR_OUT_OF_MEMORY;
    CUresult result = real()->cuArrayCreate_v2(pHandle, pAllocateArray);
    return claim_settle(&claim, result, OWNED_ARRAY, result == CUDA_SUCCESS ? (uintptr_t)*pHandle : 0);
}

CUresult cuArray3DCreate_v2(CUarray *pHandle, const CUDA_ARRAY3D_DESCRIPTOR *pAllocateArray)
{
    struct claim claim;
    if (real()->cuArray3DCreate_v2 == NULL)
        return CUDA_ERROR_NOT_FOUND;
    if (!claim_array(&claim, pAllocateArray, 1))
        return CUDA_ERROR_OUT_OF_MEMORY;
    CUresult result = real()->cuArray3DCreate_v2(pHandle, pAllocateArray);
    return claim_settle(&claim, result, OWNED_ARRAY, result == CUDA_SUCCESS ? (uintptr_t)*pHandle : 0);
}

CUresult cuArrayDestroy(CUarray hArray)
{
    if (real()->cuArrayDestroy == NULL)
        return CUDA_ERROR_NOT_FOUND;
    struct owned *owned = owned_detach(OWNED_ARRAY, (uintptr_t)hArray);
    return claim_freed(owned, real()->cuArrayDestroy(hArray));
}

CUresult cuMipmappedArrayCreate(CUmipmappedArray *pHandle, const CUDA_ARRAY3D_DESCRIPTOR *pMipmappedArrayDesc,
                                unsigned int numMipmapLevels)
{
    struct claim claim;
    if (real()->cuMipmappedArrayCreate == NULL)
        return CUDA_ERROR_NOT_FOUND;
    if (!claim_array(&claim, pMipmappedArrayDesc, numMipmapLevels))
        return CUDA_ERROR_OUT_OF_MEMORY;
    CUresult result = real()->cuMipmappedArrayCreate(pHandle, pMipmappedArrayDesc, numMipmapLevels);
    return claim_settle(&claim, result, OWNED_MIPMAP, result == CUDA_SUCCESS ? (uintptr_t)*pHandle : 0);
}

CUresult cuMipmappedArrayDestroy(CUmipmappedArray hMipmappedArray)
{
    if (real()->cuMipmappedArrayDestroy == NULL)
        return CUDA_ERROR_NOT_FOUND;
    struct owned *owned = owned_detach(OWNED_MIPMAP, (uintptr_t)hMipmappedArray);
    return claim_freed(owned, real()->cuMipmappedArrayDestroy(hMipmappedArray));
}
