/*
 * Holds aliquot_cuda.h against the toolkit's cuda.h. This file is compiled twice: with ABI_TOOLKIT it
 * measures cuda.h (and, by declaring our prototypes after it, lets the compiler compare those), without
 * it measures ours. The program compares the two tables and prints every difference.
 */
#ifdef ABI_TOOLKIT
#define __CUDA_API_VERSION_INTERNAL /* cuda.h then renames nothing and declares the old versions too */
#include <cuda.h>
#endif
#include "aliquot_cuda.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZES(S) \
    S(CUresult) S(CUdevice_attribute) S(CUjit_option) S(CUlibraryOption) S(CUstreamCaptureStatus)           \
    S(CUstreamCaptureMode) S(CUdriverProcAddressQueryResult) S(CUdriverProcAddress_flags)                   \
    S(CUstream_flags) S(CUevent_flags) S(CUstreamWaitValue_flags) S(CUevent_record_flags) S(CUmemAttach_flags)                         \
    S(CUmemAllocationHandleType) S(CUmemLocationType) S(CUmemAllocationType)                                \
    S(CUmemAllocationGranularity_flags) S(CUmemAccess_flags) S(CUgraphInstantiateResult)                    \
    S(CUgraphNodeType) S(CUgraphInstantiate_flags) S(CUarray_format) S(CUlaunchAttributeID)                 \
    S(CUexecAffinityType) S(CUuuid) S(CUlaunchAttributeValue) S(CUlaunchAttribute) S(CUlaunchConfig)        \
    S(CUDA_LAUNCH_PARAMS) S(CUDA_KERNEL_NODE_PARAMS_v1) S(CUDA_KERNEL_NODE_PARAMS_v2)                       \
    S(CUDA_GRAPH_INSTANTIATE_PARAMS) S(CUexecAffinityParam) S(CUctxCreateParams) S(CUmemLocation)           \
    S(CUmemAllocationProp) S(CUmemAccessDesc) S(CUmemPoolProps) S(CUDA_ARRAY_DESCRIPTOR)                    \
    S(CUDA_ARRAY3D_DESCRIPTOR) S(cuuint64_t) S(CUdeviceptr) S(CUdevice) S(CUcontext) S(CUmodule)            \
    S(CUfunction) S(CUlibrary) S(CUkernel) S(CUarray) S(CUmipmappedArray) S(CUevent) S(CUstream)            \
    S(CUgraph) S(CUgraphNode) S(CUgraphExec) S(CUmemoryPool) S(CUmemGenericAllocationHandle)              \
    S(CUmemorytype) S(CUpointer_attribute) S(CUmemcpySrcAccessOrder) S(CUmemcpy3DOperandType)               \
    S(CUDA_MEMCPY2D) S(CUDA_MEMCPY3D) S(CUDA_MEMCPY3D_PEER) S(CUmemcpyAttributes) S(CUmemcpy3DOperand)      \
    S(CUDA_MEMCPY3D_BATCH_OP) S(CUDA_MEM_ALLOC_NODE_PARAMS_v1) S(CUmemPool_attribute)                       \
    S(CUgraphMem_attribute) S(CUipcMemHandle)

