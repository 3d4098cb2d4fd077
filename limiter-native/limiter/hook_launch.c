/* Every way to put work on a GPU: ask, call the real function, record. */
#include "driver.h"
#include "meter.h"

/* A driver without the function: what the caller would see without us is a missing symbol. */
#define ABSENT(name) (real()->name == NULL)

static uint64_t blocks_of(unsigned int x, unsigned int y, unsigned int z)
{
    return (uint64_t)x * y * z;
}

CUresult cuLaunchKernel(CUfunction f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ,
                        unsigned int blockDimX, unsigned int blockDimY, unsigned int blockDimZ,
                        unsigned int sharedMemBytes, CUstream hStream, void **kernelParams, void **extra)
{
    struct launch launch;
    if (ABSENT(cuLaunchKernel))
        return CUDA_ERROR_NOT_FOUND;
    meter_begin(&launch, f, blocks_of(gridDimX, gridDimY, gridDimZ), hStream);
    CUresult result = real()->cuLaunchKernel(f, gridDimX, gridDimY, gridDimZ, blockDimX, blockDimY, blockDimZ,
                                             sharedMemBytes, hStream, kernelParams, extra);
    meter_end(&launch, result);
    return result;
}

CUresult cuLaunchKernel_ptsz(CUfunction f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ,
                             unsigned int blockDimX, unsigned int blockDimY, unsigned int blockDimZ,
                             unsigned int sharedMemBytes, CUstream hStream, void **kernelParams, void **extra)
{
    struct launch launch;
    if (ABSENT(cuLaunchKernel_ptsz))
        return CUDA_ERROR_NOT_FOUND;
    meter_begin(&launch, f, blocks_of(gridDimX, gridDimY, gridDimZ), own(hStream));
    CUresult result = real()->cuLaunchKernel_ptsz(f, gridDimX, gridDimY, gridDimZ, blockDimX, blockDimY, blockDimZ,
                                                  sharedMemBytes, hStream, kernelParams, extra);
    meter_end(&launch, result);
    return result;
}

CUresult cuLaunchKernelEx(const CUlaunchConfig *config, CUfunction f, void **kernelParams, void **extra)
{
    struct launch launch = {0};
    if (ABSENT(cuLaunchKernelEx))
        return CUDA_ERROR_NOT_FOUND;
    if (config != NULL)
        meter_begin(&launch, f, blocks_of(config->gridDimX, config->gridDimY, config->gridDimZ), config->hStream);
    CUresult result = real()->cuLaunchKernelEx(config, f, kernelParams, extra);
    meter_end(&launch, result);
    return result;
}

CUresult cuLaunchKernelEx_ptsz(const CUlaunchConfig *config, CUfunction f, void **kernelParams, void **extra)
{
    struct launch launch = {0};
    if (ABSENT(cuLaunchKernelEx_ptsz))
        return CUDA_ERROR_NOT_FOUND;
    if (config != NULL)
        meter_begin(&launch, f, blocks_of(config->gridDimX, config->gridDimY, config->gridDimZ), own(config->hStream));
    CUresult result = real()->cuLaunchKernelEx_ptsz(config, f, kernelParams, extra);
    meter_end(&launch, result);
    return result;
}

CUresult cuLaunchCooperativeKernel(CUfunction f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ,
                                   unsigned int blockDimX, unsigned int blockDimY, unsigned int blockDimZ,
                                   unsigned int sharedMemBytes, CUstream hStream, void **kernelParams)
{
    struct launch launch;
    if (ABSENT(cuLaunchCooperativeKernel))
        return CUDA_ERROR_NOT_FOUND;
    meter_begin(&launch, f, blocks_of(gridDimX, gridDimY, gridDimZ), hStream);
    CUresult result = real()->cuLaunchCooperativeKernel(f, gridDimX, gridDimY, gridDimZ, blockDimX, blockDimY, blockDimZ,
                                                        sharedMemBytes, hStream, kernelParams);
    meter_end(&launch, result);
    return result;
}

