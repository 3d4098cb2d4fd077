#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

uint64_t node_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int node_fail(char *text, size_t bytes, int error, const char *format, ...)
{
    if (text != NULL && bytes > 0) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(text, bytes, format, arguments);
        va_end(arguments);
    }
    return error;
}

int node_watch(struct aliquot_node *node, struct source *source, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = source};
    return epoll_ctl(node->epoll_fd, EPOLL_CTL_ADD, source->fd, &event) != 0 ? -errno : 0;
}

void node_hear(struct aliquot_node *node, struct source *source, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = source};
    epoll_ctl(node->epoll_fd, EPOLL_CTL_MOD, source->fd, &event);
}

void node_unwatch(struct aliquot_node *node, struct source *source)
{
    if (source->fd < 0)
        return;
    epoll_ctl(node->epoll_fd, EPOLL_CTL_DEL, source->fd, NULL);
    close(source->fd);
    source->fd = -1;
}

uint32_t aliquot_node_abi(void)
{
    return ALIQUOT_NODE_ABI;
}

static int check_devices(const struct aliquot_node_device *devices, uint32_t count, char *error, size_t error_bytes)
{
    if (count < 1 || count > ALIQUOT_DEVICES)
        return node_fail(error, error_bytes, -EINVAL, "%u GPUs: a node has 1 to %d", count, ALIQUOT_DEVICES);
    for (uint32_t d = 0; d < count; d++)
        if (devices[d].uuid[0] == '\0' || memchr(devices[d].uuid, 0, ALIQUOT_UUID_BYTES) == NULL)
            return node_fail(error, error_bytes, -EINVAL, "GPU %u has no UUID of at most %d bytes", d,
                             ALIQUOT_UUID_BYTES - 1);
    return 0;
}

static int open_loop(struct aliquot_node *node)
{
    node->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    node->timer = (struct source){SOURCE_TIMER, timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), NULL};
    node->stopper = (struct source){SOURCE_STOP, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), NULL};
    if (node->epoll_fd < 0 || node->timer.fd < 0 || node->stopper.fd < 0)
        return -errno;
    int result = node_watch(node, &node->timer, EPOLLIN);
    return result != 0 ? result : node_watch(node, &node->stopper, EPOLLIN);
}

int aliquot_node_open(const char *run_dir, const struct aliquot_node_device *devices, uint32_t count,
                      struct aliquot_node **out, char *error, size_t error_bytes)
{
    int result = check_devices(devices, count, error, error_bytes);
    if (result != 0)
        return result;
    if (run_dir[0] != '/' || strlen(run_dir) >= sizeof((struct aliquot_node *)0)->run_dir)
        return node_fail(error, error_bytes, -EINVAL, "--run-dir %s must be an absolute path of at most %zu bytes", run_dir,
                         sizeof((struct aliquot_node *)0)->run_dir - 1);
    struct aliquot_node *node = calloc(1, sizeof *node);
    if (node == NULL)
        return -ENOMEM;
    snprintf(node->run_dir, sizeof node->run_dir, "%s", run_dir);
    node->lock_fd = node->epoll_fd = node->tokens_fd = node->listener.fd = node->timer.fd = node->stopper.fd = -1;
    pthread_mutex_init(&node->lock, NULL);
    node->device_count = count;
    memcpy(node->device, devices, count * sizeof *devices);
    for (uint32_t d = 0; d < count; d++)
        arbiter_init(&node->arbiter[d], node_now_ns());
    result = open_loop(node);
    if (result != 0)
        node_fail(error, error_bytes, result, "cannot make the event loop: %s", strerror(-result));
    else
        result = server_open(node, error, error_bytes);
    if (result != 0) {
        aliquot_node_close(node);
        return result;
    }
    *out = node;
    return 0;
}

void aliquot_node_close(struct aliquot_node *node)
{
    if (node == NULL)
        return;
    server_close(node);
    for (int t = 0; t < NODE_TENANTS; t++)
        if (node->tenant[t].used)
            pages_drop(node, &node->tenant[t]);
    int fds[] = {node->timer.fd, node->stopper.fd, node->epoll_fd};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    pthread_mutex_destroy(&node->lock);
    free(node);
}

struct tenant *node_tenant(struct aliquot_node *node, const char *name)
{
    for (int t = 0; t < NODE_TENANTS; t++)
        if (node->tenant[t].used && strncmp(node->tenant[t].name, name, ALIQUOT_NAME_BYTES) == 0)
            return &node->tenant[t];
    return NULL;
}

/* ---- quotas ---- */

