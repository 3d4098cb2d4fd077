#include <string.h>

#include "internal.h"

#define READ(field) atomic_load_explicit(&(field), memory_order_relaxed)
#define SLACK_NS 100000000u /* a batch is counted when it ends, and clocks are read at different moments */
#define LAUNCH_NS 20        /* no process launches faster */
#define THREADS 1024        /* that may wait at once in one process */
#define LOOK_UPS 1048576    /* no process makes more, before and after it connects */

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

void usage_follow(struct tenant *tenant, uint32_t device, struct arbiter_seat *seat)
{
    uint32_t left = tenant->processes;
    for (uint32_t s = 0; left > 0 && s < ALIQUOT_PROCESSES; s++) {
        if (tenant->slot[s] == NULL)
            continue;
        left--;
        uint64_t *seen_ns = &tenant->slot[s]->queued_ns[device];
        uint64_t queued_ns = READ(tenant->usage->slot[s].device[device].queued_ns);
        if (*seen_ns != UINT64_MAX && queued_ns > *seen_ns) /* a lie changes only how its own tenant is treated */
            seat->queued_ns += queued_ns - *seen_ns;
        *seen_ns = queued_ns;
    }
}

void usage_clear_slot(struct tenant *tenant, uint32_t slot)
{
    memset(&tenant->usage->slot[slot], 0, sizeof tenant->usage->slot[slot]);
    for (uint32_t d = 0; d < ALIQUOT_DEVICES; d++)
        atomic_store_explicit(&tenant->usage->slot[slot].device[d].gate,
                              atomic_load_explicit(&tenant->control->device[d].turns, memory_order_relaxed),
                              memory_order_relaxed);
}
