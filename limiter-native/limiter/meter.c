#include "meter.h"

#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "ahead.h"
#include "devices.h"
#include "gate.h"

enum { METERS = 32, BATCHES = 64, EVENTS = 2 * BATCHES + 4 };
#define SLACK_NS 100000u      /* between the clocks of CPU and GPU */
#define SHORTEST_NS 2000u      /* a kernel */
#define OVERHEAD_MOST_NS 5000u
#define STALL_NS 1000000u
#define POLL_SHORTEST_NS 20000u
#define POLL_LONGEST_NS 250000u
#define STEP_NS 10000u
#define BUSY_NS 500000u /* a meter is locked for longer only by a thread that the driver holds up */
#define POLL_OVERDUE 16 /* as a part of the time that it is overdue: what was never measured can be very long */
#define CHECK_NS 100000u /* a tenant that yields checks its gate this often */
#define POLL_GATED_NS 20000000u /* what waits for its turn; the turn itself wakes the helper */

struct batch {
    CUstream stream;
    const void *owner; /* the launching thread: CU_STREAM_PER_THREAD is another stream in another thread */
    CUevent start, end; /* start NULL: the pipe was not empty */
    struct aliquot_usage_device *usage;
    uint64_t estimate_ns, opened_ns, closed_ns;
    uint64_t early_ns; /* the part of estimate_ns that was retired before its end was seen */
    uint64_t stray_ns; /* launches that got into no batch, and are not between its start and its end: charged as estimated */
    uint64_t unfinished_ns; /* when its end was last looked for, and had not come; 0: never */
    uint32_t count;
    bool done, exclusive; /* exclusive: nobody else runs, so the time between its events is its own */
    bool due;             /* begun to learn from it */
    bool empty;           /* the pipe was, at start */
    uint32_t turn;        /* that it waits for on the GPU; 0: none */
    uint64_t launching_ns; /* from start to the launch, by the CPU's clock */
    struct estimate *first; /* of its first launch, or its only one */
};

struct meter {
    _Atomic(CUcontext) context; /* NULL: unused */
    CUdevice device;
    struct seat *seat; /* NULL: nothing governs this GPU */
    atomic_flag busy;
    _Atomic uint32_t outstanding; /* batches not yet finished, the open one included */
    _Atomic uint64_t stray_ns;    /* estimates of launches that did not get into a batch */
    _Atomic uint64_t stray_since_ns;
    struct batch open;            /* count 0: none */
    struct batch ring[BATCHES];
    uint32_t head, tail;
    CUevent free_event[EVENTS];
    uint32_t free_count;
    CUevent last_end; /* of the batch that finished last */
    uint64_t last_unfinished_ns; /* its unfinished_ns */
    uint64_t last_seen_ns;
    struct ahead ahead;
};

static struct meter meters[METERS];
static struct estimate estimates[ESTIMATE_ENTRIES];
static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;
static _Atomic uint32_t captures;
static _Atomic bool meters_full;
static __thread char this_thread __attribute__((tls_model("initial-exec"))); /* its address names the thread */

static bool try_lock(struct meter *meter)
{
    return !atomic_flag_test_and_set_explicit(&meter->busy, memory_order_acquire);
}

static void unlock(struct meter *meter)
{
    atomic_flag_clear_explicit(&meter->busy, memory_order_release);
}

/*
 * For whatever asks the driver something from a launching thread: not while any stream of the process captures, or is about
 * to. A capture counts itself and then passes through every lock (meter_capture_began), so whoever gets the lock afterwards
 * sees it.
 */
static bool try_lock_uncaptured(struct meter *meter)
{
    if (atomic_load(&captures) != 0 || !try_lock(meter))
        return false;
    if (atomic_load(&captures) == 0)
        return true;
    unlock(meter);
    return false;
}

static void wait_a_step(void)
{
    struct timespec pause = {.tv_nsec = STEP_NS};
    syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &pause, NULL); /* no cancellation point */
}

/* Either of them for a thread that may wait a little. */
static bool lock_soon(struct meter *meter, bool (*try)(struct meter *))
{
    for (uint64_t waited_ns = 0; !try(meter); waited_ns += STEP_NS) {
        if (waited_ns >= BUSY_NS)
            return false;
        wait_a_step();
    }
    return true;
}

