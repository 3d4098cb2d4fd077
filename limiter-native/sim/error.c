/* Names and descriptions of results. */
#include "driver.h"

#define RESULTS(R)                                                                             \
    R(CUDA_SUCCESS, "no error")                                                                \
    R(CUDA_ERROR_INVALID_VALUE, "invalid argument")                                            \
    R(CUDA_ERROR_OUT_OF_MEMORY, "out of memory")                                               \
    R(CUDA_ERROR_NOT_INITIALIZED, "initialization error")                                      \
    R(CUDA_ERROR_DEINITIALIZED, "driver shutting down")                                        \
    R(CUDA_ERROR_STUB_LIBRARY, "CUDA driver is a stub library")                                \
    R(CUDA_ERROR_DEVICE_UNAVAILABLE, "CUDA-capable device(s) is/are busy or unavailable")      \
    R(CUDA_ERROR_NO_DEVICE, "no CUDA-capable device is detected")                              \
    R(CUDA_ERROR_INVALID_DEVICE, "invalid device ordinal")                                     \
    R(CUDA_ERROR_INVALID_IMAGE, "device kernel image is invalid")                              \
    R(CUDA_ERROR_INVALID_CONTEXT, "invalid device context")                                    \
    R(CUDA_ERROR_MAP_FAILED, "mapping of buffer object failed")                                \
    R(CUDA_ERROR_UNMAP_FAILED, "unmapping of buffer object failed")                            \
    R(CUDA_ERROR_ALREADY_MAPPED, "resource already mapped")                                    \
    R(CUDA_ERROR_NO_BINARY_FOR_GPU, "no kernel image is available for execution on the device") \
    R(CUDA_ERROR_NOT_MAPPED, "resource not mapped")                                            \
    R(CUDA_ERROR_INVALID_PTX, "a PTX JIT compilation failed")                                  \
    R(CUDA_ERROR_INVALID_SOURCE, "device kernel image is invalid")                             \
    R(CUDA_ERROR_FILE_NOT_FOUND, "file not found")                                             \
    R(CUDA_ERROR_OPERATING_SYSTEM, "OS call failed or operation not supported on this OS")     \
    R(CUDA_ERROR_INVALID_HANDLE, "invalid resource handle")                                    \
    R(CUDA_ERROR_ILLEGAL_STATE, "the operation cannot be performed in the present state")      \
    R(CUDA_ERROR_NOT_FOUND, "named symbol not found")                                          \
    R(CUDA_ERROR_NOT_READY, "device not ready")                                                \
    R(CUDA_ERROR_ILLEGAL_ADDRESS, "an illegal memory access was encountered")                  \
    R(CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, "too many resources requested for launch")           \
    R(CUDA_ERROR_PRIMARY_CONTEXT_ACTIVE, "cannot set while device is active in this process")  \
    R(CUDA_ERROR_CONTEXT_IS_DESTROYED, "context is destroyed")                                 \
    R(CUDA_ERROR_LAUNCH_FAILED, "unspecified launch failure")                                  \
    R(CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE, "too many blocks in cooperative launch")        \
    R(CUDA_ERROR_NOT_PERMITTED, "operation not permitted")                                     \
    R(CUDA_ERROR_NOT_SUPPORTED, "operation not supported")                                     \
    R(CUDA_ERROR_SYSTEM_NOT_READY, "system not yet initialized")                               \
    R(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "operation not permitted when stream is capturing") \
    R(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED,                                                   \
      "operation failed due to a previous error during capture")                               \
    R(CUDA_ERROR_STREAM_CAPTURE_MERGE, "operation would result in a merge of separate capture sequences") \
    R(CUDA_ERROR_STREAM_CAPTURE_UNMATCHED, "capture was not ended in the same stream as it began") \
    R(CUDA_ERROR_STREAM_CAPTURE_UNJOINED, "capturing stream has unjoined work")                \
    R(CUDA_ERROR_STREAM_CAPTURE_ISOLATION, "dependency created on uncaptured work in another stream") \
    R(CUDA_ERROR_STREAM_CAPTURE_IMPLICIT,                                                      \
      "operation would make the legacy stream depend on a capturing blocking stream")          \
    R(CUDA_ERROR_CAPTURED_EVENT, "operation not permitted on an event last recorded in a capturing stream") \
    R(CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD, "attempt to terminate a thread-local capture sequence from another thread") \
    R(CUDA_ERROR_TIMEOUT, "wait operation timed out")                                          \
    R(CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE, "the graph update was not performed")              \
    R(CUDA_ERROR_UNKNOWN, "unknown error")

static const struct {
    CUresult result;
    const char *name, *text;
} results[] = {
#define R(result, text) {result, #result, text},
    RESULTS(R)
#undef R
};

CUresult cuGetErrorName(CUresult error, const char **pStr)
{
    if (!pStr)
        return CUDA_ERROR_INVALID_VALUE;
    *pStr = NULL;
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++)
        if (results[i].result == error)
            *pStr = results[i].name;
    return *pStr ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuGetErrorString(CUresult error, const char **pStr)
{
    if (!pStr)
        return CUDA_ERROR_INVALID_VALUE;
    *pStr = NULL;
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++)
        if (results[i].result == error)
            *pStr = results[i].text;
    return *pStr ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}
