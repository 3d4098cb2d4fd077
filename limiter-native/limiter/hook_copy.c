/*
 * Memsets, and copies within a GPU: they run on its multiprocessors, and are metered as launches are. Copies between host
 * and GPU, and between GPUs, run on copy engines beside the kernels, and pass. Seen so on an H200 with driver 580: with a
 * kernel on every multiprocessor, memsets and copies within the GPU began at the kernel's end, host copies at once.
 *
 * Where a call does not say what its pointers are, the driver is asked: little beside queueing a copy, and captures of every
 * mode survive it. An estimate is by the kind of call and its size, rounded up to a power of two.
 */
#include "driver.h"
#include "meter.h"

enum kind { FILL, FILL_2D, COPY, COPY_2D, COPY_3D, COPY_ARRAY, COPY_BATCH, KINDS };
static const char key[KINDS]; /* their addresses stand for functions */

static uint64_t rounded_up(uint64_t bytes)
{
    return bytes <= 1 ? 1 : UINT64_C(1) << (64 - __builtin_clzll(bytes - 1)) % 64;
}

/* bytes 0: nothing that runs on a multiprocessor. */
static void begin(struct launch *launch, enum kind kind, uint64_t bytes, CUstream stream)
{
    launch->meter = NULL;
    if (bytes > 0)
        meter_begin(launch, &key[kind], rounded_up(bytes), stream);
}

/* ---- which copies stay on a GPU ---- */

static bool ask(CUdeviceptr pointer, unsigned int *type, int *ordinal)
{
    CUpointer_attribute attribute[] = {CU_POINTER_ATTRIBUTE_MEMORY_TYPE, CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL};
    void *value[] = {type, ordinal};
    return real()->cuPointerGetAttributes(2, attribute, value, pointer) == CUDA_SUCCESS;
}

/* Whether a copy is one for a copy engine, as far as its pointers tell: one side is the host's, or another GPU's. */
static bool leaves(CUdeviceptr to, CUdeviceptr from)
{
    unsigned int type[2] = {0};
    int ordinal[2] = {0};
    if (link_mode() == LINK_OFF || real()->cuPointerGetAttributes == NULL || !ask(to, &type[0], &ordinal[0]) ||
        !ask(from, &type[1], &ordinal[1]))
        return false;
    return type[0] != CU_MEMORYTYPE_DEVICE || type[1] != CU_MEMORYTYPE_DEVICE || ordinal[0] != ordinal[1];
}

/* The same for sides that may be arrays: an array is on some GPU, so the other side decides. */
static bool sides_leave(CUmemorytype to_type, CUdeviceptr to, CUmemorytype from_type, CUdeviceptr from)
{
    if (to_type == CU_MEMORYTYPE_HOST || from_type == CU_MEMORYTYPE_HOST)
        return true;
    if (to_type == CU_MEMORYTYPE_ARRAY && from_type == CU_MEMORYTYPE_ARRAY)
        return false;
    return leaves(to_type == CU_MEMORYTYPE_ARRAY ? from : to, from_type == CU_MEMORYTYPE_ARRAY ? to : from);
}

static uint64_t linear(CUdeviceptr to, CUdeviceptr from, size_t bytes)
{
    return bytes == 0 || leaves(to, from) ? 0 : bytes;
}

#define SIDES_LEAVE(c) sides_leave((c)->dstMemoryType, (c)->dstDevice, (c)->srcMemoryType, (c)->srcDevice)

static uint64_t plane(const CUDA_MEMCPY2D *copy)
{
    return copy == NULL || SIDES_LEAVE(copy) ? 0 : (uint64_t)copy->WidthInBytes * copy->Height;
}

static uint64_t space(const CUDA_MEMCPY3D *copy)
{
    return copy == NULL || SIDES_LEAVE(copy) ? 0 : (uint64_t)copy->WidthInBytes * copy->Height * copy->Depth;
}

static uint64_t peer_space(const CUDA_MEMCPY3D_PEER *copy)
{
    return copy == NULL || SIDES_LEAVE(copy) ? 0 : (uint64_t)copy->WidthInBytes * copy->Height * copy->Depth;
}

/* Of a batch: what stays on a GPU, all in one. */
static uint64_t batch(const CUdeviceptr *to, const CUdeviceptr *from, const size_t *bytes, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; to != NULL && from != NULL && bytes != NULL && i < count; i++)
        sum += linear(to[i], from[i], bytes[i]);
    return sum;
}