/* For threads that may wait: a context's destruction. */
static void lock(struct meter *meter)
{
    while (!try_lock(meter))
        wait_a_step();
}

/* ---- contexts ---- */

struct seat *meter_device_seat(CUdevice device)
{
    return link_mode() == LINK_OFF ? NULL : devices_seat(device);
}

struct seat *meter_current_seat(void)
{
    CUdevice device;
    if (link_mode() == LINK_OFF || real()->cuCtxGetDevice(&device) != CUDA_SUCCESS)
        return NULL;
    return devices_seat(device);
}

static void make_events(struct meter *meter)
{
    for (meter->free_count = 0; meter->free_count < EVENTS; meter->free_count++)
        if (real()->cuEventCreate(&meter->free_event[meter->free_count], CU_EVENT_DEFAULT) != CUDA_SUCCESS)
            return; /* fewer, or none: launches are then charged by their estimates */
}

static struct meter *meter_of(CUcontext context)
{
    for (int i = 0; i < METERS; i++)
        if (atomic_load_explicit(&meters[i].context, memory_order_acquire) == context)
            return &meters[i];
    return NULL;
}

/* The first launch in a context: the one place on its way where something is made. */
static struct meter *make_meter(CUcontext context)
{
    CUdevice device;
    if (real()->cuCtxGetDevice(&device) != CUDA_SUCCESS)
        return NULL;
    pthread_mutex_lock(&making);
    struct meter *meter = meter_of(context);
    for (int i = 0; meter == NULL && i < METERS; i++)
        if (atomic_load_explicit(&meters[i].context, memory_order_relaxed) == NULL) {
            meter = &meters[i];
            lock(meter);
            meter->device = device;
            meter->seat = devices_seat(device);
            if (meter->seat != NULL)
                make_events(meter);
            atomic_store_explicit(&meter->context, context, memory_order_release); /* pairs with meter_of() */
            unlock(meter);
        }
    atomic_store_explicit(&meters_full, meter == NULL, memory_order_relaxed);
    pthread_mutex_unlock(&making);
    return meter;
}

static struct meter *current_meter(CUcontext *current)
{
    static __thread CUcontext last_context __attribute__((tls_model("initial-exec")));
    static __thread struct meter *last_meter __attribute__((tls_model("initial-exec")));
    CUcontext context = NULL;
    if (real()->cuCtxGetCurrent(&context) != CUDA_SUCCESS || context == NULL)
        return NULL;
    *current = context;
    if (context == last_context && last_meter != NULL &&
        atomic_load_explicit(&last_meter->context, memory_order_acquire) == context)
        return last_meter;
    struct meter *meter = meter_of(context);
    if (meter == NULL && atomic_load_explicit(&captures, memory_order_relaxed) == 0 &&
        !atomic_load_explicit(&meters_full, memory_order_relaxed)) /* more contexts than meters pass unmetered */
        meter = make_meter(context);
    last_context = context;
    last_meter = meter;
    return meter;
}

/* ---- batches: all of it under the meter's lock ---- */

static CUevent take_event(struct meter *meter)
{
    return meter->free_count > 0 ? meter->free_event[--meter->free_count] : NULL;
}

static void give_event(struct meter *meter, CUevent event)
{
    if (event != NULL && meter->free_count < EVENTS)
        meter->free_event[meter->free_count++] = event;
}

/* With nothing outstanding the next batch begins on an empty pipe: no time before it is its own. */
static void count_outstanding(struct meter *meter)
{
    uint32_t count = meter->tail - meter->head + (meter->open.count > 0);
    if (count == 0) {
        give_event(meter, meter->last_end);
        meter->last_end = NULL;
        meter->last_unfinished_ns = 0;
    }
    atomic_store_explicit(&meter->outstanding, count, memory_order_release);
}

static void charge(struct meter *meter, const struct batch *batch, uint64_t gpu_ns)
{
    if (link_mode() == LINK_ALONE)
        pacer_bucket_take(&meter->seat->bucket, (int64_t)gpu_ns - (int64_t)batch->estimate_ns);
    gate_retire(meter->seat, batch->usage, batch->estimate_ns + batch->stray_ns - batch->early_ns, gpu_ns + batch->stray_ns);
}

