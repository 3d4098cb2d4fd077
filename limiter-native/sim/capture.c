/* Stream capture, and what the real driver forbids while one is under way. */
#include "driver.h"

#include <stdlib.h>

struct capture {
    struct capture *next;
    struct stream *origin;
    struct graph *graph;
    CUstreamCaptureMode mode;
    uint64_t thread;
    uint64_t id;
    uint64_t position; /* counts what was captured: to tell whether a forked stream was joined */
    bool invalid;
};

static struct capture *captures;
static uint64_t next_id;
static _Thread_local CUstreamCaptureMode thread_mode = CU_STREAM_CAPTURE_MODE_GLOBAL;

/* ---- what is forbidden ---- */

CUresult capture_check_unsafe(void)
{
    if (!captures || thread_mode == CU_STREAM_CAPTURE_MODE_RELAXED)
        return CUDA_SUCCESS;
    uint64_t thread = driver_thread();
    bool forbidden = false;
    for (struct capture *c = captures; c; c = c->next) {
        bool mine = c->thread == thread && c->mode != CU_STREAM_CAPTURE_MODE_RELAXED;
        bool global = c->mode == CU_STREAM_CAPTURE_MODE_GLOBAL && thread_mode == CU_STREAM_CAPTURE_MODE_GLOBAL;
        if (mine || global) {
            c->invalid = true;
            forbidden = true;
        }
    }
    return forbidden ? CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED : CUDA_SUCCESS;
}

CUresult capture_check_wait(struct context *ctx, struct stream *stream)
{
    CUresult result = CUDA_SUCCESS;
    for (struct capture *c = captures; c; c = c->next) {
        bool concerned = stream && stream != &ctx->legacy ? stream->capture == c : c->origin->ctx == ctx;
        if (!concerned)
            continue;
        if (stream == &ctx->legacy && (c->origin->flags & CU_STREAM_NON_BLOCKING))
            continue;
        c->invalid = true;
        result = stream == &ctx->legacy ? CUDA_ERROR_STREAM_CAPTURE_IMPLICIT : CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    }
    return result;
}

CUresult capture_legacy(struct context *ctx)
{
    return captures ? capture_check_wait(ctx, &ctx->legacy) : CUDA_SUCCESS;
}

CUresult capture_check_event(const struct event *event)
{
    if (!event->capture)
        return CUDA_SUCCESS;
    event->capture->invalid = true;
    return CUDA_ERROR_CAPTURED_EVENT;
}

CUresult cuThreadExchangeStreamCaptureMode(CUstreamCaptureMode *mode)
{
    if (!mode || (unsigned)*mode > CU_STREAM_CAPTURE_MODE_RELAXED)
        return CUDA_ERROR_INVALID_VALUE;
    CUstreamCaptureMode old = thread_mode;
    thread_mode = *mode;
    *mode = old;
    return CUDA_SUCCESS;
}

/* ---- capturing ---- */

bool capture_active(struct stream *stream, CUresult *result)
{
    if (!stream->capture)
        return false;
    *result = stream->capture->invalid ? CUDA_ERROR_STREAM_CAPTURE_INVALIDATED : CUDA_SUCCESS;
    return true;
}

static void captured(struct stream *stream)
{
    stream->captured_at = ++stream->capture->position;
}

CUresult capture_kernel(struct stream *stream, const CUDA_KERNEL_NODE_PARAMS_v2 *params)
{
    captured(stream);
    return graph_add_kernel(stream->capture->graph, params, NULL);
}

CUresult capture_other(struct stream *stream, CUgraphNodeType type)
{
    captured(stream);
    return graph_add_other(stream->capture->graph, type);
}

CUresult capture_allocation(struct stream *stream, CUdeviceptr *dptr, size_t bytes)
{
    captured(stream);
    return graph_add_allocation(stream->capture->graph, stream->ctx, stream->ctx->gpu, bytes, dptr, NULL);
}

CUresult capture_record(struct stream *stream, struct event *event)
{
    event->capture = stream->capture;
    event->captured_at = stream->captured_at;
    return CUDA_SUCCESS;
}