#define OFFSETS(O) \
    O(CUuuid, bytes) O(CUlaunchAttribute, id) O(CUlaunchAttribute, value) O(CUlaunchConfig, gridDimX)       \
    O(CUlaunchConfig, gridDimY) O(CUlaunchConfig, gridDimZ) O(CUlaunchConfig, blockDimX)                    \
    O(CUlaunchConfig, blockDimY) O(CUlaunchConfig, blockDimZ) O(CUlaunchConfig, sharedMemBytes)             \
    O(CUlaunchConfig, hStream) O(CUlaunchConfig, attrs) O(CUlaunchConfig, numAttrs)                         \
    O(CUDA_LAUNCH_PARAMS, function) O(CUDA_LAUNCH_PARAMS, gridDimX) O(CUDA_LAUNCH_PARAMS, gridDimY)         \
    O(CUDA_LAUNCH_PARAMS, gridDimZ) O(CUDA_LAUNCH_PARAMS, blockDimX) O(CUDA_LAUNCH_PARAMS, blockDimY)       \
    O(CUDA_LAUNCH_PARAMS, blockDimZ) O(CUDA_LAUNCH_PARAMS, sharedMemBytes) O(CUDA_LAUNCH_PARAMS, hStream)   \
    O(CUDA_LAUNCH_PARAMS, kernelParams) O(CUDA_KERNEL_NODE_PARAMS_v1, func)                                 \
    O(CUDA_KERNEL_NODE_PARAMS_v1, gridDimX) O(CUDA_KERNEL_NODE_PARAMS_v1, gridDimY)                         \
    O(CUDA_KERNEL_NODE_PARAMS_v1, gridDimZ) O(CUDA_KERNEL_NODE_PARAMS_v1, blockDimX)                        \
    O(CUDA_KERNEL_NODE_PARAMS_v1, blockDimY) O(CUDA_KERNEL_NODE_PARAMS_v1, blockDimZ)                       \
    O(CUDA_KERNEL_NODE_PARAMS_v1, sharedMemBytes) O(CUDA_KERNEL_NODE_PARAMS_v1, kernelParams)               \
    O(CUDA_KERNEL_NODE_PARAMS_v1, extra) O(CUDA_KERNEL_NODE_PARAMS_v2, func)                                \
    O(CUDA_KERNEL_NODE_PARAMS_v2, gridDimX) O(CUDA_KERNEL_NODE_PARAMS_v2, gridDimY)                         \
    O(CUDA_KERNEL_NODE_PARAMS_v2, gridDimZ) O(CUDA_KERNEL_NODE_PARAMS_v2, blockDimX)                        \
    O(CUDA_KERNEL_NODE_PARAMS_v2, blockDimY) O(CUDA_KERNEL_NODE_PARAMS_v2, blockDimZ)                       \
    O(CUDA_KERNEL_NODE_PARAMS_v2, sharedMemBytes) O(CUDA_KERNEL_NODE_PARAMS_v2, kernelParams)               \
    O(CUDA_KERNEL_NODE_PARAMS_v2, extra) O(CUDA_KERNEL_NODE_PARAMS_v2, kern)                                \
    O(CUDA_KERNEL_NODE_PARAMS_v2, ctx) O(CUDA_GRAPH_INSTANTIATE_PARAMS, flags)                              \
    O(CUDA_GRAPH_INSTANTIATE_PARAMS, hUploadStream) O(CUDA_GRAPH_INSTANTIATE_PARAMS, hErrNode_out)          \
    O(CUDA_GRAPH_INSTANTIATE_PARAMS, result_out) O(CUctxCreateParams, execAffinityParams)                   \
    O(CUctxCreateParams, numExecAffinityParams) O(CUctxCreateParams, cigParams) O(CUmemLocation, type)      \
    O(CUmemLocation, id) O(CUmemAllocationProp, type) O(CUmemAllocationProp, requestedHandleTypes)          \
    O(CUmemAllocationProp, location) O(CUmemAllocationProp, win32HandleMetaData)                            \
    O(CUmemAllocationProp, allocFlags) O(CUmemAccessDesc, location) O(CUmemAccessDesc, flags)               \
    O(CUmemPoolProps, allocType) O(CUmemPoolProps, handleTypes) O(CUmemPoolProps, location)                 \
    O(CUmemPoolProps, win32SecurityAttributes) O(CUmemPoolProps, maxSize) O(CUmemPoolProps, usage)          \
    O(CUmemPoolProps, reserved) O(CUDA_MEM_ALLOC_NODE_PARAMS_v1, poolProps)                                 \
    O(CUDA_MEM_ALLOC_NODE_PARAMS_v1, accessDescs) O(CUDA_MEM_ALLOC_NODE_PARAMS_v1, accessDescCount)         \
    O(CUDA_MEM_ALLOC_NODE_PARAMS_v1, bytesize) O(CUDA_MEM_ALLOC_NODE_PARAMS_v1, dptr)                       \
    O(CUipcMemHandle, reserved) O(CUDA_ARRAY_DESCRIPTOR, Width) O(CUDA_ARRAY_DESCRIPTOR, Height)            \
    O(CUDA_ARRAY_DESCRIPTOR, Format) O(CUDA_ARRAY_DESCRIPTOR, NumChannels)                                  \
    O(CUDA_ARRAY3D_DESCRIPTOR, Width) O(CUDA_ARRAY3D_DESCRIPTOR, Height) O(CUDA_ARRAY3D_DESCRIPTOR, Depth)  \
    O(CUDA_ARRAY3D_DESCRIPTOR, Format) O(CUDA_ARRAY3D_DESCRIPTOR, NumChannels)                              \
    O(CUDA_ARRAY3D_DESCRIPTOR, Flags)                                                                       \
    O(CUDA_MEMCPY2D, srcMemoryType) O(CUDA_MEMCPY2D, srcHost) O(CUDA_MEMCPY2D, srcDevice)                   \
    O(CUDA_MEMCPY2D, srcArray) O(CUDA_MEMCPY2D, srcPitch) O(CUDA_MEMCPY2D, dstMemoryType)                   \
    O(CUDA_MEMCPY2D, dstHost) O(CUDA_MEMCPY2D, dstDevice) O(CUDA_MEMCPY2D, dstArray)                        \
    O(CUDA_MEMCPY2D, dstPitch) O(CUDA_MEMCPY2D, WidthInBytes) O(CUDA_MEMCPY2D, Height)                      \
    O(CUDA_MEMCPY3D, srcMemoryType) O(CUDA_MEMCPY3D, srcHost) O(CUDA_MEMCPY3D, srcDevice)                   \
    O(CUDA_MEMCPY3D, srcArray) O(CUDA_MEMCPY3D, srcPitch) O(CUDA_MEMCPY3D, dstMemoryType)                   \
    O(CUDA_MEMCPY3D, dstHost) O(CUDA_MEMCPY3D, dstDevice) O(CUDA_MEMCPY3D, dstArray)                        \
    O(CUDA_MEMCPY3D, dstPitch) O(CUDA_MEMCPY3D, WidthInBytes) O(CUDA_MEMCPY3D, Height)                      \
    O(CUDA_MEMCPY3D, Depth) O(CUDA_MEMCPY3D_PEER, srcMemoryType) O(CUDA_MEMCPY3D_PEER, srcHost)             \
    O(CUDA_MEMCPY3D_PEER, srcDevice) O(CUDA_MEMCPY3D_PEER, srcArray) O(CUDA_MEMCPY3D_PEER, srcPitch)        \
    O(CUDA_MEMCPY3D_PEER, dstMemoryType) O(CUDA_MEMCPY3D_PEER, dstHost) O(CUDA_MEMCPY3D_PEER, dstDevice)    \
    O(CUDA_MEMCPY3D_PEER, dstArray) O(CUDA_MEMCPY3D_PEER, dstPitch) O(CUDA_MEMCPY3D_PEER, WidthInBytes)     \
    O(CUDA_MEMCPY3D_PEER, Height) O(CUDA_MEMCPY3D_PEER, Depth) O(CUDA_MEMCPY3D_PEER, srcContext)            \
    O(CUDA_MEMCPY3D_PEER, dstContext) O(CUmemcpyAttributes, srcAccessOrder)                                 \
    O(CUmemcpyAttributes, srcLocHint) O(CUmemcpyAttributes, dstLocHint) O(CUmemcpyAttributes, flags)        \
    O(CUmemcpy3DOperand, type) O(CUmemcpy3DOperand, op.ptr.ptr) O(CUmemcpy3DOperand, op.ptr.locHint)        \
    O(CUmemcpy3DOperand, op.array.array) O(CUmemcpy3DOperand, op.array.offset)                              \
    O(CUDA_MEMCPY3D_BATCH_OP, src) O(CUDA_MEMCPY3D_BATCH_OP, dst) O(CUDA_MEMCPY3D_BATCH_OP, extent)         \
    O(CUDA_MEMCPY3D_BATCH_OP, srcAccessOrder) O(CUDA_MEMCPY3D_BATCH_OP, flags)