/* Ends the open batch with an event, or, where none can be had, by its estimate at once. */
static void close_batch(struct meter *meter)
{
    struct batch *open = &meter->open;
    /* what waits for its turn takes none with it: they run now, and the turn of others may wait for their end */
    uint64_t stray_ns = open->turn != 0 ? 0 : atomic_exchange_explicit(&meter->stray_ns, 0, memory_order_relaxed);
    if (open->start != NULL) { /* one launch: they were before it, or are on other streams */
        open->stray_ns = stray_ns;
    } else {
        open->estimate_ns += stray_ns;
        open->count += stray_ns > 0; /* at least one launch more */
    }
    bool recordable = (open->stream != CU_STREAM_PER_THREAD || open->owner == &this_thread) &&
                      atomic_load_explicit(&captures, memory_order_relaxed) == 0;
    open->end = recordable && meter->tail - meter->head < BATCHES ? take_event(meter) : NULL;
    if (open->end != NULL && real()->cuEventRecord(open->end, open->stream) == CUDA_SUCCESS) {
        open->closed_ns = link_now_ns();
        meter->ring[meter->tail++ % BATCHES] = *open;
    } else {
        give_event(meter, open->end);
        give_event(meter, open->start);
        charge(meter, open, open->estimate_ns);
    }
    *open = (struct batch){0};
}

static uint64_t elapsed_ns(CUevent from, CUevent to, uint64_t otherwise_ns)
{
    float ms = 0;
    if (from == NULL || real()->cuEventElapsedTime(&ms, from, to) != CUDA_SUCCESS)
        return otherwise_ns;
    return ms > 0 ? (uint64_t)((double)ms * 1e6) : 0;
}

/* Its thread was held up between the event and the launch (a module was loaded, say): what the pair says is not the kernel's. */
static bool is_stalled(const struct batch *batch)
{
    return batch->empty && batch->launching_ns > STALL_NS;
}

/*
 * What one launch took between two events of its own. If the pipe was empty, the first event was reached before the kernel had
 * been launched: as long before as the launching thread needed, by its own clock (which says too much of a call that waits for
 * its work).
 */
static uint64_t single_ns(const struct batch *batch, uint64_t pair_ns)
{
    if (is_stalled(batch))
        return pair_ns > batch->launching_ns + batch->estimate_ns ? pair_ns - batch->launching_ns
               : pair_ns < batch->estimate_ns                     ? pair_ns
                                                                  : batch->estimate_ns;
    uint64_t overhead_ns = !batch->empty ? 0 : batch->launching_ns < OVERHEAD_MOST_NS ? batch->launching_ns : OVERHEAD_MOST_NS;
    return pair_ns > overhead_ns + SHORTEST_NS ? pair_ns - overhead_ns : SHORTEST_NS;
}

static bool is_exclusive(const struct meter *meter)
{
    return link_mode() != LINK_FALLBACK && !gate_is_shared(meter->seat);
}

static bool ran_alone(const struct meter *meter, const struct batch *batch)
{
    return batch->exclusive && is_exclusive(meter);
}

static void learn(const struct meter *meter, const struct batch *batch, uint64_t gpu_ns)
{
    if (ran_alone(meter, batch))
        estimate_learn(batch->first, gpu_ns);
    else
        estimate_learn_beside_others(batch->first, gpu_ns, !batch->empty);
}

/*
 * Than what was estimated can be. Two events of its own say what a launch took. Only where it was launched into an empty pipe, and
 * others ran, they can hold little else than the slices for which it waited.
 */
static bool is_longer(const struct meter *meter, const struct batch *batch, uint64_t span_ns)
{
    if (batch->start != NULL && (!batch->empty || ran_alone(meter, batch)))
        return false;
    uint64_t most_ns = batch->exclusive ? batch->estimate_ns + batch->estimate_ns / 4 + SLACK_NS / 10 : batch->estimate_ns;
    return span_ns > most_ns && estimate_known(batch->first);
}

/* What it is estimated to have taken, by what has been learned since it was launched, too. */
static uint64_t known_ns(const struct batch *batch, uint64_t span_ns)
{
    uint64_t today_ns = batch->count == 1 ? estimate_ns(batch->first) : 0;
    uint64_t known_ns = today_ns > batch->estimate_ns ? today_ns : batch->estimate_ns;
    return known_ns < span_ns ? known_ns : span_ns;
}

