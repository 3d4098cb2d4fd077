/* What a decision puts in force on a node, and which are refused. */
#include <errno.h>
#include <sys/resource.h>

#include "internal.h"
#include "node_fixture.h"

static void decisionsAreOrderedAndAllOrNothing(void **state)
{
    struct fixture *fixture = *state;
    struct agent agent = fixture_connect(fixture, "a");
    struct aliquot_node_quota quotas[] = {fixture_quota("a", 9), fixture_quota("b", 3)};
    char error[200];
    assert_int_equal(aliquot_node_apply(fixture->node, quotas, 2, 1, 1, error, sizeof error), -ESTALE);
    assert_int_equal(aliquot_node_apply(fixture->node, quotas, 2, 0, 99, error, sizeof error), -ESTALE);
    quotas[1].quota.weight = 0;
    assert_int_equal(aliquot_node_apply(fixture->node, quotas, 2, 2, 1, error, sizeof error), -EINVAL);
    assert_non_null(strstr(error, "b: weight 0"));
    assert_int_equal(fixture_usage(fixture, "a").quota.weight, 1);
    quotas[1].quota.weight = 3;
    assert_int_equal(aliquot_node_apply(fixture->node, quotas, 2, 2, 1, error, sizeof error), 0);
    const struct aliquot_control_device *page = &agent.control->device[0];
    assert_int_equal(page->quota[page->quota_index & 1].weight, 9);
    assert_int_equal(agent.control->fence_term, 2);
    agent_close(&agent);
}

static void aForgottenTenantKeepsRunningButAdmitsNoOne(void **state)
{
    struct fixture *fixture = *state;
    struct agent agent = fixture_connect(fixture, "a"), second = {.socket_fd = -1};
    struct aliquot_node_quota only_b = fixture_quota("b", 3);
    char error[200], reason[ALIQUOT_REASON_BYTES];
    assert_int_equal(aliquot_node_apply(fixture->node, &only_b, 1, 3, 1, error, sizeof error), 0);
    assert_int_equal(fixture_usage(fixture, "a").processes, 1);
    struct aliquot_hello hello = fixture_hello(fixture, "a");
    assert_false(agent_connect(&second, fixture->socket, &hello, reason));
    assert_false(fixture_reserve(&agent, 0, 1));
    agent_close(&agent);
}

/* A tenant's figures on one GPU. */
static struct aliquot_node_usage usage_on(struct fixture *fixture, const char *tenant, uint32_t device)
{
    struct aliquot_node_usage usage[8];
    struct aliquot_node_status status;
    int count = aliquot_node_snapshot(fixture->node, usage, 8, &status);
    for (int i = 0; i < count; i++)
        if (strcmp(usage[i].tenant, tenant) == 0 && usage[i].device == device)
            return usage[i];
    fail_msg("no tenant %s on GPU %u in the snapshot", tenant, device);
    return usage[0];
}

static void assert_least(const struct aliquot_quota *quota)
{
    assert_int_equal(quota->weight, 1);
    assert_int_equal(quota->floor_permille, 0);
    assert_int_equal(quota->fallback_permille, 1);
    assert_int_equal(quota->memory_limit_bytes, 1);
}

static void aGpuThatADecisionDoesNotNameGivesTheLeast(void **state)
{
    struct fixture *fixture = *state;
    struct aliquot_node_quota moved = fixture_quota("a", 9);
    char error[200];
    fixture_stop(fixture);
    fixture->gpus = 2;
    fixture_open(fixture); /* names the first GPU only */
    fixture_run(fixture);
    struct agent agent = fixture_connect(fixture, "a");
    struct aliquot_quota quota = usage_on(fixture, "a", 1).quota;
    assert_least(&quota);
    const struct aliquot_control_device *page = &agent.control->device[1];
    assert_int_equal(page->quota[page->quota_index & 1].memory_limit_bytes, 1);
    assert_false(fixture_reserve(&agent, 1, 2));
    moved.device = 1;
    assert_int_equal(aliquot_node_apply(fixture->node, &moved, 1, 2, 1, error, sizeof error), 0);
    quota = usage_on(fixture, "a", 0).quota;
    assert_least(&quota);
    assert_int_equal(usage_on(fixture, "a", 1).quota.weight, 9);
    assert_true(fixture_reserve(&agent, 1, FIXTURE_LIMIT));
    agent_close(&agent);
}

static void aForgottenTenantKeepsWhatBoundsIt(void **state)
{
    struct fixture *fixture = *state;
    struct agent agent = fixture_connect(fixture, "a");
    struct aliquot_node_quota quotas[] = {fixture_quota("a", 9), fixture_quota("b", 1)};
    char error[200] = "";
    quotas[0].quota.ceiling_permille = 300;
    quotas[0].quota.flags = ALIQUOT_QUOTA_HARD | ALIQUOT_QUOTA_BEST_EFFORT;
    assert_int_equal(aliquot_node_apply(fixture->node, quotas, 2, 1, 50, error, sizeof error), 0);
    assert_int_equal(aliquot_node_apply(fixture->node, &quotas[1], 1, 1, 51, error, sizeof error), 0);
    struct aliquot_quota left = fixture_usage(fixture, "a").quota;
    assert_int_equal(left.weight, 1);
    assert_int_equal(left.ceiling_permille, 300);
    assert_int_equal(left.flags, ALIQUOT_QUOTA_HARD | ALIQUOT_QUOTA_BEST_EFFORT);
    assert_int_equal(left.memory_limit_bytes, FIXTURE_LIMIT);
    quotas[0].quota.flags = ALIQUOT_QUOTA_HARD | ALIQUOT_QUOTA_LATENCY_CRITICAL;
    assert_int_equal(aliquot_node_apply(fixture->node, quotas, 2, 1, 52, error, sizeof error), 0);
    assert_int_equal(aliquot_node_apply(fixture->node, &quotas[1], 1, 1, 53, error, sizeof error), 0);
    assert_int_equal(fixture_usage(fixture, "a").quota.flags, ALIQUOT_QUOTA_HARD);
    agent_close(&agent);
}

