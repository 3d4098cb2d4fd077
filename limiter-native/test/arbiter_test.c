/* The arbiter against a little GPU of its own: kernels of given lengths, tenants that are always or sometimes busy. */
#include "arbiter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

enum { TENANTS = 3 };
#define US 1000ull
#define MS 1000000ull
#define S 1000000000ull

struct load {
    uint64_t kernel_ns; /* 0: not there */
    uint64_t gap_ns;    /* of the CPU after each kernel */
    uint64_t pace_ns;   /* of the CPU for each launch, while the GPU works */
    uint64_t idle_from_ns, idle_to_ns;
};

struct world {
    struct arbiter arbiter;
    struct load load[TENANTS];
    uint64_t queued[TENANTS]; /* kernels in flight */
    uint64_t left_ns[TENANTS]; /* of the one that runs */
    uint64_t resume_ns[TENANTS];
    uint64_t used_ns[TENANTS];
    uint64_t queued_ns[TENANTS];
    uint64_t now_ns;
    int running;
    uint64_t slice_ns; /* that is left of the hardware's time slice */
    uint64_t switch_ns; /* that is left of a switch */
    uint64_t phantom_ns; /* that tenant 0 claims to have in flight besides */
};

static bool wants(const struct world *world, int t)
{
    const struct load *load = &world->load[t];
    bool idle = world->now_ns >= load->idle_from_ns && world->now_ns < load->idle_to_ns;
    return load->kernel_ns != 0 && !idle && world->now_ns >= world->resume_ns[t] && (load->gap_ns == 0 || world->queued[t] == 0);
}

static uint64_t inflight(const struct world *world, int t)
{
    return world->queued[t] == 0 ? 0 : (world->queued[t] - 1) * world->load[t].kernel_ns + world->left_ns[t];
}

static void launch(struct world *world, int t)
{
    while (wants(world, t)) {
        const struct arbiter_seat *seat = &world->arbiter.seat[t];
        uint64_t in = inflight(world, t), window = seat->window_ns;
        if (window > MS && seat->ends_ns != 0) { /* as the pacer does */
            uint64_t left = seat->ends_ns > world->now_ns + MS ? seat->ends_ns - world->now_ns : MS;
            window = left < window ? left : window;
        }
        if (window == 0 || (in > 0 && in + world->load[t].kernel_ns > window))
            break;
        if (world->queued[t]++ == 0)
            world->left_ns[t] = world->load[t].kernel_ns;
        world->queued_ns[t] += world->load[t].kernel_ns;
        if (world->load[t].pace_ns != 0)
            world->resume_ns[t] = world->now_ns + world->load[t].pace_ns;
    }
}

/* Whose work the GPU runs: the hardware slices time between those that have some, and a switch costs. */
static int next_to_run(struct world *world)
{
    int t = world->running, n = 0;
    if (world->queued[t] == 0 || world->slice_ns == 0)
        for (n = 1; n < TENANTS && world->queued[(t + n) % TENANTS] == 0; n++)
            continue;
    if (n == TENANTS && world->queued[t] == 0)
        return -1;
    if (n > 0) {
        world->slice_ns = 2 * MS;
        world->switch_ns = n < TENANTS ? 150 * US : 0;
        world->running = (t + n) % TENANTS;
    }
    return world->running;
}

/* One step of the GPU's time. */
static void step(struct world *world, uint64_t dt_ns)
{
    for (int t = 0; t < TENANTS; t++)
        launch(world, t);
    uint64_t left = dt_ns;
    for (int t; left > 0 && (t = next_to_run(world)) >= 0;) {
        uint64_t switching = world->switch_ns < left ? world->switch_ns : left;
        world->switch_ns -= switching;
        left -= switching;
        uint64_t ran = world->left_ns[t] < left ? world->left_ns[t] : left;
        ran = ran < world->slice_ns ? ran : world->slice_ns;
        world->left_ns[t] -= ran;
        world->used_ns[t] += ran;
        world->slice_ns -= ran;
        left -= ran;
        if (world->left_ns[t] == 0 && world->switch_ns == 0) {
            world->left_ns[t] = world->load[t].kernel_ns;
            world->queued[t]--;
            if (world->load[t].gap_ns != 0)
                world->resume_ns[t] = world->now_ns + dt_ns - left + world->load[t].gap_ns;
        }
    }
    world->now_ns += dt_ns;
    for (int t = 0; t < TENANTS; t++) {
        struct arbiter_seat *seat = &world->arbiter.seat[t];
        seat->inflight_ns = inflight(world, t) + (t == 0 ? world->phantom_ns : 0);
        seat->waiting = wants(world, t);
        seat->queued_ns = world->queued_ns[t];
    }
    arbiter_step(&world->arbiter, world->now_ns);
}