/*
 * A batch that took longer is charged as estimated: its program, or a neighbour, left gaps in it. But if all of it was queued while
 * the one before was still at work, the gaps are few, and it is the estimate that seems wrong (a kernel may take longer with
 * other arguments): then the next launches are measured.
 */
static void doubt(const struct meter *meter, const struct batch *batch)
{
    if (batch->closed_ns < meter->last_unfinished_ns && ran_alone(meter, batch))
        estimate_doubt(batch->first);
}

static void finish_batch(struct meter *meter, struct batch *batch, uint64_t now_ns)
{
    CUevent from = batch->start != NULL ? batch->start : meter->last_end;
    uint64_t gpu_ns = elapsed_ns(from, batch->end, batch->estimate_ns), bound_ns = now_ns - batch->opened_ns + SLACK_NS;
    if (batch->start == NULL && gpu_ns > bound_ns) /* measured from an end that lies before its own beginning */
        gpu_ns = bound_ns;
    bool later = meter->last_end == NULL || elapsed_ns(meter->last_end, batch->end, 1) > 0;
    bool single = batch->start != NULL && batch->count == 1;
    if (single)
        gpu_ns = single_ns(batch, gpu_ns);
    if (single && batch->due && batch->stray_ns == 0 && !is_stalled(batch)) /* not the first of a turn: it can hold the end of another's */
        learn(meter, batch, gpu_ns);
    if (is_longer(meter, batch, gpu_ns)) {
        gpu_ns = known_ns(batch, gpu_ns);
        doubt(meter, batch);
    }
    charge(meter, batch, gpu_ns);
    give_event(meter, batch->start);
    give_event(meter, later ? meter->last_end : batch->end);
    if (later) {
        meter->last_end = batch->end;
        meter->last_unfinished_ns = batch->unfinished_ns;
    }
    meter->last_seen_ns = now_ns;
    batch->done = true;
}

/* A sticky error, or a context that went away: nothing more will be heard of what is in flight. */
static void abandon(struct meter *meter)
{
    for (; meter->head != meter->tail; meter->head++) {
        struct batch *batch = &meter->ring[meter->head % BATCHES];
        if (batch->done)
            continue;
        charge(meter, batch, batch->estimate_ns);
        give_event(meter, batch->start);
        give_event(meter, batch->end);
    }
    if (meter->open.count > 0)
        charge(meter, &meter->open, meter->open.estimate_ns);
    give_event(meter, meter->open.start);
    meter->open = (struct batch){0};
}

static void reap_locked(struct meter *meter, uint64_t now_ns)
{
    uint32_t pending = 0;
    for (uint32_t i = meter->head; i != meter->tail && pending < 3; i++) {
        struct batch *batch = &meter->ring[i % BATCHES];
        if (batch->done)
            continue;
        CUresult result = real()->cuEventQuery(batch->end);
        if (result == CUDA_SUCCESS)
            finish_batch(meter, batch, now_ns);
        else if (result == CUDA_ERROR_NOT_READY) {
            batch->unfinished_ns = now_ns;
            pending++; /* another stream's may be finished all the same */
        } else {
            abandon(meter);
            break;
        }
    }
    while (meter->head != meter->tail && meter->ring[meter->head % BATCHES].done)
        meter->head++;
    count_outstanding(meter);
}

/* @return whether it may run; since_ns out: from when on, as far as is known */
static bool runs(const struct meter *meter, const struct batch *oldest, uint64_t *since_ns)
{
    uint64_t begun_ns = 0;
    *since_ns = meter->last_seen_ns > oldest->opened_ns ? meter->last_seen_ns : oldest->opened_ns;
    if (oldest->turn != 0 && !gate_has_come(meter->seat, oldest->usage, oldest->turn, &begun_ns))
        return false;
    *since_ns = *since_ns > begun_ns ? *since_ns : begun_ns;
    return true;
}

