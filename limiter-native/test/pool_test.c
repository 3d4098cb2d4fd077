/* Pools against a driver that is made up here: what is counted is what it has reserved, whatever threads do at once. */
#include "pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "driver.h"
#include "test.h"

#define MIB (UINT64_C(1) << 20)
#define STEP (32 * MIB)
#define LIMIT (1024 * MIB)

/* ---- the tenant's account ---- */

struct driver driver_table;
_Atomic bool driver_loaded = true;
static struct seat seat;
static _Atomic uint64_t held, most, pinned;

void driver_load(void)
{
}

bool link_reserve(struct seat *unused, uint64_t bytes)
{
    (void)unused;
    uint64_t now = atomic_load(&held);
    do
        if (bytes > LIMIT - now)
            return false;
    while (!atomic_compare_exchange_weak(&held, &now, now + bytes));
    return true;
}

void link_take(struct seat *unused, uint64_t bytes)
{
    (void)unused;
    atomic_fetch_add(&held, bytes);
}

void link_release(struct seat *unused, uint64_t bytes)
{
    (void)unused;
    atomic_fetch_sub(&held, bytes);
}

void link_pin(uint64_t bytes)
{
    atomic_fetch_add(&pinned, bytes);
}

void link_unpin(uint64_t bytes)
{
    atomic_fetch_sub(&pinned, bytes);
}

/* ---- the driver's one pool ---- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t reserved, used, wasted; /* wasted: free in pieces too small for anything */
static CUmemoryPool const HANDLE = (CUmemoryPool)8;

static CUresult get_attribute(CUmemoryPool pool, CUmemPool_attribute attribute, void *value)
{
    assert_ptr_equal(pool, HANDLE);
    pthread_mutex_lock(&lock);
    *(cuuint64_t *)value = attribute == CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT ? reserved : used;
    pthread_mutex_unlock(&lock);
    return CUDA_SUCCESS;
}

static uint64_t steps(uint64_t bytes)
{
    return (bytes + STEP - 1) / STEP * STEP;
}

static CUresult trim(CUmemoryPool pool, size_t keep)
{
    (void)pool;
    pthread_mutex_lock(&lock);
    wasted = 0;
    uint64_t wanted = steps(used > keep ? used : keep);
    reserved = wanted < reserved ? wanted : reserved;
    pthread_mutex_unlock(&lock);
    return CUDA_SUCCESS;
}

static CUresult exchange_mode(CUstreamCaptureMode *mode)
{
    (void)mode;
    return CUDA_SUCCESS;
}

static void really_allocate(uint64_t bytes)
{
    pthread_mutex_lock(&lock);
    used += bytes;
    reserved = steps(used + wasted) > reserved ? steps(used + wasted) : reserved;
    uint64_t before = atomic_load(&most);
    if (reserved > before)
        atomic_store(&most, reserved);
    pthread_mutex_unlock(&lock);
}

static void really_free(uint64_t bytes)
{
    pthread_mutex_lock(&lock);
    used -= bytes;
    pthread_mutex_unlock(&lock);
}

/* As the hooks do it. @return whether it was granted */
static bool allocate(struct pool *pool, uint64_t bytes)
{
    uint64_t claimed;
    if (!pool_begin(pool, bytes, &claimed))
        return false;
    really_allocate(bytes);
    if (pool_end(pool, claimed))
        return true;
    really_free(bytes);
    pool_settle();
    return false;
}

static struct pool *begin(void)
{
    pool_forget(HANDLE);
    reserved = used = wasted = 0;
    atomic_store(&held, 0);
    atomic_store(&most, 0);
    driver_table.cuMemPoolGetAttribute = get_attribute;
    driver_table.cuMemPoolTrimTo = trim;
    driver_table.cuThreadExchangeStreamCaptureMode = exchange_mode;
    return pool_of(HANDLE, &seat);
}

/* ---- */

static void countsWhatIsReservedAndReusesItForNothing(void **state)
{
    (void)state;
    struct pool *pool = begin();
    assert_true(allocate(pool, 1));
    assert_int_equal(held, STEP);
    assert_true(allocate(pool, STEP - 1));
    assert_int_equal(held, STEP);
    assert_true(allocate(pool, 1));
    assert_int_equal(held, 2 * STEP);
    really_free(STEP + 1);
    pool_settle();
    assert_int_equal(held, 2 * STEP); /* the driver keeps it */
    trim(HANDLE, 0);
    pool_settle();
    assert_int_equal(held, 0);
}