/* A captured event pulls the stream that waits for it into its capture, or joins a forked one back. */
CUresult capture_wait(struct stream *stream, struct event *event)
{
    struct capture *c = event->capture;
    if (!c) {
        stream->capture->invalid = true;
        return CUDA_ERROR_STREAM_CAPTURE_ISOLATION;
    }
    if (stream->capture && stream->capture != c) {
        stream->capture->invalid = c->invalid = true;
        return CUDA_ERROR_STREAM_CAPTURE_MERGE;
    }
    if (stream == &stream->ctx->legacy) {
        c->invalid = true;
        return CUDA_ERROR_STREAM_CAPTURE_IMPLICIT;
    }
    if (!stream->capture) {
        stream->capture = c;
        stream->forked = true;
    }
    if (stream->captured_at < event->captured_at)
        stream->captured_at = event->captured_at;
    return CUDA_SUCCESS;
}

static CUresult begin(CUstream handle, CUstreamCaptureMode mode, bool per_thread)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct stream *s;
    result = stream_find(handle, per_thread, &s);
    if (result)
        return driver_return(result);
    if ((unsigned)mode > CU_STREAM_CAPTURE_MODE_RELAXED)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    if (s == &s->ctx->legacy)
        return driver_return(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
    if (s->capture)
        return driver_return(CUDA_ERROR_ILLEGAL_STATE);
    struct capture *c = calloc(1, sizeof *c);
    struct graph *g = c ? graph_new() : NULL;
    if (!g) {
        free(c);
        return driver_return(CUDA_ERROR_OUT_OF_MEMORY);
    }
    *c = (struct capture){
        .next = captures, .origin = s, .graph = g, .mode = mode, .thread = driver_thread(), .id = ++next_id};
    captures = c;
    s->capture = c;
    s->captured_at = 0;
    s->forked = false;
    return driver_return(CUDA_SUCCESS);
}

struct ending {
    struct capture *capture;
    bool unjoined;
};

/* What is captured on a forked stream must be waited for by the origin before the capture ends. */
static void leave_stream(void *object, void *argument)
{
    struct stream *s = object;
    struct ending *e = argument;
    if (s->capture != e->capture)
        return;
    if (s->forked && s->captured_at > e->capture->origin->captured_at)
        e->unjoined = true;
    s->capture = NULL;
    s->forked = false;
}

static void leave_event(void *object, void *argument)
{
    struct event *event = object;
    struct ending *e = argument;
    if (event->capture == e->capture)
        event->capture = NULL;
}

/* Ends a capture. Returns whether everything was joined; the graph is the caller's. */
static bool finish(struct capture *c)
{
    struct ending e = {.capture = c};
    handle_each(HANDLE_STREAM, leave_stream, &e);
    handle_each(HANDLE_EVENT, leave_event, &e);
    for (struct stream *s = c->origin->ctx->per_thread; s; s = s->next)
        leave_stream(s, &e);
    for (struct capture **p = &captures; *p; p = &(*p)->next) {
        if (*p == c) {
            *p = c->next;
            break;
        }
    }
    return !e.unjoined;
}

static CUresult end(CUstream handle, CUgraph *graph, bool per_thread)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct stream *s;
    result = graph ? stream_find(handle, per_thread, &s) : CUDA_ERROR_INVALID_VALUE;
    if (result)
        return driver_return(result);
    struct capture *c = s->capture;
    if (!c)
        return driver_return(CUDA_ERROR_ILLEGAL_STATE);
    if (c->origin != s)
        return driver_return(CUDA_ERROR_STREAM_CAPTURE_UNMATCHED);
    if (c->mode != CU_STREAM_CAPTURE_MODE_RELAXED && c->thread != driver_thread())
        return driver_return(CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD);
    bool joined = finish(c);
    result = c->invalid ? CUDA_ERROR_STREAM_CAPTURE_INVALIDATED
             : joined   ? CUDA_SUCCESS
                        : CUDA_ERROR_STREAM_CAPTURE_UNJOINED;
    *graph = result ? NULL : graph_handle(c->graph);
    if (result)
        graph_free(c->graph);
    free(c);
    return driver_return(result);
}