/* A closed turn is handed over when little is left in flight: say how far the oldest batch should be by now. */
static void retire_early(struct meter *meter, uint64_t now_ns)
{
    struct batch *oldest = &meter->ring[meter->head % BATCHES];
    uint64_t since_ns;
    if (meter->head == meter->tail || !gate_is_closed(meter->seat) || !runs(meter, oldest, &since_ns))
        return;
    uint64_t ran_ns = now_ns > since_ns ? now_ns - since_ns : 0, most_ns = oldest->estimate_ns / 20 * 19;
    ran_ns = ran_ns < most_ns ? ran_ns : most_ns;
    if (ran_ns <= oldest->early_ns)
        return;
    uint64_t more_ns = ran_ns - oldest->early_ns;
    oldest->early_ns = ran_ns;
    gate_retire(meter->seat, oldest->usage, more_ns, 0);
}

static void retire_strays(struct meter *meter)
{
    uint64_t stray_ns = atomic_exchange_explicit(&meter->stray_ns, 0, memory_order_relaxed);
    if (stray_ns > 0)
        gate_retire(meter->seat, atomic_load_explicit(&meter->seat->usage, memory_order_acquire), stray_ns, stray_ns);
}

/* @return whether there is something in a batch, and all that is waits for its turn */
static bool waits(const struct meter *meter)
{
    const struct batch *oldest = meter->head != meter->tail ? &meter->ring[meter->head % BATCHES] : &meter->open;
    uint64_t since_ns;
    return oldest->count > 0 && !runs(meter, oldest, &since_ns);
}

/* When the launches that got into no batch should be done, if nothing else runs; UINT64_MAX: there are none. */
static uint64_t strays_end_ns(const struct meter *meter)
{
    uint64_t stray_ns = atomic_load_explicit(&meter->stray_ns, memory_order_relaxed);
    uint64_t since_ns = atomic_load_explicit(&meter->stray_since_ns, memory_order_relaxed);
    return stray_ns == 0 ? UINT64_MAX : (meter->last_seen_ns > since_ns ? meter->last_seen_ns : since_ns) + stray_ns;
}

/* @return whether what no event ends may run: what is open, and what got into no batch. end_ns out: when it should be done */
static bool tail_ends(const struct meter *meter, uint64_t *end_ns)
{
    uint64_t stray_ns = atomic_load_explicit(&meter->stray_ns, memory_order_relaxed);
    uint64_t stray_since_ns = stray_ns == 0 ? 0 : atomic_load_explicit(&meter->stray_since_ns, memory_order_relaxed);
    bool running = runs(meter, &meter->open, end_ns);
    *end_ns = (*end_ns > stray_since_ns ? *end_ns : stray_since_ns) + meter->open.estimate_ns + stray_ns;
    return running;
}

/* The tail of a burst: no event ends it (its stream may be gone by now), so it ends when its estimate has passed. */
static void end_tail(struct meter *meter, uint64_t now_ns)
{
    struct batch *open = &meter->open;
    uint64_t end_ns;
    if (waits(meter) && now_ns >= strays_end_ns(meter))
        retire_strays(meter);
    if (!tail_ends(meter, &end_ns) || meter->head != meter->tail || now_ns < end_ns)
        return;
    if (open->count > 0)
        charge(meter, open, open->estimate_ns);
    give_event(meter, open->start);
    *open = (struct batch){0};
    retire_strays(meter);
    count_outstanding(meter);
}

/* From a launching thread that waits: what it has launched so far ends here. */
static void reap(void *owner)
{
    struct meter *meter = owner;
    if (!try_lock_uncaptured(meter))
        return;
    uint64_t now_ns = link_now_ns();
    if (atomic_load_explicit(&meter->context, memory_order_relaxed) != NULL) {
        if (meter->open.count > 0)
            close_batch(meter);
        reap_locked(meter, now_ns);
        end_tail(meter, now_ns);
    }
    unlock(meter);
}

/* ---- the launch path ---- */

static bool capturing(CUstream stream)
{
    CUstreamCaptureStatus status = CU_STREAM_CAPTURE_STATUS_NONE;
    return real()->cuStreamIsCapturing(stream, &status) != CUDA_SUCCESS || status != CU_STREAM_CAPTURE_STATUS_NONE;
}

