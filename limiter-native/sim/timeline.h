/*
 * The timeline of one simulated GPU: who ran when. Pure: no clock, no lock, no I/O; time is an
 * argument, in nanoseconds of one monotonic clock, and all state lies in struct timeline, which may
 * live in shared memory (it holds no pointers).
 *
 * Contexts are time-sliced round robin. A context runs until its slice ends or it has no work; going
 * to another context costs TIMELINE_SWITCH_NS; a lone context pays nothing. Within a context work
 * runs in the order in which it was pushed.
 *
 * Not thread-safe: the caller holds whatever lock protects the structure.
 */
#ifndef ALIQUOT_SIM_TIMELINE_H
#define ALIQUOT_SIM_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    TIMELINE_CONTEXTS = 128, /* contexts on one GPU */
    TIMELINE_RING = 1024,    /* work items that a context may have pending */
    TIMELINE_BUCKETS = 64    /* of history for utilisation */
};

#define TIMELINE_SLICE_NS INT64_C(2000000)
/* Two contexts that are always busy get slice / (2 * (slice + switch)) each: 46.5 %, as measured on an H200. */
#define TIMELINE_SWITCH_NS INT64_C(150538)
#define TIMELINE_BUCKET_NS INT64_C(10000000)
#define TIMELINE_NEVER INT64_MAX

/** A piece of work. kind and cookie belong to whoever pushes it; the timeline only carries them. */
struct timeline_op {
    int64_t work_ns; /* GPU time that it takes; 0 for an event record */
    int64_t done_ns; /* when it was done, once it is */
    uint64_t cookie;
    uint32_t kind;
    uint32_t held; /* 1: neither it nor what follows it runs while it is held */
};

struct timeline_context {
    uint32_t used;
    uint32_t owner; /* the caller's */
    uint64_t taken; /* first op whose result has not been taken */
    uint64_t tail;  /* sequence number of the next op to be pushed */
    int64_t busy_ns; /* GPU time that it has had */
    uint32_t bucket_ns[TIMELINE_BUCKETS];
};

/** What advances: small, so that a prediction can run on a copy of it. */
struct timeline_cursor {
    int64_t now_ns;
    int64_t slice_end_ns;
    int64_t switch_end_ns;
    int32_t current; /* context on the GPU, or TIMELINE_FRESH, TIMELINE_GONE */
    uint32_t contexts; /* one past the highest context ever used */
    uint64_t head[TIMELINE_CONTEXTS]; /* next op to be finished */
    int64_t left_ns[TIMELINE_CONTEXTS]; /* of the op at head */
};

struct timeline {
    struct timeline_cursor cursor;
    int64_t busy_ns;  /* GPU time in which some context ran */
    int64_t switch_ns; /* GPU time spent between contexts */
    int64_t bucket_epoch[TIMELINE_BUCKETS];
    uint32_t bucket_busy_ns[TIMELINE_BUCKETS];
    struct timeline_context context[TIMELINE_CONTEXTS];
    struct timeline_op ring[TIMELINE_CONTEXTS][TIMELINE_RING]; /* last and apart: unused rings cost no memory */
};

#define TIMELINE_FRESH (-1) /* nothing has run yet: the first context pays no switch */
#define TIMELINE_GONE (-2)  /* the context that ran was removed */

/** Starts an idle timeline at now_ns. The memory may hold anything. */
void timeline_init(struct timeline *t, int64_t now_ns);

/** @return the new context's index, or -ENOSPC when all are in use */
int timeline_open(struct timeline *t, uint32_t owner);

/** Removes a context and its pending work, now. */
void timeline_close(struct timeline *t, int context);

/** Works out all that happened until now_ns. Time never goes back: an earlier now_ns changes nothing. */
void timeline_advance(struct timeline *t, int64_t now_ns);

/** @return how many more ops can be pushed before results must be taken */
unsigned timeline_room(const struct timeline *t, int context);

/** Appends work that is submitted at the current time. @return its sequence number; needs room */
uint64_t timeline_push(struct timeline *t, int context, int64_t work_ns, uint32_t kind, uint64_t cookie);

/** Appends a wait: what follows it in its context stands still, and costs others nothing, until it is released. */
uint64_t timeline_hold(struct timeline *t, int context, uint32_t kind, uint64_t cookie);

/** Whether a wait that has not been passed yet holds, from the current time on. */
void timeline_set_held(struct timeline *t, int context, uint64_t seq, bool held);

/** Takes the oldest finished op, copying it to op. @return whether there was one */
bool timeline_take(struct timeline *t, int context, struct timeline_op *op, uint64_t *seq);

/** @return whether the op with this sequence number is done */
bool timeline_done(const struct timeline *t, int context, uint64_t seq);

/** @return whether the context has unfinished work */
bool timeline_pending(const struct timeline *t, int context);

/**
 * When an op will be done if nobody submits anything more. Changes nothing.
 * @return its time, the current time when it is done already, TIMELINE_NEVER when it was never pushed or is held up
 */
int64_t timeline_predict(const struct timeline *t, int context, uint64_t seq);

/** Busy permille over the last window_ns (at most 600 ms): of the GPU, or of one context if context >= 0. */
unsigned timeline_busy_permille(const struct timeline *t, int context, int64_t window_ns);

#endif
