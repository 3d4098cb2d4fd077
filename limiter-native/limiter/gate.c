#include "gate.h"

#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "helper.h"

enum { MOST_AHEAD = 400 }; /* launches: a stream takes about 1,000 before a launch blocks in the driver */
#define MARK_NS 250000u
#define LONGEST_PATIENCE_NS 500000u
#define LONGEST_WAIT_NS 50000000u
#define LONGEST_LAUNCH_WAIT_NS 2000000000u /* for a turn or for room; a debt is waited for as long as it takes */

/* Bounded, and may return early for any reason: callers look again. Works on read-only mappings. */
static void futex_wait(const _Atomic uint32_t *word, uint32_t seen, uint64_t ns)
{
    struct timespec limit = {(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)};
    syscall(SYS_futex, word, FUTEX_WAIT, seen, &limit, NULL, 0);
}

uint64_t gate_inflight_ns(const struct seat *seat)
{
    uint64_t retired_ns = atomic_load_explicit(&seat->retired_ns, memory_order_acquire);
    uint64_t queued_ns = atomic_load_explicit(&seat->queued_ns, memory_order_acquire);
    return queued_ns > retired_ns ? queued_ns - retired_ns : 0;
}

static void begin_waiting(struct seat *seat, uint64_t now_ns)
{
    if (atomic_fetch_add_explicit(&seat->blocked, 1, memory_order_acq_rel) == 0)
        atomic_store_explicit(&seat->blocked_since_ns, now_ns, memory_order_relaxed);
    link_publish_waiting(seat);
}

static void end_waiting(struct seat *seat, uint64_t began_ns, uint64_t now_ns)
{
    struct aliquot_usage_device *usage = atomic_load_explicit(&seat->usage, memory_order_acquire);
    uint64_t since_ns = atomic_load_explicit(&seat->blocked_since_ns, memory_order_relaxed);
    atomic_fetch_add_explicit(&usage->waited_ns, now_ns - began_ns, memory_order_relaxed);
    if (atomic_fetch_sub_explicit(&seat->blocked, 1, memory_order_acq_rel) == 1 && now_ns > since_ns)
        atomic_fetch_add_explicit(&usage->blocked_ns, now_ns - since_ns, memory_order_relaxed);
    link_publish_waiting(seat);
}

struct question { /* what a launch is told, and what it would wait on */
    enum pacer_verdict verdict;
    const _Atomic uint32_t *turn;
    uint32_t turn_seen, room_seen;
    bool announce; /* others give way, once they hear of it */
    uint64_t wait_ns;
};

/* The turn with no more than this window. */
static uint32_t with_window(uint32_t turn, uint32_t window_ns)
{
    uint32_t units = turn & ALIQUOT_WINDOW_MASK, most = window_ns / ALIQUOT_WINDOW_UNIT_NS;
    return turn - units + (units < most ? units : most);
}

/* Falls by a 64th with each launch that is shorter. A lost update costs nothing. */
static void follow_longest(struct seat *seat, uint64_t cost_ns)
{
    uint64_t longest_ns = atomic_load_explicit(&seat->longest_ns, memory_order_relaxed);
    uint64_t next_ns = cost_ns > longest_ns ? cost_ns : longest_ns - longest_ns / 64;
    atomic_store_explicit(&seat->longest_ns, next_ns, memory_order_relaxed);
}

static struct question ask(struct seat *seat, uint64_t cost_ns)
{
    gate_release_ahead(seat);
    struct question question = {.wait_ns = LONGEST_WAIT_NS};
    question.room_seen = atomic_load_explicit(&seat->room, memory_order_acquire); /* before in-flight: no lost wake */
    const struct aliquot_control_device *control = atomic_load_explicit(&seat->control, memory_order_acquire);
    uint64_t inflight_ns = gate_inflight_ns(seat);
    if (link_mode() == LINK_ARBITER) {
        question.turn = &control->turn;
        question.turn_seen = atomic_load_explicit(&control->turn, memory_order_acquire);
        uint64_t ends_ns = atomic_load_explicit(&control->turn_ends_ns, memory_order_relaxed);
        uint32_t turn = question.turn_seen;
        if ((turn & ALIQUOT_TURN_YIELDS) != 0 && !atomic_load_explicit(&seat->yields, memory_order_relaxed))
            turn = with_window(turn, PACER_YIELD_WINDOW_NS);
        question.verdict = pacer_turn(turn, ends_ns, ends_ns == 0 ? 0 : link_now_ns(), inflight_ns, cost_ns,
                                      atomic_load_explicit(&seat->longest_ns, memory_order_relaxed));
        question.announce = inflight_ns == 0 && (question.turn_seen & ALIQUOT_TURN_ANNOUNCE) != 0;
    } else {
        question.verdict =
            pacer_bucket_ask(&seat->bucket, link_now_ns(), atomic_load_explicit(&seat->pace_permille, memory_order_relaxed),
                             inflight_ns, cost_ns, &question.wait_ns);
    }
    return question;
}

