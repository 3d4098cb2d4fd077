#include "pool.h"

#include <pthread.h>
#include <stdlib.h>

#include "driver.h"

#define GROWTH_BYTES (UINT64_C(32) << 20) /* a pool grows by multiples of this; measured by bench/gpu/memory.py */

enum { CATCH_UP_TRIES = 16 };

struct pool {
    struct pool *next;
    CUmemoryPool handle; /* NULL: kept for graphs */
    CUdevice device;     /* of graphs */
    struct seat *seat;   /* NULL: in host memory */
    uint64_t counted;    /* of the limit, or as pinned */
    uint64_t pending;    /* the part of it that allocations under way may fill */
    uint64_t promised;   /* what instantiated graphs may need at once */
    bool forgotten;
};

static struct pool *pools;
static _Atomic bool any;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* the driver is asked under it: it answers at once */

/* ---- what the driver says ---- */

static bool ask(const struct pool *pool, CUmemPool_attribute attribute, CUgraphMem_attribute graph_attribute, uint64_t *bytes)
{
    cuuint64_t value = 0;
    const struct driver *driver = real();
    CUresult result = CUDA_ERROR_NOT_FOUND;
    if (pool->handle != NULL && driver->cuMemPoolGetAttribute != NULL)
        result = driver->cuMemPoolGetAttribute(pool->handle, attribute, &value);
    else if (pool->handle == NULL && driver->cuDeviceGetGraphMemAttribute != NULL)
        result = driver->cuDeviceGetGraphMemAttribute(pool->device, graph_attribute, &value);
    *bytes = value;
    return result == CUDA_SUCCESS;
}

static bool ask_reserved(const struct pool *pool, uint64_t *bytes)
{
    return ask(pool, CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT, CU_GRAPH_MEM_ATTR_RESERVED_MEM_CURRENT, bytes);
}

static uint64_t room_in(const struct pool *pool)
{
    uint64_t reserved, used;
    bool known = ask_reserved(pool, &reserved) &&
                 ask(pool, CU_MEMPOOL_ATTR_USED_MEM_CURRENT, CU_GRAPH_MEM_ATTR_USED_MEM_CURRENT, &used);
    return known && reserved > used ? reserved - used : 0;
}

static void trim(const struct pool *pool)
{
    if (pool->handle != NULL && real()->cuMemPoolTrimTo != NULL)
        real()->cuMemPoolTrimTo(pool->handle, 0);
    else if (pool->handle == NULL && real()->cuDeviceGraphMemTrim != NULL)
        real()->cuDeviceGraphMemTrim(pool->device);
}

/* ---- counting ---- */

static void give(const struct pool *pool, uint64_t bytes)
{
    if (pool->seat == NULL)
        link_unpin(bytes);
    else
        link_release(pool->seat, bytes);
}

static void take(const struct pool *pool, uint64_t bytes)
{
    if (pool->seat == NULL)
        link_pin(bytes);
    else
        link_take(pool->seat, bytes);
}

static bool reserve(const struct pool *pool, uint64_t bytes)
{
    if (pool->seat != NULL)
        return bytes == 0 || pool_reserve(pool->seat, bytes);
    link_pin(bytes);
    return true;
}

/* What has to be counted at least. @return false when the driver does not say. Under the lock */
static bool least_of(const struct pool *pool, uint64_t promised, uint64_t *bytes)
{
    bool known = ask_reserved(pool, bytes);
    *bytes = *bytes > promised ? *bytes : promised;
    return known;
}

/* Gives back what is counted too much. @return what is counted too little. Under the lock */
static uint64_t settle(struct pool *pool)
{
    uint64_t least;
    if (!least_of(pool, pool->promised, &least))
        return 0; /* what is counted stays: the pool may be full, and the driver in trouble */
    if (pool->counted < least)
        return least - pool->counted;
    if (pool->counted > least + pool->pending) {
        give(pool, pool->counted - least - pool->pending);
        pool->counted = least + pool->pending;
    }
    return 0;
}

static void settle_whole(struct pool *pool)
{
    uint64_t missing = settle(pool);
    if (missing > 0)
        take(pool, missing);
    pool->counted += missing;
}

/* Reserves until as much is counted as there has to be; others may settle or trim meanwhile, so it looks again. */
static bool catch_up(struct pool *pool, uint64_t promise)
{
    for (int i = 0; i < CATCH_UP_TRIES; i++) {
        uint64_t least;
        pthread_mutex_lock(&lock);
        least_of(pool, pool->promised + promise, &least);
        uint64_t missing = least > pool->counted ? least - pool->counted : 0;
        if (missing == 0) {
            pool->promised += promise;
            settle(pool);
        }
        pthread_mutex_unlock(&lock);
        if (missing == 0)
            return true;
        if (!reserve(pool, missing))
            return false;
        pthread_mutex_lock(&lock);
        pool->counted += missing;
        pthread_mutex_unlock(&lock);
    }
    return false;
}

