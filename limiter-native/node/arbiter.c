#include "arbiter.h"

#include <string.h>

#include "aliquot_page.h"
#include "arbiter_parts.h"
#include "rate.h"

const struct arbiter_times ARBITER_TIMES = {
    .quantum_ns = 10000000,
    .quantum_urgent_ns = 2000000,
    .window_ns = 1000000,
    .window_known_ns = 8000000,
    .window_alone_ns = 8000000,
    .window_brief_ns = 500000,
    .ahead_ns = 8000000,
    .about_ns = 50000000,
    .hold_ns = 500000,
    .hold_critical_ns = 200000,
    .slice_ns = 1500000, /* 2 ms, as seen on an H200 */
    .silent_ns = 20000000,
    .mute_ns = 1000000000,
    .sparse = 0.5,
    .sparse_ns = 1000000,
    .sparse_again_ns = 200000000,
    .sparse_retry_ns = 1000000000,
    .sparse_least = 0.6,
    .early_ns = ALIQUOT_EARLY_NS,
    .drain_limit_ns = 250000000,
    .credit_ns = 20000000,
    .probe_ns = 10000000,
    .light_most = 0.5,
    .light_probes = 3,
    .light_ns = 100000000,
    .retry_ns = 10000000000,
    .gang_ns = 40000000,
    .floor_ns = 50000000,
    .least_permille = 10,
};

void arbiter_init(struct arbiter *arbiter, uint64_t now_ns)
{
    memset(arbiter, 0, sizeof *arbiter);
    arbiter->times = ARBITER_TIMES;
    arbiter->last_ns = now_ns;
    arbiter->holder = -1;
}

void arbiter_set(struct arbiter *arbiter, int index, const struct arbiter_terms *terms)
{
    struct arbiter_seat *seat = &arbiter->seat[index];
    if (!seat->used) {
        memset(seat, 0, sizeof *seat);
        seat->used = true;
        seat->vtime = arbiter->vclock;
    }
    seat->terms = *terms;
    seat->terms.hard = terms->hard && terms->ceiling_permille < 1000;
    seat->spent = seat->spent && seat->terms.hard;
    arbiter->rates_stale = arbiter->terms_stale = true;
}

void arbiter_remove(struct arbiter *arbiter, int index)
{
    memset(&arbiter->seat[index], 0, sizeof arbiter->seat[index]);
    if (arbiter->holder == index)
        arbiter->holder = -1;
    arbiter->rates_stale = true;
}

void arbiter_hear(struct arbiter *arbiter, int index)
{
    arbiter->seat[index].mute_until_ns = 0;
}

/*
 * Where terms change, who is ahead or behind stays so by the same GPU time: a lead earned at a low rate must not cost more at
 * a higher one. Where tenants come and go it stays so by virtual time: what was lent has been paid for at the rate of that time.
 */
static void set_rate(const struct arbiter *arbiter, struct arbiter_seat *seat, double rate)
{
    if (arbiter->terms_stale && seat->competing && seat->rate > 0 && rate > 0)
        seat->vtime = arbiter->vclock + (seat->vtime - arbiter->vclock) * seat->rate / rate;
    seat->rate = rate;
}

static void divide(struct arbiter *arbiter)
{
    struct rate_claim claims[ARBITER_SEATS];
    uint32_t count = 0;
    for (int i = 0; i < ARBITER_SEATS; i++) {
        const struct arbiter_seat *seat = &arbiter->seat[i];
        if (seat->used && seat->backlogged)
            claims[count++] = (struct rate_claim){.weight = seat->terms.weight,
                                                  .floor = seat->terms.floor_permille / 1000.0,
                                                  .ceiling = seat->terms.ceiling_permille / 1000.0};
    }
    rate_divide(claims, count);
    count = 0;
    for (int i = 0; i < ARBITER_SEATS; i++)
        if (arbiter->seat[i].used && arbiter->seat[i].backlogged)
            set_rate(arbiter, &arbiter->seat[i], claims[count++].rate);
    arbiter->rates_stale = arbiter->terms_stale = false;
}

static void charge(struct arbiter *arbiter, uint64_t now_ns)
{
    beside_follow(arbiter, now_ns);
    budget_keep(arbiter, now_ns);
    struct arbiter_seat *seat = arbiter->holder < 0 ? NULL : &arbiter->seat[arbiter->holder];
    if (seat != NULL && !arbiter->paused && (arbiter->contended || seat->backlogged)) {
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
        bool backlogged = seat->used && (seat->waiting || seat->inflight_ns > 0 || (seat->beside && seat->launched_ns > 0));
        if (backlogged || seat->backlogged)
            seat->active_ns = now_ns;
        if (backlogged != seat->backlogged) {
            seat->backlogged = backlogged;
            arbiter->rates_stale = true;
        }
        bool muted = now_ns < seat->mute_until_ns; /* it saves no credit meanwhile */
        bool competing = backlogged && !muted && !seat->beside && (seat->waiting || i == arbiter->holder);
        joined[i] = competing && !seat->competing;
        seat->competing = competing;
    }
    if (arbiter->rates_stale)
        divide(arbiter);
}

