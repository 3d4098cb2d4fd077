/* Initialisation, the process's lock, and handles. */
#include "driver.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct entry {
    void *object;
    uint32_t generation;
    uint32_t kind; /* 0: free */
    uint32_t next_free;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pid_t user; /* the process that initialised it; 0: none */
static bool fork_watched;
static int64_t default_kernel_ns = 10000;
static struct entry *table;
static uint32_t table_size, table_room, first_free;
static _Thread_local uint64_t thread_number;
static uint64_t threads;

struct state_view driver_view;

/* The real driver does not survive a fork, or a raw clone(): a child must not act as its parent. */
static void after_fork(void)
{
    pthread_mutex_t fresh = PTHREAD_MUTEX_INITIALIZER;
    lock = fresh;
}

static CUresult init(void)
{
    if (user != 0)
        return user == getpid() ? CUDA_SUCCESS : CUDA_ERROR_NOT_INITIALIZED;
    const char *ns = getenv("ALIQUOT_SIM_KERNEL_NS");
    if (ns && *ns) {
        char *end;
        long long n = strtoll(ns, &end, 10);
        if (*end || n < 0) {
            fprintf(stderr, "aliquot simulated driver: ALIQUOT_SIM_KERNEL_NS=%s: give nanoseconds, such as 10000\n", ns);
            return CUDA_ERROR_INVALID_VALUE;
        }
        default_kernel_ns = n;
    }
    if (!fork_watched) {
        pthread_atfork(NULL, NULL, after_fork);
        fork_watched = true;
    }
    if (state_attach(&driver_view))
        return CUDA_ERROR_NO_DEVICE;
    if (!visible_read()) {
        state_detach(&driver_view);
        return CUDA_ERROR_NO_DEVICE;
    }
    user = getpid();
    return CUDA_SUCCESS;
}

CUresult cuInit(unsigned int Flags)
{
    if (Flags != 0)
        return CUDA_ERROR_INVALID_VALUE;
    pthread_mutex_lock(&lock);
    CUresult result = init();
    pthread_mutex_unlock(&lock);
    return result;
}

CUresult cuDriverGetVersion(int *driverVersion)
{
    if (!driverVersion)
        return CUDA_ERROR_INVALID_VALUE;
    *driverVersion = STATE_DRIVER_VERSION;
    return CUDA_SUCCESS;
}

CUresult driver_enter(void)
{
    pthread_mutex_lock(&lock);
    if (user == getpid())
        return CUDA_SUCCESS;
    pthread_mutex_unlock(&lock);
    return CUDA_ERROR_NOT_INITIALIZED;
}

CUresult driver_enter_current(struct context **ctx)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    result = context_current(ctx);
    return result ? driver_return(result) : CUDA_SUCCESS;
}

void driver_leave(void)
{
    pthread_mutex_unlock(&lock);
}

CUresult driver_return(CUresult result)
{
    driver_leave();
    return result;
}

uint64_t driver_thread(void)
{
    if (thread_number == 0)
        thread_number = ++threads; /* under the lock */
    return thread_number;
}

int64_t driver_default_kernel_ns(void)
{
    return default_kernel_ns;
}

/* A handle: 0x51, kind (8 bits), generation (16), index (32). Not an address that can be mapped. */
#define HANDLE_MARK UINT64_C(0x51)

static void *encode(uint32_t index)
{
    const struct entry *e = &table[index];
    uint64_t h = HANDLE_MARK << 56 | (uint64_t)e->kind << 48 | (uint64_t)(e->generation & 0xffff) << 32 | index;
    return (void *)(uintptr_t)h;
}

static struct entry *decode(const void *handle)
{
    uint64_t h = (uintptr_t)handle;
    uint32_t index = (uint32_t)h;
    if (h >> 56 != HANDLE_MARK || index == 0 || index >= table_size)
        return NULL;
    struct entry *e = &table[index];
    if (e->kind != (h >> 48 & 0xff) || (e->generation & 0xffff) != (h >> 32 & 0xffff))
        return NULL;
    return e;
}

void *handle_new(enum handle_kind kind, void *object)
{
    uint32_t index = first_free;
    if (index != 0) {
        first_free = table[index].next_free;
    } else {
        if (table_size == table_room) {
            uint32_t room = table_room ? table_room * 2 : 256;
            struct entry *bigger = realloc(table, room * sizeof *bigger);
            if (!bigger)
                return NULL;
            table = bigger;
            table_room = room;
        }
        index = table_size == 0 ? 1 : table_size;
        table_size = index + 1;
        memset(&table[index], 0, sizeof table[index]);
    }
    struct entry *e = &table[index];
    e->object = object;
    e->kind = kind;
    e->generation++;
    return encode(index);
}

void *handle_get(enum handle_kind kind, const void *handle)
{
    const struct entry *e = decode(handle);
    return e && e->kind == (uint32_t)kind ? e->object : NULL;
}

void handle_free(const void *handle)
{
    struct entry *e = decode(handle);
    if (!e)
        return;
    e->kind = 0;
    e->object = NULL;
    e->next_free = first_free;
    first_free = (uint32_t)(uintptr_t)handle;
}

void handle_each(enum handle_kind kind, void (*visit)(void *object, void *argument), void *argument)
{
    for (uint32_t i = 1; i < table_size; i++)
        if (table[i].kind == (uint32_t)kind)
            visit(table[i].object, argument);
}
