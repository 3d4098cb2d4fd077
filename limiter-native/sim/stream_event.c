/* Streams and events. Streams are labels on one queue a context; that queue keeps every order they ask for. */
#include "driver.h"

#include <stdlib.h>

static struct stream *per_thread_stream(struct context *ctx)
{
    uint64_t thread = driver_thread();
    for (struct stream *s = ctx->per_thread; s; s = s->next)
        if (s->thread == thread)
            return s;
    struct stream *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    *s = (struct stream){.ctx = ctx, .thread = thread, .next = ctx->per_thread};
    ctx->per_thread = s;
    return s;
}

CUresult stream_find(CUstream handle, bool per_thread, struct stream **stream)
{
    if (handle && handle != CU_STREAM_LEGACY && handle != CU_STREAM_PER_THREAD) {
        *stream = handle_get(HANDLE_STREAM, handle);
        return *stream ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
    }
    struct context *ctx;
    CUresult result = context_current(&ctx);
    if (result)
        return result;
    bool own = handle ? handle == CU_STREAM_PER_THREAD : per_thread;
    *stream = own ? per_thread_stream(ctx) : &ctx->legacy;
    return *stream ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}

CUresult stream_find_for_work(CUstream handle, bool per_thread, struct stream **stream)
{
    CUresult result = stream_find(handle, per_thread, stream);
    if (result)
        return result;
    return *stream == &(*stream)->ctx->legacy ? capture_legacy((*stream)->ctx) : CUDA_SUCCESS;
}

/* ---- streams ---- */

CUresult cuStreamCreateWithPriority(CUstream *phStream, unsigned int flags, int priority)
{
    struct context *ctx;
    CUresult result = driver_enter_current(&ctx);
    if (result)
        return result;
    if (!phStream || flags > CU_STREAM_NON_BLOCKING)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    struct stream *s = calloc(1, sizeof *s);
    void *handle = s ? handle_new(HANDLE_STREAM, s) : NULL;
    if (!handle) {
        free(s);
        return driver_return(CUDA_ERROR_OUT_OF_MEMORY);
    }
    if (priority > 0)
        priority = 0;
    *s = (struct stream){.handle = handle, .ctx = ctx, .flags = flags, .priority = priority < -5 ? -5 : priority};
    *phStream = handle;
    return driver_return(CUDA_SUCCESS);
}

CUresult cuStreamCreate(CUstream *phStream, unsigned int Flags)
{
    return cuStreamCreateWithPriority(phStream, Flags, 0);
}

static void free_stream(struct stream *s)
{
    capture_drop_stream(s);
    if (s->handle)
        handle_free(s->handle);
    free(s);
}

CUresult cuStreamDestroy_v2(CUstream hStream)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct stream *s = handle_get(HANDLE_STREAM, hStream);
    if (!s)
        return driver_return(CUDA_ERROR_INVALID_HANDLE);
    free_stream(s);
    return driver_return(CUDA_SUCCESS);
}

static void drop_if_of(void *object, void *ctx)
{
    struct stream *s = object;
    if (s->ctx == ctx)
        free_stream(s);
}

void stream_drop_context(struct context *ctx)
{
    handle_each(HANDLE_STREAM, drop_if_of, ctx);
    capture_drop_stream(&ctx->legacy);
    while (ctx->per_thread) {
        struct stream *s = ctx->per_thread;
        ctx->per_thread = s->next;
        free_stream(s);
    }
}

/* Enters, and finds a stream, unless the call's other arguments are not valid. */
static CUresult enter_stream(CUstream handle, bool per_thread, bool valid, struct stream **s)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    result = valid ? stream_find(handle, per_thread, s) : CUDA_ERROR_INVALID_VALUE;
    return result ? driver_return(result) : CUDA_SUCCESS;
}

static CUresult get_ctx(CUstream handle, bool per_thread, CUcontext *pctx)
{
    struct stream *s;
    CUresult result = enter_stream(handle, per_thread, pctx != NULL, &s);
    if (result)
        return result;
    *pctx = s->ctx->handle;
    return driver_return(CUDA_SUCCESS);
}

static CUresult get_flags(CUstream handle, bool per_thread, unsigned *flags)
{
    struct stream *s;
    CUresult result = enter_stream(handle, per_thread, flags != NULL, &s);
    if (result)
        return result;
    *flags = s->flags;
    return driver_return(CUDA_SUCCESS);
}