#define CONSTANTS(C) \
    C(CUDA_SUCCESS) C(CUDA_ERROR_INVALID_VALUE) C(CUDA_ERROR_OUT_OF_MEMORY) C(CUDA_ERROR_NOT_INITIALIZED)   \
    C(CUDA_ERROR_DEINITIALIZED) C(CUDA_ERROR_STUB_LIBRARY) C(CUDA_ERROR_DEVICE_UNAVAILABLE)                 \
    C(CUDA_ERROR_NO_DEVICE) C(CUDA_ERROR_INVALID_DEVICE) C(CUDA_ERROR_INVALID_IMAGE)                        \
    C(CUDA_ERROR_INVALID_CONTEXT) C(CUDA_ERROR_MAP_FAILED) C(CUDA_ERROR_UNMAP_FAILED)                       \
    C(CUDA_ERROR_ALREADY_MAPPED) C(CUDA_ERROR_NO_BINARY_FOR_GPU) C(CUDA_ERROR_NOT_MAPPED)                   \
    C(CUDA_ERROR_INVALID_PTX) C(CUDA_ERROR_INVALID_SOURCE) C(CUDA_ERROR_FILE_NOT_FOUND)                     \
    C(CUDA_ERROR_OPERATING_SYSTEM) C(CUDA_ERROR_INVALID_HANDLE) C(CUDA_ERROR_ILLEGAL_STATE)                 \
    C(CUDA_ERROR_NOT_FOUND) C(CUDA_ERROR_NOT_READY) C(CUDA_ERROR_ILLEGAL_ADDRESS)                           \
    C(CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES) C(CUDA_ERROR_PRIMARY_CONTEXT_ACTIVE)                              \
    C(CUDA_ERROR_CONTEXT_IS_DESTROYED) C(CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED)                       \
    C(CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED) C(CU_STREAM_WAIT_VALUE_GEQ) C(CUDA_ERROR_LAUNCH_FAILED)                                          \
    C(CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE) C(CUDA_ERROR_NOT_PERMITTED) C(CUDA_ERROR_NOT_SUPPORTED)      \
    C(CUDA_ERROR_SYSTEM_NOT_READY) C(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED)                                 \
    C(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED) C(CUDA_ERROR_STREAM_CAPTURE_MERGE)                             \
    C(CUDA_ERROR_STREAM_CAPTURE_UNMATCHED) C(CUDA_ERROR_STREAM_CAPTURE_UNJOINED)                            \
    C(CUDA_ERROR_STREAM_CAPTURE_ISOLATION) C(CUDA_ERROR_STREAM_CAPTURE_IMPLICIT)                            \
    C(CUDA_ERROR_CAPTURED_EVENT) C(CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD) C(CUDA_ERROR_TIMEOUT)            \
    C(CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE) C(CUDA_ERROR_UNKNOWN)                                           \
    C(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK) C(CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X)                     \
    C(CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X) C(CU_DEVICE_ATTRIBUTE_WARP_SIZE)                                  \
    C(CU_DEVICE_ATTRIBUTE_CLOCK_RATE) C(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT)                           \
    C(CU_DEVICE_ATTRIBUTE_INTEGRATED) C(CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY)                            \
    C(CU_DEVICE_ATTRIBUTE_COMPUTE_MODE) C(CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS)                           \
    C(CU_DEVICE_ATTRIBUTE_PCI_BUS_ID) C(CU_DEVICE_ATTRIBUTE_PCI_DEVICE_ID)                                  \
    C(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR) C(CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT)         \
    C(CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING) C(CU_DEVICE_ATTRIBUTE_PCI_DOMAIN_ID)                          \
    C(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR) C(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR)         \
    C(CU_DEVICE_ATTRIBUTE_STREAM_PRIORITIES_SUPPORTED) C(CU_DEVICE_ATTRIBUTE_MANAGED_MEMORY)                \
    C(CU_DEVICE_ATTRIBUTE_CONCURRENT_MANAGED_ACCESS) C(CU_DEVICE_ATTRIBUTE_COMPUTE_PREEMPTION_SUPPORTED)    \
    C(CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH) C(CU_DEVICE_ATTRIBUTE_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED)    \
    C(CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED) C(CU_JIT_MAX_REGISTERS)                                   \
    C(CU_LIBRARY_HOST_UNIVERSAL_FUNCTION_AND_DATA_TABLE) C(CU_STREAM_CAPTURE_STATUS_NONE)                   \
    C(CU_STREAM_CAPTURE_STATUS_ACTIVE) C(CU_STREAM_CAPTURE_STATUS_INVALIDATED)                              \
    C(CU_STREAM_CAPTURE_MODE_GLOBAL) C(CU_STREAM_CAPTURE_MODE_THREAD_LOCAL)                                 \
    C(CU_STREAM_CAPTURE_MODE_RELAXED) C(CU_GET_PROC_ADDRESS_SUCCESS)                                        \
    C(CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND) C(CU_GET_PROC_ADDRESS_VERSION_NOT_SUFFICIENT)                   \
    C(CU_GET_PROC_ADDRESS_DEFAULT) C(CU_GET_PROC_ADDRESS_LEGACY_STREAM)                                     \
    C(CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM) C(CU_STREAM_DEFAULT) C(CU_STREAM_NON_BLOCKING)         \
    C(CU_EVENT_DEFAULT) C(CU_EVENT_BLOCKING_SYNC) C(CU_EVENT_DISABLE_TIMING) C(CU_EVENT_INTERPROCESS)       \
    C(CU_EVENT_RECORD_DEFAULT) C(CU_EVENT_RECORD_EXTERNAL) C(CU_MEM_ATTACH_GLOBAL) C(CU_MEM_ATTACH_HOST)    \
    C(CU_MEM_ATTACH_SINGLE) C(CU_MEM_HANDLE_TYPE_NONE) C(CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR)          \
    C(CU_MEM_HANDLE_TYPE_MAX) C(CU_MEM_LOCATION_TYPE_INVALID) C(CU_MEM_LOCATION_TYPE_DEVICE)                \
    C(CU_MEM_LOCATION_TYPE_HOST) C(CU_MEM_LOCATION_TYPE_HOST_NUMA)                                          \
    C(CU_MEM_LOCATION_TYPE_HOST_NUMA_CURRENT) C(CU_MEM_LOCATION_TYPE_MAX)                                   \
    C(CU_MEM_ALLOCATION_TYPE_INVALID) C(CU_MEM_ALLOCATION_TYPE_PINNED) C(CU_MEM_ALLOCATION_TYPE_MAX)        \
    C(CU_MEM_ALLOC_GRANULARITY_MINIMUM) C(CU_MEM_ALLOC_GRANULARITY_RECOMMENDED)                             \
    C(CU_MEMPOOL_ATTR_RELEASE_THRESHOLD) C(CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT)                            \
    C(CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH) C(CU_MEMPOOL_ATTR_USED_MEM_CURRENT) C(CU_MEMPOOL_ATTR_USED_MEM_HIGH) \
    C(CU_GRAPH_MEM_ATTR_USED_MEM_CURRENT) C(CU_GRAPH_MEM_ATTR_USED_MEM_HIGH)                                \
    C(CU_GRAPH_MEM_ATTR_RESERVED_MEM_CURRENT) C(CU_GRAPH_MEM_ATTR_RESERVED_MEM_HIGH)                        \
    C(CU_MEM_ACCESS_FLAGS_PROT_NONE) C(CU_MEM_ACCESS_FLAGS_PROT_READ)                                       \
    C(CU_MEM_ACCESS_FLAGS_PROT_READWRITE) C(CU_MEM_ACCESS_FLAGS_PROT_MAX)                                   \
    C(CUDA_GRAPH_INSTANTIATE_SUCCESS) C(CUDA_GRAPH_INSTANTIATE_ERROR) C(CU_GRAPH_NODE_TYPE_KERNEL)          \
    C(CU_GRAPH_NODE_TYPE_MEMCPY) C(CU_GRAPH_NODE_TYPE_MEMSET) C(CU_GRAPH_NODE_TYPE_HOST)                    \
    C(CU_GRAPH_NODE_TYPE_GRAPH) C(CU_GRAPH_NODE_TYPE_EMPTY) C(CU_GRAPH_NODE_TYPE_WAIT_EVENT)                \
    C(CU_GRAPH_NODE_TYPE_EVENT_RECORD) C(CU_GRAPH_NODE_TYPE_MEM_ALLOC) C(CU_GRAPH_NODE_TYPE_MEM_FREE)       \
    C(CUDA_GRAPH_INSTANTIATE_FLAG_AUTO_FREE_ON_LAUNCH) C(CUDA_GRAPH_INSTANTIATE_FLAG_UPLOAD)                \
    C(CUDA_GRAPH_INSTANTIATE_FLAG_DEVICE_LAUNCH) C(CUDA_GRAPH_INSTANTIATE_FLAG_USE_NODE_PRIORITY)           \
    C(CU_AD_FORMAT_UNSIGNED_INT8) C(CU_AD_FORMAT_UNSIGNED_INT16) C(CU_AD_FORMAT_UNSIGNED_INT32)             \
    C(CU_AD_FORMAT_SIGNED_INT8) C(CU_AD_FORMAT_SIGNED_INT16) C(CU_AD_FORMAT_SIGNED_INT32)                   \
    C(CU_AD_FORMAT_HALF) C(CU_AD_FORMAT_FLOAT) C(CU_LAUNCH_ATTRIBUTE_IGNORE)                                \
    C(CU_LAUNCH_ATTRIBUTE_COOPERATIVE) C(CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION)                             \
    C(CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION) C(CU_LAUNCH_ATTRIBUTE_PRIORITY)                \
    C(CU_EXEC_AFFINITY_TYPE_SM_COUNT)                                                                       \
    C(CU_MEMORYTYPE_HOST) C(CU_MEMORYTYPE_DEVICE) C(CU_MEMORYTYPE_ARRAY) C(CU_MEMORYTYPE_UNIFIED)           \
    C(CU_POINTER_ATTRIBUTE_MEMORY_TYPE) C(CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL)                              \
    C(CU_MEMCPY_SRC_ACCESS_ORDER_STREAM) C(CU_MEMCPY_OPERAND_TYPE_POINTER) C(CU_MEMCPY_OPERAND_TYPE_ARRAY)  \
    C(CUDA_ARRAY3D_LAYERED) C(CUDA_ARRAY3D_CUBEMAP) C(CUDA_ARRAY3D_SPARSE)                                  \
    C(CUDA_ARRAY3D_DEFERRED_MAPPING)

