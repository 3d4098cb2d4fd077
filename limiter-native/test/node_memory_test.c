/* A node's account of its tenants' memory: what their sockets ask for, and what their pages show. */
#include <sys/socket.h>

#include "node_fixture.h"

static _Atomic uint64_t *shown(struct agent *agent)
{
    return &agent->usage->slot[agent->slot].device[0].memory_bytes;
}

static void memoryHoldsToTheByteAcrossProcessesAndDiesWithThem(void **state)
{
    struct fixture *fixture = *state;
    struct agent agent = fixture_connect(fixture, "a");
    pid_t child = fork();
    if (child == 0) { /* takes three quarters, and is killed with it */
        struct agent other = {.socket_fd = -1};
        char reason[ALIQUOT_REASON_BYTES];
        struct aliquot_hello hello = fixture_hello(fixture, "a");
        if (!agent_connect(&other, fixture->socket, &hello, reason) ||
            !fixture_reserve(&other, 0, FIXTURE_LIMIT / 4 * 3))
            _exit(1);
        pause();
    }
    EVENTUALLY(fixture_usage(fixture, "a").memory_bytes == FIXTURE_LIMIT / 4 * 3);
    assert_false(fixture_reserve(&agent, 0, FIXTURE_LIMIT / 4 + 1));
    assert_true(fixture_reserve(&agent, 0, FIXTURE_LIMIT / 4));
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    EVENTUALLY(fixture_usage(fixture, "a").memory_bytes == FIXTURE_LIMIT / 4);
    assert_true(fixture_reserve(&agent, 0, FIXTURE_LIMIT / 4 * 3));
    agent_close(&agent);
    EVENTUALLY(fixture_usage(fixture, "a").memory_bytes == 0);
}

static void aRestartedAgentAdoptsWhatIsHeld(void **state)
{
    struct fixture *fixture = *state;
    struct aliquot_hello hello = fixture_hello(fixture, "a");
    char reason[ALIQUOT_REASON_BYTES];
    struct agent agent = fixture_connect(fixture, "a");
    fixture_stop(fixture);
    assert_true(agent_is_gone(&agent));
    fixture_open(fixture); /* the token is a file: it outlives the agent */
    fixture_run(fixture);
    snprintf(hello.uuid[3], sizeof hello.uuid[3], FIXTURE_UUID);
    hello.held_bytes[3] = 12345;
    assert_true(agent_connect(&agent, fixture->socket, &hello, reason));
    assert_int_equal(fixture_usage(fixture, "a").memory_bytes, 12345);
    agent_close(&agent);
}

/* Who comes back first asks for what the others hold, of which the new agent has not heard yet: it waits for them. */
static void aRestartedAgentGrantsNothingBeforeItKnowsWhatIsHeld(void **state)
{
    struct fixture *fixture = *state;
    struct aliquot_hello hello = fixture_hello(fixture, "a");
    struct aliquot_memory_message message = {.head = {ALIQUOT_PAGE_MAGIC, ALIQUOT_RESERVE}, .bytes = FIXTURE_LIMIT};
    char reason[ALIQUOT_REASON_BYTES];
    struct agent other = {.socket_fd = -1};
    fixture_stop(fixture);
    fixture_open(fixture);
    fixture_run(fixture);
    struct agent first = fixture_connect(fixture, "a");
    assert_int_equal(send(first.socket_fd, &message, sizeof message, 0), sizeof message);
    memcpy(hello.uuid[0], FIXTURE_UUID, sizeof FIXTURE_UUID);
    hello.held_bytes[0] = 1;
    assert_true(agent_connect(&other, fixture->socket, &hello, reason));
    assert_int_equal(recv(first.socket_fd, &message, sizeof message, 0), sizeof message);
    assert_int_equal(message.head.kind, ALIQUOT_DENIED);
    assert_int_equal(message.bytes, FIXTURE_LIMIT - 1);
    assert_true(fixture_reserve(&first, 0, FIXTURE_LIMIT - 1));
    agent_close(&first);
    agent_close(&other);
}

/* Nobody tells the node what was freed: it looks before it refuses. */
static void whatWasFreedIsGrantedToTheNext(void **state)
{
    struct fixture *fixture = *state;
    struct agent first = fixture_connect(fixture, "a"), second = fixture_connect(fixture, "a");
    assert_true(fixture_reserve(&first, 0, FIXTURE_LIMIT));
    assert_false(fixture_reserve(&second, 0, 1));
    *shown(&first) = 100;
    assert_true(fixture_reserve(&second, 0, FIXTURE_LIMIT - 100));
    assert_false(fixture_reserve(&second, 0, 1));
    assert_int_equal(fixture_usage(fixture, "a").memory_bytes, FIXTURE_LIMIT);
    agent_close(&first);
    agent_close(&second);
}

