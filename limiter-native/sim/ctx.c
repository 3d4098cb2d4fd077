/* Devices and contexts. */
#include "driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STACK_DEPTH = 32 };

static _Thread_local void *stack[STACK_DEPTH];
static _Thread_local int depth;

static struct {
    void *handle;
    unsigned references;
    unsigned flags;
} primary[STATE_GPUS];

/* ---- devices ---- */

bool device_valid(CUdevice dev)
{
    return dev >= 0 && dev < visible_count();
}

CUresult cuDeviceGetCount(int *count)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    if (!count)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    *count = visible_count();
    return driver_return(CUDA_SUCCESS);
}

/* Enters for a call that asks about a device and answers through a pointer. */
static CUresult enter_device(CUdevice dev, const void *answer)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    if (!answer)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    return device_valid(dev) ? CUDA_SUCCESS : driver_return(CUDA_ERROR_INVALID_DEVICE);
}

CUresult cuDeviceGet(CUdevice *device, int ordinal)
{
    CUresult result = enter_device(ordinal, device);
    if (result)
        return result;
    *device = ordinal;
    return driver_return(CUDA_SUCCESS);
}

CUresult cuDeviceGetName(char *name, int len, CUdevice dev)
{
    CUresult result = enter_device(dev, name);
    if (result)
        return result;
    if (len <= 0)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    snprintf(name, (size_t)len, "Aliquot Simulated GPU");
    return driver_return(CUDA_SUCCESS);
}

CUresult cuDeviceGetUuid(CUuuid *uuid, CUdevice dev)
{
    CUresult result = enter_device(dev, uuid);
    if (result)
        return result;
    state_uuid(visible_gpu(dev), (unsigned char *)uuid->bytes);
    return driver_return(CUDA_SUCCESS);
}

CUresult cuDeviceGetUuid_v2(CUuuid *uuid, CUdevice dev)
{
    CUresult result = cuDeviceGetUuid(uuid, dev);
    if (!result && state_mig())
        state_instance_uuid(visible_gpu(dev), (unsigned char *)uuid->bytes);
    return result;
}

CUresult cuDeviceTotalMem_v2(size_t *bytes, CUdevice dev)
{
    CUresult result = enter_device(dev, bytes);
    if (result)
        return result;
    *bytes = driver_view.shared->memory_bytes;
    return driver_return(CUDA_SUCCESS);
}

CUresult cuDeviceGetPCIBusId(char *pciBusId, int len, CUdevice dev)
{
    CUresult result = enter_device(dev, pciBusId);
    if (result)
        return result;
    if (len < 13)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    snprintf(pciBusId, (size_t)len, "0000:%02X:00.0", visible_gpu(dev) + 1);
    return driver_return(CUDA_SUCCESS);
}

CUresult cuDeviceGetByPCIBusId(CUdevice *dev, const char *pciBusId)
{
    CUresult result = enter_device(0, dev);
    if (result)
        return result;
    unsigned bus;
    if (!pciBusId || sscanf(pciBusId, "%*x:%x:", &bus) != 1)
        return driver_return(CUDA_ERROR_INVALID_DEVICE);
    CUdevice device = visible_device(bus - 1);
    if (device < 0)
        return driver_return(CUDA_ERROR_INVALID_DEVICE);
    *dev = device;
    return driver_return(CUDA_SUCCESS);
}

static int attribute(CUdevice_attribute attrib, CUdevice dev)
{
    switch (attrib) {
    case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
    case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X:
        return 1024;
    case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X:
        return 2147483647;
    case CU_DEVICE_ATTRIBUTE_WARP_SIZE:
        return 32;
    case CU_DEVICE_ATTRIBUTE_CLOCK_RATE:
        return 1000000;
    case CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT:
        return 132;
    case CU_DEVICE_ATTRIBUTE_PCI_BUS_ID:
        return dev + 1;
    case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR:
        return 2048;
    case CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT:
        return 3;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR:
        return 9;
    case CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY:
    case CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS:
    case CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING:
    case CU_DEVICE_ATTRIBUTE_STREAM_PRIORITIES_SUPPORTED:
    case CU_DEVICE_ATTRIBUTE_MANAGED_MEMORY:
    case CU_DEVICE_ATTRIBUTE_CONCURRENT_MANAGED_ACCESS:
    case CU_DEVICE_ATTRIBUTE_COMPUTE_PREEMPTION_SUPPORTED:
    case CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH:
    case CU_DEVICE_ATTRIBUTE_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED:
    case CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED:
        return 1;
    default:
        return 0;
    }
}

