/* Work in flight: queueing it, learning that it is done, waiting for it. */
#include "driver.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

/* A prediction fails when a neighbour submits meanwhile. After a few, look again this often at most. */
#define RECHECK_NS INT64_C(200000)
/* It can also come true too early: a neighbour may be killed. */
#define SLEEP_AT_MOST_NS INT64_C(20000000)
enum { QUICK_RECHECKS = 2, ROOM_AT_ONCE = 64 };

void graph_body_release(struct graph_body *body)
{
    if (--body->references == 0)
        free(body);
}

/* What an op does when it is done. The shared lock is held. */
static void finish(const struct timeline_op *op, uint64_t seq)
{
    switch ((enum work_kind)op->kind) {
    case WORK_KERNEL:
        memory_count(op->cookie, 1, (uint64_t)op->work_ns);
        break;
    case WORK_EVENT:
        event_done((void *)(uintptr_t)op->cookie, seq, op->done_ns);
        break;
    case WORK_GRAPH: {
        struct graph_body *body = (struct graph_body *)(uintptr_t)op->cookie;
        for (size_t i = 0; i < body->count; i++)
            memory_count(body->kernel[i].counters, 1, (uint64_t)body->kernel[i].ns);
        graph_body_release(body);
        break;
    }
    case WORK_COPY:
        memory_copy_run((struct copy_work *)(uintptr_t)op->cookie);
        break;
    case WORK_FREE:
        memory_release_async(op->cookie);
        break;
    case WORK_WAIT:
        break;
    }
}

static void take_results(struct context *ctx, struct timeline *t)
{
    struct timeline_op op;
    uint64_t seq;
    while (timeline_take(t, ctx->slot, &op, &seq))
        finish(&op, seq);
}

static void sleep_until(int64_t when)
{
    static _Thread_local bool precise;
    if (!precise) { /* the default slack of 50 us would show in what callers see */
        prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL);
        precise = true;
    }
    struct timespec ts = {.tv_sec = when / 1000000000, .tv_nsec = when % 1000000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR) {
    }
}

/* Sleeps without the lock. The context may be destroyed meanwhile. */
static CUresult sleep_for(struct context *ctx, int64_t now, int64_t when, int turn)
{
    void *handle = ctx->handle;
    if (turn >= QUICK_RECHECKS && when < now + RECHECK_NS)
        when = now + RECHECK_NS;
    if (when == TIMELINE_NEVER) /* held up by a value in memory */
        when = now + RECHECK_NS;
    if (when > now + SLEEP_AT_MOST_NS)
        when = now + SLEEP_AT_MOST_NS;
    driver_leave();
    sleep_until(when);
    CUresult result = driver_enter();
    if (result) /* only after a fork; the caller leaves the lock */
        return result;
    return handle_get(HANDLE_CONTEXT, handle) ? CUDA_SUCCESS : CUDA_ERROR_CONTEXT_IS_DESTROYED;
}

CUresult work_push(struct context *ctx, int64_t ns, enum work_kind kind, uint64_t cookie, uint64_t *seq)
{
    for (int turn = 0;; turn++) {
        struct timeline *t = state_enter(&driver_view, ctx->gpu);
        take_results(ctx, t);
        if (timeline_room(t, ctx->slot) > 0) {
            *seq = kind == WORK_WAIT ? timeline_hold(t, ctx->slot, kind, cookie)
                                     : timeline_push(t, ctx->slot, ns, kind, cookie);
            state_leave(&driver_view);
            return CUDA_SUCCESS;
        }
        int64_t now = t->cursor.now_ns;
        int64_t when = timeline_predict(t, ctx->slot, t->cursor.head[ctx->slot] + ROOM_AT_ONCE - 1);
        state_leave(&driver_view);
        CUresult result = sleep_for(ctx, now, when, turn);
        if (result)
            return result;
    }
}

CUresult work_push_stream(struct stream *stream, int64_t ns, enum work_kind kind, uint64_t cookie)
{
    uint64_t seq;
    void *handle = stream->handle;
    struct context *ctx = stream->ctx;
    CUresult result = work_push(ctx, ns, kind, cookie, &seq);
    if (result)
        return result;
    if (!handle || handle_get(HANDLE_STREAM, handle) == stream)
        stream->end = seq + 1;
    return CUDA_SUCCESS;
}

void work_update(struct context *ctx)
{
    struct timeline *t = state_enter(&driver_view, ctx->gpu);
    take_results(ctx, t);
    state_leave(&driver_view);
}

bool work_done(struct context *ctx, uint64_t end)
{
    struct timeline *t = state_enter(&driver_view, ctx->gpu);
    take_results(ctx, t);
    bool done = end == 0 || timeline_done(t, ctx->slot, end - 1);
    state_leave(&driver_view);
    return done;
}

CUresult work_wait(struct context *ctx, uint64_t end)
{
    for (int turn = 0;; turn++) {
        struct timeline *t = state_enter(&driver_view, ctx->gpu);
        take_results(ctx, t);
        bool done = end == 0 || timeline_done(t, ctx->slot, end - 1);
        int64_t now = t->cursor.now_ns;
        int64_t when = done ? 0 : timeline_predict(t, ctx->slot, end - 1);
        state_leave(&driver_view);
        if (done)
            return CUDA_SUCCESS;
        CUresult result = sleep_for(ctx, now, when, turn);
        if (result)
            return result;
    }
}

uint64_t work_end(struct context *ctx)
{
    struct timeline *t = state_enter(&driver_view, ctx->gpu);
    uint64_t end = t->context[ctx->slot].tail;
    state_leave(&driver_view);
    return end;
}

void work_drop(struct context *ctx)
{
    wait_drop_context(ctx);
    struct timeline *t = state_enter(&driver_view, ctx->gpu);
    take_results(ctx, t);
    struct timeline_context *c = &t->context[ctx->slot];
    for (uint64_t seq = c->taken; seq < c->tail; seq++) {
        const struct timeline_op *op = &t->ring[ctx->slot][seq % TIMELINE_RING];
        if (op->kind == WORK_GRAPH)
            graph_body_release((struct graph_body *)(uintptr_t)op->cookie);
        if (op->kind == WORK_COPY)
            free((void *)(uintptr_t)op->cookie);
    }
    timeline_close(t, ctx->slot);
    state_leave(&driver_view);
}
