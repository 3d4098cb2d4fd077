#include <string.h>

#include "internal.h"

#define READ(field) atomic_load_explicit(&(field), memory_order_relaxed)
#define SLACK_NS 100000000u /* a batch is counted when it ends, and clocks are read at different moments */
#define LAUNCH_NS 20        /* no process launches faster */
#define AT_WORK_NS 100000000u /* a process that launches more seldom takes little of what its siblings measure */
#define THREADS 1024        /* that may wait at once in one process */
#define LOOK_UPS 1048576    /* no process makes more, before and after it connects */
#define PINNED_BYTES (UINT64_C(1) << 48) /* no process pins more, and sums of it don't wrap */

/*
 * The growth of a hostile counter since `seen`. It began at 0 when the process connected, so it can't exceed `bound`
 * (what the time since then allows) and can't fall: either is an anomaly, and counts as no more than possible.
 */
static uint64_t growth(struct tenant *tenant, uint64_t value, uint64_t *seen, uint64_t bound)
{
    uint64_t before = *seen;
    if (value > bound || value < before) {
        tenant->anomalies++;
        value = value > bound ? bound : before;
    }
    *seen = value > before ? value : before;
    return *seen - before;
}

void usage_collect(struct aliquot_node *node, struct connection *connection, uint64_t now_ns)
{
    struct tenant *tenant = connection->tenant;
    struct aliquot_usage_slot *slot = &tenant->usage->slot[connection->slot];
    uint64_t bound_ns = now_ns - connection->since_ns + SLACK_NS;
    tenant->missed += growth(tenant, READ(slot->missed), &connection->seen_missed, LOOK_UPS);
    for (uint32_t d = 0; d < node->device_count; d++) {
        struct aliquot_usage_device *page = &slot->device[d];
        struct counters *seen = &connection->seen[d], *total = &tenant->total[d];
        total->gpu_ns += growth(tenant, READ(page->gpu_ns), &seen->gpu_ns, bound_ns);
        total->blocked_ns += growth(tenant, READ(page->blocked_ns), &seen->blocked_ns, bound_ns);
        total->waited_ns += growth(tenant, READ(page->waited_ns), &seen->waited_ns, bound_ns * THREADS);
        total->launches += growth(tenant, READ(page->launches), &seen->launches, bound_ns / LAUNCH_NS);
    }
}

uint32_t usage_backlog(const struct tenant *tenant, uint32_t device, struct arbiter_seat *seat)
{
    uint32_t waiting = 0;
    uint64_t inflight_ns = 0;
    uint32_t left = tenant->processes;
    for (uint32_t s = 0; left > 0 && s < ALIQUOT_PROCESSES; s++) {
        if (tenant->slot[s] == NULL)
            continue;
        left--;
        struct aliquot_usage_device *page = &tenant->usage->slot[s].device[device];
        uint64_t retired = READ(page->retired_ns), queued = READ(page->queued_ns);
        uint64_t mine = queued > retired ? queued - retired : 0;
        if (mine > 3600000000000u)
            mine = 3600000000000u;
        inflight_ns += mine;
        waiting += READ(page->waiting) != 0;
    }
    seat->present = tenant->processes > 0;
    seat->waiting = waiting != 0;
    seat->inflight_ns = inflight_ns;
    return waiting;
}

/* Of a counter that says what it likes, UINT64_MAX at first: a lie changes only how its own tenant is treated. */
static uint64_t advance(uint64_t value, uint64_t *seen)
{
    uint64_t more = *seen != UINT64_MAX && value > *seen ? value - *seen : 0;
    *seen = value;
    return more;
}

uint32_t usage_follow(struct tenant *tenant, uint32_t device, struct arbiter_seat *seat, uint64_t now_ns)
{
    uint32_t at_work = 0;
    uint32_t left = tenant->processes;
    for (uint32_t s = 0; left > 0 && s < ALIQUOT_PROCESSES; s++) {
        if (tenant->slot[s] == NULL)
            continue;
        left--;
        struct connection *process = tenant->slot[s];
        struct aliquot_usage_device *page = &tenant->usage->slot[s].device[device];
        uint64_t queued_ns = advance(READ(page->queued_ns), &process->queued_ns[device]);
        if (queued_ns > 0)
            process->worked_ns[device] = now_ns;
        seat->queued_ns += queued_ns;
        seat->metered_ns += advance(READ(page->gpu_ns), &process->metered_ns[device]);
        at_work += process->worked_ns[device] + AT_WORK_NS > now_ns;
    }
    return at_work;
}

void usage_settle(struct tenant *tenant, uint32_t device, const struct connection *asking, uint64_t bytes)
{
    uint32_t left = tenant->processes;
    for (uint32_t s = 0; left > 0 && s < ALIQUOT_PROCESSES; s++) {
        struct connection *connection = tenant->slot[s];
        if (connection == NULL)
            continue;
        left--;
        /* pairs with PUBLISH in the limiter; a lie frees no more than an ALIQUOT_HELD with it would */
        uint64_t shown = atomic_load_explicit(&tenant->usage->slot[s].device[device].memory_bytes, memory_order_acquire);
        if (connection == asking)
            shown = shown > bytes ? shown - bytes : 0;
        if (shown < connection->held_bytes[device])
            ledger_set_held(&tenant->account[device], &connection->held_bytes[device], shown);
    }
}

uint64_t usage_pinned(const struct tenant *tenant)
{
    uint64_t sum = 0;
    for (uint32_t s = 0; s < ALIQUOT_PROCESSES; s++) {
        uint64_t shown = tenant->slot[s] == NULL ? 0 : READ(tenant->usage->slot[s].pinned_bytes);
        sum += shown < PINNED_BYTES ? shown : PINNED_BYTES;
    }
    return sum;
}

void usage_show_held(struct connection *connection, uint32_t device)
{
    struct aliquot_usage_slot *slot = &connection->tenant->usage->slot[connection->slot];
    atomic_store_explicit(&slot->device[device].memory_bytes, connection->held_bytes[device], memory_order_relaxed);
}

void usage_clear_slot(struct tenant *tenant, uint32_t slot)
{
    memset(&tenant->usage->slot[slot], 0, sizeof tenant->usage->slot[slot]);
    for (uint32_t d = 0; d < ALIQUOT_DEVICES; d++)
        atomic_store_explicit(&tenant->usage->slot[slot].device[d].gate,
                              atomic_load_explicit(&tenant->control->device[d].turns, memory_order_relaxed),
                              memory_order_relaxed);
}
