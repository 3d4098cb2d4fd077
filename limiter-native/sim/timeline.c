#include "timeline.h"

#include <errno.h>
#include <string.h>

void timeline_init(struct timeline *t, int64_t now_ns)
{
    t->cursor = (struct timeline_cursor){.now_ns = now_ns, .current = TIMELINE_FRESH};
    t->busy_ns = t->switch_ns = 0;
    memset(t->bucket_epoch, 0, sizeof t->bucket_epoch);
    memset(t->bucket_busy_ns, 0, sizeof t->bucket_busy_ns);
    for (unsigned i = 0; i < TIMELINE_CONTEXTS; i++) /* the rings stay untouched: their pages stay unused */
        t->context[i].used = 0;
}

int timeline_open(struct timeline *t, uint32_t owner)
{
    for (unsigned i = 0; i < TIMELINE_CONTEXTS; i++) {
        struct timeline_context *c = &t->context[i];
        if (c->used)
            continue;
        c->owner = owner;
        c->taken = c->tail = 0;
        c->busy_ns = 0;
        memset(c->bucket_ns, 0, sizeof c->bucket_ns);
        t->cursor.head[i] = 0;
        t->cursor.left_ns[i] = 0;
        if (i >= t->cursor.contexts)
            t->cursor.contexts = i + 1;
        c->used = 1;
        return (int)i;
    }
    return -ENOSPC;
}

void timeline_close(struct timeline *t, int context)
{
    struct timeline_context *c = &t->context[context];
    c->used = 0;
    c->tail = c->taken = t->cursor.head[context] = 0;
    if (t->cursor.current == context)
        t->cursor.current = TIMELINE_GONE;
}

/* Pages of a history bucket are reused; the epoch says whose time a bucket holds. */
static void account(struct timeline *t, int context, int64_t from, int64_t to)
{
    t->busy_ns += to - from;
    if (context >= 0)
        t->context[context].busy_ns += to - from;
    int64_t oldest = to - TIMELINE_BUCKETS * TIMELINE_BUCKET_NS;
    if (from < oldest)
        from = oldest;
    while (from < to) {
        int64_t epoch = from / TIMELINE_BUCKET_NS;
        unsigned b = (unsigned)(epoch % TIMELINE_BUCKETS);
        int64_t end = (epoch + 1) * TIMELINE_BUCKET_NS;
        if (end > to)
            end = to;
        if (t->bucket_epoch[b] != epoch) {
            t->bucket_epoch[b] = epoch;
            t->bucket_busy_ns[b] = 0;
            for (unsigned i = 0; i < t->cursor.contexts; i++)
                t->context[i].bucket_ns[b] = 0;
        }
        t->bucket_busy_ns[b] += (uint32_t)(end - from);
        if (context >= 0)
            t->context[context].bucket_ns[b] += (uint32_t)(end - from);
        from = end;
    }
}

static bool has_unfinished(const struct timeline *t, const struct timeline_cursor *k, int context)
{
    return t->context[context].used && k->head[context] < t->context[context].tail;
}

/* Work that can run. */
static bool has_work(const struct timeline *t, const struct timeline_cursor *k, int context)
{
    return has_unfinished(t, k, context) && !t->ring[context][k->head[context] % TIMELINE_RING].held;
}

/* The next context in turn that has work, the current one last; -1 if none. */
static int next_context(const struct timeline *t, const struct timeline_cursor *k)
{
    int n = (int)k->contexts;
    int from = k->current >= 0 ? k->current : n - 1;
    for (int i = 1; i <= n; i++) {
        int c = (from + i) % n;
        if (has_work(t, k, c))
            return c;
    }
    return -1;
}

/* Finishes the op at the head. rw is NULL in a prediction. */
static void retire(const struct timeline *t, struct timeline *rw, struct timeline_cursor *k, int context)
{
    uint64_t seq = k->head[context];
    if (rw)
        rw->ring[context][seq % TIMELINE_RING].done_ns = k->now_ns;
    seq++;
    if (seq < t->context[context].tail)
        k->left_ns[context] = t->ring[context][seq % TIMELINE_RING].work_ns;
    k->head[context] = seq;
}

/* Runs the current context to the end of its op, of its slice or of time. */
static void run_current(const struct timeline *t, struct timeline *rw, struct timeline_cursor *k, int64_t until)
{
    int c = k->current;
    int64_t end = k->now_ns + k->left_ns[c];
    if (end > k->slice_end_ns)
        end = k->slice_end_ns;
    if (end > until)
        end = until;
    if (end > k->now_ns) {
        if (rw)
            account(rw, c, k->now_ns, end);
        k->left_ns[c] -= end - k->now_ns;
        k->now_ns = end;
    }
    if (k->left_ns[c] == 0)
        retire(t, rw, k, c);
}