CUresult cuLaunchCooperativeKernel_ptsz(CUfunction f, unsigned int gridDimX, unsigned int gridDimY,
                                        unsigned int gridDimZ, unsigned int blockDimX, unsigned int blockDimY,
                                        unsigned int blockDimZ, unsigned int sharedMemBytes, CUstream hStream,
                                        void **kernelParams)
{
    struct launch launch;
    if (ABSENT(cuLaunchCooperativeKernel_ptsz))
        return CUDA_ERROR_NOT_FOUND;
    meter_begin(&launch, f, blocks_of(gridDimX, gridDimY, gridDimZ), own(hStream));
    CUresult result = real()->cuLaunchCooperativeKernel_ptsz(f, gridDimX, gridDimY, gridDimZ, blockDimX, blockDimY,
                                                             blockDimZ, sharedMemBytes, hStream, kernelParams);
    meter_end(&launch, result);
    return result;
}

/* Waits and is charged on the current context's GPU, once: waiting for several turns one after another could deadlock. */
CUresult cuLaunchCooperativeKernelMultiDevice(CUDA_LAUNCH_PARAMS *launchParamsList, unsigned int numDevices,
                                              unsigned int flags)
{
    struct launch launch = {0};
    if (ABSENT(cuLaunchCooperativeKernelMultiDevice))
        return CUDA_ERROR_NOT_FOUND;
    if (launchParamsList != NULL && numDevices > 0) {
        const CUDA_LAUNCH_PARAMS *first = &launchParamsList[0];
        meter_begin(&launch, first->function, blocks_of(first->gridDimX, first->gridDimY, first->gridDimZ),
                    first->hStream);
    }
    CUresult result = real()->cuLaunchCooperativeKernelMultiDevice(launchParamsList, numDevices, flags);
    meter_end(&launch, result);
    return result;
}

CUresult cuLaunch(CUfunction f)
{
    struct launch launch;
    if (ABSENT(cuLaunch))
        return CUDA_ERROR_NOT_FOUND;
    meter_begin(&launch, f, 1, NULL);
    CUresult result = real()->cuLaunch(f);
    meter_end(&launch, result);
    return result;
}

CUresult cuLaunchGrid(CUfunction f, int grid_width, int grid_height)
{
    struct launch launch;
    if (ABSENT(cuLaunchGrid))
        return CUDA_ERROR_NOT_FOUND;
    meter_begin(&launch, f, blocks_of((unsigned int)grid_width, (unsigned int)grid_height, 1), NULL);
    CUresult result = real()->cuLaunchGrid(f, grid_width, grid_height);
    meter_end(&launch, result);
    return result;
}

CUresult cuLaunchGridAsync(CUfunction f, int grid_width, int grid_height, CUstream hStream)
{
    struct launch launch;
    if (ABSENT(cuLaunchGridAsync))
        return CUDA_ERROR_NOT_FOUND;
    meter_begin(&launch, f, blocks_of((unsigned int)grid_width, (unsigned int)grid_height, 1), hStream);
    CUresult result = real()->cuLaunchGridAsync(f, grid_width, grid_height, hStream);
    meter_end(&launch, result);
    return result;
}

CUresult cuGraphLaunch(CUgraphExec hGraphExec, CUstream hStream)
{
    struct launch launch;
    if (ABSENT(cuGraphLaunch))
        return CUDA_ERROR_NOT_FOUND;
    meter_begin(&launch, hGraphExec, 0, hStream);
    CUresult result = real()->cuGraphLaunch(hGraphExec, hStream);
    meter_end(&launch, result);
    return result;
}