/* Before a launch on an empty pipe, or one to be measured by itself: its batch begins here. */
static void begin_batch(struct meter *meter, const struct launch *launch)
{
    struct batch *open = &meter->open;
    if (launch->due)
        reap_locked(meter, link_now_ns());
    if (open->count > 0)
        close_batch(meter);
    CUevent start = open->start != NULL ? open->start : take_event(meter); /* left by a failed launch */
    if (start == NULL || real()->cuEventRecord(start, launch->stream) != CUDA_SUCCESS) {
        give_event(meter, start);
        start = NULL;
    }
    *open = (struct batch){.start = start, .stream = launch->stream, .owner = &this_thread, .due = launch->due,
                           .empty = meter->head == meter->tail && launch->turn == 0, .opened_ns = link_now_ns(),
                           .turn = launch->turn};
}

static void mark_start(struct meter *meter, const struct launch *launch)
{
    if (!try_lock_uncaptured(meter))
        return;
    if (atomic_load_explicit(&meter->context, memory_order_relaxed) == launch->context &&
        (launch->due || atomic_load_explicit(&meter->outstanding, memory_order_relaxed) == 0))
        begin_batch(meter, launch);
    unlock(meter);
}

/* The turn is another's: makes the launch wait for it on the GPU, if that can be. */
static bool go_ahead(struct meter *meter, struct launch *launch)
{
    bool fresh, gone = false;
    uint32_t turn, now;
    if (!gate_has_room_ahead(meter->seat, launch->cost_ns, &turn) || !lock_soon(meter, try_lock_uncaptured))
        return false;
    if (atomic_load_explicit(&meter->context, memory_order_relaxed) == launch->context &&
        meter->tail - meter->head < BATCHES - BATCHES / 4) {
        if (meter->open.count > 0 && meter->open.turn != turn)
            close_batch(meter);
        gone = ahead_gate(&meter->ahead, meter->seat, launch->stream, &this_thread, turn, launch->cost_ns,
                          gate_yields(meter->seat, &now) ? CHECK_NS : 0, &fresh);
        launch->turn = gone ? turn : 0;
        if (gone && (fresh || launch->due))
            begin_batch(meter, launch);
        count_outstanding(meter);
    }
    unlock(meter);
    return gone;
}

/* In an open turn: what is launched now stands still with the tenant, if it has to. */
static void check_gate(struct meter *meter, const struct launch *launch)
{
    uint32_t turn;
    bool fresh;
    if (!gate_yields(launch->seat, &turn) || !try_lock_uncaptured(meter))
        return;
    if (atomic_load_explicit(&meter->context, memory_order_relaxed) == launch->context)
        atomic_store_explicit(&launch->seat->yields,
                              ahead_gate(&meter->ahead, meter->seat, launch->stream, &this_thread, turn, launch->cost_ns,
                                         CHECK_NS, &fresh),
                              memory_order_relaxed);
    unlock(meter);
}

static void enter(struct meter *meter, struct launch *launch)
{
    struct seat *seat = launch->seat;
    launch->usage = gate_enter(seat, launch->cost_ns, reap, meter, true);
    if (launch->usage == NULL)
        launch->usage = go_ahead(meter, launch) ? gate_enter_ahead(seat, launch->cost_ns, launch->turn)
                                                : gate_enter(seat, launch->cost_ns, reap, meter, false);
    if (launch->turn == 0)
        check_gate(meter, launch);
    bool empty = atomic_load_explicit(&meter->outstanding, memory_order_acquire) == 0;
    if (launch->turn == 0 && (launch->due || empty))
        mark_start(meter, launch);
}

void meter_begin(struct launch *launch, const void *function, uint64_t blocks, CUstream stream)
{
    launch->meter = NULL;
    if (link_mode() == LINK_OFF)
        return;
    if (atomic_load_explicit(&captures, memory_order_acquire) != 0 && capturing(stream))
        return;
    struct meter *meter = current_meter(&launch->context);
    struct seat *seat = meter == NULL ? NULL : meter->seat;
    if (seat == NULL)
        return;
    launch->meter = meter;
    launch->seat = seat;
    launch->stream = stream;
    launch->estimate = estimate_find(estimates, function, blocks);
    launch->cost_ns = estimate_ns(launch->estimate);
    launch->due = estimate_is_due(launch->estimate);
    launch->turn = 0;
    enter(meter, launch);
}

