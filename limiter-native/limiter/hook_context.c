/* The end of streams and contexts, and of waiting for them: what was allocated there is given back. */
#include "driver.h"
#include "meter.h"
#include "owned.h"
#include "pool.h"

CUresult cuStreamDestroy_v2(CUstream hStream)
{
    if (real()->cuStreamDestroy_v2 == NULL)
        return CUDA_ERROR_NOT_FOUND;
    meter_end_stream(hStream);
    return real()->cuStreamDestroy_v2(hStream);
}

static void release_all(CUcontext context)
{
    owned_release_context(context);
    pool_settle();
}

CUresult cuCtxDestroy_v2(CUcontext ctx)
{
    if (real()->cuCtxDestroy_v2 == NULL)
        return CUDA_ERROR_NOT_FOUND;
    if (ctx == NULL || link_mode() == LINK_OFF)
        return real()->cuCtxDestroy_v2(ctx);
    meter_hold(ctx);
    CUresult result = real()->cuCtxDestroy_v2(ctx);
    meter_let_go(ctx, result == CUDA_SUCCESS);
    if (result == CUDA_SUCCESS)
        release_all(ctx);
    return result;
}

static bool is_active(CUdevice device)
{
    unsigned int flags;
    int active = 0;
    return real()->cuDevicePrimaryCtxGetState != NULL &&
           real()->cuDevicePrimaryCtxGetState(device, &flags, &active) == CUDA_SUCCESS && active != 0;
}

/* The handle of a device's primary context, which nothing but retaining it tells; NULL when it is not active. */
static CUcontext primary_context(CUdevice device)
{
    CUcontext context = NULL;
    if (!is_active(device) || real()->cuDevicePrimaryCtxRetain == NULL ||
        real()->cuDevicePrimaryCtxRetain(&context, device) != CUDA_SUCCESS)
        return NULL;
    real()->cuDevicePrimaryCtxRelease_v2(device);
    return context;
}

/* A primary context is counted: it ends with its last release, or with a reset. */
static CUresult end_primary(__typeof__(&cuDevicePrimaryCtxRelease_v2) function, CUdevice device, bool always)
{
    if (function == NULL)
        return CUDA_ERROR_NOT_FOUND;
    CUcontext context = link_mode() == LINK_OFF ? NULL : primary_context(device);
    if (context == NULL)
        return function(device);
    meter_hold(context);
    CUresult result = function(device);
    bool gone = result == CUDA_SUCCESS && (always || !is_active(device));
    meter_let_go(context, gone);
    if (gone)
        release_all(context);
    return result;
}

CUresult cuDevicePrimaryCtxRelease(CUdevice dev)
{
    return end_primary(real()->cuDevicePrimaryCtxRelease, dev, false);
}

CUresult cuDevicePrimaryCtxReset(CUdevice dev)
{
    return end_primary(real()->cuDevicePrimaryCtxReset, dev, true);
}

CUresult cuDevicePrimaryCtxRelease_v2(CUdevice dev)
{
    return end_primary(real()->cuDevicePrimaryCtxRelease_v2, dev, false);
}

CUresult cuDevicePrimaryCtxReset_v2(CUdevice dev)
{
    return end_primary(real()->cuDevicePrimaryCtxReset_v2, dev, true);
}

/* ---- waiting: the driver takes from its pools what they keep unused ---- */

static CUresult settled(CUresult result)
{
    pool_settle();
    return result;
}

CUresult cuStreamSynchronize(CUstream hStream)
{
    return real()->cuStreamSynchronize == NULL ? CUDA_ERROR_NOT_FOUND : settled(real()->cuStreamSynchronize(hStream));
}

CUresult cuStreamSynchronize_ptsz(CUstream hStream)
{
    return real()->cuStreamSynchronize_ptsz == NULL ? CUDA_ERROR_NOT_FOUND
                                                    : settled(real()->cuStreamSynchronize_ptsz(hStream));
}

CUresult cuCtxSynchronize(void)
{
    return real()->cuCtxSynchronize == NULL ? CUDA_ERROR_NOT_FOUND : settled(real()->cuCtxSynchronize());
}

CUresult cuCtxSynchronize_v2(CUcontext ctx)
{
    return real()->cuCtxSynchronize_v2 == NULL ? CUDA_ERROR_NOT_FOUND : settled(real()->cuCtxSynchronize_v2(ctx));
}

CUresult cuEventSynchronize(CUevent hEvent)
{
    return real()->cuEventSynchronize == NULL ? CUDA_ERROR_NOT_FOUND : settled(real()->cuEventSynchronize(hEvent));
}
