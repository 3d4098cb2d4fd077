#include "arbiter.h"

#include <string.h>

#include "aliquot_page.h"
#include "rate.h"

const struct arbiter_times ARBITER_TIMES = {
    .quantum_ns = 5000000,
    .window_ns = 1000000,
    .window_known_ns = 4000000,
    .window_alone_ns = 8000000,
    .ahead_ns = 4000000,
    .about_ns = 50000000,
    .hold_ns = 300000,
    .early_ns = ALIQUOT_EARLY_NS,
    .drain_limit_ns = 250000000,
    .credit_ns = 20000000,
    .probe_ns = 20000000,
    .light_most = 0.5,
    .light_probes = 5,
    .light_ns = 100000000,
    .retry_ns = 10000000000,
};

#define MOST_LAUNCHED_NS 3600000000000u /* at once: more is a lie */

void arbiter_init(struct arbiter *arbiter, uint64_t now_ns)
{
    memset(arbiter, 0, sizeof *arbiter);
    arbiter->times = ARBITER_TIMES;
    arbiter->last_ns = now_ns;
    arbiter->holder = -1;
}

void arbiter_set(struct arbiter *arbiter, int index, uint32_t weight, uint32_t floor_permille, uint32_t ceiling_permille,
                 bool hard)
{
    struct arbiter_seat *seat = &arbiter->seat[index];
    if (!seat->used) {
        memset(seat, 0, sizeof *seat);
        seat->used = true;
        seat->vtime = arbiter->vclock;
    }
    seat->weight = weight;
    seat->floor_permille = floor_permille;
    seat->ceiling_permille = ceiling_permille;
    seat->hard = hard && ceiling_permille < 1000;
    seat->spent = seat->spent && seat->hard;
    arbiter->rates_stale = true;
}

void arbiter_remove(struct arbiter *arbiter, int index)
{
    memset(&arbiter->seat[index], 0, sizeof arbiter->seat[index]);
    if (arbiter->holder == index)
        arbiter->holder = -1;
    arbiter->rates_stale = true;
}

/* What a seat may use while others want the GPU, and for a hard one always. */
static double most_use(const struct arbiter_seat *seat)
{
    double ceiling = seat->hard ? seat->ceiling_permille / 1000.0 : 1;
    return ceiling < seat->rate ? ceiling : seat->rate;
}

static void forget_probe(struct arbiter_seat *seat)
{
    seat->probed_ns = seat->probed_use_ns = seat->probed_busy_ns = seat->probed_most_ns = 0;
}

static void take_turns(struct arbiter_seat *seat, uint64_t until_ns)
{
    seat->light = false;
    seat->window_ns = 0;
    seat->light_from_ns = until_ns;
    seat->demand = 0;
    seat->probes = 0;
    forget_probe(seat);
}

/* Long enough that what was launched at once, and may still be queued, matters little. */
static bool is_probed(const struct arbiter_seat *seat, uint64_t least_ns)
{
    return seat->probed_ns >= least_ns && seat->probed_ns >= 8 * seat->probed_most_ns;
}

/* A turn to itself tells how much of the GPU a seat can use. */
static void probe_holder(const struct arbiter *arbiter, struct arbiter_seat *seat)
{
    if (!is_probed(seat, arbiter->times.probe_ns))
        return;
    double demand = (double)seat->probed_use_ns / (double)seat->probed_ns;
    seat->demand = seat->demand == 0 ? demand : (seat->demand + demand) / 2;
    seat->probes++;
    forget_probe(seat);
}

static void judge_light(const struct arbiter *arbiter, struct arbiter_seat *seat, uint64_t now_ns)
{
    if (seat->probed_most_ns > arbiter->times.light_ns) {
        take_turns(seat, now_ns + arbiter->times.retry_ns);
        return;
    }
    if (!is_probed(seat, arbiter->times.light_ns))
        return;
    double use = (double)seat->probed_use_ns / (double)seat->probed_ns;
    double in_turns = seat->rate * seat->demand;
    bool busy = seat->probed_busy_ns > seat->probed_ns / 4 * 3;
    if (use > most_use(seat) * 1.05 || use > seat->demand * 1.25 + 0.02) /* or what was measured holds no longer */
        take_turns(seat, now_ns);
    else if (busy && use < in_turns * 0.7 && seat->rate < 1) /* it fares clearly worse, and others are why */
        take_turns(seat, now_ns + arbiter->times.retry_ns);
    else
        forget_probe(seat);
}

