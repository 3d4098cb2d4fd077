/* Allocation in a stream's order, from pools: what counts is what the pools take from the GPU. */
#include "claim.h"
#include "driver.h"
#include "meter.h"
#include "pool.h"

typedef __typeof__(&cuMemAllocAsync) alloc_async;
typedef __typeof__(&cuMemAllocFromPoolAsync) alloc_from_pool_async;

/* Inside a capture this only adds a node to a graph: nothing is allocated now. */
static bool captured(CUstream stream)
{
    CUstreamCaptureStatus status = CU_STREAM_CAPTURE_STATUS_NONE;
    return real()->cuStreamIsCapturing != NULL && real()->cuStreamIsCapturing(stream, &status) == CUDA_SUCCESS &&
           status != CU_STREAM_CAPTURE_STATUS_NONE;
}

/* The pool that cuMemAllocAsync takes from; NULL: nothing governs it. */
static struct pool *current_pool(void)
{
    CUdevice device;
    CUmemoryPool handle;
    struct seat *seat = meter_current_seat();
    if (seat == NULL || real()->cuDeviceGetMemPool == NULL || real()->cuCtxGetDevice(&device) != CUDA_SUCCESS ||
        real()->cuDeviceGetMemPool(&handle, device) != CUDA_SUCCESS)
        return NULL;
    return pool_of(handle, seat);
}

/* The pool has grown beyond the limit, though it had seemed to have room: give back what it gave. */
static CUresult undo(CUdeviceptr *dptr)
{
    if (real()->cuMemFree_v2 != NULL)
        real()->cuMemFree_v2(*dptr);
    *dptr = 0;
    pool_settle();
    return CUDA_ERROR_OUT_OF_MEMORY;
}

static CUresult allocate_async(alloc_async function, CUdeviceptr *dptr, size_t bytes, CUstream stream, CUstream handle)
{
    uint64_t claimed;
    if (function == NULL)
        return CUDA_ERROR_NOT_FOUND;
    struct pool *pool = captured(handle) ? NULL : current_pool();
    if (pool == NULL)
        return function(dptr, bytes, stream);
    if (!pool_begin(pool, bytes, &claimed))
        return CUDA_ERROR_OUT_OF_MEMORY;
    CUresult result = function(dptr, bytes, stream);
    return pool_end(pool, claimed) || result != CUDA_SUCCESS ? result : undo(dptr);
}

static CUresult allocate_from_pool(alloc_from_pool_async function, CUdeviceptr *dptr, size_t bytes, CUmemoryPool from,
                                   CUstream stream, CUstream handle)
{
    uint64_t claimed;
    if (function == NULL)
        return CUDA_ERROR_NOT_FOUND;
    struct seat *seat = captured(handle) ? NULL : meter_current_seat();
    struct pool *pool = seat == NULL ? NULL : pool_of(from, seat);
    if (pool == NULL)
        return function(dptr, bytes, from, stream);
    if (!pool_begin(pool, bytes, &claimed))
        return CUDA_ERROR_OUT_OF_MEMORY;
    CUresult result = function(dptr, bytes, from, stream);
    return pool_end(pool, claimed) || result != CUDA_SUCCESS ? result : undo(dptr);
}

CUresult cuMemAllocAsync(CUdeviceptr *dptr, size_t bytesize, CUstream hStream)
{
    return allocate_async(real()->cuMemAllocAsync, dptr, bytesize, hStream, hStream);
}

CUresult cuMemAllocAsync_ptsz(CUdeviceptr *dptr, size_t bytesize, CUstream hStream)
{
    return allocate_async(real()->cuMemAllocAsync_ptsz, dptr, bytesize, hStream, own(hStream));
}

CUresult cuMemAllocFromPoolAsync(CUdeviceptr *dptr, size_t bytesize, CUmemoryPool pool, CUstream hStream)
{
    return allocate_from_pool(real()->cuMemAllocFromPoolAsync, dptr, bytesize, pool, hStream, hStream);
}

CUresult cuMemAllocFromPoolAsync_ptsz(CUdeviceptr *dptr, size_t bytesize, CUmemoryPool pool, CUstream hStream)
{
    return allocate_from_pool(real()->cuMemAllocFromPoolAsync_ptsz, dptr, bytesize, pool, hStream, own(hStream));
}

/* What cuMemAlloc allocated may be freed so, too. */
static CUresult free_async(__typeof__(&cuMemFreeAsync) function, CUdeviceptr dptr, CUstream stream, CUstream handle)
{
    if (function == NULL)
        return CUDA_ERROR_NOT_FOUND;
    if (captured(handle)) /* freed when the graph runs */
        return function(dptr, stream);
    struct owned *owned = owned_detach(OWNED_ADDRESS, dptr);
    return claim_freed(owned, function(dptr, stream));
}

CUresult cuMemFreeAsync(CUdeviceptr dptr, CUstream hStream)
{
    return free_async(real()->cuMemFreeAsync, dptr, hStream, hStream);
}

CUresult cuMemFreeAsync_ptsz(CUdeviceptr dptr, CUstream hStream)
{
    return free_async(real()->cuMemFreeAsync_ptsz, dptr, hStream, own(hStream));
}

CUresult cuMemPoolCreate(CUmemoryPool *pool, const CUmemPoolProps *poolProps)
{
    if (real()->cuMemPoolCreate == NULL)
        return CUDA_ERROR_NOT_FOUND;
    CUresult result = real()->cuMemPoolCreate(pool, poolProps);
    if (result != CUDA_SUCCESS || link_mode() == LINK_OFF)
        return result;
    CUmemLocationType type = poolProps->location.type;
    struct seat *seat = type == CU_MEM_LOCATION_TYPE_DEVICE ? meter_device_seat(poolProps->location.id) : NULL;
    if (seat != NULL || type >= CU_MEM_LOCATION_TYPE_HOST)
        pool_of(*pool, seat);
    return result;
}

/* What was allocated from it and is not freed yet outlives it, and is not counted any more: nobody can ask for it. */
CUresult cuMemPoolDestroy(CUmemoryPool pool)
{
    if (real()->cuMemPoolDestroy == NULL)
        return CUDA_ERROR_NOT_FOUND;
    CUresult result = real()->cuMemPoolDestroy(pool);
    if (result == CUDA_SUCCESS)
        pool_forget(pool);
    return result;
}

CUresult cuMemPoolTrimTo(CUmemoryPool pool, size_t minBytesToKeep)
{
    if (real()->cuMemPoolTrimTo == NULL)
        return CUDA_ERROR_NOT_FOUND;
    CUresult result = real()->cuMemPoolTrimTo(pool, minBytesToKeep);
    pool_settle();
    return result;
}