static void wait_once(struct seat *seat, const struct question *question)
{
    link_wake_helper(); /* it watches the heartbeat and what is in flight */
    switch (question->verdict) {
    case PACER_WAIT_TURN:
        link_ring();
        futex_wait(question->turn, question->turn_seen, LONGEST_WAIT_NS);
        break;
    case PACER_WAIT_ROOM:
        atomic_fetch_add_explicit(&seat->room_waiters, 1, memory_order_seq_cst);
        futex_wait(&seat->room, question->room_seen, LONGEST_WAIT_NS);
        atomic_fetch_sub_explicit(&seat->room_waiters, 1, memory_order_seq_cst);
        break;
    case PACER_WAIT_TIME: {
        struct timespec pause = {0, (long)question->wait_ns};
        syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &pause, NULL); /* no cancellation point */
        break;
    }
    case PACER_GO:
        break;
    }
}

/* ---- before the turn ---- */

bool gate_has_room_ahead(const struct seat *seat, uint64_t cost_ns, uint32_t *turn)
{
    const struct aliquot_control_device *control = atomic_load_explicit(&seat->control, memory_order_acquire);
    uint64_t most_ns = atomic_load_explicit(&control->ahead_us, memory_order_relaxed) * UINT64_C(1000);
    *turn = atomic_load_explicit(&control->turns, memory_order_acquire) + 1;
    const struct aliquot_usage_device *usage = atomic_load_explicit(&seat->usage, memory_order_acquire);
    if ((int32_t)(atomic_load_explicit(&usage->gate, memory_order_relaxed) - *turn) >= 0) /* opened by ourselves: no wait */
        return false;
    uint64_t ahead_ns = atomic_load_explicit(&seat->ahead_ns, memory_order_relaxed);
    bool fits = most_ns > 0 && (ahead_ns <= most_ns / 8 || ahead_ns + cost_ns <= most_ns); /* one does, however long */
    return fits && gate_is_closed(seat) && helper_is_there() &&
           atomic_load_explicit(&seat->ahead_count, memory_order_relaxed) < MOST_AHEAD;
}

#define AHEAD (UINT64_C(1) << 32) /* of seat->ahead_turn: there is some */

struct aliquot_usage_device *gate_enter_ahead(struct seat *seat, uint64_t cost_ns, uint32_t turn)
{
    struct aliquot_usage_device *usage = atomic_load_explicit(&seat->usage, memory_order_acquire);
    atomic_fetch_add_explicit(&seat->ahead_count, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&seat->ahead_ns, cost_ns, memory_order_acq_rel);
    uint64_t before = atomic_load(&seat->ahead_turn), now_ns = link_now_ns();
    do {
        if (before != 0 && (int32_t)(turn - (uint32_t)before) <= 0)
            break;
        if (before == 0)
            atomic_store(&seat->ahead_since_ns, now_ns);
    } while (!atomic_compare_exchange_weak(&seat->ahead_turn, &before, AHEAD | turn));
    if (before == 0) {
        begin_waiting(seat, now_ns);
        link_ring();
    }
    atomic_fetch_add_explicit(&usage->launches, 1, memory_order_relaxed);
    link_wake_helper(); /* it watches for the turn, and for an agent that no longer gives any */
    return usage;
}

bool gate_has_come(const struct seat *seat, const struct aliquot_usage_device *usage, uint32_t turn, uint64_t *begun_ns)
{
    const struct aliquot_control_device *control = atomic_load_explicit(&seat->control, memory_order_acquire);
    *begun_ns = 0;
    if (link_mode() != LINK_ARBITER || usage != atomic_load_explicit(&seat->usage, memory_order_acquire))
        return true; /* nobody will open it but ourselves, and we have */
    if ((int32_t)(atomic_load_explicit(&control->turns, memory_order_acquire) - turn) < 0)
        return (int32_t)(atomic_load_explicit(&usage->gate, memory_order_relaxed) - turn) >= 0; /* opened by ourselves */
    *begun_ns = atomic_load_explicit(&control->turn_began_ns, memory_order_relaxed);
    return true;
}