static void whatTheAskerFreedIsItsOwnAgain(void **state)
{
    struct fixture *fixture = *state;
    struct agent agent = fixture_connect(fixture, "a");
    assert_true(fixture_reserve(&agent, 0, FIXTURE_LIMIT));
    *shown(&agent) = FIXTURE_LIMIT / 2;
    assert_true(fixture_reserve(&agent, 0, FIXTURE_LIMIT / 2));
    assert_false(fixture_reserve(&agent, 0, 1));
    *shown(&agent) = 0;
    assert_int_equal(fixture_usage(fixture, "a").memory_bytes, 0);
    agent_close(&agent);
}

/* A page that shows more than was granted costs its tenant nothing, and one that is being taken over shows what is held. */
static void aPageNeverRaisesTheAccount(void **state)
{
    struct fixture *fixture = *state;
    struct agent agent = fixture_connect(fixture, "a"), second = {.socket_fd = -1};
    char reason[ALIQUOT_REASON_BYTES];
    assert_true(fixture_reserve(&agent, 0, 1000));
    *shown(&agent) = UINT64_MAX / 2;
    assert_int_equal(fixture_usage(fixture, "a").memory_bytes, 1000);
    struct aliquot_hello hello = fixture_hello(fixture, "a");
    memcpy(hello.uuid[0], FIXTURE_UUID, sizeof FIXTURE_UUID);
    hello.held_bytes[0] = FIXTURE_LIMIT - 1000;
    assert_true(agent_connect(&second, fixture->socket, &hello, reason));
    assert_int_equal(fixture_usage(fixture, "a").memory_bytes, FIXTURE_LIMIT);
    assert_false(fixture_reserve(&agent, 0, 1));
    agent_close(&agent);
    agent_close(&second);
}

static void aLimitBelowUseRefusesAndShows(void **state)
{
    struct fixture *fixture = *state;
    struct agent agent = fixture_connect(fixture, "a");
    char error[200];
    assert_true(fixture_reserve(&agent, 0, FIXTURE_LIMIT));
    struct aliquot_node_quota quotas[] = {fixture_quota("a", 1), fixture_quota("b", 3)};
    quotas[0].quota.memory_limit_bytes = FIXTURE_LIMIT / 2;
    assert_int_equal(aliquot_node_apply(fixture->node, quotas, 2, 2, 1, error, sizeof error), 0);
    assert_false(fixture_reserve(&agent, 0, 1));
    struct aliquot_node_usage usage = fixture_usage(fixture, "a");
    assert_int_equal(usage.memory_bytes, FIXTURE_LIMIT);
    assert_int_equal(usage.quota.memory_limit_bytes, FIXTURE_LIMIT / 2);
    *shown(&agent) = FIXTURE_LIMIT / 2 - 1;
    assert_true(fixture_reserve(&agent, 0, 1));
    agent_close(&agent);
}

/* Host memory is shown, whatever the limit, and no figure is so large that the sum wraps. */
static void pinnedMemoryAddsUp(void **state)
{
    struct fixture *fixture = *state;
    struct agent first = fixture_connect(fixture, "a"), second = fixture_connect(fixture, "a");
    first.usage->slot[first.slot].pinned_bytes = 2 * FIXTURE_LIMIT;
    second.usage->slot[second.slot].pinned_bytes = 5;
    assert_int_equal(fixture_usage(fixture, "a").pinned_bytes, 2 * FIXTURE_LIMIT + 5);
    second.usage->slot[second.slot].pinned_bytes = UINT64_MAX;
    assert_int_equal(fixture_usage(fixture, "a").pinned_bytes, 2 * FIXTURE_LIMIT + (1ull << 48));
    assert_int_equal(fixture_usage(fixture, "a").memory_bytes, 0);
    agent_close(&second);
    EVENTUALLY(fixture_usage(fixture, "a").pinned_bytes == 2 * FIXTURE_LIMIT);
    agent_close(&first);
}

static void processesAreNamedWithTheirTenants(void **state)
{
    struct fixture *fixture = *state;
    struct aliquot_node_process processes[2];
    struct agent a = fixture_connect(fixture, "a"), b = fixture_connect(fixture, "b");
    assert_int_equal(fixture_status(fixture).connections, 2);
    assert_int_equal(aliquot_node_processes(fixture->node, processes, 1), 2);
    assert_int_equal(aliquot_node_processes(fixture->node, processes, 2), 2);
    for (int i = 0; i < 2; i++)
        assert_int_equal(processes[i].pid, getpid());
    assert_int_not_equal(strcmp(processes[0].tenant, "a") == 0, strcmp(processes[1].tenant, "a") == 0);
    assert_int_not_equal(strcmp(processes[0].tenant, "b") == 0, strcmp(processes[1].tenant, "b") == 0);
    agent_close(&a);
    agent_close(&b);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(memoryHoldsToTheByteAcrossProcessesAndDiesWithThem, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(aRestartedAgentAdoptsWhatIsHeld, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(aRestartedAgentGrantsNothingBeforeItKnowsWhatIsHeld, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(whatWasFreedIsGrantedToTheNext, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(whatTheAskerFreedIsItsOwnAgain, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(aPageNeverRaisesTheAccount, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(aLimitBelowUseRefusesAndShows, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(pinnedMemoryAddsUp, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(processesAreNamedWithTheirTenants, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