static void aControlPageSaysTheClass(void **state)
{
    struct fixture *fixture = *state;
    struct agent agent = fixture_connect(fixture, "a");
    const struct aliquot_control_device *page = &agent.control->device[0];
    const uint32_t classes[] = {ALIQUOT_QUOTA_LATENCY_CRITICAL, ALIQUOT_QUOTA_BEST_EFFORT, 0};
    char error[200] = "";
    for (uint32_t c = 0; c < sizeof classes / sizeof *classes; c++) {
        struct aliquot_node_quota quota = fixture_quota("a", 1);
        quota.quota.flags = classes[c];
        assert_int_equal(aliquot_node_apply(fixture->node, &quota, 1, 1, 50 + c, error, sizeof error), 0);
        assert_int_equal(page->quota[page->quota_index & 1].flags, classes[c]);
        assert_int_equal(fixture_usage(fixture, "a").quota.flags, classes[c]);
    }
    agent_close(&agent);
}

static void flagsThatCannotBeAreNamed(void **state)
{
    struct fixture *fixture = *state;
    struct aliquot_node_quota quota = fixture_quota("a", 1);
    char error[200] = "";
    quota.quota.flags = ALIQUOT_QUOTA_LATENCY_CRITICAL | ALIQUOT_QUOTA_BEST_EFFORT;
    assert_int_equal(aliquot_node_apply(fixture->node, &quota, 1, 1, 50, error, sizeof error), -EINVAL);
    assert_non_null(strstr(error, "tenant a: flags 0x6, must be latency-critical (0x2) or best-effort (0x4), not both"));
    quota.quota.flags = 8;
    assert_int_equal(aliquot_node_apply(fixture->node, &quota, 1, 1, 51, error, sizeof error), -EINVAL);
    assert_non_null(strstr(error, "flags 0x8, only 0x7 are known"));
    assert_int_equal(fixture_usage(fixture, "a").quota.flags, 0);
}

/* Tries a decision of `count` tenants, with a at weight 9 among them, and sees the one before it in force. */
static void refuses_whole(struct fixture *fixture, uint32_t count, int expected)
{
    struct aliquot_node_quota quotas[NODE_TENANTS + 1] = {fixture_quota("a", 9)};
    char error[200] = "", name[16];
    for (uint32_t i = 1; i < count; i++) {
        snprintf(name, sizeof name, "new%u", i);
        quotas[i] = fixture_quota(name, 1);
    }
    uint64_t generation = fixture_status(fixture).generation;
    assert_int_equal(aliquot_node_apply(fixture->node, quotas, count, 1, 99, error, sizeof error), expected);
    assert_non_null(strstr(error, "tenant new"));
    assert_int_equal(fixture_usage(fixture, "a").quota.weight, 1);
    assert_int_equal(fixture_usage(fixture, "b").quota.weight, 3);
    assert_int_equal(fixture_status(fixture).generation, generation);
    assert_int_equal(fixture_status(fixture).fence_sequence, fixture->sequence);
    struct aliquot_node_status status;
    assert_int_equal(aliquot_node_snapshot(fixture->node, NULL, 0, &status), 2);
    fixture_apply(fixture, 1); /* a lower fence than the refused one */
}

static void aDecisionWithoutPlaceChangesNothing(void **state)
{
    refuses_whole(*state, NODE_TENANTS + 1, -ENOSPC);
}

static void aDecisionWithoutDescriptorsChangesNothing(void **state)
{
    struct rlimit before, few;
    getrlimit(RLIMIT_NOFILE, &before);
    few = before;
    few.rlim_cur = 60;
    setrlimit(RLIMIT_NOFILE, &few);
    refuses_whole(*state, 40, -EMFILE);
    setrlimit(RLIMIT_NOFILE, &before);
}

static void aForgottenTenantGivesItsPlaceToANewOne(void **state)
{
    struct fixture *fixture = *state;
    struct aliquot_node_quota quotas[NODE_TENANTS];
    char error[200] = "", name[16];
    for (uint32_t i = 0; i < NODE_TENANTS; i++) {
        snprintf(name, sizeof name, "new%u", i);
        quotas[i] = fixture_quota(name, 1);
    }
    struct agent agent = fixture_connect(fixture, "a");
    assert_int_equal(aliquot_node_apply(fixture->node, quotas, NODE_TENANTS, 2, 1, error, sizeof error), -ENOSPC);
    assert_int_equal(aliquot_node_apply(fixture->node, quotas, NODE_TENANTS - 1, 2, 1, error, sizeof error), 0);
    assert_int_equal(fixture_usage(fixture, "a").processes, 1);
    agent_close(&agent);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(decisionsAreOrderedAndAllOrNothing, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(aForgottenTenantKeepsRunningButAdmitsNoOne, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(aGpuThatADecisionDoesNotNameGivesTheLeast, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(aForgottenTenantKeepsWhatBoundsIt, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(aControlPageSaysTheClass, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(flagsThatCannotBeAreNamed, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(aDecisionWithoutPlaceChangesNothing, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(aDecisionWithoutDescriptorsChangesNothing, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(aForgottenTenantGivesItsPlaceToANewOne, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
