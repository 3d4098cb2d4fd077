#include "arbiter_parts.h"

#define MOST_LAUNCHED_NS 3600000000000u /* at once: more is a lie */

/* What a seat may use while others want the GPU, and for a hard one always. */
static double most_use(const struct arbiter_seat *seat)
{
    double ceiling = seat->terms.hard ? seat->terms.ceiling_permille / 1000.0 : 1;
    return ceiling < seat->rate ? ceiling : seat->rate;
}

/* What it launches at once is remembered for longer: between two long kernels there are probes without any. */
static void forget_probe(struct arbiter_seat *seat)
{
    seat->probed_ns = seat->probed_use_ns = seat->probed_busy_ns = seat->probed_blocked_ns = 0;
    seat->probed_most_ns /= 2;
}

static void take_turns(struct arbiter_seat *seat, uint64_t until_ns)
{
    seat->light = false;
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
    else if (seat->probed_blocked_ns > seat->probed_ns / 4) /* its launches fill the window: it is bound by the GPU */
        take_turns(seat, now_ns);
    else if (busy && use < in_turns * 0.7 && seat->rate < 1) /* it fares clearly worse, and others are why */
        take_turns(seat, now_ns + arbiter->times.retry_ns);
    else
        forget_probe(seat);
}

void beside_follow(struct arbiter *arbiter, uint64_t now_ns)
{
    uint64_t passed_ns = now_ns - arbiter->last_ns;
    for (int i = 0; i < ARBITER_SEATS; i++) {
        struct arbiter_seat *seat = &arbiter->seat[i];
        if (!seat->used)
            continue;
        uint64_t launched_ns = seat->queued_ns > seat->seen_ns ? seat->queued_ns - seat->seen_ns : 0;
        seat->launched_ns = launched_ns < MOST_LAUNCHED_NS ? launched_ns : MOST_LAUNCHED_NS;
        seat->seen_ns = seat->queued_ns;
        bool paused = arbiter->paused && i == arbiter->holder; /* it may not */
        if (seat->launched_ns > 0 || seat->inflight_ns > 0 || seat->in_flight_before || paused) /* it may have ended just now */
            seat->worked_ns = now_ns;
        if (seat->launched_ns > 0) /* it was not stopped, or is so no longer */
            seat->mute_until_ns = 0;
        seat->in_flight_before = seat->inflight_ns > 0;
        if (seat->launched_ns > 0 || seat->backlogged)
            seat->busy_ns = now_ns;
        if (seat->beside) {
            seat->charged_ns += seat->launched_ns;
            seat->vtime += seat->rate > 0 ? (double)seat->launched_ns / seat->rate : 0;
        }
        bool busy = now_ns - seat->busy_ns < arbiter->times.hold_ns; /* shorter gaps are its own way of working */
        if (!seat->light && (i != arbiter->holder || arbiter->shared || !busy))
            continue;
        seat->probed_ns += passed_ns;
        seat->probed_use_ns += seat->launched_ns;
        if (seat->launched_ns > seat->probed_most_ns)
            seat->probed_most_ns = seat->launched_ns;
        seat->probed_busy_ns += busy ? passed_ns : 0;
        seat->probed_blocked_ns += seat->waiting ? passed_ns : 0;
        if (seat->light)
            judge_light(arbiter, seat, now_ns);
        else
            probe_holder(arbiter, seat);
    }
}

/* A seat that can use less than its share becomes light when another wants the GPU, unless handing over in its gaps is enough. */
static bool is_light(const struct arbiter *arbiter, const struct arbiter_seat *seat, uint64_t now_ns)
{
    double most = most_use(seat);
    most = most < arbiter->times.light_most ? most : arbiter->times.light_most;
    if (seat->light)
        return true;
    bool wanted = (arbiter->contended && !sparse_is_enough(arbiter, seat, now_ns)) || seat->terms.hard;
    return seat->terms.class != ARBITER_LATENCY_CRITICAL && seat->backlogged && wanted &&
           now_ns >= seat->light_from_ns && seat->probes >= arbiter->times.light_probes && seat->demand > 0.01 &&
           seat->demand < most;
}

/* Nobody gives way to a latency-critical seat that has used up its ceiling, or while a floor is at risk. */
static bool runs_first(const struct arbiter_seat *seat, bool at_risk)
{
    return seat->terms.class == ARBITER_LATENCY_CRITICAL && !at_risk && !seat->spent;
}

static void set_beside(struct arbiter *arbiter, int index, bool beside)
{
    struct arbiter_seat *seat = &arbiter->seat[index];
    if (beside && !seat->beside)
        forget_probe(seat);
    if (beside && arbiter->holder == index)
        arbiter->holder = -1;
    if (!beside && seat->beside)
        seat->window_ns = 0;
    seat->beside = beside;
    if (!beside)
        return;
    seat->window_ns = seat->light ? arbiter->times.window_ns : arbiter->times.window_known_ns;
    seat->ends_ns = 0;
}

/* How long its bursts are: the most of its work that was in flight at once in the last one. */
static void follow_burst(const struct arbiter *arbiter, struct arbiter_seat *seat, uint64_t now_ns)
{
    seat->peak_ns = seat->inflight_ns > seat->peak_ns ? seat->inflight_ns : seat->peak_ns;
    if (seat->peak_ns == 0 || seat->backlogged || now_ns < seat->busy_ns + arbiter->times.hold_critical_ns)
        return;
    seat->burst_ns = seat->peak_ns;
    seat->peak_ns = 0;
}

uint64_t beside_find(struct arbiter *arbiter, uint64_t now_ns)
{
    const struct arbiter_times *times = &arbiter->times;
    uint64_t critical_ns = 0;
    bool at_risk = false, critical = false, best_effort = false, brief = false;
    for (int i = 0; i < ARBITER_SEATS; i++) {
        const struct arbiter_seat *seat = &arbiter->seat[i];
        at_risk |= seat->used && seat->at_risk && seat->backlogged;
        critical |= seat->used && seat->terms.class == ARBITER_LATENCY_CRITICAL && seat->present;
        brief |= seat->used && seat->terms.class == ARBITER_LATENCY_CRITICAL && seat->present && seat->burst_ns < times->slice_ns;
        best_effort |= seat->used && seat->terms.class == ARBITER_BEST_EFFORT && seat->present;
    }
    arbiter->shared = false;
    for (int i = 0; i < ARBITER_SEATS; i++) {
        struct arbiter_seat *seat = &arbiter->seat[i];
        if (!seat->used)
            continue;
        seat->light = is_light(arbiter, seat, now_ns);
        bool first = runs_first(seat, at_risk);
        set_beside(arbiter, i, seat->light || first);
        seat->announce = first && best_effort;
        if (seat->terms.class == ARBITER_LATENCY_CRITICAL)
            follow_burst(arbiter, seat, now_ns);
        bool gives_way = critical && seat->terms.class == ARBITER_BEST_EFFORT;
        seat->yields = gives_way && !brief;
        seat->ahead_ns = gives_way && brief            ? times->window_brief_ns
                         : seat->gang != ARBITER_FREE ? times->window_ns
                                                      : times->ahead_ns;
        if (!seat->beside || seat->busy_ns == 0)
            continue;
        arbiter->shared |= now_ns - seat->busy_ns < times->light_ns;
        if (first && now_ns < seat->busy_ns + times->hold_critical_ns && seat->busy_ns + times->hold_critical_ns > critical_ns)
            critical_ns = seat->busy_ns + times->hold_critical_ns;
    }
    return critical_ns;
}