static CUmemorytype type_of(const CUmemcpy3DOperand *side)
{
    return side->type == CU_MEMCPY_OPERAND_TYPE_ARRAY ? CU_MEMORYTYPE_ARRAY : CU_MEMORYTYPE_UNIFIED;
}

static CUdeviceptr pointer_of(const CUmemcpy3DOperand *side)
{
    return side->type == CU_MEMCPY_OPERAND_TYPE_ARRAY ? 0 : side->op.ptr.ptr;
}

static uint64_t space_batch(const CUDA_MEMCPY3D_BATCH_OP *list, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; list != NULL && i < count; i++) {
        const CUDA_MEMCPY3D_BATCH_OP *copy = &list[i];
        if (!sides_leave(type_of(&copy->dst), pointer_of(&copy->dst), type_of(&copy->src), pointer_of(&copy->src)))
            sum += (uint64_t)copy->extent.width * copy->extent.height * copy->extent.depth;
    }
    return sum;
}

/* ---- the wrappers ---- */

/* One wrapper. parameters and arguments are in brackets; bytes is what is metered; stream an ordinary handle. */
#define METERED(name, parameters, arguments, kind, bytes, stream) \
    CUresult name parameters                                      \
    {                                                             \
        struct launch launch;                                     \
        if (real()->name == NULL)                                 \
            return CUDA_ERROR_NOT_FOUND;                          \
        begin(&launch, kind, bytes, stream);                      \
        CUresult result = real()->name arguments;                 \
        meter_end(&launch, result);                               \
        return result;                                            \
    }