/* Follows what every seat launches; the holder's turn and a light seat's time are looked at apart. */
static void follow_use(struct arbiter *arbiter, uint64_t now_ns)
{
    uint64_t passed_ns = now_ns - arbiter->last_ns;
    for (int i = 0; i < ARBITER_SEATS; i++) {
        struct arbiter_seat *seat = &arbiter->seat[i];
        if (!seat->used)
            continue;
        uint64_t launched_ns = seat->queued_ns > seat->seen_ns ? seat->queued_ns - seat->seen_ns : 0;
        launched_ns = launched_ns < MOST_LAUNCHED_NS ? launched_ns : MOST_LAUNCHED_NS;
        seat->seen_ns = seat->queued_ns;
        seat->launched = launched_ns > 0;
        if (seat->launched || seat->backlogged)
            seat->busy_ns = now_ns;
        bool busy = now_ns - seat->busy_ns < arbiter->times.hold_ns; /* shorter gaps are its own way of working */
        if (!seat->light && (i != arbiter->holder || arbiter->shared || !busy))
            continue;
        seat->probed_ns += passed_ns;
        seat->probed_use_ns += launched_ns;
        if (launched_ns > seat->probed_most_ns)
            seat->probed_most_ns = launched_ns;
        seat->probed_busy_ns += busy ? passed_ns : 0;
        if (seat->light) {
            seat->charged_ns += launched_ns;
            seat->vtime += seat->rate > 0 ? (double)launched_ns / seat->rate : 0;
            judge_light(arbiter, seat, now_ns);
        } else {
            probe_holder(arbiter, seat);
        }
    }
}

/* A seat that can use less than its share becomes light when another wants the GPU. */
static void find_light(struct arbiter *arbiter, uint64_t now_ns)
{
    arbiter->shared = false;
    for (int i = 0; i < ARBITER_SEATS; i++) {
        struct arbiter_seat *seat = &arbiter->seat[i];
        if (!seat->used)
            continue;
        double most = most_use(seat);
        most = most < arbiter->times.light_most ? most : arbiter->times.light_most;
        if (!seat->light && seat->backlogged && (arbiter->contended || seat->hard) && now_ns >= seat->light_from_ns &&
            seat->probes >= arbiter->times.light_probes && seat->demand > 0.01 && seat->demand < most) {
            seat->light = true;
            seat->spent = false;
            forget_probe(seat);
            if (arbiter->holder == i)
                arbiter->holder = -1;
        }
        if (seat->light) {
            seat->window_ns = arbiter->times.window_ns;
            seat->ends_ns = 0;
            arbiter->shared |= seat->busy_ns != 0 && now_ns - seat->busy_ns < arbiter->times.light_ns;
        }
    }
}

static void divide(struct arbiter *arbiter)
{
    struct rate_claim claims[ARBITER_SEATS];
    uint32_t count = 0;
    for (int i = 0; i < ARBITER_SEATS; i++) {
        const struct arbiter_seat *seat = &arbiter->seat[i];
        if (seat->used && seat->backlogged)
            claims[count++] = (struct rate_claim){.weight = seat->weight,
                                                  .floor = seat->floor_permille / 1000.0,
                                                  .ceiling = seat->ceiling_permille / 1000.0};
    }
    rate_divide(claims, count);
    count = 0;
    for (int i = 0; i < ARBITER_SEATS; i++)
        if (arbiter->seat[i].used && arbiter->seat[i].backlogged)
            arbiter->seat[i].rate = claims[count++].rate;
    arbiter->rates_stale = false;
}

/* What a hard seat saves up before it runs again: a quantum, or what fills in a second. */
static double full_budget_ns(const struct arbiter *arbiter, const struct arbiter_seat *seat)
{
    double quantum_ns = (double)arbiter->times.quantum_ns, second_ns = seat->ceiling_permille * 1e6;
    return quantum_ns < second_ns ? quantum_ns : second_ns;
}

static void keep_budgets(struct arbiter *arbiter, uint64_t now_ns)
{
    double passed_ns = (double)(now_ns - arbiter->last_ns);
    for (int i = 0; i < ARBITER_SEATS; i++) {
        struct arbiter_seat *seat = &arbiter->seat[i];
        if (!seat->used || !seat->hard || seat->light) /* a light one stays below its ceiling, or takes turns again */
            continue;
        double full_ns = full_budget_ns(arbiter, seat);
        seat->budget_ns += passed_ns * seat->ceiling_permille / 1000;
        if (i == arbiter->holder && seat->backlogged)
            seat->budget_ns -= passed_ns;
        if (seat->budget_ns >= full_ns) {
            seat->budget_ns = full_ns;
            seat->spent = false;
        } else if (seat->budget_ns <= 0) {
            seat->spent = true;
        }
    }
}

