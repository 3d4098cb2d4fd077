/* The node's one loop: sockets, doorbells, deadlines; every wake ends with a step of the arbiters. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "internal.h"

enum { EVENTS = 64 };

/*
 * A doorbell is never read: tenants share its file description and may make it blocking, and a read that blocks would
 * stop the node. Each write is an edge of its own, whatever the counter holds. A tenant that fills the counter (2^64-2
 * in one write) silences its own processes only: their rings fail, or block if it made them, and ticks still serve them.
 */
static void ring(struct aliquot_node *node, struct tenant *tenant)
{
    for (uint32_t d = 0; d < node->device_count; d++)
        arbiter_hear(&node->arbiter[d], (int)(tenant - node->tenant));
    if (++tenant->rings <= NODE_RINGS_A_TICK || tenant->rings_muted)
        return;
    node_hear(node, &tenant->doorbell, 0); /* a flood: heard again at the next tick */
    tenant->rings_muted = true;
    tenant->anomalies++;
}

static void unmute(struct aliquot_node *node, struct tenant *tenant)
{
    tenant->rings = tenant->messages = 0;
    if (tenant->rings_muted)
        node_hear(node, &tenant->doorbell, EPOLLIN | EPOLLET);
    for (uint32_t s = 0; tenant->messages_muted && s < ALIQUOT_PROCESSES; s++)
        if (tenant->slot[s] != NULL)
            node_hear(node, &tenant->slot[s]->socket, EPOLLIN);
    tenant->rings_muted = tenant->messages_muted = false;
}

static void tick(struct aliquot_node *node, uint64_t now_ns)
{
    for (int t = 0; t < NODE_TENANTS; t++) {
        struct tenant *tenant = &node->tenant[t];
        if (!tenant->used)
            continue;
        unmute(node, tenant);
        atomic_store_explicit(&tenant->control->heartbeat_ns, now_ns, memory_order_release);
    }
    server_tick(node, now_ns);
    if (now_ns >= node->sweep_ns) {
        tokens_sweep(node);
        node->sweep_ns = now_ns + NODE_SWEEP_NS;
    }
}

static void handle(struct aliquot_node *node, struct source *source, uint64_t now_ns)
{
    uint64_t ignored;
    struct connection *connection = source->owner;
    switch (source->kind) {
    case SOURCE_NONE:
        break;
    case SOURCE_LISTEN:
        server_accept(node, now_ns);
        break;
    case SOURCE_TIMER:
    case SOURCE_STOP:
        (void)!read(source->fd, &ignored, sizeof ignored);
        break;
    case SOURCE_DOORBELL:
        ring(node, source->owner);
        break;
    case SOURCE_SOCKET:
        if (!connection->closing)
            server_read(node, connection);
        break;
    case SOURCE_PROCESS:
        server_drop(node, connection);
        break;
    }
}

static void publish_turn(struct aliquot_node *node, uint32_t device, int t)
{
    const struct arbiter *arbiter = &node->arbiter[device];
    const struct arbiter_seat *seat = &arbiter->seat[t];
    uint32_t flags = arbiter->shared || node->tenant[t].crowded[device] ? ALIQUOT_TURN_SHARED : 0;
    if (seat->announce)
        flags |= ALIQUOT_TURN_ANNOUNCE | ALIQUOT_TURN_CONTENDED;
    if (seat->yields)
        flags |= ALIQUOT_TURN_YIELDS;
    if (arbiter->contended && !seat->beside) /* nobody waits for a light one to drain */
        flags |= ALIQUOT_TURN_CONTENDED;
    pages_set_ahead(&node->tenant[t], device, seat->ahead_ns);
    pages_set_turn(&node->tenant[t], device, seat->window_ns, seat->ends_ns, flags);
    pages_hold(&node->tenant[t], device, arbiter->paused && arbiter->holder == t && seat->yields);
}

/* What the tenant's turn on the first GPU on which it is busy says to this one. */
static enum arbiter_gang gang_of(const struct aliquot_node *node, int t, uint32_t device)
{
    for (uint32_t d = 0; d < device; d++) {
        const struct arbiter_seat *first = &node->arbiter[d].seat[t];
        if (first->backlogged && !first->beside)
            return node->arbiter[d].holder == t && first->window_ns > 0 ? ARBITER_TOGETHER : ARBITER_APART;
    }
    return ARBITER_FREE;
}

static uint64_t step(struct aliquot_node *node, uint32_t device, uint64_t now_ns)
{
    struct arbiter *arbiter = &node->arbiter[device];
    for (int t = 0; t < NODE_TENANTS; t++) {
        if (!node->tenant[t].used)
            continue;
        usage_backlog(&node->tenant[t], device, &arbiter->seat[t]);
        node->tenant[t].crowded[device] = usage_follow(&node->tenant[t], device, &arbiter->seat[t], now_ns) > 1;
        arbiter->seat[t].gang = gang_of(node, t, device);
    }
    uint64_t again_ns = arbiter_step(arbiter, now_ns);
    for (int t = 0; t < NODE_TENANTS; t++) /* close before opening, so that turns never overlap */
        if (node->tenant[t].used && arbiter->seat[t].window_ns == 0)
            publish_turn(node, device, t);
    for (int t = 0; t < NODE_TENANTS; t++)
        if (node->tenant[t].used && arbiter->seat[t].window_ns != 0)
            publish_turn(node, device, t);
    return again_ns;
}

static uint64_t arbitrate(struct aliquot_node *node, uint32_t device)
{
    uint64_t now_ns = node_now_ns(), again_ns = step(node, device, now_ns);
    for (int i = 0; i < 2 && again_ns <= now_ns; i++) {
        atomic_thread_fence(memory_order_seq_cst); /* pairs with queue()'s last look in gate.c: one of us sees the other */
        again_ns = step(node, device, now_ns = node_now_ns());
    }
    return again_ns;
}

static void set_alarm(struct aliquot_node *node, uint64_t at_ns)
{
    struct itimerspec alarm = {.it_value = {(time_t)(at_ns / 1000000000u), (long)(at_ns % 1000000000u)}};
    timerfd_settime(node->timer.fd, TFD_TIMER_ABSTIME, &alarm, NULL);
}

int aliquot_node_run(struct aliquot_node *node)
{
    struct epoll_event events[EVENTS];
    uint64_t tick_ns = 0;
    while (!atomic_load_explicit(&node->stopping, memory_order_acquire)) {
        pthread_mutex_lock(&node->lock);
        uint64_t now_ns = node_now_ns();
        if (now_ns >= tick_ns) {
            tick(node, now_ns);
            tick_ns = now_ns + (node->connections > 0 ? NODE_TICK_NS : NODE_IDLE_TICK_NS);
        }
        uint64_t alarm_ns = tick_ns;
        for (uint32_t d = 0; d < node->device_count; d++) {
            uint64_t again_ns = arbitrate(node, d);
            if (again_ns < alarm_ns)
                alarm_ns = again_ns;
        }
        node->status.wakeups++;
        pthread_mutex_unlock(&node->lock);
        set_alarm(node, alarm_ns);
        int count = epoll_wait(node->epoll_fd, events, EVENTS, -1);
        if (count < 0 && errno != EINTR)
            return -errno;
        pthread_mutex_lock(&node->lock);
        now_ns = node_now_ns();
        for (int i = 0; i < count; i++)
            handle(node, events[i].data.ptr, now_ns);
        server_sweep(node);
        pthread_mutex_unlock(&node->lock);
    }
    return 0;
}