bool pool_begin(struct pool *pool, uint64_t bytes, uint64_t *claimed)
{
    *claimed = 0;
    pthread_mutex_lock(&lock);
    bool fits = bytes <= room_in(pool);
    pthread_mutex_unlock(&lock);
    if (fits)
        return true;
    if (bytes > UINT64_MAX - GROWTH_BYTES)
        return false;
    uint64_t growth = (bytes + GROWTH_BYTES - 1) / GROWTH_BYTES * GROWTH_BYTES;
    if (!reserve(pool, growth))
        return false;
    pthread_mutex_lock(&lock);
    pool->counted += growth;
    pool->pending += growth;
    pthread_mutex_unlock(&lock);
    *claimed = growth;
    return true;
}

bool pool_end(struct pool *pool, uint64_t claimed)
{
    pthread_mutex_lock(&lock);
    pool->pending -= claimed;
    pthread_mutex_unlock(&lock);
    return catch_up(pool, 0);
}

bool pool_promise(struct pool *pool, uint64_t bytes)
{
    if (catch_up(pool, bytes))
        return true;
    pool_settle(); /* of what was reserved for it */
    return false;
}

void pool_withdraw(struct pool *pool, uint64_t bytes)
{
    pthread_mutex_lock(&lock);
    pool->promised -= bytes;
    settle_whole(pool);
    pthread_mutex_unlock(&lock);
}

void pool_settle(void)
{
    if (!atomic_load_explicit(&any, memory_order_relaxed))
        return;
    pthread_mutex_lock(&lock);
    for (struct pool *pool = pools; pool != NULL; pool = pool->next)
        if (!pool->forgotten)
            settle_whole(pool);
    pthread_mutex_unlock(&lock);
}

/* @return whether anything went back */
static bool give_back(const struct seat *seat)
{
    bool gone = false;
    CUstreamCaptureMode mode = CU_STREAM_CAPTURE_MODE_RELAXED; /* a trim must not invalidate another thread's capture */
    if (!atomic_load_explicit(&any, memory_order_relaxed) || real()->cuThreadExchangeStreamCaptureMode == NULL)
        return false;
    real()->cuThreadExchangeStreamCaptureMode(&mode);
    pthread_mutex_lock(&lock);
    for (struct pool *pool = pools; pool != NULL; pool = pool->next) {
        uint64_t before = pool->counted;
        if (pool->forgotten || pool->seat != seat || before == 0)
            continue;
        trim(pool);
        settle(pool);
        gone = gone || pool->counted < before;
    }
    pthread_mutex_unlock(&lock);
    real()->cuThreadExchangeStreamCaptureMode(&mode);
    return gone;
}

bool pool_reserve(struct seat *seat, uint64_t bytes)
{
    return link_reserve(seat, bytes) || (give_back(seat) && link_reserve(seat, bytes));
}

/* ---- which there are: never freed, so that who allocates from one that is being destroyed does no harm ---- */

static struct pool *find_or_add(CUmemoryPool handle, CUdevice device, struct seat *seat)
{
    struct pool *unused = NULL;
    pthread_mutex_lock(&lock);
    struct pool *pool = pools;
    while (pool != NULL && (pool->forgotten || pool->handle != handle || pool->device != device)) {
        unused = pool->forgotten ? pool : unused;
        pool = pool->next;
    }
    if (pool == NULL && unused != NULL) {
        pool = unused;
        *pool = (struct pool){.next = pool->next, .handle = handle, .device = device, .seat = seat};
    } else if (pool == NULL && (pool = malloc(sizeof *pool)) != NULL) {
        *pool = (struct pool){.next = pools, .handle = handle, .device = device, .seat = seat};
        pools = pool;
        atomic_store_explicit(&any, true, memory_order_relaxed);
    }
    pthread_mutex_unlock(&lock);
    return pool;
}

struct pool *pool_of(CUmemoryPool handle, struct seat *seat)
{
    return find_or_add(handle, 0, seat);
}

struct pool *pool_of_graphs(CUdevice device, struct seat *seat)
{
    return find_or_add(NULL, device, seat);
}

void pool_forget(CUmemoryPool handle)
{
    pthread_mutex_lock(&lock);
    for (struct pool *pool = pools; pool != NULL; pool = pool->next)
        if (pool->handle == handle && !pool->forgotten) {
            pool->forgotten = true;
            give(pool, pool->counted);
            pool->counted = 0;
        }
    pthread_mutex_unlock(&lock);
}

void pool_reset(void)
{
    pthread_mutex_init(&lock, NULL);
    pools = NULL; /* the parent's notes are left, as in owned_reset() */
    atomic_store_explicit(&any, false, memory_order_relaxed);
}