CUresult cuDeviceGetAttribute(int *pi, CUdevice_attribute attrib, CUdevice dev)
{
    CUresult result = enter_device(dev, pi);
    if (result)
        return result;
    if ((int)attrib <= 0 || (int)attrib > 200)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    *pi = attribute(attrib, dev);
    return driver_return(CUDA_SUCCESS);
}

/* ---- contexts ---- */

CUresult context_current(struct context **ctx)
{
    if (depth == 0 || !stack[depth - 1])
        return CUDA_ERROR_INVALID_CONTEXT;
    *ctx = handle_get(HANDLE_CONTEXT, stack[depth - 1]);
    return *ctx ? CUDA_SUCCESS : CUDA_ERROR_CONTEXT_IS_DESTROYED;
}

static CUresult context_new(CUdevice dev, unsigned flags, struct context **out)
{
    if (!device_valid(dev))
        return CUDA_ERROR_INVALID_DEVICE;
    struct context *c = calloc(1, sizeof *c);
    void *handle = c ? handle_new(HANDLE_CONTEXT, c) : NULL;
    if (!handle) {
        free(c);
        return CUDA_ERROR_OUT_OF_MEMORY;
    }
    struct timeline *t = state_enter(&driver_view, visible_gpu(dev));
    int slot = timeline_open(t, driver_view.process);
    state_leave(&driver_view);
    if (slot < 0) {
        handle_free(handle);
        free(c);
        return CUDA_ERROR_OUT_OF_MEMORY;
    }
    *c = (struct context){
        .handle = handle, .device = dev, .gpu = visible_gpu(dev), .slot = slot, .flags = flags, .legacy.ctx = c};
    *out = c;
    return CUDA_SUCCESS;
}

static void context_destroy(struct context *c)
{
    work_drop(c);
    event_drop_context(c);
    stream_drop_context(c);
    memory_drop_context(c);
    handle_free(c->handle);
    free(c);
}

static CUresult create(CUcontext *pctx, unsigned flags, CUdevice dev)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    if (!pctx)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    struct context *c;
    if (depth == STACK_DEPTH)
        return driver_return(CUDA_ERROR_OUT_OF_MEMORY);
    result = context_new(dev, flags, &c);
    if (result)
        return driver_return(result);
    stack[depth++] = c->handle;
    *pctx = c->handle;
    return driver_return(CUDA_SUCCESS);
}

CUresult cuCtxCreate_v2(CUcontext *pctx, unsigned int flags, CUdevice dev)
{
    return create(pctx, flags, dev);
}

CUresult cuCtxCreate_v3(CUcontext *pctx, CUexecAffinityParam *paramsArray, int numParams, unsigned int flags,
                        CUdevice dev)
{
    if (paramsArray || numParams)
        return CUDA_ERROR_NOT_SUPPORTED; /* SM affinity needs MPS */
    return create(pctx, flags, dev);
}

CUresult cuCtxCreate_v4(CUcontext *pctx, CUctxCreateParams *ctxCreateParams, unsigned int flags, CUdevice dev)
{
    if (ctxCreateParams && (ctxCreateParams->numExecAffinityParams || ctxCreateParams->cigParams))
        return CUDA_ERROR_NOT_SUPPORTED;
    return create(pctx, flags, dev);
}

CUresult cuCtxDestroy_v2(CUcontext ctx)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct context *c = handle_get(HANDLE_CONTEXT, ctx);
    if (!c || c->primary)
        return driver_return(CUDA_ERROR_INVALID_CONTEXT);
    if (depth > 0 && stack[depth - 1] == (void *)ctx)
        depth--;
    context_destroy(c);
    return driver_return(CUDA_SUCCESS);
}

CUresult cuCtxGetCurrent(CUcontext *pctx)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    if (!pctx)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    *pctx = depth > 0 ? stack[depth - 1] : NULL;
    return driver_return(CUDA_SUCCESS);
}

CUresult cuCtxSetCurrent(CUcontext ctx)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    if (ctx && !handle_get(HANDLE_CONTEXT, ctx))
        return driver_return(CUDA_ERROR_INVALID_CONTEXT);
    if (!ctx)
        depth = depth > 0 ? depth - 1 : 0;
    else
        stack[depth > 0 ? depth - 1 : depth++] = ctx;
    return driver_return(CUDA_SUCCESS);
}

