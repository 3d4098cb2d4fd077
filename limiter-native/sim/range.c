/* Ranges of addresses, and the GPU memory that they count for. */
#include "driver.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static struct range *table; /* sorted by base */
static size_t count, room;

int memory_charge(unsigned gpu, uint64_t bytes)
{
    state_enter(&driver_view, gpu);
    int error = state_take_memory(&driver_view, gpu, bytes);
    state_leave(&driver_view);
    return error;
}

void memory_refund(unsigned gpu, uint64_t bytes)
{
    state_enter(&driver_view, gpu);
    state_give_memory(&driver_view, gpu, bytes);
    state_leave(&driver_view);
}

/* The index of the first range that begins after an address. */
static size_t after(CUdeviceptr address)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (table[middle].base <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool make_room(void)
{
    if (count < room)
        return true;
    size_t bigger = room ? room * 2 : 64;
    struct range *t = realloc(table, bigger * sizeof *t);
    if (!t)
        return false;
    table = t;
    room = bigger;
    return true;
}

CUresult range_new(enum range_kind kind, size_t size, uint64_t charged, struct context *ctx, unsigned gpu,
                   CUdeviceptr *base)
{
    if (size == 0 || size > SIZE_MAX / 2)
        return size == 0 ? CUDA_ERROR_INVALID_VALUE : CUDA_ERROR_OUT_OF_MEMORY;
    if (!make_room() || (charged && memory_charge(gpu, charged)))
        return CUDA_ERROR_OUT_OF_MEMORY;
    size_t mapped = (size + 4095) & ~(size_t)4095;
    bool usable = kind == RANGE_MANAGED || kind == RANGE_HOST;
    void *p = mmap(NULL, mapped, usable ? PROT_READ | PROT_WRITE : PROT_NONE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) {
        if (charged)
            memory_refund(gpu, charged);
        return CUDA_ERROR_OUT_OF_MEMORY;
    }
    *base = (uintptr_t)p;
    size_t i = after(*base);
    memmove(&table[i + 1], &table[i], (count - i) * sizeof table[0]);
    count++;
    table[i] = (struct range){.base = *base,
                              .size = size,
                              .mapped = mapped,
                              .charged = charged,
                              .ctx = ctx ? ctx->handle : NULL,
                              .gpu = gpu,
                              .kind = kind,
                              .backed = usable};
    return CUDA_SUCCESS;
}

struct range *range_find(CUdeviceptr address)
{
    size_t i = after(address);
    if (i == 0 || address - table[i - 1].base >= table[i - 1].size)
        return NULL;
    return &table[i - 1];
}

void range_free(struct range *range, bool locked)
{
    munmap((void *)(uintptr_t)range->base, range->mapped);
    if (range->pool)
        pool_give(range->pool, range->size);
    if (range->charged && locked)
        state_give_memory(&driver_view, range->gpu, range->charged);
    else if (range->charged)
        memory_refund(range->gpu, range->charged);
    size_t i = (size_t)(range - table);
    memmove(&table[i], &table[i + 1], (count - i - 1) * sizeof table[0]);
    count--;
}

void memory_drop_context(struct context *ctx)
{
    for (size_t i = count; i-- > 0;)
        if (table[i].ctx == ctx->handle)
            range_free(&table[i], false);
    pool_release_unused();
}