struct abi_row {
    const char *what;
    long long value;
};

extern const struct abi_row abi_toolkit[];
extern const size_t abi_toolkit_rows;

#define SIZE_ROW(type) {"sizeof " #type, (long long)sizeof(type)},
#define OFFSET_ROW(type, member) {"offset of " #type "." #member, (long long)offsetof(type, member)},
#define CONSTANT_ROW(name) {#name, (long long)(name)},
#define ROWS SIZES(SIZE_ROW) OFFSETS(OFFSET_ROW) CONSTANTS(CONSTANT_ROW)

#ifdef ABI_TOOLKIT

const struct abi_row abi_toolkit[] = {ROWS};
const size_t abi_toolkit_rows = sizeof abi_toolkit / sizeof abi_toolkit[0];

#else

static const struct abi_row ours[] = {ROWS};

int main(void)
{
    size_t rows = sizeof ours / sizeof ours[0], wrong = 0;
    if (rows != abi_toolkit_rows)
        return EXIT_FAILURE;
    for (size_t i = 0; i < rows; i++) {
        if (ours[i].value == abi_toolkit[i].value)
            continue;
        printf("%s: ours %lld, the toolkit's %lld\n", ours[i].what, ours[i].value, abi_toolkit[i].value);
        wrong++;
    }
    printf("%zu rows compared, %zu differ\n", rows, wrong);
    return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