/* In which order classes have turns: a lower rank first. */
static int rank(const struct arbiter_seat *seat)
{
    return seat->at_risk ? 0 : seat->terms.class == ARBITER_BEST_EFFORT ? 2 : 1;
}

/*
 * Who joins keeps its debt but only a capped credit; the clock follows the lowest of those who compete. A best-effort seat
 * that others keep from its turn saves no more credit than one that is idle, and does not hold the clock back.
 */
static void advance_clock(struct arbiter *arbiter, const bool joined[ARBITER_SEATS])
{
    double lowest = -1;
    int first = 2;
    for (int i = 0; i < ARBITER_SEATS; i++)
        if (arbiter->seat[i].competing && rank(&arbiter->seat[i]) < first)
            first = rank(&arbiter->seat[i]);
    for (int i = 0; i < ARBITER_SEATS; i++) {
        struct arbiter_seat *seat = &arbiter->seat[i];
        if (!seat->competing)
            continue;
        double oldest = arbiter->vclock - (double)arbiter->times.credit_ns / seat->rate;
        bool kept = rank(seat) > first;
        if ((joined[i] || kept) && seat->vtime < oldest)
            seat->vtime = oldest;
        if (joined[i])
            seat->urgent = (arbiter->vclock - seat->vtime) * seat->rate >= (double)arbiter->times.quantum_ns;
        if (!kept && (lowest < 0 || seat->vtime < lowest))
            lowest = seat->vtime;
    }
    if (lowest > arbiter->vclock)
        arbiter->vclock = lowest;
}

/* Virtual time, as far as the next turn goes. */
static double standing(const struct arbiter *arbiter, const struct arbiter_seat *seat)
{
    double lead = (double)arbiter->times.gang_ns / seat->rate;
    return seat->vtime + (seat->gang == ARBITER_FREE ? 0 : seat->gang == ARBITER_APART ? lead : -lead);
}