static void begin(struct world *world, const uint32_t *weights)
{
    memset(world, 0, sizeof *world);
    world->now_ns = S;
    arbiter_init(&world->arbiter, world->now_ns);
    for (int t = 0; t < TENANTS; t++)
        if (weights[t] > 0)
            arbiter_set(&world->arbiter, t, weights[t], 0, 1000, false);
}

static void run(struct world *world, uint64_t ns)
{
    memset(world->used_ns, 0, sizeof world->used_ns);
    for (uint64_t until = world->now_ns + ns; world->now_ns < until;)
        step(world, 10 * US);
}

/* Shares of what was used, permille, each within `slack` of what is expected. */
static void expect_shares(const struct world *world, const int *permille, int slack)
{
    uint64_t sum = 0;
    for (int t = 0; t < TENANTS; t++)
        sum += world->used_ns[t];
    for (int t = 0; t < TENANTS; t++) {
        int share = (int)(world->used_ns[t] * 1000 / sum);
        if (abs(share - permille[t]) > slack)
            fail_msg("tenant %d has %d permille, not %d", t, share, permille[t]);
    }
}

static void sharesByWeightWithShortKernels(void **state)
{
    (void)state;
    struct world world;
    begin(&world, (uint32_t[]){1, 2, 5});
    for (int t = 0; t < TENANTS; t++)
        world.load[t].kernel_ns = 200 * US;
    run(&world, 10 * S);
    expect_shares(&world, (int[]){125, 250, 625}, 5);
}

static void sharesByWeightWhateverTheKernels(void **state)
{
    (void)state;
    struct world world;
    begin(&world, (uint32_t[]){7, 23, 70});
    world.load[0].kernel_ns = 12800 * US;
    world.load[1].kernel_ns = 200 * US;
    world.load[2].kernel_ns = 880 * US;
    run(&world, 20 * S);
    expect_shares(&world, (int[]){70, 230, 700}, 8);
}

static void lendsAnIdleShareAtOnceAndGivesItBack(void **state)
{
    (void)state;
    struct world world;
    begin(&world, (uint32_t[]){1, 2, 5});
    for (int t = 0; t < TENANTS; t++)
        world.load[t].kernel_ns = 200 * US;
    world.load[2].idle_from_ns = 3 * S;
    world.load[2].idle_to_ns = 5 * S;
    run(&world, 2 * S - 10 * MS);
    run(&world, 10 * MS);
    run(&world, 2 * S - 10 * MS); /* while it is idle, from its very start */
    expect_shares(&world, (int[]){333, 667, 0}, 10);
    assert_true(world.used_ns[0] + world.used_ns[1] > (2 * S - 10 * MS) * 97 / 100);
    run(&world, 10 * MS);
    run(&world, 5 * S);
    expect_shares(&world, (int[]){125, 250, 625}, 8);
}

static void anIdleHolderPaysAndHandsOver(void **state)
{
    (void)state;
    struct world world;
    begin(&world, (uint32_t[]){1, 1, 0});
    world.load[0].kernel_ns = 200 * US;
    world.load[0].gap_ns = 5 * MS; /* wants 4 % only */
    world.load[1].kernel_ns = 200 * US;
    run(&world, 5 * S);
    assert_true(world.used_ns[0] >= 5 * S * 3 / 100); /* near its solo demand */
    assert_true(world.used_ns[1] >= 5 * S * 88 / 100);
}

static void floorsAndCeilingsHold(void **state)
{
    (void)state;
    struct world world;
    begin(&world, (uint32_t[]){1, 1, 8});
    arbiter_set(&world.arbiter, 0, 1, 300, 1000, false);
    arbiter_set(&world.arbiter, 2, 8, 0, 400, false);
    for (int t = 0; t < TENANTS; t++)
        world.load[t].kernel_ns = 200 * US;
    run(&world, 10 * S);
    expect_shares(&world, (int[]){300, 300, 400}, 8);
}