static void append(struct meter *meter, const struct launch *launch)
{
    struct batch *open = &meter->open;
    bool other = open->stream != launch->stream || open->owner != &this_thread;
    if (open->count > 0 && (other || open->usage != launch->usage || open->turn != launch->turn))
        close_batch(meter);
    if (open->count == 0) {
        if (other) { /* another thread's beginning */
            give_event(meter, open->start);
            open->start = NULL;
        }
        uint64_t now_ns = link_now_ns();
        open->launching_ns = now_ns - open->opened_ns;
        open->stream = launch->stream;
        open->owner = &this_thread;
        open->usage = launch->usage;
        open->opened_ns = now_ns;
        open->exclusive = is_exclusive(meter);
        open->turn = launch->turn;
        open->first = launch->estimate;
    }
    open->count++;
    open->estimate_ns += launch->cost_ns;
    if (open->start != NULL || open->estimate_ns >= gate_mark_ns(meter->seat) || !estimate_known(launch->estimate))
        close_batch(meter);
    count_outstanding(meter);
}

static void stray(struct meter *meter, uint64_t cost_ns)
{
    if (atomic_fetch_add_explicit(&meter->stray_ns, cost_ns, memory_order_relaxed) == 0)
        atomic_store_explicit(&meter->stray_since_ns, link_now_ns(), memory_order_relaxed);
}

void meter_end(struct launch *launch, CUresult result)
{
    struct meter *meter = launch->meter;
    if (meter == NULL)
        return;
    if (result != CUDA_SUCCESS) {
        gate_retire(launch->seat, launch->usage, launch->cost_ns, 0);
        return;
    }
    /* before its turn it has time, and as a stray it would be taken for one that runs */
    if (launch->turn != 0 ? lock_soon(meter, try_lock_uncaptured) : try_lock_uncaptured(meter)) {
        if (atomic_load_explicit(&meter->context, memory_order_relaxed) == launch->context)
            append(meter, launch);
        else /* the context went away under the launch */
            gate_retire(launch->seat, launch->usage, launch->cost_ns, launch->cost_ns);
        unlock(meter);
    } else {
        stray(meter, launch->cost_ns);
    }
    link_wake_helper(); /* after the launch is on record: it sleeps only when it sees nothing */
}

void meter_capture_began(void)
{
    atomic_fetch_add(&captures, 1);
    for (int i = 0; i < METERS; i++) { /* pairs with try_lock_uncaptured() */
        lock(&meters[i]);
        unlock(&meters[i]);
    }
}

void meter_capture_ended(void)
{
    uint32_t count = atomic_load_explicit(&captures, memory_order_relaxed);
    while (count > 0 && !atomic_compare_exchange_weak_explicit(&captures, &count, count - 1, memory_order_acq_rel,
                                                               memory_order_relaxed))
        continue;
}

/* ---- the end of contexts, and the helper's part ---- */

void meter_end_stream(CUstream stream)
{
    for (int i = 0; i < METERS; i++) {
        struct meter *meter = &meters[i];
        if (atomic_load_explicit(&meter->context, memory_order_acquire) == NULL)
            continue;
        lock(meter);
        ahead_forget(&meter->ahead, stream);
        if (meter->open.count > 0 && meter->open.stream == stream) {
            close_batch(meter);
            count_outstanding(meter);
        }
        unlock(meter);
    }
}

/* Under `making`, so that no first launch makes the context a new meter meanwhile. */
void meter_hold(CUcontext context)
{
    pthread_mutex_lock(&making);
    struct meter *meter = meter_of(context);
    if (meter == NULL)
        return;
    lock(meter);
    if (meter->seat != NULL) /* the driver may wait for what is in flight */
        gate_open_own(meter->seat);
}

void meter_let_go(CUcontext context, bool gone)
{
    struct meter *meter = meter_of(context);
    if (meter != NULL) {
        if (gone && meter->seat != NULL) {
            abandon(meter);
            retire_strays(meter);
            gate_release_ahead(meter->seat);
        }
        if (gone) { /* the events went with the context; the seat stays, for launches that are still on their way */
            meter->head = meter->tail = meter->free_count = 0;
            meter->ahead = (struct ahead){0};
            meter->last_end = NULL;
            atomic_store_explicit(&meter->outstanding, 0, memory_order_relaxed);
            atomic_store_explicit(&meter->context, NULL, memory_order_release);
            atomic_store_explicit(&meters_full, false, memory_order_relaxed);
        }
        unlock(meter);
    }
    pthread_mutex_unlock(&making);
}