/* When a budget next opens or ends a turn. */
static uint64_t budget_event_ns(const struct arbiter *arbiter, uint64_t now_ns)
{
    uint64_t event_ns = UINT64_MAX;
    for (int i = 0; i < ARBITER_SEATS; i++) {
        const struct arbiter_seat *seat = &arbiter->seat[i];
        double ns = -1, part = seat->ceiling_permille / 1000.0;
        if (!seat->used || !seat->hard)
            continue;
        if (seat->spent && seat->waiting)
            ns = (full_budget_ns(arbiter, seat) - seat->budget_ns) / part;
        else if (!seat->spent && i == arbiter->holder && seat->backlogged)
            ns = seat->budget_ns / (1 - part);
        if (ns >= 0 && now_ns + (uint64_t)ns + 1 < event_ns)
            event_ns = now_ns + (uint64_t)ns + 1;
    }
    return event_ns;
}

static void charge_holder(struct arbiter *arbiter, uint64_t now_ns)
{
    keep_budgets(arbiter, now_ns);
    follow_use(arbiter, now_ns);
    struct arbiter_seat *seat = arbiter->holder < 0 ? NULL : &arbiter->seat[arbiter->holder];
    if (seat != NULL && (arbiter->contended || seat->backlogged)) {
        uint64_t passed_ns = now_ns - arbiter->last_ns;
        if (arbiter->contended)
            seat->charged_ns += passed_ns;
        if (seat->rate > 0)
            seat->vtime += (double)passed_ns / seat->rate;
    }
    arbiter->last_ns = now_ns;
}

/* Notes who wants the GPU. A seat that only says it has work in flight counts for the rates, and for nothing else. */
static void note_wishes(struct arbiter *arbiter, bool joined[ARBITER_SEATS], uint64_t now_ns)
{
    for (int i = 0; i < ARBITER_SEATS; i++) {
        struct arbiter_seat *seat = &arbiter->seat[i];
        bool backlogged = seat->used && (seat->waiting || seat->inflight_ns > 0 || (seat->light && seat->launched));
        if (backlogged || seat->backlogged)
            seat->active_ns = now_ns;
        if (backlogged != seat->backlogged) {
            seat->backlogged = backlogged;
            arbiter->rates_stale = true;
        }
        bool competing = backlogged && !seat->light && (seat->waiting || i == arbiter->holder);
        joined[i] = competing && !seat->competing;
        seat->competing = competing;
    }
    if (arbiter->rates_stale)
        divide(arbiter);
}

/* Who joins keeps its debt but only a capped credit; the clock follows the lowest of those who compete. */
static void advance_clock(struct arbiter *arbiter, const bool joined[ARBITER_SEATS])
{
    double lowest = -1;
    for (int i = 0; i < ARBITER_SEATS; i++) {
        struct arbiter_seat *seat = &arbiter->seat[i];
        if (!seat->competing)
            continue;
        double oldest = arbiter->vclock - (double)arbiter->times.credit_ns / seat->rate;
        if (joined[i] && seat->vtime < oldest)
            seat->vtime = oldest;
        if (lowest < 0 || seat->vtime < lowest)
            lowest = seat->vtime;
    }
    if (lowest > arbiter->vclock)
        arbiter->vclock = lowest;
}

/* The waiting seat with the lowest virtual time, the holder left out; -1 if none waits. */
static int best_waiter(const struct arbiter *arbiter)
{
    int best = -1;
    for (int i = 0; i < ARBITER_SEATS; i++) {
        const struct arbiter_seat *seat = &arbiter->seat[i];
        if (i != arbiter->holder && seat->used && seat->waiting && !seat->spent && !seat->light &&
            (best < 0 || seat->vtime < arbiter->seat[best].vtime))
            best = i;
    }
    return best;
}

static void grant(struct arbiter *arbiter, int index, uint64_t now_ns)
{
    if (arbiter->holder >= 0)
        arbiter->seat[arbiter->holder].window_ns = 0;
    arbiter->holder = index;
    arbiter->held_ns = now_ns;
    arbiter->drain_ns = 0;
    arbiter->idle_ns = 0;
    arbiter->turns++;
}

/* The holder may run for a quantum, and until its virtual time is above the lowest that waits. */
static uint64_t turn_end(const struct arbiter *arbiter, uint64_t now_ns)
{
    const struct arbiter_seat *seat = &arbiter->seat[arbiter->holder];
    uint64_t until_ns = arbiter->held_ns + arbiter->times.quantum_ns;
    int waiter = best_waiter(arbiter);
    double ahead = waiter < 0 ? 0 : arbiter->seat[waiter].vtime - seat->vtime;
    if (ahead > 0) {
        uint64_t even_ns = now_ns + (uint64_t)(ahead * seat->rate) + 1;
        if (even_ns > until_ns)
            until_ns = even_ns;
    }
    return until_ns;
}

