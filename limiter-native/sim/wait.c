/*
 * Streams that wait for a value in host memory. The real GPU watches the value itself; here a thread of
 * the process does, from the first wait on. It sleeps while nothing waits.
 */
#include "driver.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#define WATCH_NS 20000

struct wait {
    struct context *ctx;
    uint64_t seq;
    const _Atomic uint32_t *word;
    uint32_t value;
    struct wait *next;
};

static struct wait *waits;
static sem_t begun;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static bool has_come(const struct wait *wait)
{
    return (int32_t)(atomic_load_explicit(wait->word, memory_order_acquire) - wait->value) >= 0;
}

/* Holds and releases, until it has been passed: a value may fall again before its wait is reached. @return whether any is left */
static bool look(void)
{
    if (driver_enter())
        return false;
    for (struct wait **place = &waits; *place;) {
        struct wait *wait = *place;
        struct timeline *t = state_enter(&driver_view, wait->ctx->gpu);
        bool passed = timeline_done(t, wait->ctx->slot, wait->seq);
        if (!passed)
            timeline_set_held(t, wait->ctx->slot, wait->seq, !has_come(wait));
        state_leave(&driver_view);
        if (!passed) {
            place = &wait->next;
            continue;
        }
        *place = wait->next;
        free(wait);
    }
    bool waiting = waits != NULL;
    driver_leave();
    return waiting;
}

static void *watch(void *unused)
{
    for (;;) {
        while (sem_wait(&begun))
            ;
        while (look())
            nanosleep(&(struct timespec){.tv_nsec = WATCH_NS}, NULL);
    }
    return unused;
}

static void start(void)
{
    pthread_t thread;
    sigset_t all, before;
    sigfillset(&all);
    sem_init(&begun, 0, 0);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&thread, NULL, watch, NULL) == 0)
        pthread_detach(thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void wait_drop_context(struct context *ctx)
{
    for (struct wait **place = &waits; *place;) {
        struct wait *wait = *place;
        if (wait->ctx != ctx) {
            place = &wait->next;
            continue;
        }
        *place = wait->next;
        free(wait);
    }
}

static CUresult wait_value(CUstream handle, CUdeviceptr address, uint32_t value, unsigned flags, bool per_thread)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct stream *s;
    result = stream_find_for_work(handle, per_thread, &s);
    if (!result && capture_active(s, &result))
        result = result ? result : CUDA_ERROR_NOT_SUPPORTED;
    struct range *r = range_find(address);
    if (!result && (address % 4 != 0 || !((r && r->kind == RANGE_HOST) || host_is_registered(address))))
        result = CUDA_ERROR_INVALID_VALUE;
    if (!result && flags != CU_STREAM_WAIT_VALUE_GEQ)
        result = CUDA_ERROR_NOT_SUPPORTED; /* nobody here waits for anything else */
    if (result)
        return driver_return(result);
    struct wait *wait = malloc(sizeof *wait);
    uint64_t seq;
    if (!wait)
        return driver_return(CUDA_ERROR_OUT_OF_MEMORY);
    struct context *ctx = s->ctx;
    void *stream = s->handle;
    result = work_push(ctx, 0, WORK_WAIT, 0, &seq);
    if (result) {
        free(wait);
        return driver_return(result);
    }
    if (!stream || handle_get(HANDLE_STREAM, stream) == s)
        s->end = seq + 1;
    *wait = (struct wait){ctx, seq, (const _Atomic uint32_t *)(uintptr_t)address, value, waits};
    waits = wait;
    timeline_set_held(state_enter(&driver_view, ctx->gpu), ctx->slot, seq, !has_come(wait));
    state_leave(&driver_view);
    pthread_once(&once, start);
    sem_post(&begun);
    return driver_return(CUDA_SUCCESS);
}

BOTH(cuStreamWaitValue32_v2, (CUstream stream, CUdeviceptr addr, cuuint32_t value, unsigned int flags),
     wait_value(stream, addr, value, flags, false), wait_value(stream, addr, value, flags, true))
