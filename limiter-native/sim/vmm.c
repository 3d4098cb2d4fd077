/* Virtual memory management (physical handles mapped into reserved ranges), and arrays. */
#include "driver.h"

#include <stdlib.h>

#define GRANULARITY ((size_t)2 << 20)

struct physical {
    void *handle;
    size_t size;
    unsigned gpu;
    bool on_device; /* else in host memory: not counted */
    unsigned references; /* the caller's and one a mapping */
    unsigned handles;    /* of those, the caller's */
};

struct mapping {
    struct mapping *next;
    CUdeviceptr base;
    size_t size;
    struct physical *physical;
};

struct array {
    void *handle;
    unsigned gpu;
    uint64_t bytes;
};

static struct mapping *mappings;

bool vmm_mapped(CUdeviceptr address, size_t bytes)
{
    for (const struct mapping *m = mappings; m; m = m->next)
        if (address >= m->base && address - m->base < m->size && bytes <= m->size - (address - m->base))
            return true;
    return false;
}

static bool device_location(const CUmemAllocationProp *prop)
{
    return prop->location.type == CU_MEM_LOCATION_TYPE_DEVICE;
}

static bool valid(const CUmemAllocationProp *prop)
{
    if (!prop || prop->type != CU_MEM_ALLOCATION_TYPE_PINNED)
        return false;
    if (device_location(prop))
        return device_valid(prop->location.id);
    return prop->location.type >= CU_MEM_LOCATION_TYPE_HOST &&
           prop->location.type <= CU_MEM_LOCATION_TYPE_HOST_NUMA_CURRENT;
}

CUresult cuMemGetAllocationGranularity(size_t *granularity, const CUmemAllocationProp *prop,
                                       CUmemAllocationGranularity_flags option)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    if (!granularity || !valid(prop) || (unsigned)option > CU_MEM_ALLOC_GRANULARITY_RECOMMENDED)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    *granularity = GRANULARITY;
    return driver_return(CUDA_SUCCESS);
}

CUresult cuMemCreate(CUmemGenericAllocationHandle *handle, size_t size, const CUmemAllocationProp *prop,
                     unsigned long long flags)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    if (!handle || !valid(prop) || size == 0 || size % GRANULARITY || flags)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    result = capture_check_unsafe();
    if (result)
        return driver_return(result);
    struct physical *p = calloc(1, sizeof *p);
    if (!p)
        return driver_return(CUDA_ERROR_OUT_OF_MEMORY);
    *p = (struct physical){.size = size, .on_device = device_location(prop), .references = 1, .handles = 1};
    p->gpu = p->on_device ? visible_gpu(prop->location.id) : 0;
    if (p->on_device && memory_charge(p->gpu, size)) {
        free(p);
        return driver_return(CUDA_ERROR_OUT_OF_MEMORY);
    }
    p->handle = handle_new(HANDLE_PHYSICAL, p);
    if (!p->handle) {
        if (p->on_device)
            memory_refund(p->gpu, size);
        free(p);
        return driver_return(CUDA_ERROR_OUT_OF_MEMORY);
    }
    *handle = (uintptr_t)p->handle;
    return driver_return(CUDA_SUCCESS);
}

/* The memory goes back when it is neither held nor mapped. */
static void release(struct physical *p)
{
    if (--p->references > 0)
        return;
    if (p->on_device)
        memory_refund(p->gpu, p->size);
    handle_free(p->handle);
    free(p);
}

static struct physical *find(CUmemGenericAllocationHandle handle)
{
    struct physical *p = handle_get(HANDLE_PHYSICAL, (void *)(uintptr_t)handle);
    return p && p->handles > 0 ? p : NULL;
}

CUresult cuMemRelease(CUmemGenericAllocationHandle handle)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct physical *p = find(handle);
    if (!p)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    p->handles--;
    release(p);
    return driver_return(CUDA_SUCCESS);
}

CUresult cuMemRetainAllocationHandle(CUmemGenericAllocationHandle *handle, void *addr)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    CUdeviceptr address = (uintptr_t)addr;
    for (struct mapping *m = mappings; handle && m; m = m->next) {
        if (address < m->base || address - m->base >= m->size)
            continue;
        m->physical->references++;
        m->physical->handles++;
        *handle = (uintptr_t)m->physical->handle;
        return driver_return(CUDA_SUCCESS);
    }
    return driver_return(CUDA_ERROR_INVALID_VALUE);
}

CUresult cuMemAddressReserve(CUdeviceptr *ptr, size_t size, size_t alignment, CUdeviceptr addr,
                             unsigned long long flags)
{
    (void)addr; /* a wish */
    CUresult result = driver_enter();
    if (result)
        return result;
    if (!ptr || size == 0 || size % GRANULARITY || flags || (alignment & (alignment - 1)))
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    return driver_return(range_new(RANGE_RESERVED, size, 0, NULL, 0, ptr));
}

CUresult cuMemAddressFree(CUdeviceptr ptr, size_t size)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct range *r = range_find(ptr);
    if (!r || r->kind != RANGE_RESERVED || r->base != ptr || r->size != size)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    for (const struct mapping *m = mappings; m; m = m->next)
        if (m->base >= ptr && m->base - ptr < size)
            return driver_return(CUDA_ERROR_INVALID_VALUE); /* still mapped */
    range_free(r, false);
    return driver_return(CUDA_SUCCESS);
}