static CUresult get_priority(CUstream handle, bool per_thread, int *priority)
{
    struct stream *s;
    CUresult result = enter_stream(handle, per_thread, priority != NULL, &s);
    if (result)
        return result;
    *priority = s->priority;
    return driver_return(CUDA_SUCCESS);
}

/* The legacy stream stands for all work of its context. */
static uint64_t end_of(struct stream *s)
{
    return s == &s->ctx->legacy ? work_end(s->ctx) : s->end;
}

static CUresult synchronize(CUstream handle, bool per_thread)
{
    struct stream *s;
    CUresult result = enter_stream(handle, per_thread, true, &s);
    if (result)
        return result;
    result = capture_check_wait(s->ctx, s);
    if (!result)
        result = work_wait(s->ctx, end_of(s));
    pool_release_unused();
    return driver_return(result);
}

static CUresult query(CUstream handle, bool per_thread)
{
    struct stream *s;
    CUresult result = enter_stream(handle, per_thread, true, &s);
    if (result)
        return result;
    result = capture_check_wait(s->ctx, s);
    if (result)
        return driver_return(result);
    return driver_return(work_done(s->ctx, end_of(s)) ? CUDA_SUCCESS : CUDA_ERROR_NOT_READY);
}

static CUresult wait_event(CUstream handle, CUevent event, unsigned flags, bool per_thread)
{
    struct stream *s;
    CUresult result = enter_stream(handle, per_thread, true, &s);
    if (result)
        return result;
    struct event *e = handle_get(HANDLE_EVENT, event);
    if (!e)
        return driver_return(CUDA_ERROR_INVALID_HANDLE);
    if (flags > 1)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    if (s->capture || e->capture)
        return driver_return(capture_wait(s, e));
    return driver_return(CUDA_SUCCESS); /* one queue a context: an earlier record is before all that follows */
}

BOTH(cuStreamGetCtx, (CUstream hStream, CUcontext *pctx), get_ctx(hStream, false, pctx), get_ctx(hStream, true, pctx))
BOTH(cuStreamGetFlags, (CUstream hStream, unsigned int *flags), get_flags(hStream, false, flags),
     get_flags(hStream, true, flags))
BOTH(cuStreamGetPriority, (CUstream hStream, int *priority), get_priority(hStream, false, priority),
     get_priority(hStream, true, priority))
BOTH(cuStreamSynchronize, (CUstream hStream), synchronize(hStream, false), synchronize(hStream, true))
BOTH(cuStreamQuery, (CUstream hStream), query(hStream, false), query(hStream, true))
BOTH(cuStreamWaitEvent, (CUstream hStream, CUevent hEvent, unsigned int Flags),
     wait_event(hStream, hEvent, Flags, false), wait_event(hStream, hEvent, Flags, true))

/* ---- events ---- */

CUresult cuEventCreate(CUevent *phEvent, unsigned int Flags)
{
    struct context *ctx;
    CUresult result = driver_enter_current(&ctx);
    if (result)
        return result;
    if (!phEvent || Flags > 7 || ((Flags & CU_EVENT_INTERPROCESS) && !(Flags & CU_EVENT_DISABLE_TIMING)))
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    struct event *e = calloc(1, sizeof *e);
    void *handle = e ? handle_new(HANDLE_EVENT, e) : NULL;
    if (!handle) {
        free(e);
        return driver_return(CUDA_ERROR_OUT_OF_MEMORY);
    }
    *e = (struct event){.handle = handle, .ctx = ctx, .flags = Flags};
    *phEvent = handle;
    return driver_return(CUDA_SUCCESS);
}

CUresult cuEventDestroy_v2(CUevent hEvent)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct event *e = handle_get(HANDLE_EVENT, hEvent);
    if (!e)
        return driver_return(CUDA_ERROR_INVALID_HANDLE);
    handle_free(hEvent);
    free(e);
    return driver_return(CUDA_SUCCESS);
}

static void drop_event_if_of(void *object, void *ctx)
{
    struct event *e = object;
    if (e->ctx == ctx) {
        handle_free(e->handle);
        free(e);
    }
}

