#include "arbiter_parts.h"

static double least(double a, double b)
{
    return a < b ? a : b;
}

/* What a hard seat saves up before it runs again, and half of what it can: a quantum, or what fills in a second. */
static double full_budget_ns(const struct arbiter *arbiter, const struct arbiter_seat *seat)
{
    return least((double)arbiter->times.quantum_ns, seat->terms.ceiling_permille * 1e6);
}

/* Of what was taken from the budget since the seat last had nothing in flight: what its meter did not see. */
static double unused_ns(struct arbiter_seat *seat)
{
    double metered_ns = seat->metered_ns > seat->settled_ns ? (double)(seat->metered_ns - seat->settled_ns) : 0;
    double unused_ns = seat->taken_ns > metered_ns ? least(seat->taken_ns - metered_ns, seat->taken_ns / 8) : 0;
    seat->taken_ns = 0;
    seat->settled_ns = seat->metered_ns;
    return unused_ns;
}

static void keep_ceiling(const struct arbiter *arbiter, struct arbiter_seat *seat, double passed_ns, double used_ns)
{
    double full_ns = full_budget_ns(arbiter, seat);
    seat->taken_ns += used_ns;
    if (seat->inflight_ns == 0)
        used_ns -= unused_ns(seat);
    seat->budget_ns = least(seat->budget_ns + passed_ns * seat->terms.ceiling_permille / 1000 - used_ns, 2 * full_ns);
    if (seat->budget_ns >= full_ns) {
        seat->spent = false;
    } else if (seat->budget_ns <= 0) {
        seat->spent = true;
    }
}

/* What a seat that wants the GPU is owed of its floor, over about a second, where another class goes before it. */
static void keep_floor(const struct arbiter *arbiter, struct arbiter_seat *seat, double passed_ns, double used_ns)
{
    uint32_t permille = seat->terms.floor_permille;
    permille = permille > arbiter->times.least_permille ? permille : arbiter->times.least_permille;
    double floor = permille / 1000.0, most_ns = floor * 1e9;
    if (seat->backlogged)
        seat->owed_ns += floor * passed_ns;
    seat->owed_ns = least(seat->owed_ns - used_ns, most_ns);
    if (seat->owed_ns <= 0)
        seat->at_risk = false;
    else if (seat->owed_ns > floor * (double)arbiter->times.floor_ns)
        seat->at_risk = true;
    if (seat->owed_ns < -most_ns / 2)
        seat->owed_ns = -most_ns / 2;
}

void budget_keep(struct arbiter *arbiter, uint64_t now_ns)
{
    double passed_ns = (double)(now_ns - arbiter->last_ns), beside_ns = 0;
    bool critical = false; /* there is a latency-critical seat */
    for (int i = 0; i < ARBITER_SEATS; i++) {
        const struct arbiter_seat *seat = &arbiter->seat[i];
        beside_ns += seat->used && seat->beside ? (double)seat->launched_ns : 0;
        if (seat->used && !seat->beside && seat->terms.class == ARBITER_LATENCY_CRITICAL && seat->inflight_ns > 0)
            beside_ns += passed_ns / 2; /* what it launched before a floor was at risk */
        critical |= seat->used && seat->present && seat->terms.class == ARBITER_LATENCY_CRITICAL;
    }
    for (int i = 0; i < ARBITER_SEATS; i++) {
        struct arbiter_seat *seat = &arbiter->seat[i];
        double used_ns = 0;
        if (!seat->used)
            continue;
        if (seat->beside)
            used_ns = (double)seat->launched_ns;
        else if (i == arbiter->holder && seat->backlogged && !arbiter->paused)
            used_ns = passed_ns;
        if (seat->terms.hard && !seat->light) /* a light one stays below its ceiling, or takes turns again */
            keep_ceiling(arbiter, seat, passed_ns, used_ns);
        bool followed = seat->terms.class == ARBITER_BEST_EFFORT || (seat->terms.class == ARBITER_STANDARD && critical);
        if (!followed) { /* the rates see to its floor */
            seat->owed_ns = 0;
            seat->at_risk = false;
            continue;
        }
        if (i == arbiter->holder) /* it had only what those beside it left */
            used_ns -= least(beside_ns, used_ns);
        keep_floor(arbiter, seat, passed_ns, used_ns);
    }
}

uint64_t budget_end_ns(const struct arbiter_seat *seat, uint64_t now_ns)
{
    if (!seat->terms.hard)
        return UINT64_MAX;
    double left_ns = seat->budget_ns > 0 ? seat->budget_ns : 0;
    return now_ns + (uint64_t)(left_ns / (1 - seat->terms.ceiling_permille / 1000.0)) + 1;
}

uint64_t budget_event_ns(const struct arbiter *arbiter, uint64_t now_ns)
{
    uint64_t event_ns = UINT64_MAX;
    for (int i = 0; i < ARBITER_SEATS; i++) {
        const struct arbiter_seat *seat = &arbiter->seat[i];
        uint64_t ns = UINT64_MAX;
        if (!seat->used || !seat->terms.hard)
            continue;
        if (seat->spent && seat->waiting)
            ns = now_ns + 1 + (uint64_t)((full_budget_ns(arbiter, seat) - seat->budget_ns) * 1000 / seat->terms.ceiling_permille);
        else if (!seat->spent && i == arbiter->holder && seat->backlogged)
            ns = budget_end_ns(seat, now_ns);
        event_ns = ns < event_ns ? ns : event_ns;
    }
    return event_ns;
}