CUresult cuMemMap(CUdeviceptr ptr, size_t size, size_t offset, CUmemGenericAllocationHandle handle,
                  unsigned long long flags)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct physical *p = find(handle);
    const struct range *r = range_find(ptr);
    if (!p || !r || r->kind != RANGE_RESERVED || size == 0 || size > r->size - (ptr - r->base) || offset || flags ||
        size != p->size)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    for (const struct mapping *m = mappings; m; m = m->next)
        if (m->base < ptr + size && ptr < m->base + m->size)
            return driver_return(CUDA_ERROR_INVALID_VALUE);
    struct mapping *m = malloc(sizeof *m);
    if (!m)
        return driver_return(CUDA_ERROR_OUT_OF_MEMORY);
    *m = (struct mapping){.next = mappings, .base = ptr, .size = size, .physical = p};
    mappings = m;
    p->references++;
    return driver_return(CUDA_SUCCESS);
}

CUresult cuMemUnmap(CUdeviceptr ptr, size_t size)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    bool found = false;
    for (struct mapping **at = &mappings; *at;) {
        struct mapping *m = *at;
        if (m->base >= ptr && m->base - ptr < size && m->size <= size - (m->base - ptr)) {
            *at = m->next;
            release(m->physical);
            free(m);
            found = true;
        } else {
            at = &m->next;
        }
    }
    return driver_return(found ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE);
}

CUresult cuMemSetAccess(CUdeviceptr ptr, size_t size, const CUmemAccessDesc *desc, size_t count)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    const struct range *r = range_find(ptr);
    if (!r || r->kind != RANGE_RESERVED || size > r->size - (ptr - r->base) || !desc || count == 0)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    return driver_return(CUDA_SUCCESS);
}

/* ---- arrays: counted, never read ---- */

static unsigned element_bytes(CUarray_format format)
{
    switch (format) {
    case CU_AD_FORMAT_UNSIGNED_INT8:
    case CU_AD_FORMAT_SIGNED_INT8:
        return 1;
    case CU_AD_FORMAT_UNSIGNED_INT16:
    case CU_AD_FORMAT_SIGNED_INT16:
    case CU_AD_FORMAT_HALF:
        return 2;
    case CU_AD_FORMAT_UNSIGNED_INT32:
    case CU_AD_FORMAT_SIGNED_INT32:
    case CU_AD_FORMAT_FLOAT:
        return 4;
    }
    return 0;
}

static CUresult new_array(void **handle, const CUDA_ARRAY3D_DESCRIPTOR *d, unsigned levels)
{
    struct context *ctx;
    CUresult result = driver_enter_current(&ctx);
    if (result)
        return result;
    uint64_t bytes = (uint64_t)element_bytes(d->Format) * d->NumChannels;
    if (!handle || bytes == 0 || d->Width == 0 || d->NumChannels > 4 || levels == 0 || d->Width > 1u << 20 ||
        d->Height > 1u << 20 || d->Depth > 1u << 16)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    result = capture_check_unsafe();
    if (result)
        return driver_return(result);
    bytes *= d->Width * (d->Height ? d->Height : 1);
    if (d->Depth && bytes > driver_view.shared->memory_bytes)
        return driver_return(CUDA_ERROR_OUT_OF_MEMORY);
    bytes *= d->Depth ? d->Depth : 1;
    struct array *a = calloc(1, sizeof *a);
    if (!a || memory_charge(ctx->gpu, bytes)) {
        free(a);
        return driver_return(CUDA_ERROR_OUT_OF_MEMORY);
    }
    *a = (struct array){.handle = handle_new(HANDLE_ARRAY, a), .gpu = ctx->gpu, .bytes = bytes};
    if (!a->handle) {
        memory_refund(a->gpu, bytes);
        free(a);
        return driver_return(CUDA_ERROR_OUT_OF_MEMORY);
    }
    *handle = a->handle;
    return driver_return(CUDA_SUCCESS);
}

static CUresult free_array(const void *handle)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct array *a = handle_get(HANDLE_ARRAY, handle);
    if (!a)
        return driver_return(CUDA_ERROR_INVALID_HANDLE);
    memory_refund(a->gpu, a->bytes);
    handle_free(handle);
    free(a);
    return driver_return(CUDA_SUCCESS);
}

CUresult cuArray3DCreate_v2(CUarray *pHandle, const CUDA_ARRAY3D_DESCRIPTOR *pAllocateArray)
{
    if (!pHandle || !pAllocateArray)
        return CUDA_ERROR_INVALID_VALUE;
    void *handle = NULL;
    CUresult result = new_array(&handle, pAllocateArray, 1);
    *pHandle = handle;
    return result;
}

CUresult cuArrayCreate_v2(CUarray *pHandle, const CUDA_ARRAY_DESCRIPTOR *pAllocateArray)
{
    if (!pAllocateArray)
        return CUDA_ERROR_INVALID_VALUE;
    const CUDA_ARRAY3D_DESCRIPTOR d = {.Width = pAllocateArray->Width,
                                       .Height = pAllocateArray->Height,
                                       .Format = pAllocateArray->Format,
                                       .NumChannels = pAllocateArray->NumChannels};
    return cuArray3DCreate_v2(pHandle, &d);
}

CUresult cuArrayDestroy(CUarray hArray)
{
    return free_array(hArray);
}

CUresult cuMipmappedArrayCreate(CUmipmappedArray *pHandle, const CUDA_ARRAY3D_DESCRIPTOR *pMipmappedArrayDesc,
                                unsigned int numMipmapLevels)
{
    if (!pHandle || !pMipmappedArrayDesc)
        return CUDA_ERROR_INVALID_VALUE;
    void *handle = NULL;
    CUresult result = new_array(&handle, pMipmappedArrayDesc, numMipmapLevels);
    *pHandle = handle;
    return result;
}

CUresult cuMipmappedArrayDestroy(CUmipmappedArray hMipmappedArray)
{
    return free_array(hMipmappedArray);
}