static int check_quota(const struct aliquot_node *node, const struct aliquot_node_quota *entry, char *error,
                       size_t error_bytes)
{
    const struct aliquot_quota *quota = &entry->quota;
    const uint32_t classes = ALIQUOT_QUOTA_LATENCY_CRITICAL | ALIQUOT_QUOTA_BEST_EFFORT;
    const uint32_t known = ALIQUOT_QUOTA_HARD | classes;
    if (entry->tenant[0] == '\0' || memchr(entry->tenant, 0, ALIQUOT_NAME_BYTES) == NULL)
        return node_fail(error, error_bytes, -EINVAL, "a tenant's name has 1 to %d bytes", ALIQUOT_NAME_BYTES - 1);
    if (entry->device >= node->device_count)
        return node_fail(error, error_bytes, -EINVAL, "tenant %s: GPU index %u, there are %u", entry->tenant, entry->device,
                         node->device_count);
    if (quota->weight < 1 || quota->weight > 1000000)
        return node_fail(error, error_bytes, -EINVAL, "tenant %s: weight %u, must be 1 to 1000000", entry->tenant,
                         quota->weight);
    if (quota->ceiling_permille < 1 || quota->ceiling_permille > 1000 || quota->floor_permille > quota->ceiling_permille)
        return node_fail(error, error_bytes, -EINVAL, "tenant %s: floor %u and ceiling %u permille, must be floor <= ceiling, "
                         "ceiling 1 to 1000", entry->tenant, quota->floor_permille, quota->ceiling_permille);
    if (quota->fallback_permille < 1 || quota->fallback_permille > 1000)
        return node_fail(error, error_bytes, -EINVAL, "tenant %s: fallback %u permille, must be 1 to 1000", entry->tenant,
                         quota->fallback_permille);
    if ((quota->flags & ~known) != 0)
        return node_fail(error, error_bytes, -EINVAL, "tenant %s: flags %#x, only %#x are known", entry->tenant,
                         quota->flags, known);
    if ((quota->flags & classes) == classes)
        return node_fail(error, error_bytes, -EINVAL, "tenant %s: flags %#x, must be latency-critical (%#x) or best-effort "
                         "(%#x), not both", entry->tenant, quota->flags, ALIQUOT_QUOTA_LATENCY_CRITICAL,
                         ALIQUOT_QUOTA_BEST_EFFORT);
    return 0;
}

/* What a decision comes to: of each tenant of the node, its quota on each GPU; NULL where it is not named. */
struct plan {
    bool named[NODE_TENANTS];
    const struct aliquot_quota *quota[NODE_TENANTS][ALIQUOT_DEVICES];
};

/* A place that the plan needs for nobody: empty, or of a forgotten tenant with no process. */
static bool is_free(const struct aliquot_node *node, const struct plan *plan, int t)
{
    return !node->tenant[t].used || (!plan->named[t] && node->tenant[t].processes == 0);
}

/* The tenants that a decision names and the node does not have, each once. @return how many; counts no further than `most` + 1 */
static int find_newcomers(struct aliquot_node *node, const struct aliquot_node_quota *quotas, uint32_t count,
                          const char **newcomers, int most)
{
    int found = 0;
    for (uint32_t i = 0; i < count && found <= most; i++) {
        int n = 0;
        while (n < found && strcmp(newcomers[n], quotas[i].tenant) != 0)
            n++;
        if (n == found && node_tenant(node, quotas[i].tenant) == NULL)
            newcomers[found++] = quotas[i].tenant;
    }
    return found;
}

/* Makes a tenant of each name, without a place yet: all or none. @return 0 or -errno */
static int make_tenants(struct aliquot_node *node, const char **names, int count, struct tenant *made, char *error,
                        size_t error_bytes)
{
    for (int n = 0; n < count; n++) {
        made[n] = (struct tenant){.used = true, .control_fd = -1, .usage_fd = -1, .doorbell.fd = -1};
        snprintf(made[n].name, sizeof made[n].name, "%s", names[n]);
        made[n].reunion_ends_ns = node->restarted ? node_now_ns() + NODE_REUNION_NS : 0;
        int result = pages_make(node, &made[n]);
        if (result == 0)
            continue;
        node_fail(error, error_bytes, result, "cannot make the pages of tenant %s: %s", names[n], strerror(-result));
        while (n-- > 0)
            pages_drop(node, &made[n]);
        return result;
    }
    return 0;
}

/* Gives a new tenant a place; there is one. */
static void seat(struct aliquot_node *node, struct plan *plan, struct tenant *newcomer)
{
    int t = 0;
    while (!is_free(node, plan, t))
        t++;
    if (node->tenant[t].used) {
        pages_drop(node, &node->tenant[t]);
        for (uint32_t d = 0; d < node->device_count; d++)
            arbiter_remove(&node->arbiter[d], t);
    }
    pages_move(node, newcomer, &node->tenant[t]);
    plan->named[t] = true;
}