/* The holder's turn is closed: hand it over when what it left in flight has drained. */
static uint64_t drain(struct arbiter *arbiter, int waiter, uint64_t now_ns)
{
    uint64_t limit_ns = arbiter->drain_ns + arbiter->times.drain_limit_ns;
    if (arbiter->seat[arbiter->holder].inflight_ns > arbiter->times.early_ns && now_ns < limit_ns)
        return limit_ns;
    grant(arbiter, waiter, now_ns);
    return turn_end(arbiter, now_ns);
}

/* Others want the GPU: how long may the holder keep it? */
static uint64_t hold_contended(struct arbiter *arbiter, int waiter, uint64_t now_ns)
{
    struct arbiter_seat *seat = &arbiter->seat[arbiter->holder];
    if (arbiter->drain_ns != 0)
        return drain(arbiter, waiter, now_ns);
    if (!seat->waiting && seat->inflight_ns == 0) {
        if (arbiter->idle_ns == 0)
            arbiter->idle_ns = now_ns;
        if (now_ns - arbiter->idle_ns < arbiter->times.hold_ns)
            return arbiter->idle_ns + arbiter->times.hold_ns;
        grant(arbiter, waiter, now_ns);
        return turn_end(arbiter, now_ns);
    }
    arbiter->idle_ns = 0;
    uint64_t until_ns = seat->spent ? now_ns : turn_end(arbiter, now_ns);
    if (now_ns < until_ns)
        return until_ns;
    arbiter->drain_ns = now_ns;
    seat->window_ns = 0;
    return drain(arbiter, waiter, now_ns);
}

/* A hard ceiling is reached and nobody else waits: the turn ends when all that is in flight has drained. */
static uint64_t end_alone(struct arbiter *arbiter, uint64_t now_ns)
{
    struct arbiter_seat *seat = &arbiter->seat[arbiter->holder];
    if (arbiter->drain_ns == 0)
        arbiter->drain_ns = now_ns;
    seat->window_ns = 0;
    if (seat->inflight_ns > 0) /* however long: nobody else waits for it */
        return UINT64_MAX;
    arbiter->holder = -1;
    arbiter->drain_ns = arbiter->idle_ns = 0;
    return UINT64_MAX;
}

/* How much the holder may have in flight: enough to ride out a late thread, little if someone may come at any moment. */
static void open_turn(struct arbiter *arbiter, uint64_t ends_ns, uint64_t now_ns)
{
    const struct arbiter_times *times = &arbiter->times;
    bool come_and_go = false;
    for (int i = 0; i < ARBITER_SEATS; i++) {
        const struct arbiter_seat *seat = &arbiter->seat[i];
        come_and_go |= i != arbiter->holder && seat->used && (!seat->waiting || seat->spent) && seat->active_ns != 0 &&
                       now_ns - seat->active_ns < times->about_ns;
    }
    struct arbiter_seat *holder = &arbiter->seat[arbiter->holder];
    holder->ends_ns = arbiter->contended ? ends_ns : 0;
    holder->window_ns = come_and_go ? times->window_ns : arbiter->contended ? times->window_known_ns : times->window_alone_ns;
}

uint64_t arbiter_step(struct arbiter *arbiter, uint64_t now_ns)
{
    charge_holder(arbiter, now_ns);
    bool joined[ARBITER_SEATS];
    note_wishes(arbiter, joined, now_ns);
    advance_clock(arbiter, joined);
    find_light(arbiter, now_ns);
    int waiter = best_waiter(arbiter);
    arbiter->contended = waiter >= 0 && arbiter->holder >= 0;
    uint64_t again_ns = UINT64_MAX;
    if (arbiter->holder < 0 && waiter >= 0) {
        grant(arbiter, waiter, now_ns);
        waiter = best_waiter(arbiter);
        arbiter->contended = waiter >= 0;
    }
    uint64_t event_ns = budget_event_ns(arbiter, now_ns);
    if (arbiter->holder < 0)
        return event_ns;
    if (waiter < 0 && arbiter->seat[arbiter->holder].spent) {
        again_ns = end_alone(arbiter, now_ns);
        arbiter->contended = arbiter->holder >= 0; /* it rings when it has drained */
        return again_ns < event_ns ? again_ns : event_ns;
    }
    if (waiter >= 0) {
        again_ns = hold_contended(arbiter, waiter, now_ns);
        arbiter->contended = true;
        if (best_waiter(arbiter) < 0) /* handed over, and the last holder wants no more */
            arbiter->contended = false;
    } else {
        arbiter->drain_ns = 0;
        arbiter->idle_ns = 0;
    }
    if (arbiter->drain_ns == 0)
        open_turn(arbiter, waiter >= 0 ? again_ns : 0, now_ns);
    return again_ns < event_ns ? again_ns : event_ns;
}