/* Gives the GPU to the next context in turn. */
static void hand_over(struct timeline_cursor *k, int next)
{
    if (next == k->current || k->current == TIMELINE_FRESH) {
        k->current = next;
        k->slice_end_ns = k->now_ns + TIMELINE_SLICE_NS;
    } else {
        k->current = next;
        k->switch_end_ns = k->now_ns + TIMELINE_SWITCH_NS;
        k->slice_end_ns = k->switch_end_ns + TIMELINE_SLICE_NS;
    }
}

/* One step. Returns false when time is up, or nothing is left to do before it is. */
static bool step(const struct timeline *t, struct timeline *rw, struct timeline_cursor *k, int64_t until)
{
    if (k->switch_end_ns > k->now_ns) {
        int64_t end = k->switch_end_ns < until ? k->switch_end_ns : until;
        if (rw) {
            rw->switch_ns += end - k->now_ns;
            account(rw, -1, k->now_ns, end);
        }
        k->now_ns = end;
        return end == k->switch_end_ns;
    }
    int c = k->current;
    if (c >= 0 && has_work(t, k, c) && (k->now_ns < k->slice_end_ns || k->left_ns[c] == 0)) {
        if (k->now_ns >= until && k->left_ns[c] > 0)
            return false;
        run_current(t, rw, k, until);
        return true;
    }
    int next = k->contexts > 0 ? next_context(t, k) : -1;
    if (next < 0) {
        k->now_ns = until;
        return false;
    }
    if (k->now_ns >= until && next != c)
        return false; /* whoever submits at this very instant is in the running too */
    hand_over(k, next);
    return true;
}

void timeline_advance(struct timeline *t, int64_t now_ns)
{
    if (now_ns < t->cursor.now_ns)
        now_ns = t->cursor.now_ns;
    while (step(t, t, &t->cursor, now_ns)) {
    }
}

unsigned timeline_room(const struct timeline *t, int context)
{
    const struct timeline_context *c = &t->context[context];
    return TIMELINE_RING - (unsigned)(c->tail - c->taken);
}

uint64_t timeline_push(struct timeline *t, int context, int64_t work_ns, uint32_t kind, uint64_t cookie)
{
    struct timeline_context *c = &t->context[context];
    uint64_t seq = c->tail;
    if (work_ns < 0)
        work_ns = 0;
    t->ring[context][seq % TIMELINE_RING] = (struct timeline_op){.work_ns = work_ns, .kind = kind, .cookie = cookie};
    if (t->cursor.head[context] == seq)
        t->cursor.left_ns[context] = work_ns;
    c->tail = seq + 1;
    return seq;
}

uint64_t timeline_hold(struct timeline *t, int context, uint32_t kind, uint64_t cookie)
{
    uint64_t seq = timeline_push(t, context, 0, kind, cookie);
    t->ring[context][seq % TIMELINE_RING].held = 1;
    return seq;
}

void timeline_set_held(struct timeline *t, int context, uint64_t seq, bool held)
{
    t->ring[context][seq % TIMELINE_RING].held = held;
}

bool timeline_take(struct timeline *t, int context, struct timeline_op *op, uint64_t *seq)
{
    struct timeline_context *c = &t->context[context];
    if (c->taken >= t->cursor.head[context])
        return false;
    *seq = c->taken;
    *op = t->ring[context][c->taken % TIMELINE_RING];
    c->taken++;
    return true;
}

bool timeline_done(const struct timeline *t, int context, uint64_t seq)
{
    return seq < t->cursor.head[context];
}

bool timeline_pending(const struct timeline *t, int context)
{
    return has_unfinished(t, &t->cursor, context);
}

int64_t timeline_predict(const struct timeline *t, int context, uint64_t seq)
{
    if (seq >= t->context[context].tail)
        return TIMELINE_NEVER;
    struct timeline_cursor k = t->cursor;
    while (k.head[context] <= seq && step(t, NULL, &k, TIMELINE_NEVER)) {
    }
    return k.now_ns;
}

unsigned timeline_busy_permille(const struct timeline *t, int context, int64_t window_ns)
{
    int64_t last = t->cursor.now_ns / TIMELINE_BUCKET_NS;
    int64_t count = window_ns / TIMELINE_BUCKET_NS;
    if (count > TIMELINE_BUCKETS - 4)
        count = TIMELINE_BUCKETS - 4;
    int64_t busy = 0;
    for (int64_t e = last - count; e <= last; e++) {
        unsigned b = (unsigned)(e % TIMELINE_BUCKETS);
        if (e >= 0 && t->bucket_epoch[b] == e)
            busy += context >= 0 ? t->context[context].bucket_ns[b] : t->bucket_busy_ns[b];
    }
    int64_t span = t->cursor.now_ns - (last - count) * TIMELINE_BUCKET_NS;
    int64_t permille = busy * 1000 / span;
    return permille > 1000 ? 1000 : (unsigned)permille;
}