/* Seats every newcomer or none: whatever can fail does so before anyone loses a place. @return 0 or -errno */
static int seat_newcomers(struct aliquot_node *node, struct plan *plan, const struct aliquot_node_quota *quotas,
                          uint32_t count, char *error, size_t error_bytes)
{
    const char *newcomers[NODE_TENANTS + 1];
    int places = 0;
    for (int t = 0; t < NODE_TENANTS; t++)
        places += is_free(node, plan, t);
    int wanted = find_newcomers(node, quotas, count, newcomers, places);
    if (wanted > places)
        return node_fail(error, error_bytes, -ENOSPC, "no place for tenant %s: a node has at most %d", newcomers[places],
                         NODE_TENANTS);
    if (wanted == 0)
        return 0;
    struct tenant *made = calloc((size_t)wanted, sizeof *made);
    int result = made == NULL ? node_fail(error, error_bytes, -ENOMEM, "no memory for %d tenants", wanted)
                              : make_tenants(node, newcomers, wanted, made, error, error_bytes);
    for (int n = 0; result == 0 && n < wanted; n++)
        seat(node, plan, &made[n]);
    free(made);
    return result;
}

static int make_plan(struct aliquot_node *node, const struct aliquot_node_quota *quotas, uint32_t count, struct plan *plan,
                     char *error, size_t error_bytes)
{
    memset(plan, 0, sizeof *plan);
    for (uint32_t i = 0; i < count; i++) {
        const struct tenant *tenant = node_tenant(node, quotas[i].tenant);
        if (tenant != NULL)
            plan->named[tenant - node->tenant] = true; /* before any place is given away */
    }
    int result = seat_newcomers(node, plan, quotas, count, error, error_bytes);
    for (uint32_t i = 0; result == 0 && i < count; i++)
        plan->quota[node_tenant(node, quotas[i].tenant) - node->tenant][quotas[i].device] = &quotas[i].quota;
    return result;
}

static void set_quota(struct aliquot_node *node, struct tenant *tenant, uint32_t device, const struct aliquot_quota *quota)
{
    pages_set_quota(tenant, device, quota);
    tenant->account[device].limit_bytes = quota->memory_limit_bytes;
    struct arbiter_terms terms = {.weight = quota->weight,
                                  .floor_permille = quota->floor_permille,
                                  .ceiling_permille = quota->ceiling_permille,
                                  .hard = (quota->flags & ALIQUOT_QUOTA_HARD) != 0,
                                  .class = (quota->flags & ALIQUOT_QUOTA_LATENCY_CRITICAL) != 0 ? ARBITER_LATENCY_CRITICAL
                                           : (quota->flags & ALIQUOT_QUOTA_BEST_EFFORT) != 0    ? ARBITER_BEST_EFFORT
                                                                                                : ARBITER_STANDARD};
    arbiter_set(&node->arbiter[device], (int)(tenant - node->tenant), &terms);
}

/*
 * A tenant on a GPU that the decision does not name: what runs keeps running, at the least share. A GPU it has no quota on
 * gives it no memory (0 would be no limit); a tenant that is forgotten keeps its limit, for what it holds, and is granted
 * no more.
 */
static void set_least(struct aliquot_node *node, struct tenant *tenant, uint32_t device)
{
    struct aliquot_quota least = {.weight = 1, .ceiling_permille = 1000, .fallback_permille = 1, .memory_limit_bytes = 1};
    if (!tenant->known) { /* its programs keep what bounds them, not what they were promised */
        const struct aliquot_quota *last = pages_quota(tenant, device);
        least.memory_limit_bytes = last->memory_limit_bytes;
        least.ceiling_permille = last->ceiling_permille;
        least.flags = last->flags & ~ALIQUOT_QUOTA_LATENCY_CRITICAL;
    }
    set_quota(node, tenant, device, &least);
}

static void enforce(struct aliquot_node *node, const struct plan *plan)
{
    for (int t = 0; t < NODE_TENANTS; t++) {
        struct tenant *tenant = &node->tenant[t];
        tenant->known = plan->named[t];
        for (uint32_t d = 0; tenant->used && d < node->device_count; d++)
            if (plan->quota[t][d] != NULL)
                set_quota(node, tenant, d, plan->quota[t][d]);
            else
                set_least(node, tenant, d);
    }
}

static void publish_generation(struct aliquot_node *node)
{
    for (int t = 0; t < NODE_TENANTS; t++) {
        if (!node->tenant[t].used)
            continue;
        struct aliquot_control_page *control = node->tenant[t].control;
        control->fence_term = node->status.fence_term;
        control->fence_sequence = node->status.fence_sequence;
        atomic_store_explicit(&control->applied_ns, node->status.applied_ns, memory_order_relaxed);
        atomic_store_explicit(&control->generation, node->status.generation, memory_order_release);
    }
}