CUresult cuCtxPushCurrent_v2(CUcontext ctx)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    if (!handle_get(HANDLE_CONTEXT, ctx) || depth == STACK_DEPTH)
        return driver_return(CUDA_ERROR_INVALID_CONTEXT);
    stack[depth++] = ctx;
    return driver_return(CUDA_SUCCESS);
}

CUresult cuCtxPopCurrent_v2(CUcontext *pctx)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    if (depth == 0)
        return driver_return(CUDA_ERROR_INVALID_CONTEXT);
    depth--;
    if (pctx)
        *pctx = stack[depth];
    return driver_return(CUDA_SUCCESS);
}

CUresult cuCtxGetDevice(CUdevice *device)
{
    struct context *c;
    CUresult result = driver_enter_current(&c);
    if (result)
        return result;
    if (!device)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    *device = c->device;
    return driver_return(CUDA_SUCCESS);
}

CUresult cuCtxGetFlags(unsigned int *flags)
{
    struct context *c;
    CUresult result = driver_enter_current(&c);
    if (result)
        return result;
    if (!flags)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    *flags = c->flags;
    return driver_return(CUDA_SUCCESS);
}

CUresult cuCtxGetApiVersion(CUcontext ctx, unsigned int *version)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    if (!version || (ctx && !handle_get(HANDLE_CONTEXT, ctx)))
        return driver_return(version ? CUDA_ERROR_INVALID_CONTEXT : CUDA_ERROR_INVALID_VALUE);
    *version = 3020;
    return driver_return(CUDA_SUCCESS);
}

CUresult cuCtxGetStreamPriorityRange(int *leastPriority, int *greatestPriority)
{
    struct context *c;
    CUresult result = driver_enter_current(&c);
    if (result)
        return result;
    if (leastPriority)
        *leastPriority = 0;
    if (greatestPriority)
        *greatestPriority = -5;
    return driver_return(CUDA_SUCCESS);
}

CUresult cuCtxSynchronize(void)
{
    struct context *c;
    CUresult result = driver_enter_current(&c);
    if (result)
        return result;
    result = capture_check_wait(c, NULL);
    if (!result)
        result = work_wait(c, work_end(c));
    pool_release_unused();
    return driver_return(result);
}

/* ---- primary contexts ---- */

CUresult cuDevicePrimaryCtxRetain(CUcontext *pctx, CUdevice dev)
{
    CUresult result = enter_device(dev, pctx);
    if (result)
        return result;
    if (!primary[dev].handle) {
        struct context *c;
        result = context_new(dev, primary[dev].flags, &c);
        if (result)
            return driver_return(result);
        c->primary = true;
        primary[dev].handle = c->handle;
    }
    primary[dev].references++;
    *pctx = primary[dev].handle;
    return driver_return(CUDA_SUCCESS);
}

static void drop_primary(CUdevice dev)
{
    struct context *c = handle_get(HANDLE_CONTEXT, primary[dev].handle);
    primary[dev].handle = NULL;
    primary[dev].references = 0;
    if (c)
        context_destroy(c);
}

CUresult cuDevicePrimaryCtxRelease_v2(CUdevice dev)
{
    CUresult result = enter_device(dev, &dev);
    if (result)
        return result;
    if (primary[dev].references == 0)
        return driver_return(CUDA_ERROR_INVALID_CONTEXT);
    if (--primary[dev].references == 0)
        drop_primary(dev);
    return driver_return(CUDA_SUCCESS);
}

CUresult cuDevicePrimaryCtxRelease(CUdevice dev)
{
    return cuDevicePrimaryCtxRelease_v2(dev);
}

CUresult cuDevicePrimaryCtxReset_v2(CUdevice dev)
{
    CUresult result = enter_device(dev, &dev);
    if (result)
        return result;
    drop_primary(dev);
    return driver_return(CUDA_SUCCESS);
}

CUresult cuDevicePrimaryCtxReset(CUdevice dev)
{
    return cuDevicePrimaryCtxReset_v2(dev);
}

CUresult cuDevicePrimaryCtxGetState(CUdevice dev, unsigned int *flags, int *active)
{
    CUresult result = enter_device(dev, flags);
    if (result)
        return result;
    if (!active)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    *flags = primary[dev].flags;
    *active = primary[dev].handle != NULL;
    return driver_return(CUDA_SUCCESS);
}

CUresult cuDevicePrimaryCtxSetFlags_v2(CUdevice dev, unsigned int flags)
{
    CUresult result = enter_device(dev, &dev);
    if (result)
        return result;
    primary[dev].flags = flags;
    return driver_return(CUDA_SUCCESS);
}