void event_drop_context(struct context *ctx)
{
    handle_each(HANDLE_EVENT, drop_event_if_of, ctx);
}

void event_done(const void *handle, uint64_t seq, int64_t done_ns)
{
    struct event *e = handle_get(HANDLE_EVENT, handle);
    if (e && e->recorded && e->seq == seq) { /* else it was recorded again, or destroyed */
        e->done = true;
        e->done_ns = done_ns;
    }
}

static CUresult record(CUevent event, CUstream stream, unsigned flags, bool per_thread)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct event *e = handle_get(HANDLE_EVENT, event);
    if (!e)
        return driver_return(CUDA_ERROR_INVALID_HANDLE);
    if (flags > CU_EVENT_RECORD_EXTERNAL)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    struct stream *s;
    result = stream_find_for_work(stream, per_thread, &s);
    if (!result && s->ctx != e->ctx)
        result = CUDA_ERROR_INVALID_HANDLE;
    if (result)
        return driver_return(result);
    if (capture_active(s, &result))
        return driver_return(result                              ? result
                             : flags == CU_EVENT_RECORD_EXTERNAL ? CUDA_ERROR_NOT_SUPPORTED
                                                                 : capture_record(s, e));
    uint64_t seq;
    void *handle = s->handle;
    result = work_push(e->ctx, 0, WORK_EVENT, (uint64_t)(uintptr_t)event, &seq);
    if (result || handle_get(HANDLE_EVENT, event) != e)
        return driver_return(result); /* destroyed by another thread while the queue was full */
    e->recorded = true;
    e->done = false;
    e->seq = seq;
    e->capture = NULL;
    if (!handle || handle_get(HANDLE_STREAM, handle) == s)
        s->end = seq + 1;
    return driver_return(CUDA_SUCCESS);
}

BOTH(cuEventRecord, (CUevent hEvent, CUstream hStream), record(hEvent, hStream, 0, false),
     record(hEvent, hStream, 0, true))
BOTH(cuEventRecordWithFlags, (CUevent hEvent, CUstream hStream, unsigned int flags),
     record(hEvent, hStream, flags, false), record(hEvent, hStream, flags, true))

/* Enters, and finds an event that may be asked about now. */
static CUresult enter_event(CUevent event, struct event **e)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    *e = handle_get(HANDLE_EVENT, event);
    result = *e ? capture_check_event(*e) : CUDA_ERROR_INVALID_HANDLE;
    if (!result)
        result = capture_check_unsafe();
    return result ? driver_return(result) : CUDA_SUCCESS;
}

CUresult cuEventQuery(CUevent hEvent)
{
    struct event *e;
    CUresult result = enter_event(hEvent, &e);
    if (result)
        return result;
    if (e->recorded && !e->done)
        work_update(e->ctx);
    return driver_return(e->recorded && !e->done ? CUDA_ERROR_NOT_READY : CUDA_SUCCESS);
}

CUresult cuEventSynchronize(CUevent hEvent)
{
    struct event *e;
    CUresult result = enter_event(hEvent, &e);
    if (result)
        return result;
    if (e->recorded && !e->done)
        result = work_wait(e->ctx, e->seq + 1);
    pool_release_unused();
    return driver_return(result);
}

CUresult cuEventElapsedTime_v2(float *pMilliseconds, CUevent hStart, CUevent hEnd)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct event *a = handle_get(HANDLE_EVENT, hStart), *b = handle_get(HANDLE_EVENT, hEnd);
    if (!pMilliseconds)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    if (!a || !b || !a->recorded || !b->recorded || a->ctx != b->ctx)
        return driver_return(CUDA_ERROR_INVALID_HANDLE);
    if ((a->flags | b->flags) & CU_EVENT_DISABLE_TIMING)
        return driver_return(CUDA_ERROR_INVALID_HANDLE);
    if (!a->done || !b->done)
        work_update(a->ctx);
    if (!a->done || !b->done)
        return driver_return(CUDA_ERROR_NOT_READY);
    *pMilliseconds = (float)((double)(b->done_ns - a->done_ns) / 1e6);
    return driver_return(CUDA_SUCCESS);
}

CUresult cuEventElapsedTime(float *pMilliseconds, CUevent hStart, CUevent hEnd)
{
    return cuEventElapsedTime_v2(pMilliseconds, hStart, hEnd);
}