/* On the default stream, in both its meanings. */
#define DEFAULT(name, parameters, arguments, kind, bytes)    \
    METERED(name, parameters, arguments, kind, bytes, NULL) \
    METERED(name##_ptds, parameters, arguments, kind, bytes, CU_STREAM_PER_THREAD)
/* On hStream. */
#define STREAM(name, parameters, arguments, kind, bytes)        \
    METERED(name, parameters, arguments, kind, bytes, hStream) \
    METERED(name##_ptsz, parameters, arguments, kind, bytes, own(hStream))

#define MEMSETS(bits, type)                                                                                             \
    DEFAULT(cuMemsetD##bits##_v2, (CUdeviceptr dstDevice, type value, size_t N), (dstDevice, value, N), FILL,           \
            (uint64_t)N * sizeof value)                                                                                 \
    STREAM(cuMemsetD##bits##Async, (CUdeviceptr dstDevice, type value, size_t N, CUstream hStream),                     \
           (dstDevice, value, N, hStream), FILL, (uint64_t)N * sizeof value)                                            \
    DEFAULT(cuMemsetD2D##bits##_v2, (CUdeviceptr dstDevice, size_t dstPitch, type value, size_t Width, size_t Height),  \
            (dstDevice, dstPitch, value, Width, Height), FILL_2D, (uint64_t)Width * Height * sizeof value)              \
    STREAM(cuMemsetD2D##bits##Async,                                                                                    \
           (CUdeviceptr dstDevice, size_t dstPitch, type value, size_t Width, size_t Height, CUstream hStream),         \
           (dstDevice, dstPitch, value, Width, Height, hStream), FILL_2D, (uint64_t)Width * Height * sizeof value)
MEMSETS(8, unsigned char)
MEMSETS(16, unsigned short)
MEMSETS(32, unsigned int)

DEFAULT(cuMemcpyDtoD_v2, (CUdeviceptr dstDevice, CUdeviceptr srcDevice, size_t ByteCount),
        (dstDevice, srcDevice, ByteCount), COPY, linear(dstDevice, srcDevice, ByteCount))
STREAM(cuMemcpyDtoDAsync_v2, (CUdeviceptr dstDevice, CUdeviceptr srcDevice, size_t ByteCount, CUstream hStream),
       (dstDevice, srcDevice, ByteCount, hStream), COPY, linear(dstDevice, srcDevice, ByteCount))
DEFAULT(cuMemcpy, (CUdeviceptr dst, CUdeviceptr src, size_t ByteCount), (dst, src, ByteCount), COPY,
        linear(dst, src, ByteCount))
STREAM(cuMemcpyAsync, (CUdeviceptr dst, CUdeviceptr src, size_t ByteCount, CUstream hStream),
       (dst, src, ByteCount, hStream), COPY, linear(dst, src, ByteCount))
DEFAULT(cuMemcpyPeer,
        (CUdeviceptr dstDevice, CUcontext dstContext, CUdeviceptr srcDevice, CUcontext srcContext, size_t ByteCount),
        (dstDevice, dstContext, srcDevice, srcContext, ByteCount), COPY, linear(dstDevice, srcDevice, ByteCount))
STREAM(cuMemcpyPeerAsync,
       (CUdeviceptr dstDevice, CUcontext dstContext, CUdeviceptr srcDevice, CUcontext srcContext, size_t ByteCount,
        CUstream hStream),
       (dstDevice, dstContext, srcDevice, srcContext, ByteCount, hStream), COPY,
       linear(dstDevice, srcDevice, ByteCount))

DEFAULT(cuMemcpyAtoA_v2, (CUarray dstArray, size_t dstOffset, CUarray srcArray, size_t srcOffset, size_t ByteCount),
        (dstArray, dstOffset, srcArray, srcOffset, ByteCount), COPY_ARRAY, ByteCount)
DEFAULT(cuMemcpyAtoD_v2, (CUdeviceptr dstDevice, CUarray srcArray, size_t srcOffset, size_t ByteCount),
        (dstDevice, srcArray, srcOffset, ByteCount), COPY_ARRAY, linear(dstDevice, dstDevice, ByteCount))
DEFAULT(cuMemcpyDtoA_v2, (CUarray dstArray, size_t dstOffset, CUdeviceptr srcDevice, size_t ByteCount),
        (dstArray, dstOffset, srcDevice, ByteCount), COPY_ARRAY, linear(srcDevice, srcDevice, ByteCount))

DEFAULT(cuMemcpy2D_v2, (const CUDA_MEMCPY2D *pCopy), (pCopy), COPY_2D, plane(pCopy))
DEFAULT(cuMemcpy2DUnaligned_v2, (const CUDA_MEMCPY2D *pCopy), (pCopy), COPY_2D, plane(pCopy))
STREAM(cuMemcpy2DAsync_v2, (const CUDA_MEMCPY2D *pCopy, CUstream hStream), (pCopy, hStream), COPY_2D, plane(pCopy))
DEFAULT(cuMemcpy3D_v2, (const CUDA_MEMCPY3D *pCopy), (pCopy), COPY_3D, space(pCopy))
STREAM(cuMemcpy3DAsync_v2, (const CUDA_MEMCPY3D *pCopy, CUstream hStream), (pCopy, hStream), COPY_3D, space(pCopy))
DEFAULT(cuMemcpy3DPeer, (const CUDA_MEMCPY3D_PEER *pCopy), (pCopy), COPY_3D, peer_space(pCopy))
STREAM(cuMemcpy3DPeerAsync, (const CUDA_MEMCPY3D_PEER *pCopy, CUstream hStream), (pCopy, hStream), COPY_3D,
       peer_space(pCopy))

STREAM(cuMemcpyBatchAsync,
       (CUdeviceptr *dsts, CUdeviceptr *srcs, size_t *sizes, size_t count, CUmemcpyAttributes *attrs, size_t *attrsIdxs,
        size_t numAttrs, size_t *failIdx, CUstream hStream),
       (dsts, srcs, sizes, count, attrs, attrsIdxs, numAttrs, failIdx, hStream), COPY_BATCH,
       batch(dsts, srcs, sizes, count))
STREAM(cuMemcpyBatchAsync_v2,
       (CUdeviceptr *dsts, CUdeviceptr *srcs, size_t *sizes, size_t count, CUmemcpyAttributes *attrs, size_t *attrsIdxs,
        size_t numAttrs, CUstream hStream),
       (dsts, srcs, sizes, count, attrs, attrsIdxs, numAttrs, hStream), COPY_BATCH, batch(dsts, srcs, sizes, count))
STREAM(cuMemcpy3DBatchAsync,
       (size_t numOps, CUDA_MEMCPY3D_BATCH_OP *opList, size_t *failIdx, unsigned long long flags, CUstream hStream),
       (numOps, opList, failIdx, flags, hStream), COPY_BATCH, space_batch(opList, numOps))
STREAM(cuMemcpy3DBatchAsync_v2,
       (size_t numOps, CUDA_MEMCPY3D_BATCH_OP *opList, unsigned long long flags, CUstream hStream),
       (numOps, opList, flags, hStream), COPY_BATCH, space_batch(opList, numOps))