void gate_open_own(struct seat *seat)
{
    uint64_t turn = atomic_load(&seat->ahead_turn);
    if (turn != 0)
        atomic_store_explicit(&atomic_load_explicit(&seat->usage, memory_order_acquire)->gate, (uint32_t)turn,
                              memory_order_release);
}

bool gate_is_ahead(const struct seat *seat)
{
    return atomic_load(&seat->ahead_turn) != 0;
}

void gate_release_ahead(struct seat *seat)
{
    uint64_t begun_ns, turn = atomic_load(&seat->ahead_turn), since_ns = atomic_load(&seat->ahead_since_ns);
    if (turn == 0)
        return;
    struct aliquot_usage_device *usage = atomic_load_explicit(&seat->usage, memory_order_acquire);
    if (!gate_has_come(seat, usage, (uint32_t)turn, &begun_ns)) {
        if (link_now_ns() < since_ns + LONGEST_LAUNCH_WAIT_NS)
            return;
        gate_open_own(seat); /* never zero */
    }
    if (!atomic_compare_exchange_strong(&seat->ahead_turn, &turn, 0)) /* more, for a later turn; or another thread did it */
        return;
    atomic_store_explicit(&seat->ahead_count, 0, memory_order_relaxed);
    uint64_t ahead_ns = atomic_exchange(&seat->ahead_ns, 0);
    atomic_fetch_add_explicit(&seat->queued_ns, ahead_ns, memory_order_acq_rel);
    link_publish_queued(seat);
    end_waiting(seat, since_ns, link_now_ns());
}

bool gate_await_turn(const struct seat *seat, uint64_t ns)
{
    const struct aliquot_control_device *control = atomic_load_explicit(&seat->control, memory_order_acquire);
    uint32_t seen = atomic_load_explicit(&control->turn, memory_order_acquire);
    if (!gate_is_closed(seat))
        return false;
    futex_wait(&control->turn, seen, ns);
    return true;
}

static void wait_long(struct seat *seat, uint64_t cost_ns, struct question *question, gate_reap reap, void *owner)
{
    uint64_t began_ns = link_now_ns(), now_ns = began_ns;
    begin_waiting(seat, began_ns);
    reap(owner);
    while (question->verdict != PACER_GO) {
        if (question->verdict != PACER_WAIT_TIME && now_ns - began_ns > LONGEST_LAUNCH_WAIT_NS)
            break;
        wait_once(seat, question);
        reap(owner);
        now_ns = link_now_ns();
        *question = ask(seat, cost_ns);
    }
    end_waiting(seat, began_ns, now_ns);
}

/*
 * Counts a launch as queued, and takes that back if its turn has been closed since it was let through: the node may have seen
 * nothing of it, and be handing the GPU over. Who looks last, after what was shown, sees the other (arbitrate() in loop.c).
 * @return its slot, or NULL: ask again
 */
static struct aliquot_usage_device *queue(struct seat *seat, uint64_t cost_ns, const struct question *question)
{
    struct aliquot_usage_device *usage = atomic_load_explicit(&seat->usage, memory_order_acquire);
    atomic_fetch_add_explicit(&seat->queued_ns, cost_ns, memory_order_acq_rel);
    link_publish_queued(seat);
    bool granted = question->verdict == PACER_GO && question->turn != NULL;
    if (!granted || pacer_window_ns(atomic_load(question->turn)) != 0)
        return usage;
    gate_retire(seat, usage, cost_ns, 0);
    return NULL;
}

struct aliquot_usage_device *gate_enter(struct seat *seat, uint64_t cost_ns, gate_reap reap, void *owner, bool ahead)
{
    struct aliquot_usage_device *usage = NULL;
    struct question question;
    follow_longest(seat, cost_ns);
    while (usage == NULL) {
        question = ask(seat, cost_ns);
        if (question.verdict == PACER_WAIT_TURN && ahead)
            return NULL;
        if (question.verdict == PACER_WAIT_ROOM) {
            reap(owner);
            question = ask(seat, cost_ns);
        }
        if (question.verdict != PACER_GO)
            wait_long(seat, cost_ns, &question, reap, owner);
        usage = queue(seat, cost_ns, &question);
    }
    if (question.announce)
        link_ring();
    atomic_fetch_add_explicit(&usage->launches, 1, memory_order_relaxed);
    if (link_mode() != LINK_ARBITER)
        pacer_bucket_take(&seat->bucket, (int64_t)cost_ns);
    return usage;
}