static void refusesWhatDoesNotFitAndTakesNothing(void **state)
{
    (void)state;
    struct pool *pool = begin();
    assert_true(allocate(pool, LIMIT));
    assert_false(allocate(pool, 1));
    assert_int_equal(held, LIMIT);
    assert_int_equal(most, LIMIT);
    really_free(LIMIT);
    assert_false(allocate(pool, LIMIT + 1));
    assert_false(allocate(pool, UINT64_MAX));
    assert_true(allocate(pool, LIMIT));
}

static void givesBackWhatIsUnusedBeforeItRefusesOthers(void **state)
{
    (void)state;
    struct pool *pool = begin();
    assert_true(allocate(pool, LIMIT));
    really_free(LIMIT - STEP);
    assert_false(pool_reserve(&seat, LIMIT));
    assert_true(pool_reserve(&seat, LIMIT - STEP));
    assert_int_equal(held, LIMIT);
    assert_int_equal(reserved, STEP);
}

/* It seems to have room, and has none in one piece: counted afterwards, or undone. */
static void countsGrowthThatWasNotExpected(void **state)
{
    (void)state;
    struct pool *pool = begin();
    assert_true(allocate(pool, LIMIT / 2));
    really_free(LIMIT / 2);
    wasted = LIMIT / 2;
    assert_true(allocate(pool, LIMIT / 4));
    assert_int_equal(held, LIMIT / 4 * 3);
    assert_true(pool_reserve(&seat, LIMIT / 4)); /* something else */
    assert_true(allocate(pool, LIMIT / 8)); /* fits by a trim */
    assert_int_equal(held, LIMIT / 8 * 5);
    assert_int_equal(reserved, LIMIT / 8 * 3);
}

static void promisesCountUntilTheyAreReservedAndAfter(void **state)
{
    (void)state;
    struct pool *pool = begin();
    assert_true(pool_promise(pool, 100));
    assert_int_equal(held, 100);
    assert_false(pool_promise(pool, LIMIT));
    assert_int_equal(held, 100);
    really_allocate(STEP);
    pool_settle();
    assert_int_equal(held, STEP);
    pool_withdraw(pool, 100);
    assert_int_equal(held, STEP);
}

static void hostPoolsArePinnedMemory(void **state)
{
    (void)state;
    begin();
    pool_forget(HANDLE);
    atomic_store(&pinned, 0);
    struct pool *pool = pool_of(HANDLE, NULL);
    assert_true(allocate(pool, 5 * LIMIT));
    assert_int_equal(held, 0);
    assert_int_equal(pinned, 5 * LIMIT);
    pool_forget(HANDLE);
    assert_int_equal(pinned, 0);
}

enum { THREADS = 4, KEPT = 8 };

static void *churn(void *argument)
{
    struct pool *pool = argument;
    unsigned seed = (unsigned)(uintptr_t)&pool;
    uint64_t mine[KEPT] = {0};
    for (int i = 0; i < 4000; i++) {
        uint64_t *place = &mine[rand_r(&seed) % KEPT], bytes = (uint64_t)rand_r(&seed) % (60 * MIB) + 1;
        if (*place != 0)
            really_free(*place);
        *place = allocate(pool, bytes) ? bytes : 0;
        if (i % 50 == 0)
            trim(HANDLE, 0);
        if (i % 50 == 25)
            pool_settle();
    }
    for (int i = 0; i < KEPT; i++)
        really_free(mine[i]);
    return NULL;
}

static void threadsLeaveNothingBehind(void **state)
{
    (void)state;
    struct pool *pool = begin();
    pthread_t thread[THREADS];
    for (int i = 0; i < THREADS; i++)
        pthread_create(&thread[i], NULL, churn, pool);
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    pool_settle();
    assert_int_equal(held, reserved);
    trim(HANDLE, 0);
    pool_settle();
    assert_int_equal(held, 0);
    assert_true(pool_reserve(&seat, LIMIT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(countsWhatIsReservedAndReusesItForNothing),
        cmocka_unit_test(refusesWhatDoesNotFitAndTakesNothing),
        cmocka_unit_test(givesBackWhatIsUnusedBeforeItRefusesOthers),
        cmocka_unit_test(countsGrowthThatWasNotExpected),
        cmocka_unit_test(promisesCountUntilTheyAreReservedAndAfter),
        cmocka_unit_test(hostPoolsArePinnedMemory),
        cmocka_unit_test(threadsLeaveNothingBehind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
