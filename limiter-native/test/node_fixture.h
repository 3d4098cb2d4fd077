/* A node with one GPU (or two, that nobody has a quota on) and tenants a (weight 1) and b (weight 3), running on a thread in a folder of its own. */
#ifndef ALIQUOT_NODE_FIXTURE_H
#define ALIQUOT_NODE_FIXTURE_H

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../limiter/agent.h"
#include "aliquot_node.h"
#include "test.h"

#define FIXTURE_UUID "GPU-00000000-0000-0000-0000-000000000001"
#define FIXTURE_UUID_2 "GPU-00000000-0000-0000-0000-000000000002"
#define FIXTURE_LIMIT (1ull << 30)

struct fixture {
    char dir[64], socket[96];
    struct aliquot_node *node;
    pthread_t thread;
    uint64_t sequence;
    uint32_t gpus;
};

static void *fixture_loop(void *node)
{
    aliquot_node_run(node);
    return NULL;
}

static struct aliquot_node_quota fixture_quota(const char *tenant, uint32_t weight)
{
    struct aliquot_node_quota entry = {.quota = {.weight = weight, .ceiling_permille = 1000, .target_permille = 100 * weight,
                                                 .fallback_permille = 100 * weight, .memory_limit_bytes = FIXTURE_LIMIT}};
    snprintf(entry.tenant, sizeof entry.tenant, "%s", tenant);
    return entry;
}

static void fixture_apply(struct fixture *fixture, uint32_t weight_of_a)
{
    struct aliquot_node_quota quotas[] = {fixture_quota("a", weight_of_a), fixture_quota("b", 3)};
    char error[200] = "";
    if (aliquot_node_apply(fixture->node, quotas, 2, 1, ++fixture->sequence, error, sizeof error) != 0)
        fail_msg("apply: %s", error);
}

static void fixture_open(struct fixture *fixture)
{
    struct aliquot_node_device devices[] = {{FIXTURE_UUID, 80ull << 30}, {FIXTURE_UUID_2, 80ull << 30}};
    char error[200] = "";
    fixture->sequence = 0;
    if (aliquot_node_open(fixture->dir, devices, fixture->gpus, &fixture->node, error, sizeof error) != 0)
        fail_msg("open: %s", error);
    fixture_apply(fixture, 1);
}

static void fixture_run(struct fixture *fixture)
{
    assert_int_equal(pthread_create(&fixture->thread, NULL, fixture_loop, fixture->node), 0);
}

static void fixture_stop(struct fixture *fixture)
{
    aliquot_node_stop(fixture->node);
    pthread_join(fixture->thread, NULL);
    aliquot_node_close(fixture->node);
}

static int fixture_setup(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.gpus = 1};
    snprintf(fixture.dir, sizeof fixture.dir, "/tmp/aliquot-test-XXXXXX");
    if (mkdtemp(fixture.dir) == NULL)
        return -1;
    snprintf(fixture.socket, sizeof fixture.socket, "%s/sock/agent.sock", fixture.dir);
    fixture_open(&fixture);
    fixture_run(&fixture);
    *state = &fixture;
    return 0;
}

static int fixture_teardown(void **state)
{
    struct fixture *fixture = *state;
    char command[96];
    fixture_stop(fixture);
    snprintf(command, sizeof command, "rm -rf %s", fixture->dir);
    return system(command);
}

static struct aliquot_hello fixture_hello(struct fixture *fixture, const char *tenant)
{
    static unsigned number;
    char path[160];
    struct aliquot_hello hello = {.head = {ALIQUOT_PAGE_MAGIC, ALIQUOT_HELLO},
                                  .version_oldest = ALIQUOT_PAGE_VERSION_OLDEST,
                                  .version_newest = ALIQUOT_PAGE_VERSION};
    snprintf(hello.token, sizeof hello.token, "%032x", ++number * 7919 + (unsigned)getpid() * 104729);
    snprintf(path, sizeof path, "%s/tokens/%s", fixture->dir, hello.token);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "%s %d\n", tenant, (int)getpid());
    fclose(file);
    return hello;
}

static struct agent fixture_connect(struct fixture *fixture, const char *tenant)
{
    struct agent agent = {.socket_fd = -1};
    struct aliquot_hello hello = fixture_hello(fixture, tenant);
    char reason[ALIQUOT_REASON_BYTES] = "";
    if (!agent_connect(&agent, fixture->socket, &hello, reason))
        fail_msg("connect as %s: %s", tenant, reason);
    return agent;
}

/* Asks as a limiter does: its page shows the bytes first. */
static inline bool fixture_reserve(struct agent *agent, uint32_t device, uint64_t bytes)
{
    _Atomic uint64_t *shown = &agent->usage->slot[agent->slot].device[device].memory_bytes;
    bool granted = false;
    atomic_fetch_add(shown, bytes);
    if (!agent_reserve(agent, device, bytes, &granted))
        fail_msg("a reservation went unanswered");
    if (!granted)
        atomic_fetch_sub(shown, bytes);
    return granted;
}

static struct aliquot_node_usage fixture_usage(struct fixture *fixture, const char *tenant)
{
    struct aliquot_node_usage usage[8];
    struct aliquot_node_status status;
    int count = aliquot_node_snapshot(fixture->node, usage, 8, &status);
    for (int i = 0; i < count; i++)
        if (strcmp(usage[i].tenant, tenant) == 0)
            return usage[i];
    fail_msg("no tenant %s in the snapshot", tenant);
    return usage[0];
}

static struct aliquot_node_status fixture_status(struct fixture *fixture)
{
    struct aliquot_node_status status;
    aliquot_node_snapshot(fixture->node, NULL, 0, &status);
    return status;
}

/* Waits until a condition holds, for ten seconds at most. */
#define EVENTUALLY(condition)                                                \
    do {                                                                     \
        int left_ = 10000;                                                   \
        while (!(condition) && left_-- > 0)                                  \
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);         \
        if (left_ <= 0)                                                      \
            fail_msg("not within 10 s: %s", #condition);                     \
    } while (0)

#endif