/* The waiting seat that has the next turn, the holder left out: by rank, then by virtual time; -1 if none waits. */
static int best_waiter(const struct arbiter *arbiter)
{
    int best = -1;
    for (int i = 0; i < ARBITER_SEATS; i++) {
        const struct arbiter_seat *seat = &arbiter->seat[i], *other = best < 0 ? NULL : &arbiter->seat[best];
        if (i == arbiter->holder || !seat->used || !seat->waiting || seat->spent || seat->beside ||
            arbiter->last_ns < seat->mute_until_ns)
            continue;
        if (other == NULL || rank(seat) < rank(other) ||
            (rank(seat) == rank(other) && standing(arbiter, seat) < standing(arbiter, other)))
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
    arbiter->seat[index].drained_ns = 0;
    arbiter->seat[index].urgent = false;
    arbiter->turns++;
}

/* The holder may run for a quantum, and until its virtual time is above the lowest that waits; or its class decides. */
static uint64_t turn_end(const struct arbiter *arbiter, uint64_t now_ns)
{
    const struct arbiter_seat *seat = &arbiter->seat[arbiter->holder];
    int waiter = best_waiter(arbiter);
    if (waiter < 0)
        return arbiter->held_ns + arbiter->times.quantum_ns;
    bool urgent = arbiter->seat[waiter].urgent;
    bool gang = seat->gang == ARBITER_APART || arbiter->seat[waiter].gang == ARBITER_TOGETHER;
    uint64_t quantum_ns = gang ? 0 : urgent ? arbiter->times.quantum_urgent_ns : arbiter->times.quantum_ns;
    uint64_t until_ns = arbiter->held_ns + quantum_ns;
    int before = rank(&arbiter->seat[waiter]) - rank(seat);
    if (before != 0)
        return before < 0 ? now_ns : UINT64_MAX;
    double ahead = standing(arbiter, &arbiter->seat[waiter]) - standing(arbiter, seat);
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

/* Handed over at the next step at the earliest: a launch that was on its way when the turn was closed shows by then. */
static uint64_t close_turn(struct arbiter *arbiter, uint64_t now_ns)
{
    arbiter->drain_ns = now_ns;
    arbiter->seat[arbiter->holder].window_ns = 0;
    return now_ns;
}

static uint64_t earlier(uint64_t a_ns, uint64_t b_ns)
{
    return a_ns < b_ns ? a_ns : b_ns;
}

/* Others want the GPU: how long may the holder keep it? */
static uint64_t hold_contended(struct arbiter *arbiter, int waiter, uint64_t now_ns)
{
    struct arbiter_seat *seat = &arbiter->seat[arbiter->holder];
    if (arbiter->drain_ns != 0)
        return drain(arbiter, waiter, now_ns);
    uint64_t sparse_ns = sparse_from_ns(arbiter, seat, now_ns);
    if (sparse_ns <= now_ns)
        return close_turn(arbiter, now_ns);
    uint64_t heard_ns = seat->worked_ns > arbiter->held_ns ? seat->worked_ns : arbiter->held_ns;
    uint64_t silent_ns = seat->waiting && seat->inflight_ns == 0 ? heard_ns + arbiter->times.silent_ns : UINT64_MAX;
    if (silent_ns <= now_ns) {
        seat->mute_until_ns = now_ns + arbiter->times.mute_ns;
        return close_turn(arbiter, now_ns);
    }
    if (!seat->waiting && seat->inflight_ns == 0) {
        if (arbiter->idle_ns == 0)
            arbiter->idle_ns = now_ns;
        uint64_t until_ns = arbiter->idle_ns + arbiter->times.hold_ns;
        return now_ns < until_ns ? earlier(until_ns, sparse_ns) : close_turn(arbiter, now_ns);
    }
    arbiter->idle_ns = 0;
    uint64_t until_ns = seat->spent ? now_ns : turn_end(arbiter, now_ns);
    if (now_ns < until_ns)
        return earlier(earlier(until_ns, sparse_ns), silent_ns);
    return close_turn(arbiter, now_ns);
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
        come_and_go |= seat->used && seat->backlogged && seat->gang != ARBITER_FREE; /* another GPU's turns end this one's */
        come_and_go |= i != arbiter->holder && seat->used && !seat->beside && (!seat->waiting || seat->spent) &&
                       seat->active_ns != 0 && now_ns - seat->active_ns < times->about_ns;
    }
    struct arbiter_seat *holder = &arbiter->seat[arbiter->holder];
    ends_ns = earlier(arbiter->contended && ends_ns != 0 ? ends_ns : UINT64_MAX, budget_end_ns(holder, now_ns));
    holder->ends_ns = ends_ns == UINT64_MAX ? 0 : ends_ns;
    holder->window_ns = come_and_go ? times->window_ns : arbiter->contended ? times->window_known_ns : times->window_alone_ns;
    if (holder->ahead_ns < times->ahead_ns && holder->window_ns > holder->ahead_ns)
        holder->window_ns = holder->ahead_ns;
}

/* Who holds the turn, and until when. */
static uint64_t hold(struct arbiter *arbiter, uint64_t now_ns)
{
    uint64_t again_ns = UINT64_MAX;
    int waiter = best_waiter(arbiter);
    arbiter->contended = waiter >= 0 && arbiter->holder >= 0;
    if (arbiter->holder < 0 && waiter >= 0) {
        grant(arbiter, waiter, now_ns);
        waiter = best_waiter(arbiter);
        arbiter->contended = waiter >= 0;
    }
    if (arbiter->holder < 0)
        return UINT64_MAX;
    if (waiter < 0 && arbiter->seat[arbiter->holder].spent) {
        again_ns = end_alone(arbiter, now_ns);
        arbiter->contended = arbiter->holder >= 0; /* it rings when it has drained */
        return again_ns;
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
    return again_ns;
}

uint64_t arbiter_step(struct arbiter *arbiter, uint64_t now_ns)
{
    /* Nobody arbitrated for longer than programs follow a turn: since then they had their fallback shares, and pay for none. */
    if (now_ns - arbiter->last_ns > ALIQUOT_HEARTBEAT_LIMIT_NS)
        arbiter->last_ns = now_ns - ALIQUOT_HEARTBEAT_LIMIT_NS;
    charge(arbiter, now_ns);
    bool joined[ARBITER_SEATS];
    note_wishes(arbiter, joined, now_ns);
    advance_clock(arbiter, joined);
    uint64_t critical_ns = beside_find(arbiter, now_ns);
    uint64_t again_ns = hold(arbiter, now_ns);
    struct arbiter_seat *holder = arbiter->holder < 0 ? NULL : &arbiter->seat[arbiter->holder];
    arbiter->paused = critical_ns != 0 && holder != NULL && rank(holder) == 2;
    if (arbiter->paused) {
        holder->window_ns = 0;
        again_ns = earlier(again_ns, critical_ns);
    }
    return earlier(again_ns, budget_event_ns(arbiter, now_ns));
}
