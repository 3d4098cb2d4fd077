/*
 * What the files of the simulated driver share: handles, contexts, work. One lock a process guards
 * all of it; the lock of the shared state (state.h) is taken inside it, never around it.
 */
#ifndef ALIQUOT_SIM_DRIVER_H
#define ALIQUOT_SIM_DRIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "aliquot_cuda.h"
#include "state.h"

/* ---- handles: numbers that look like pointers, so that a bad one is an error and not a crash ---- */

enum handle_kind {
    HANDLE_CONTEXT = 1,
    HANDLE_MODULE,
    HANDLE_FUNCTION,
    HANDLE_STREAM,
    HANDLE_EVENT,
    HANDLE_GRAPH,
    HANDLE_NODE,
    HANDLE_EXEC,
    HANDLE_POOL,
    HANDLE_PHYSICAL,
    HANDLE_ARRAY
};

/** @return a new handle for an object, or NULL when memory ran out */
void *handle_new(enum handle_kind kind, void *object);
/** @return the handle's object, or NULL if it is not a live handle of this kind */
void *handle_get(enum handle_kind kind, const void *handle);
void handle_free(const void *handle);
/** Calls visit for each live object of a kind; visit may free the one that it is given. */
void handle_each(enum handle_kind kind, void (*visit)(void *object, void *argument), void *argument);

/* ---- objects ---- */

struct capture;

struct stream {
    void *handle; /* NULL for a context's own default streams */
    struct context *ctx;
    unsigned flags;
    int priority;
    uint64_t end; /* one past its last op: all of it is done when that op is */
    uint64_t thread; /* of a per-thread default stream */
    struct stream *next; /* per-thread default streams of a context */
    struct capture *capture;
    uint64_t captured_at; /* position of its last captured op */
    bool forked; /* joined another stream's capture and was not yet joined back */
};

struct context {
    void *handle;
    CUdevice device;
    unsigned gpu;
    int slot; /* in the GPU's timeline */
    unsigned flags;
    bool primary;
    struct stream legacy;
    struct stream *per_thread;
};

struct event {
    void *handle;
    struct context *ctx;
    unsigned flags;
    bool recorded, done;
    uint64_t seq; /* of its last record */
    int64_t done_ns;
    struct capture *capture; /* its last record was captured there */
    uint64_t captured_at;
};

struct function {
    void *handle;
    char name[128];
    bool spin; /* takes its GPU time from its first parameter */
    unsigned params;
    unsigned char param_bytes[16];
    unsigned char argument[128]; /* set by the cuParamSet* of old */
};

/** What one launch does: GPU time, and two words to count it in (0: none). */
struct kernel_work {
    int64_t ns;
    CUdeviceptr counters;
};

/** A graph's kernels, shared by its executable and the launches in flight. */
struct graph_body {
    unsigned references;
    int64_t total_ns;
    unsigned gpu; /* of its memory nodes */
    uint64_t bytes;
    size_t count;
    struct kernel_work kernel[];
};

enum work_kind { WORK_KERNEL = 1, WORK_EVENT, WORK_GRAPH, WORK_COPY, WORK_FREE, WORK_WAIT };

/* ---- entering a call ---- */

/** The process's part in the simulation; valid between driver_enter() and driver_leave(). */
extern struct state_view driver_view;

/** Takes the process's lock. On an error (not initialised, forked) the lock is not held. */
CUresult driver_enter(void);
/** The same, and finds the calling thread's current context. */
CUresult driver_enter_current(struct context **ctx);
void driver_leave(void);
/** Leaves and passes a result on. */
CUresult driver_return(CUresult result);
/** A number that names the calling thread. */
uint64_t driver_thread(void);
/** GPU time of kernels that do not say theirs: ALIQUOT_SIM_KERNEL_NS, default 10 us. */
int64_t driver_default_kernel_ns(void);

/* ---- devices (visible.c) ---- */

/** Reads CUDA_VISIBLE_DEVICES. @return whether there is a device */
bool visible_read(void);
int visible_count(void);
/** The GPU of a valid device. */
unsigned visible_gpu(CUdevice dev);
/** The device that a GPU is here. @return -1: none */
CUdevice visible_device(unsigned gpu);

/* ---- contexts (ctx.c) ---- */

CUresult context_current(struct context **ctx);
bool device_valid(CUdevice dev);

/* ---- work (work.c): with the process's lock held ---- */

/** Queues work and returns its sequence number; sleeps, without the lock, while the ring is full. */
CUresult work_push(struct context *ctx, int64_t ns, enum work_kind kind, uint64_t cookie, uint64_t *seq);
/** The same as a stream's work. */
CUresult work_push_stream(struct stream *stream, int64_t ns, enum work_kind kind, uint64_t cookie);
/** Learns what was done until now. */
void work_update(struct context *ctx);
/** @return whether all work before end is done; learns what was done until now */
bool work_done(struct context *ctx, uint64_t end);
/** Sleeps, without the lock, until all work before end is done. */
CUresult work_wait(struct context *ctx, uint64_t end);
/** One past the last op that the context was given. */
uint64_t work_end(struct context *ctx);
/** Drops the context's work: what it would have released is released. */
void work_drop(struct context *ctx);
void graph_body_release(struct graph_body *body);

