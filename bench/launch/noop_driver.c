/* A libcuda.so.1 that does nothing, at once: what a launch costs on it is the call and whatever a limiter adds. */
#include <string.h>

#include "aliquot_cuda.h"

#define SOME(type) ((type)(uintptr_t)64) /* a handle that nobody looks into */
#define GIVE(out, type) (*(out) = SOME(type), CUDA_SUCCESS)
#define UNUSED __attribute__((unused))

CUresult cuInit(UNUSED unsigned int flags) { return CUDA_SUCCESS; }
CUresult cuDeviceGetUuid(CUuuid *uuid, UNUSED CUdevice device) { return memset(uuid, 0, sizeof *uuid), CUDA_SUCCESS; }
CUresult cuDevicePrimaryCtxRetain(CUcontext *context, UNUSED CUdevice device) { return GIVE(context, CUcontext); }
CUresult cuCtxSetCurrent(UNUSED CUcontext context) { return CUDA_SUCCESS; }
CUresult cuCtxGetCurrent(CUcontext *context) { return GIVE(context, CUcontext); }
CUresult cuCtxGetDevice(CUdevice *device) { return *device = 0, CUDA_SUCCESS; }
CUresult cuCtxSynchronize(void) { return CUDA_SUCCESS; }
CUresult cuStreamCreate(CUstream *stream, UNUSED unsigned int flags) { return GIVE(stream, CUstream); }
CUresult cuModuleLoadData(CUmodule *module, UNUSED const void *image) { return GIVE(module, CUmodule); }
CUresult cuModuleGetFunction(CUfunction *function, UNUSED CUmodule module, UNUSED const char *name)
{
    return GIVE(function, CUfunction);
}

CUresult cuEventCreate(CUevent *event, UNUSED unsigned int flags) { return GIVE(event, CUevent); }
CUresult cuEventRecord(UNUSED CUevent event, UNUSED CUstream stream) { return CUDA_SUCCESS; }
CUresult cuEventQuery(UNUSED CUevent event) { return CUDA_SUCCESS; }
CUresult cuEventElapsedTime(float *ms, UNUSED CUevent start, UNUSED CUevent end) { return *ms = 0.002f, CUDA_SUCCESS; }

CUresult cuStreamBeginCapture_v2(UNUSED CUstream stream, UNUSED CUstreamCaptureMode mode) { return CUDA_SUCCESS; }
CUresult cuStreamEndCapture(UNUSED CUstream stream, CUgraph *graph) { return GIVE(graph, CUgraph); }
CUresult cuStreamIsCapturing(UNUSED CUstream stream, CUstreamCaptureStatus *status)
{
    return *status = CU_STREAM_CAPTURE_STATUS_NONE, CUDA_SUCCESS;
}

CUresult cuGraphInstantiateWithFlags(CUgraphExec *exec, UNUSED CUgraph graph, UNUSED unsigned long long flags)
{
    return GIVE(exec, CUgraphExec);
}

CUresult cuGraphLaunch(UNUSED CUgraphExec exec, UNUSED CUstream stream) { return CUDA_SUCCESS; }
CUresult cuLaunchKernel(UNUSED CUfunction f, UNUSED unsigned int gridX, UNUSED unsigned int gridY,
                        UNUSED unsigned int gridZ, UNUSED unsigned int blockX, UNUSED unsigned int blockY,
                        UNUSED unsigned int blockZ, UNUSED unsigned int sharedBytes, UNUSED CUstream stream,
                        UNUSED void **parameters, UNUSED void **extra)
{
    return CUDA_SUCCESS;
}