bool gate_is_closed(const struct seat *seat)
{
    const struct aliquot_control_device *control = atomic_load_explicit(&seat->control, memory_order_acquire);
    return link_mode() == LINK_ARBITER &&
           (atomic_load_explicit(&control->turn, memory_order_relaxed) & ALIQUOT_WINDOW_MASK) == 0;
}

uint64_t gate_mark_ns(const struct seat *seat)
{
    const struct aliquot_control_device *control = atomic_load_explicit(&seat->control, memory_order_acquire);
    uint32_t turn = link_mode() == LINK_ARBITER ? atomic_load_explicit(&control->turn, memory_order_relaxed) : 0;
    uint64_t window_ns = pacer_window_ns(turn);
    bool awaited = (turn & ALIQUOT_TURN_CONTENDED) != 0;
    return window_ns == 0 || (awaited && window_ns > 4 * MARK_NS) ? MARK_NS : window_ns / 4;
}

uint64_t gate_patience_ns(const struct seat *seat)
{
    const struct aliquot_control_device *control = atomic_load_explicit(&seat->control, memory_order_acquire);
    uint32_t turn = atomic_load_explicit(&control->turn, memory_order_relaxed);
    uint64_t window_ns = pacer_window_ns(turn), left_ns = gate_inflight_ns(seat);
    if (window_ns == 0 || link_mode() != LINK_ARBITER || atomic_load_explicit(&seat->room_waiters, memory_order_relaxed) > 0)
        return 0;
    if ((turn & ALIQUOT_TURN_CONTENDED) == 0)
        return window_ns / 4;
    /* others wait to hear that nothing is left: not before most of what is there has run, less what is in open batches */
    uint64_t ns = left_ns > 2 * MARK_NS ? (left_ns - 2 * MARK_NS) / 4 * 3 : 0;
    return ns < LONGEST_PATIENCE_NS ? ns : LONGEST_PATIENCE_NS;
}

bool gate_yields(struct seat *seat, uint32_t *turn)
{
    const struct aliquot_control_device *control = atomic_load_explicit(&seat->control, memory_order_acquire);
    if (link_mode() != LINK_ARBITER ||
        (atomic_load_explicit(&control->turn, memory_order_relaxed) & ALIQUOT_TURN_YIELDS) == 0)
        return false;
    *turn = atomic_load_explicit(&control->turns, memory_order_acquire);
    return helper_is_there();
}

bool gate_is_shared(const struct seat *seat)
{
    const struct aliquot_control_device *control = atomic_load_explicit(&seat->control, memory_order_acquire);
    return (atomic_load_explicit(&control->turn, memory_order_relaxed) & ALIQUOT_TURN_SHARED) != 0;
}

void gate_retire(struct seat *seat, struct aliquot_usage_device *usage, uint64_t estimate_ns, uint64_t gpu_ns)
{
    if (usage == atomic_load_explicit(&seat->usage, memory_order_acquire)) /* else its page is of an agent that is gone */
        atomic_fetch_add_explicit(&usage->gpu_ns, gpu_ns, memory_order_relaxed);
    atomic_fetch_add_explicit(&seat->retired_ns, estimate_ns, memory_order_acq_rel);
    link_publish_retired(seat);
    atomic_fetch_add_explicit(&seat->room, 1, memory_order_seq_cst);
    if (atomic_load_explicit(&seat->room_waiters, memory_order_seq_cst) > 0)
        syscall(SYS_futex, &seat->room, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
    if (link_mode() != LINK_ARBITER)
        return;
    const struct aliquot_control_device *control = atomic_load_explicit(&seat->control, memory_order_acquire);
    uint32_t turn = atomic_load_explicit(&control->turn, memory_order_acquire);
    uint64_t inflight_ns = gate_inflight_ns(seat);
    if ((turn & ALIQUOT_TURN_CONTENDED) != 0 && (inflight_ns == 0 || (pacer_window_ns(turn) == 0 && inflight_ns <= ALIQUOT_EARLY_NS)))
        link_ring();
}