/* Permille of the wall clock that tenant 0 uses under a hard ceiling, with kernels of this length. */
static int used_under(uint32_t ceiling_permille, uint64_t kernel_ns, uint64_t other_kernel_ns)
{
    struct world world;
    begin(&world, (uint32_t[]){1, 1, 0});
    arbiter_set(&world.arbiter, 0, 1, 0, ceiling_permille, true);
    world.load[0].kernel_ns = kernel_ns;
    world.load[1].kernel_ns = other_kernel_ns;
    run(&world, S / 2);
    run(&world, 5 * S);
    if (other_kernel_ns != 0) /* what it leaves is used */
        assert_true(world.used_ns[1] * 1000 / (5 * S) >= 970 - ceiling_permille);
    return (int)(world.used_ns[0] * 1000 / (5 * S));
}

static void aHardCeilingHoldsAlone(void **state)
{
    (void)state;
    const uint64_t kernels[] = {20 * US, 200 * US, 880 * US, 12800 * US, 60 * MS};
    for (unsigned k = 0; k < sizeof kernels / sizeof *kernels; k++)
        assert_in_range(used_under(500, kernels[k], 0), 490, 510);
    assert_in_range(used_under(500, 400 * MS, 0), 430, 570); /* few of them fit into the test */
    assert_in_range(used_under(50, 200 * US, 0), 45, 53);
    assert_in_range(used_under(900, 12800 * US, 0), 890, 910);
}

static void aHardCeilingHoldsBesideOthers(void **state)
{
    (void)state;
    assert_in_range(used_under(300, 200 * US, 200 * US), 285, 310);
    assert_in_range(used_under(300, 12800 * US, 200 * US), 285, 310);
    assert_in_range(used_under(300, 200 * US, 12800 * US), 280, 310);
    assert_in_range(used_under(800, 200 * US, 200 * US), 485, 515); /* the weights say less */
}

static void aHardCeilingLetsALaunchBoundTenantUseIt(void **state)
{
    (void)state;
    struct world world;
    begin(&world, (uint32_t[]){1, 0, 0});
    arbiter_set(&world.arbiter, 0, 1, 0, 500, true);
    world.load[0] = (struct load){.kernel_ns = 10 * US, .pace_ns = 40 * US};
    run(&world, S);
    run(&world, 2 * S);
    assert_true(world.used_ns[0] >= 2 * S * 24 / 100); /* all that it can use is below its ceiling */
}

static void aHardCeilingThatIsLiftedLetsGo(void **state)
{
    (void)state;
    struct world world;
    begin(&world, (uint32_t[]){1, 0, 0});
    arbiter_set(&world.arbiter, 0, 1, 0, 10, true);
    world.load[0].kernel_ns = 200 * US;
    run(&world, S);
    arbiter_set(&world.arbiter, 0, 1, 0, 10, false);
    run(&world, 100 * MS);
    assert_true(world.used_ns[0] >= 95 * MS);
}

static void aNewWeightHoldsAtOnce(void **state)
{
    (void)state;
    struct world world;
    begin(&world, (uint32_t[]){1, 1, 0});
    world.load[0].kernel_ns = world.load[1].kernel_ns = 200 * US;
    run(&world, 2 * S);
    arbiter_set(&world.arbiter, 0, 3, 0, 1000, false);
    run(&world, 500 * MS);
    expect_shares(&world, (int[]){750, 250, 0}, 20);
}

static void aLiarGetsNoMoreThanItsShare(void **state)
{
    (void)state;
    struct world world;
    begin(&world, (uint32_t[]){1, 3, 0});
    world.load[1].kernel_ns = 200 * US;
    uint64_t honest_ns = 0;
    for (int i = 0; i < 500000; i++) { /* tenant 0 claims to wait and to have work in flight, for ever */
        struct arbiter_seat *liar = &world.arbiter.seat[0];
        step(&world, 10 * US);
        liar->waiting = true;
        liar->inflight_ns = (uint64_t)rand() << 20;
        arbiter_step(&world.arbiter, world.now_ns);
        honest_ns += liar->window_ns == 0 ? 10 * US : 0;
    }
    assert_true(honest_ns >= 5 * S * 70 / 100);
    assert_true(world.used_ns[1] >= 5 * S * 40 / 100); /* each false drain costs the liar, and is bounded */
}

static void workThatNeverEndsSavesNoCredit(void **state)
{
    (void)state;
    struct world world;
    begin(&world, (uint32_t[]){1, 1, 1});
    world.load[1].kernel_ns = world.load[2].kernel_ns = 200 * US;
    world.phantom_ns = 1; /* for 20 s it has no end, and wants no more */
    run(&world, 20 * S);
    world.phantom_ns = 0;
    world.load[0].kernel_ns = 200 * US;
    run(&world, 3 * S);
    expect_shares(&world, (int[]){333, 333, 333}, 15);
}

