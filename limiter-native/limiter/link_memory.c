/*
 * Memory that this process holds of its tenant's limit. What is asked for is shown in the page before the node hears of it,
 * and what is freed is taken from the page only: so a page never shows less than its process holds, and the node, before it
 * refuses anyone, learns from the pages what was freed meanwhile.
 */
#include "link_state.h"

#define MOST_BYTES (UINT64_C(1) << 56) /* no GPU has that much, and sums of it don't wrap */

static void hold(struct seat *seat, uint64_t bytes)
{
    atomic_fetch_add(&seat->held_bytes, bytes);
    PUBLISH(seat->held_bytes, seat->usage, memory_bytes);
}

static void let_go(struct seat *seat, uint64_t bytes)
{
    atomic_fetch_sub(&seat->held_bytes, bytes);
    PUBLISH(seat->held_bytes, seat->usage, memory_bytes);
}

uint64_t link_tenant_bytes(const struct seat *seat)
{
    uint64_t sum = 0;
    if (link_.usage == NULL)
        return atomic_load_explicit(&seat->held_bytes, memory_order_relaxed);
    for (uint32_t s = 0; s < ALIQUOT_PROCESSES; s++)
        sum += atomic_load_explicit(&link_.usage->slot[s].device[seat->index].memory_bytes, memory_order_relaxed);
    return sum;
}

static bool reserve_at_node(struct seat *seat, uint64_t bytes, bool *granted)
{
    if (link_.agent.socket_fd < 0)
        return false;
    hold(seat, bytes);
    bool answered = agent_reserve(&link_.agent, seat->index, bytes, granted);
    if (!answered || !*granted)
        let_go(seat, bytes);
    return answered;
}

/* With no agent to ask: the processes' own figures, under the page's lock. */
static bool reserve_in_page(struct seat *seat, uint64_t bytes)
{
    uint64_t limit = link_quota(seat).memory_limit_bytes;
    bool shared = link_.page_fd >= 0;
    if (shared && !page_lock(link_.page_fd))
        return false;
    if (shared && link_.alone != NULL)
        page_alone_reap(link_.alone, link_.page_fd, link_.slot);
    hold(seat, bytes);
    bool fits = limit == 0 || link_tenant_bytes(seat) <= limit;
    if (!fits)
        let_go(seat, bytes);
    if (shared)
        page_unlock(link_.page_fd);
    return fits;
}

/* A cancelled thread must not leave the lock behind, and the helper must hear of an agent that has gone. */
static int enter(void)
{
    int before;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    pthread_mutex_lock(&link_.lock);
    return before;
}

static void leave(int before)
{
    bool gone = link_.agent.socket_fd < 0 && link_.settings.token[0] != '\0';
    pthread_mutex_unlock(&link_.lock);
    if (gone)
        link_wake_helper();
    pthread_setcancelstate(before, NULL);
}

bool link_reserve(struct seat *seat, uint64_t bytes)
{
    bool granted = false;
    if (bytes > MOST_BYTES)
        return false;
    int before = enter();
    if (!reserve_at_node(seat, bytes, &granted))
        granted = reserve_in_page(seat, bytes);
    leave(before);
    return granted;
}

void link_take(struct seat *seat, uint64_t bytes)
{
    int before = enter();
    hold(seat, bytes);
    if (link_.agent.socket_fd >= 0)
        agent_hold(&link_.agent, seat->index, atomic_load(&seat->held_bytes));
    leave(before);
}

void link_release(struct seat *seat, uint64_t bytes)
{
    let_go(seat, bytes);
}

void link_pin(uint64_t bytes)
{
    atomic_fetch_add(&link_.pinned_bytes, bytes);
    PUBLISH(link_.pinned_bytes, link_.own_slot, pinned_bytes);
}

void link_unpin(uint64_t bytes)
{
    atomic_fetch_sub(&link_.pinned_bytes, bytes);
    PUBLISH(link_.pinned_bytes, link_.own_slot, pinned_bytes);
}