CUresult cuGraphLaunch_ptsz(CUgraphExec hGraphExec, CUstream hStream)
{
    struct launch launch;
    if (ABSENT(cuGraphLaunch_ptsz))
        return CUDA_ERROR_NOT_FOUND;
    meter_begin(&launch, hGraphExec, 0, own(hStream));
    CUresult result = real()->cuGraphLaunch_ptsz(hGraphExec, hStream);
    meter_end(&launch, result);
    return result;
}

/* ---- captures: counted before they begin, so that no thread records into one ---- */

static CUresult began(CUresult result)
{
    if (result != CUDA_SUCCESS)
        meter_capture_ended();
    return result;
}

static CUresult begin_capture(__typeof__(&cuStreamBeginCapture_v2) function, CUstream stream, CUstreamCaptureMode mode)
{
    if (function == NULL)
        return CUDA_ERROR_NOT_FOUND;
    meter_capture_began();
    return began(function(stream, mode));
}

static CUresult begin_old_capture(__typeof__(&cuStreamBeginCapture) function, CUstream stream)
{
    if (function == NULL)
        return CUDA_ERROR_NOT_FOUND;
    meter_capture_began();
    return began(function(stream));
}

static CUresult end_capture(__typeof__(&cuStreamEndCapture) function, CUstream stream, CUgraph *graph)
{
    if (function == NULL)
        return CUDA_ERROR_NOT_FOUND;
    CUresult result = function(stream, graph);
    if (result != CUDA_ERROR_ILLEGAL_STATE && result != CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD) /* it goes on */
        meter_capture_ended();
    return result;
}

CUresult cuStreamBeginCapture(CUstream hStream)
{
    return begin_old_capture(real()->cuStreamBeginCapture, hStream);
}

CUresult cuStreamBeginCapture_ptsz(CUstream hStream)
{
    return begin_old_capture(real()->cuStreamBeginCapture_ptsz, hStream);
}

CUresult cuStreamBeginCapture_v2(CUstream hStream, CUstreamCaptureMode mode)
{
    return begin_capture(real()->cuStreamBeginCapture_v2, hStream, mode);
}

CUresult cuStreamBeginCapture_v2_ptsz(CUstream hStream, CUstreamCaptureMode mode)
{
    return begin_capture(real()->cuStreamBeginCapture_v2_ptsz, hStream, mode);
}

static CUresult begin_capture_to(__typeof__(&cuStreamBeginCaptureToGraph) function, CUstream stream, CUgraph graph,
                                 const CUgraphNode *dependencies, const struct CUgraphEdgeData_st *edges, size_t count,
                                 CUstreamCaptureMode mode)
{
    if (function == NULL)
        return CUDA_ERROR_NOT_FOUND;
    meter_capture_began();
    return began(function(stream, graph, dependencies, edges, count, mode));
}

CUresult cuStreamBeginCaptureToGraph(CUstream hStream, CUgraph hGraph, const CUgraphNode *dependencies,
                                     const struct CUgraphEdgeData_st *dependencyData, size_t numDependencies,
                                     CUstreamCaptureMode mode)
{
    return begin_capture_to(real()->cuStreamBeginCaptureToGraph, hStream, hGraph, dependencies, dependencyData,
                            numDependencies, mode);
}

CUresult cuStreamBeginCaptureToGraph_ptsz(CUstream hStream, CUgraph hGraph, const CUgraphNode *dependencies,
                                          const struct CUgraphEdgeData_st *dependencyData, size_t numDependencies,
                                          CUstreamCaptureMode mode)
{
    return begin_capture_to(real()->cuStreamBeginCaptureToGraph_ptsz, hStream, hGraph, dependencies, dependencyData,
                            numDependencies, mode);
}

CUresult cuStreamEndCapture(CUstream hStream, CUgraph *phGraph)
{
    return end_capture(real()->cuStreamEndCapture, hStream, phGraph);
}

CUresult cuStreamEndCapture_ptsz(CUstream hStream, CUgraph *phGraph)
{
    return end_capture(real()->cuStreamEndCapture_ptsz, hStream, phGraph);
}