/* ---- memory (memory.c, pool.c, copy.c) ---- */

struct copy_work;

void memory_count(CUdeviceptr counters, uint64_t kernels, uint64_t ns);
void memory_copy_run(struct copy_work *copy);
void memory_release_async(CUdeviceptr base); /* the shared lock is held */
void memory_drop_context(struct context *ctx);

enum range_kind { RANGE_DEVICE = 1, RANGE_MANAGED, RANGE_ASYNC, RANGE_RESERVED, RANGE_HOST };

struct pool;

/** A range of addresses. Device ranges are address space only until something is copied there. */
struct range {
    CUdeviceptr base;
    size_t size;    /* as asked for */
    size_t mapped;  /* address space taken */
    uint64_t charged; /* of the GPU's memory */
    void *ctx;      /* handle of the context that it goes with; NULL: the process */
    unsigned gpu;
    enum range_kind kind;
    struct pool *pool; /* that it is from; NULL: none */
    bool backed;
};

/** What an allocation of a pool's was: the pool keeps it. */
void pool_give(struct pool *pool, uint64_t bytes);
/** Someone has waited: pools go down to their release thresholds. */
void pool_release_unused(void);
/** Counts what a graph's memory nodes need and the driver does not keep already. */
CUresult pool_take_for_graph(unsigned gpu, uint64_t bytes);

/** Reserves address space and counts charged bytes of GPU memory. */
CUresult range_new(enum range_kind kind, size_t size, uint64_t charged, struct context *ctx, unsigned gpu,
                   CUdeviceptr *base);
/** @return the range that holds an address, or NULL; valid until the next range_new or range_free */
struct range *range_find(CUdeviceptr address);
/** Gives a range back. locked: the shared lock is held. */
void range_free(struct range *range, bool locked);
/** Counts GPU memory that has no address (arrays, physical handles): 0 or -ENOMEM. */
int memory_charge(unsigned gpu, uint64_t bytes);
void memory_refund(unsigned gpu, uint64_t bytes);
/** @return whether all of a part of a reserved range is mapped to memory (vmm.c) */
bool vmm_mapped(CUdeviceptr address, size_t bytes);

/* ---- streams, events, captures ---- */

/** Finds a stream; NULL is the legacy one, or with per_thread the calling thread's. */
CUresult stream_find(CUstream handle, bool per_thread, struct stream **stream);
/** As stream_find, for a call that queues work: refuses the legacy stream while it would break a capture. */
CUresult stream_find_for_work(CUstream handle, bool per_thread, struct stream **stream);
void stream_drop_context(struct context *ctx);
void event_done(const void *handle, uint64_t seq, int64_t done_ns);
void event_drop_context(struct context *ctx);

/** @return whether this stream captures; an invalidated capture gives its error in *result */
bool capture_active(struct stream *stream, CUresult *result);
/** For a call that is unsafe during a capture: fails and invalidates, as the real driver does. */
CUresult capture_check_unsafe(void);
/** For waiting on one stream, or on a context (stream NULL). */
CUresult capture_check_wait(struct context *ctx, struct stream *stream);
CUresult capture_kernel(struct stream *stream, const CUDA_KERNEL_NODE_PARAMS_v2 *params);
CUresult capture_other(struct stream *stream, CUgraphNodeType type);
/** An allocation becomes a node; its address is known already. */
CUresult capture_allocation(struct stream *stream, CUdeviceptr *dptr, size_t bytes);
CUresult capture_record(struct stream *stream, struct event *event);
CUresult capture_wait(struct stream *stream, struct event *event);
CUresult capture_check_event(const struct event *event);
CUresult capture_legacy(struct context *ctx);
void capture_drop_stream(struct stream *stream);

/* ---- host memory (host.c), and waits for a value in it (wait.c) ---- */

bool host_is_registered(uintptr_t address);

void wait_drop_context(struct context *ctx);

/* ---- launches and graphs ---- */

/** Exported, and in no CUDA: a launch that no limiter knows, for tests of what it makes of one. */
__attribute__((visibility("default"))) CUresult cuLaunchOfTomorrow(CUfunction f);

/** Reads what a launch asks for. params and extra as in cuLaunchKernel. */
CUresult kernel_read(const struct function *f, void **params, void **extra, struct kernel_work *work);
struct graph;
struct graph *graph_new(void);
void graph_free(struct graph *g);
void *graph_handle(const struct graph *g);
size_t graph_size(const struct graph *g);
CUresult graph_add_kernel(struct graph *g, const CUDA_KERNEL_NODE_PARAMS_v2 *params, CUgraphNode *node);
CUresult graph_add_other(struct graph *g, CUgraphNodeType type);
CUresult graph_add_allocation(struct graph *g, struct context *ctx, unsigned gpu, size_t bytes, CUdeviceptr *dptr,
                              CUgraphNode *node);

/** What a call on a stream exports: its own name, and the _ptsz one for the per-thread default stream. */
#define BOTH(name, parameters, plain, ptsz) \
    CUresult name parameters                \
    {                                       \
        return plain;                       \
    }                                       \
    CUresult name##_ptsz parameters         \
    {                                       \
        return ptsz;                        \
    }

#endif