static int apply_locked(struct aliquot_node *node, const struct aliquot_node_quota *quotas, uint32_t count,
                        uint64_t fence_term, uint64_t fence_sequence, char *error, size_t error_bytes)
{
    struct aliquot_node_status *status = &node->status;
    if (fence_term < status->fence_term ||
        (fence_term == status->fence_term && fence_sequence <= status->fence_sequence))
        return node_fail(error, error_bytes, -ESTALE, "fence %llu.%llu is not above %llu.%llu, the last accepted",
                         (unsigned long long)fence_term, (unsigned long long)fence_sequence,
                         (unsigned long long)status->fence_term, (unsigned long long)status->fence_sequence);
    struct plan plan;
    int result = make_plan(node, quotas, count, &plan, error, error_bytes);
    if (result != 0)
        return result;
    enforce(node, &plan);
    status->fence_term = fence_term;
    status->fence_sequence = fence_sequence;
    status->applied_ns = node_now_ns();
    status->generation++;
    publish_generation(node);
    return 0;
}

int aliquot_node_apply(struct aliquot_node *node, const struct aliquot_node_quota *quotas, uint32_t count,
                       uint64_t fence_term, uint64_t fence_sequence, char *error, size_t error_bytes)
{
    for (uint32_t i = 0; i < count; i++) {
        int result = check_quota(node, &quotas[i], error, error_bytes);
        if (result != 0)
            return result;
    }
    pthread_mutex_lock(&node->lock);
    int result = apply_locked(node, quotas, count, fence_term, fence_sequence, error, error_bytes);
    pthread_mutex_unlock(&node->lock);
    return result;
}

/* ---- what the agent reads ---- */

static void fill_usage(struct aliquot_node *node, int index, uint32_t device, struct aliquot_node_usage *usage)
{
    struct tenant *tenant = &node->tenant[index];
    const struct counters *total = &tenant->total[device];
    struct arbiter_seat backlog = {0};
    usage_settle(tenant, device, NULL, 0);
    *usage = (struct aliquot_node_usage){
        .device = device,
        .processes = tenant->processes,
        .gpu_ns = total->gpu_ns,
        .held_ns = node->arbiter[device].seat[index].charged_ns,
        .waited_ns = total->waited_ns,
        .blocked_ns = total->blocked_ns,
        .launches = total->launches,
        .memory_bytes = tenant->account[device].used_bytes,
        .anomalies = tenant->anomalies,
        .waiting = usage_backlog(tenant, device, &backlog),
        .has_turn = node->arbiter[device].seat[index].window_ns > 0,
        .quota = *pages_quota(tenant, device),
        .missed = tenant->missed,
        .pinned_bytes = usage_pinned(tenant),
    };
    memcpy(usage->tenant, tenant->name, sizeof usage->tenant);
}

int aliquot_node_snapshot(struct aliquot_node *node, struct aliquot_node_usage *usage, uint32_t capacity,
                          struct aliquot_node_status *status)
{
    pthread_mutex_lock(&node->lock);
    uint64_t now_ns = node_now_ns();
    uint32_t count = 0;
    for (int t = 0; t < NODE_TENANTS; t++) {
        struct tenant *tenant = &node->tenant[t];
        if (!tenant->used)
            continue;
        for (uint32_t s = 0; s < ALIQUOT_PROCESSES; s++)
            if (tenant->slot[s] != NULL)
                usage_collect(node, tenant->slot[s], now_ns);
        for (uint32_t d = 0; d < node->device_count; d++, count++)
            if (count < capacity)
                fill_usage(node, t, d, &usage[count]);
    }
    *status = node->status;
    status->connections = node->connections;
    status->turns = 0;
    for (uint32_t d = 0; d < node->device_count; d++)
        status->turns += node->arbiter[d].turns;
    pthread_mutex_unlock(&node->lock);
    return (int)count;
}

int aliquot_node_processes(struct aliquot_node *node, struct aliquot_node_process *processes, uint32_t capacity)
{
    pthread_mutex_lock(&node->lock);
    uint32_t count = 0;
    for (uint32_t i = 0; i < NODE_CONNECTIONS; i++) {
        const struct connection *connection = &node->connection[i];
        if (!connection->used || connection->closing || connection->tenant == NULL)
            continue;
        if (count < capacity) {
            processes[count] = (struct aliquot_node_process){.pid = (uint32_t)connection->pid};
            memcpy(processes[count].tenant, connection->tenant->name, ALIQUOT_NAME_BYTES);
        }
        count++;
    }
    pthread_mutex_unlock(&node->lock);
    return (int)count;
}

int aliquot_node_stop(struct aliquot_node *node)
{
    atomic_store_explicit(&node->stopping, true, memory_order_release); /* pairs with the loop's acquire */
    uint64_t one = 1;
    (void)!write(node->stopper.fd, &one, sizeof one);
    return 0;
}
