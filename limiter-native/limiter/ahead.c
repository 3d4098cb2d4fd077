#include "ahead.h"

#include <unistd.h>

#include "driver.h"

/* Once a context and connection, by a thread that would wait for its turn: shows the GPU the memory page that holds the gate. */
static void find_gate(struct ahead *ahead, struct aliquot_usage_device *usage)
{
    uintptr_t bytes = (uintptr_t)getpagesize(), gate = (uintptr_t)&usage->gate;
    void *page = (void *)(gate / bytes * bytes);
    CUdeviceptr base;
    *ahead = (struct ahead){.usage = usage};
    if (real()->cuStreamWaitValue32_v2 == NULL || real()->cuMemHostRegister_v2 == NULL ||
        real()->cuMemHostGetDevicePointer_v2 == NULL)
        return;
    CUresult result = real()->cuMemHostRegister_v2(page, bytes, CU_MEMHOSTREGISTER_PORTABLE | CU_MEMHOSTREGISTER_DEVICEMAP);
    if (result != CUDA_SUCCESS && result != CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED) /* for another context, or GPU */
        return;
    if (real()->cuMemHostGetDevicePointer_v2(&base, page, 0) == CUDA_SUCCESS)
        ahead->gate = base + (gate - (uintptr_t)page);
}

static uint32_t find_stream(struct ahead *ahead, CUstream stream, const void *owner)
{
    uint32_t i = 0;
    while (i < ahead->count && (ahead->stream[i].stream != stream || ahead->stream[i].owner != owner))
        i++;
    return i;
}

/* A place for a stream that has none: one that was told of another turn is as good as new. */
static uint32_t free_place(struct ahead *ahead, uint32_t turn)
{
    uint32_t i = 0;
    while (i < ahead->count && ahead->stream[i].turn == turn)
        i++;
    return i;
}

bool ahead_gate(struct ahead *ahead, struct seat *seat, CUstream stream, const void *owner, uint32_t turn, uint64_t cost_ns,
                uint64_t every_ns, bool *fresh)
{
    struct aliquot_usage_device *usage = atomic_load_explicit(&seat->usage, memory_order_acquire);
    const void *of_thread = stream == CU_STREAM_PER_THREAD ? owner : NULL;
    if (ahead->usage != usage)
        find_gate(ahead, usage);
    uint32_t place = find_stream(ahead, stream, of_thread);
    *fresh = place == ahead->count || ahead->stream[place].turn != turn ||
             (every_ns != 0 && ahead->stream[place].since_ns + cost_ns > every_ns);
    if (!*fresh) {
        ahead->stream[place].since_ns += cost_ns;
        return true;
    }
    if (place == ahead->count)
        place = free_place(ahead, turn);
    if (ahead->gate == 0 || place == AHEAD_STREAMS ||
        real()->cuStreamWaitValue32_v2(stream, ahead->gate, turn, CU_STREAM_WAIT_VALUE_GEQ) != CUDA_SUCCESS)
        return false;
    ahead->stream[place].stream = stream;
    ahead->stream[place].owner = of_thread;
    ahead->stream[place].turn = turn;
    ahead->stream[place].since_ns = cost_ns;
    ahead->count += place == ahead->count;
    return true;
}

void ahead_forget(struct ahead *ahead, CUstream stream)
{
    uint32_t place = find_stream(ahead, stream, NULL);
    if (place < ahead->count)
        ahead->stream[place] = ahead->stream[--ahead->count];
}