static void aDeadHolderFreesTheTurn(void **state)
{
    (void)state;
    struct world world;
    begin(&world, (uint32_t[]){1, 1, 0});
    world.load[0].kernel_ns = world.load[1].kernel_ns = 200 * US;
    run(&world, 100 * MS);
    int holder = world.arbiter.holder;
    arbiter_remove(&world.arbiter, holder);
    world.load[holder].kernel_ns = 0;
    world.queued[holder] = 0;
    step(&world, 10 * US);
    assert_int_equal(world.arbiter.holder, 1 - holder);
}

static void aLaunchBoundTenantRunsBesideTheTurns(void **state)
{
    (void)state;
    struct world world;
    begin(&world, (uint32_t[]){30, 70, 0});
    world.load[0] = (struct load){.kernel_ns = 10 * US, .pace_ns = 40 * US}; /* can use a quarter */
    world.load[1].kernel_ns = 200 * US;
    run(&world, S);
    run(&world, 4 * S);
    assert_true(world.arbiter.seat[0].light);
    assert_false(world.arbiter.seat[1].light);
    assert_true(world.used_ns[0] >= 4 * S * 22 / 100); /* nearly all that it can use; in turns it would have 7 % */
    assert_true(world.used_ns[1] >= 4 * S * 60 / 100);
}

static void twoLaunchBoundTenantsNeedNoTurns(void **state)
{
    (void)state;
    struct world world;
    begin(&world, (uint32_t[]){30, 70, 0});
    world.load[0] = world.load[1] = (struct load){.kernel_ns = 10 * US, .pace_ns = 40 * US};
    run(&world, S);
    run(&world, 4 * S);
    assert_true(world.used_ns[0] >= 4 * S * 20 / 100);
    assert_true(world.used_ns[1] >= 4 * S * 20 / 100);
}

static void aLightTenantThatGrowsTakesTurnsAgain(void **state)
{
    (void)state;
    struct world world;
    begin(&world, (uint32_t[]){30, 70, 0});
    world.load[0] = (struct load){.kernel_ns = 10 * US, .pace_ns = 40 * US};
    world.load[1].kernel_ns = 200 * US;
    run(&world, 2 * S);
    assert_true(world.arbiter.seat[0].light);
    world.load[0] = (struct load){.kernel_ns = 200 * US};
    run(&world, S);
    assert_false(world.arbiter.seat[0].light);
    run(&world, 4 * S);
    expect_shares(&world, (int[]){300, 700, 0}, 10);
}

static void aLoopThatWaitsForEachKernelFaresBetterInTurns(void **state)
{
    (void)state;
    struct world world;
    begin(&world, (uint32_t[]){70, 30, 0});
    world.load[0] = (struct load){.kernel_ns = 600 * US, .gap_ns = 300 * US}; /* can use two thirds */
    world.load[1].kernel_ns = 200 * US;
    run(&world, 2 * S);
    assert_false(world.arbiter.seat[0].light);
    run(&world, 4 * S);
    assert_true(world.used_ns[0] >= 4 * S * 40 / 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sharesByWeightWithShortKernels),
        cmocka_unit_test(sharesByWeightWhateverTheKernels),
        cmocka_unit_test(lendsAnIdleShareAtOnceAndGivesItBack),
        cmocka_unit_test(anIdleHolderPaysAndHandsOver),
        cmocka_unit_test(floorsAndCeilingsHold),
        cmocka_unit_test(aHardCeilingHoldsAlone),
        cmocka_unit_test(aHardCeilingHoldsBesideOthers),
        cmocka_unit_test(aHardCeilingLetsALaunchBoundTenantUseIt),
        cmocka_unit_test(aHardCeilingThatIsLiftedLetsGo),
        cmocka_unit_test(aNewWeightHoldsAtOnce),
        cmocka_unit_test(aLiarGetsNoMoreThanItsShare),
        cmocka_unit_test(workThatNeverEndsSavesNoCredit),
        cmocka_unit_test(aLaunchBoundTenantRunsBesideTheTurns),
        cmocka_unit_test(twoLaunchBoundTenantsNeedNoTurns),
        cmocka_unit_test(aLightTenantThatGrowsTakesTurnsAgain),
        cmocka_unit_test(aLoopThatWaitsForEachKernelFaresBetterInTurns),
        cmocka_unit_test(aDeadHolderFreesTheTurn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