static uint64_t next_look_ns(const struct meter *meter, uint64_t now_ns)
{
    bool closed = meter->head != meter->tail;
    const struct batch *oldest = closed ? &meter->ring[meter->head % BATCHES] : &meter->open;
    if (!closed && oldest->count == 0 && atomic_load_explicit(&meter->stray_ns, memory_order_relaxed) == 0)
        return UINT64_MAX;
    uint64_t due_ns;
    if (closed ? !runs(meter, oldest, &due_ns) : !tail_ends(meter, &due_ns)) {
        uint64_t strays_ns = strays_end_ns(meter);
        return strays_ns < now_ns + POLL_SHORTEST_NS ? now_ns + POLL_SHORTEST_NS
               : strays_ns < now_ns + POLL_GATED_NS  ? strays_ns
                                                     : now_ns + POLL_GATED_NS;
    }
    due_ns += closed ? oldest->estimate_ns : 0;
    uint64_t step_ns = oldest->estimate_ns / 32;
    step_ns = step_ns < POLL_SHORTEST_NS ? POLL_SHORTEST_NS : step_ns > POLL_LONGEST_NS ? POLL_LONGEST_NS : step_ns;
    uint64_t patience_ns = gate_patience_ns(meter->seat);
    step_ns = step_ns > patience_ns ? step_ns : patience_ns;
    if (closed && gate_is_closed(meter->seat)) {
        uint64_t left_ns = gate_inflight_ns(meter->seat);
        uint64_t early_ns = now_ns + (left_ns > ALIQUOT_EARLY_NS ? left_ns - ALIQUOT_EARLY_NS : 0);
        due_ns = early_ns < due_ns ? early_ns : due_ns;
        step_ns = POLL_SHORTEST_NS;
    }
    uint64_t known_ns = closed && oldest->closed_ns > due_ns ? oldest->closed_ns : due_ns;
    uint64_t overdue_ns = now_ns > known_ns ? (now_ns - known_ns) / POLL_OVERDUE : 0;
    step_ns = step_ns > overdue_ns ? step_ns : overdue_ns;
    return due_ns > now_ns + step_ns ? due_ns : now_ns + step_ns;
}

const struct seat *meter_gated(void)
{
    for (int i = 0; i < METERS; i++) {
        struct seat *seat = meters[i].seat;
        if (atomic_load_explicit(&meters[i].context, memory_order_acquire) != NULL && seat != NULL &&
            gate_is_ahead(seat))
            return seat;
    }
    return NULL;
}

/* @return when to look again. Asks the driver nothing while all there is waits for its turn. */
static uint64_t look_at(struct meter *meter, uint64_t now_ns)
{
    if (atomic_load_explicit(&meter->context, memory_order_relaxed) == NULL || meter->seat == NULL)
        return UINT64_MAX;
    if (!waits(meter)) {
        reap_locked(meter, now_ns);
        retire_early(meter, now_ns);
    }
    end_tail(meter, now_ns);
    return next_look_ns(meter, now_ns);
}

uint64_t meter_poll(uint64_t now_ns)
{
    uint64_t again_ns = UINT64_MAX;
    for (int i = 0; i < METERS; i++) {
        struct meter *meter = &meters[i];
        if (atomic_load_explicit(&meter->context, memory_order_acquire) == NULL)
            continue;
        if (meter->seat != NULL)
            gate_release_ahead(meter->seat);
        /* a thread with the lock may be held up in the driver until the turn comes: the agent is watched meanwhile */
        uint64_t look_ns = now_ns + POLL_LONGEST_NS;
        if (lock_soon(meter, try_lock)) {
            look_ns = look_at(meter, now_ns);
            unlock(meter);
        }
        if (meter->seat != NULL && gate_is_ahead(meter->seat) && look_ns > now_ns + POLL_GATED_NS)
            look_ns = now_ns + POLL_GATED_NS;
        again_ns = look_ns < again_ns ? look_ns : again_ns;
    }
    return again_ns;
}

void meter_reset(void)
{
    memset(meters, 0, sizeof meters);
    pthread_mutex_init(&making, NULL);
    atomic_store(&captures, 0);
}