void capture_drop_stream(struct stream *stream)
{
    struct capture *c = stream->capture;
    if (!c)
        return;
    if (c->origin != stream) {
        c->invalid = true;
        return;
    }
    finish(c);
    graph_free(c->graph);
    free(c);
}

static CUresult is_capturing(CUstream handle, CUstreamCaptureStatus *status, bool per_thread)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct stream *s;
    result = status ? stream_find(handle, per_thread, &s) : CUDA_ERROR_INVALID_VALUE;
    if (result)
        return driver_return(result);
    *status = !s->capture          ? CU_STREAM_CAPTURE_STATUS_NONE
              : s->capture->invalid ? CU_STREAM_CAPTURE_STATUS_INVALIDATED
                                    : CU_STREAM_CAPTURE_STATUS_ACTIVE;
    if (s == &s->ctx->legacy) /* asking about it while another stream's capture forbids its use */
        for (struct capture *c = captures; c; c = c->next)
            if (c->origin->ctx == s->ctx && !(c->origin->flags & CU_STREAM_NON_BLOCKING))
                result = CUDA_ERROR_STREAM_CAPTURE_IMPLICIT;
    return driver_return(result);
}

static CUresult info(CUstream handle, CUstreamCaptureStatus *status, cuuint64_t *id, CUgraph *graph,
                     const CUgraphNode **dependencies, size_t *count, bool per_thread)
{
    CUresult result = is_capturing(handle, status, per_thread);
    if (result || *status == CU_STREAM_CAPTURE_STATUS_NONE)
        return result;
    result = driver_enter();
    if (result)
        return result;
    struct stream *s;
    result = stream_find(handle, per_thread, &s);
    if (result || !s->capture)
        return driver_return(result ? result : CUDA_ERROR_ILLEGAL_STATE);
    if (id)
        *id = s->capture->id;
    if (graph)
        *graph = graph_handle(s->capture->graph);
    if (dependencies)
        *dependencies = NULL;
    if (count)
        *count = 0;
    return driver_return(CUDA_SUCCESS);
}

CUresult cuStreamBeginCapture_v2(CUstream hStream, CUstreamCaptureMode mode)
{
    return begin(hStream, mode, false);
}

CUresult cuStreamBeginCapture_v2_ptsz(CUstream hStream, CUstreamCaptureMode mode)
{
    return begin(hStream, mode, true);
}

CUresult cuStreamEndCapture(CUstream hStream, CUgraph *phGraph)
{
    return end(hStream, phGraph, false);
}

CUresult cuStreamEndCapture_ptsz(CUstream hStream, CUgraph *phGraph)
{
    return end(hStream, phGraph, true);
}

CUresult cuStreamIsCapturing(CUstream hStream, CUstreamCaptureStatus *captureStatus)
{
    return is_capturing(hStream, captureStatus, false);
}

CUresult cuStreamIsCapturing_ptsz(CUstream hStream, CUstreamCaptureStatus *captureStatus)
{
    return is_capturing(hStream, captureStatus, true);
}

CUresult cuStreamGetCaptureInfo_v2(CUstream hStream, CUstreamCaptureStatus *captureStatus_out, cuuint64_t *id_out,
                                   CUgraph *graph_out, const CUgraphNode **dependencies_out,
                                   size_t *numDependencies_out)
{
    return info(hStream, captureStatus_out, id_out, graph_out, dependencies_out, numDependencies_out, false);
}

CUresult cuStreamGetCaptureInfo_v2_ptsz(CUstream hStream, CUstreamCaptureStatus *captureStatus_out,
                                        cuuint64_t *id_out, CUgraph *graph_out, const CUgraphNode **dependencies_out,
                                        size_t *numDependencies_out)
{
    return info(hStream, captureStatus_out, id_out, graph_out, dependencies_out, numDependencies_out, true);
}
