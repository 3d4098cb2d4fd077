/* The arbiter against a little GPU of its own: kernels of given lengths, tenants that are always or sometimes busy. */
#include "arbiter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pacer.h"
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
    uint64_t most_queued_ns; /* it stops there; 0: never */
    uint64_t late_ns;        /* its threads wake so long after its turn began */
};

struct world {
    struct arbiter arbiter;
    struct load load[TENANTS];
    uint64_t queued[TENANTS]; /* kernels in flight */
    uint64_t ahead[TENANTS];  /* kernels launched before the turn */
    uint64_t left_ns[TENANTS]; /* of the one that runs */
    uint64_t resume_ns[TENANTS];
    uint64_t used_ns[TENANTS];
    uint64_t queued_ns[TENANTS];
    uint64_t metered_ns[TENANTS];
    uint64_t closed_ns[TENANTS]; /* when its turn was last closed */
    uint64_t now_ns;
    int running;
    uint64_t slice_ns; /* that is left of the hardware's time slice */
    uint64_t switch_ns; /* that is left of a switch */
    uint64_t phantom_ns; /* that tenant 0 claims to have in flight besides */
    bool stopped;        /* tenant 0 says nothing more, and its page says that it waits */
    bool unmetered;      /* nothing finishes, as the pages say */
    bool lies;           /* tenant 0 always claims to wait, and to have much in flight */
};

static bool load_is_there(const struct world *world, int t)
{
    return world->load[t].kernel_ns != 0;
}

static bool wants(const struct world *world, int t)
{
    const struct load *load = &world->load[t];
    bool idle = world->now_ns >= load->idle_from_ns && world->now_ns < load->idle_to_ns;
    uint64_t launched_ns = world->queued_ns[t] + world->ahead[t] * load->kernel_ns;
    bool done = load->most_queued_ns != 0 && launched_ns >= load->most_queued_ns;
    return load->kernel_ns != 0 && !idle && !done && world->now_ns >= world->resume_ns[t] && (load->gap_ns == 0 || world->queued[t] == 0);
}

static uint64_t inflight(const struct world *world, int t)
{
    return world->queued[t] == 0 ? 0 : (world->queued[t] - 1) * world->load[t].kernel_ns + world->left_ns[t];
}

static void queue(struct world *world, int t, uint64_t kernels)
{
    if (kernels > 0 && world->queued[t] == 0)
        world->left_ns[t] = world->load[t].kernel_ns;
    world->queued[t] += kernels;
    world->queued_ns[t] += kernels * world->load[t].kernel_ns;
}

static void launch(struct world *world, int t)
{
    const struct arbiter_seat *seat = &world->arbiter.seat[t];
    const struct load *load = &world->load[t];
    while (seat->window_ns == 0 && wants(world, t) && (load->gap_ns == 0 || world->ahead[t] == 0) &&
           (world->ahead[t] == 0 || (world->ahead[t] + 1) * load->kernel_ns <= seat->ahead_ns)) {
        world->ahead[t]++;
        world->resume_ns[t] = world->now_ns + load->pace_ns;
    }
    if (seat->window_ns > 0) {
        queue(world, t, world->ahead[t]);
        world->ahead[t] = 0;
    }
    if (seat->window_ns == 0)
        world->closed_ns[t] = world->now_ns;
    while (wants(world, t) && world->now_ns >= world->closed_ns[t] + load->late_ns) {
        uint64_t in = inflight(world, t), window = seat->window_ns / 4000;
        if (window == 0 || pacer_turn((uint32_t)window, seat->ends_ns, world->now_ns, in, world->load[t].kernel_ns,
                                      world->load[t].kernel_ns) != PACER_GO)
            break;
        queue(world, t, 1);
        if (world->load[t].pace_ns != 0)
            world->resume_ns[t] = world->now_ns + world->load[t].pace_ns;
    }
}

/* It stands still between two kernels. */
static bool is_held(const struct world *world, int t)
{
    return world->arbiter.paused && world->arbiter.holder == t && world->arbiter.seat[t].yields &&
           world->left_ns[t] == world->load[t].kernel_ns;
}

static bool can_run(const struct world *world, int t)
{
    return world->queued[t] > 0 && !is_held(world, t);
}

/* Whose work the GPU runs: the hardware slices time between those that have some, and a switch costs. */
static int next_to_run(struct world *world)
{
    int t = world->running, n = 0;
    if (!can_run(world, t) || world->slice_ns == 0)
        for (n = 1; n < TENANTS && !can_run(world, (t + n) % TENANTS); n++)
            continue;
    if (n == TENANTS && !can_run(world, t))
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
        world->metered_ns[t] += ran;
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
        seat->present = load_is_there(world, t);
        seat->waiting = wants(world, t) || world->ahead[t] > 0;
        seat->queued_ns = world->queued_ns[t];
        seat->metered_ns = world->unmetered ? 0 : world->metered_ns[t];
        seat->waiting |= t == 0 && (world->stopped || world->lies);
        if (t == 0 && world->lies)
            seat->inflight_ns = (uint64_t)rand() << 20;
    }
    arbiter_step(&world->arbiter, world->now_ns);
}

static void set(struct world *world, int t, struct arbiter_terms terms)
{
    arbiter_set(&world->arbiter, t, &terms);
}

static void begin(struct world *world, const uint32_t *weights)
{
    memset(world, 0, sizeof *world);
    world->now_ns = S;
    arbiter_init(&world->arbiter, world->now_ns);
    for (int t = 0; t < TENANTS; t++)
        if (weights[t] > 0)
            set(world, t, (struct arbiter_terms){.weight = weights[t], .ceiling_permille = 1000});
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

static void longKernelsAreNotTakenForAnIdleProgram(void **state)
{
    (void)state;
    struct world world;
    begin(&world, (uint32_t[]){30, 70, 0});
    world.load[0].kernel_ns = world.load[1].kernel_ns = 13 * MS;
    for (int i = 0; i < 40; i++) {
        run(&world, 100 * MS);
        assert_false(world.arbiter.seat[0].light || world.arbiter.seat[1].light);
    }
    run(&world, 5 * S);
    expect_shares(&world, (int[]){300, 700, 0}, 10);
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
    set(&world, 0, (struct arbiter_terms){.weight = 1, .floor_permille = 300, .ceiling_permille = 1000, .hard = false});
    set(&world, 2, (struct arbiter_terms){.weight = 8, .floor_permille = 0, .ceiling_permille = 400, .hard = false});
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
    set(&world, 0, (struct arbiter_terms){.weight = 1, .floor_permille = 0, .ceiling_permille = ceiling_permille, .hard = true});
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

/* Permille that tenant 0 uses under a hard ceiling of 300, if its threads wake late. */
static int used_late(uint64_t late_ns, bool metered)
{
    struct world world;
    begin(&world, (uint32_t[]){1, 0, 0});
    set(&world, 0, (struct arbiter_terms){.weight = 1, .floor_permille = 0, .ceiling_permille = 300, .hard = true});
    world.load[0] = (struct load){.kernel_ns = 200 * US, .late_ns = late_ns};
    world.unmetered = !metered;
    run(&world, S / 2);
    run(&world, 5 * S);
    return (int)(world.used_ns[0] * 1000 / (5 * S));
}

static void timeThatNoLateThreadUsedIsNotTakenFromAHardCeiling(void **state)
{
    (void)state;
    assert_in_range(used_late(500 * US, true), 297, 303);
    assert_in_range(used_late(1 * MS, true), 295, 303);
}

static void aMeterThatSaysLittleGainsLittle(void **state)
{
    (void)state;
    assert_in_range(used_late(0, false), 300, 345);
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
    set(&world, 0, (struct arbiter_terms){.weight = 1, .floor_permille = 0, .ceiling_permille = 500, .hard = true});
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
    set(&world, 0, (struct arbiter_terms){.weight = 1, .floor_permille = 0, .ceiling_permille = 10, .hard = true});
    world.load[0].kernel_ns = 200 * US;
    run(&world, S);
    set(&world, 0, (struct arbiter_terms){.weight = 1, .floor_permille = 0, .ceiling_permille = 10, .hard = false});
    run(&world, 100 * MS);
    assert_true(world.used_ns[0] >= 95 * MS);
}

/* As by SIGSTOP of the agent: meanwhile programs had their fallback shares, whoever had the turn. */
static void timeInWhichNobodyArbitratedIsNotCharged(void **state)
{
    (void)state;
    for (int hard = 0; hard <= 1; hard++) {
        struct world world;
        begin(&world, (uint32_t[]){1, 3, 0});
        set(&world, 0, (struct arbiter_terms){.weight = 1, .floor_permille = 0, .ceiling_permille = 400, .hard = hard});
        world.load[0].kernel_ns = world.load[1].kernel_ns = 200 * US;
        run(&world, S);
        do
            run(&world, MS);
        while (world.used_ns[0] < MS * 9 / 10);
        world.now_ns += 8 * S;
        run(&world, 4 * S);
        assert_true(world.used_ns[0] >= 4 * S * 15 / 100); /* a quarter, less what 0.3 s may have cost it */
    }
}

static void aNewWeightHoldsAtOnce(void **state)
{
    (void)state;
    struct world world;
    begin(&world, (uint32_t[]){1, 1, 0});
    world.load[0].kernel_ns = world.load[1].kernel_ns = 200 * US;
    run(&world, 2 * S);
    set(&world, 0, (struct arbiter_terms){.weight = 3, .floor_permille = 0, .ceiling_permille = 1000, .hard = false});
    run(&world, 500 * MS);
    expect_shares(&world, (int[]){750, 250, 0}, 20);
}

/* Over many changes: what a tenant has had since, against what its new rate gives it, is a lag. */
static void aNewWeightCostsNoLag(void **state)
{
    (void)state;
    struct world world;
    double lag_ns = 0;
    begin(&world, (uint32_t[]){1, 1, 0});
    world.load[0].kernel_ns = world.load[1].kernel_ns = 200 * US;
    run(&world, S);
    for (int i = 0; i < 20; i++) {
        double rate = i % 2 == 0 ? 0.9 : 0.5, before = 1.4 - rate;
        set(&world, 0, (struct arbiter_terms){.weight = 9, .ceiling_permille = 1000});
        set(&world, 1, (struct arbiter_terms){.weight = i % 2 == 0 ? 1 : 9, .ceiling_permille = 1000});
        run(&world, S + (uint64_t)i % 7 * 11 * MS);
        double all = (double)(world.used_ns[0] + world.used_ns[1]);
        lag_ns += (rate * all - (double)world.used_ns[0]) / (rate - before) / 20;
    }
    assert_true(lag_ns < 10e6 && lag_ns > -10e6);
}

static void aLiarGetsNoMoreThanItsShare(void **state)
{
    (void)state;
    struct world world;
    begin(&world, (uint32_t[]){1, 3, 0});
    world.load[1].kernel_ns = 200 * US;
    uint64_t honest_ns = 0;
    world.lies = true;
    for (int i = 0; i < 500000; i++) {
        step(&world, 10 * US);
        honest_ns += world.arbiter.holder == 1 ? 10 * US : 0;
    }
    assert_true(honest_ns >= 5 * S * 70 / 100);
    assert_true(world.used_ns[1] >= 5 * S * 40 / 100); /* each false drain costs the liar, and is bounded */
}

static void aTenantThatIsStoppedLendsItsTurns(void **state)
{
    (void)state;
    struct world world;
    begin(&world, (uint32_t[]){1, 1, 0});
    world.load[0].kernel_ns = world.load[1].kernel_ns = 200 * US;
    run(&world, 100 * MS);
    world.load[0].idle_to_ns = UINT64_MAX;
    world.stopped = true;
    run(&world, 100 * MS);
    run(&world, 2 * S);
    assert_true(world.used_ns[1] >= 2 * S * 95 / 100);
    world.load[0].idle_to_ns = 0; /* it goes on, and rings */
    world.stopped = false;
    arbiter_hear(&world.arbiter, 0);
    run(&world, S);
    expect_shares(&world, (int[]){500, 500, 0}, 20);
    world.arbiter.seat[0].mute_until_ns = world.now_ns + 10 * S; /* or what it had launched before shows now */
    world.queued_ns[0] += 200 * US;
    run(&world, S);
    expect_shares(&world, (int[]){500, 500, 0}, 20);
}

/* Its kernel has ended and the next is on its way just when it is looked at, for the first time since. */
static void aTenantBetweenTwoLongKernelsIsNotSilent(void **state)
{
    (void)state;
    struct world world;
    begin(&world, (uint32_t[]){7, 3, 0});
    struct arbiter_seat *seat = world.arbiter.seat;
    seat[0].waiting = seat[1].waiting = seat[0].present = seat[1].present = true;
    arbiter_step(&world.arbiter, S);
    int holder = world.arbiter.holder;
    seat[holder].inflight_ns = 60 * MS;
    seat[holder].queued_ns = 60 * MS;
    arbiter_step(&world.arbiter, S + MS);
    seat[holder].inflight_ns = 0;
    arbiter_step(&world.arbiter, S + 60 * MS);
    assert_int_equal(world.arbiter.holder, holder);
    assert_int_equal(seat[holder].mute_until_ns, 0);
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

/* Permille that two tenants use of one GPU, once they have settled. */
static void settle(struct world *world, uint32_t weight, struct load load, struct load other)
{
    begin(world, (uint32_t[]){weight, 100 - weight, 0});
    world->load[0] = load;
    world->load[1] = other;
    run(world, S);
    run(world, 4 * S);
}

static const struct load busy = {.kernel_ns = 200 * US}, launch_bound = {.kernel_ns = 10 * US, .pace_ns = 40 * US},
                         step_by_step = {.kernel_ns = 190 * US, .gap_ns = 1700 * US};

static void aLaunchBoundTenantGetsAllThatItCanUse(void **state)
{
    (void)state;
    struct world world;
    for (uint32_t weight = 30; weight <= 70; weight += 40) {
        settle(&world, weight, launch_bound, busy); /* it can use a quarter: launched ahead, and done in one go */
        assert_true(world.used_ns[0] >= 4 * S * 24 / 100);
        assert_true(world.used_ns[1] >= 4 * S * 66 / 100);
    }
}

static void twoLaunchBoundTenantsGetAllThatTheyCanUse(void **state)
{
    (void)state;
    struct world world;
    settle(&world, 30, launch_bound, launch_bound);
    assert_true(world.used_ns[0] >= 4 * S * 24 / 100);
    assert_true(world.used_ns[1] >= 4 * S * 24 / 100);
}

static void aLoopThatWaitsForShortKernelsKeepsItsShareOfTheTime(void **state)
{
    (void)state;
    struct world world;
    const struct load loop = {.kernel_ns = 50 * US, .gap_ns = 100 * US}; /* can use a third */
    settle(&world, 30, loop, busy);
    assert_true(world.used_ns[0] >= 4 * S * 9 / 100); /* 30 % of a third; handed over in each gap it would have 1 % */
    assert_true(world.used_ns[1] >= 4 * S * 66 / 100);
}

static void aLoopWithLongGapsRunsBesideTheTurns(void **state)
{
    (void)state;
    struct world world;
    settle(&world, 30, step_by_step, busy);
    assert_true(world.arbiter.seat[0].light);
    assert_false(world.arbiter.seat[1].light);
    assert_true(world.used_ns[0] >= 4 * S * 7 / 100); /* of the tenth that it can use */
    assert_true(world.used_ns[1] >= 4 * S * 75 / 100);
}

static void aLightTenantThatGrowsTakesTurnsAgain(void **state)
{
    (void)state;
    struct world world;
    settle(&world, 30, step_by_step, busy);
    assert_true(world.arbiter.seat[0].light);
    world.load[0] = busy;
    run(&world, S);
    assert_false(world.arbiter.seat[0].light);
    run(&world, 4 * S);
    expect_shares(&world, (int[]){300, 700, 0}, 10);
}

static void aLoopThatWaitsForLongKernelsKeepsItsTurns(void **state)
{
    (void)state;
    struct world world;
    settle(&world, 70, (struct load){.kernel_ns = 600 * US, .gap_ns = 300 * US}, busy);
    assert_false(world.arbiter.seat[0].light);
    assert_true(world.used_ns[0] >= 4 * S * 40 / 100);
    assert_true(world.used_ns[1] >= 4 * S * 28 / 100);
}

/* ---- several GPUs ---- */

static enum arbiter_gang gang_of(const struct world *first, int t)
{
    const struct arbiter_seat *seat = &first->arbiter.seat[t];
    return first->arbiter.holder == t && seat->window_ns > 0 ? ARBITER_TOGETHER : ARBITER_APART;
}

/* Steps both; @return for how long tenant 0 had its turn on both, and on either */
static void run_both(struct world *first, struct world *second, uint64_t ns, uint64_t *both_ns, uint64_t *either_ns)
{
    *both_ns = *either_ns = 0;
    memset(first->used_ns, 0, sizeof first->used_ns);
    memset(second->used_ns, 0, sizeof second->used_ns);
    for (uint64_t until = first->now_ns + ns; first->now_ns < until;) {
        step(first, 10 * US);
        for (int t = 0; t < TENANTS; t++)
            second->arbiter.seat[t].gang = first->arbiter.seat[t].backlogged ? gang_of(first, t) : ARBITER_FREE;
        step(second, 10 * US);
        bool on_first = first->arbiter.seat[0].window_ns > 0, on_second = second->arbiter.seat[0].window_ns > 0;
        *both_ns += on_first && on_second ? 10 * US : 0;
        *either_ns += on_first || on_second ? 10 * US : 0;
    }
}

static void aTenantsGpusTakeTheirTurnsTogether(void **state)
{
    (void)state;
    struct world first, second;
    uint64_t both_ns, either_ns;
    begin(&first, (uint32_t[]){1, 1, 0});
    begin(&second, (uint32_t[]){1, 1, 0});
    for (int t = 0; t < 2; t++)
        first.load[t] = second.load[t] = busy;
    run(&second, 5 * MS); /* out of step */
    run_both(&first, &second, 5 * S, &both_ns, &either_ns);
    assert_true(both_ns >= either_ns * 9 / 10);
    expect_shares(&first, (int[]){500, 500, 0}, 10);
    expect_shares(&second, (int[]){500, 500, 0}, 15);
}

static void aGangGetsNoMoreThanItsShare(void **state)
{
    (void)state;
    struct world first, second;
    uint64_t both_ns, either_ns;
    begin(&first, (uint32_t[]){1, 0, 0}); /* it has this GPU to itself, and its turn there never ends */
    begin(&second, (uint32_t[]){1, 1, 0});
    first.load[0] = second.load[0] = second.load[1] = busy;
    run_both(&first, &second, 5 * S, &both_ns, &either_ns);
    expect_shares(&second, (int[]){500, 500, 0}, 20);
}

/* ---- classes ---- */

static void beginClasses(struct world *world, enum arbiter_class first, enum arbiter_class second, uint32_t second_floor)
{
    begin(world, (uint32_t[]){1, 1, 0});
    set(world, 0, (struct arbiter_terms){.weight = 1, .ceiling_permille = 1000, .class = first});
    set(world, 1, (struct arbiter_terms){
                      .weight = 1, .floor_permille = second_floor, .ceiling_permille = 1000, .class = second});
    world->load[0].kernel_ns = 120 * US;
    world->load[1].kernel_ns = 200 * US;
}

static void bestEffortGivesWayToABurst(void **state)
{
    (void)state;
    struct world world;
    beginClasses(&world, ARBITER_LATENCY_CRITICAL, ARBITER_BEST_EFFORT, 0);
    uint64_t worst_ns = 0;
    world.load[0].most_queued_ns = 1;
    world.load[1].kernel_ns = 234 * US;
    run(&world, 100 * MS);
    world.used_ns[1] = 0;
    for (int burst = 0; burst < 100; burst++) { /* 2.4 ms of work every 20 ms */
        uint64_t began_ns = world.now_ns, before_ns = world.used_ns[0];
        world.load[0].most_queued_ns = world.queued_ns[0] + 2400 * US;
        while (world.used_ns[0] - before_ns < 2400 * US)
            step(&world, 10 * US);
        worst_ns = world.now_ns - began_ns > worst_ns ? world.now_ns - began_ns : worst_ns;
        while (world.now_ns < began_ns + 20 * MS + (uint64_t)burst % 20 * 103 * US) /* at any point of the hardware's slices */
            step(&world, 10 * US);
        worst_ns = burst == 0 ? 0 : worst_ns; /* its length is not known yet */
    }
    assert_true(worst_ns <= 3100 * US); /* what is in flight, and a switch */
    assert_true(world.used_ns[1] >= 2 * S * 84 / 100); /* .88 is left */
}

/* The GPU's slice would be lost to a context that stands still; so it has little to stand still with. */
static void besideShortBurstsBestEffortHasLittleInFlight(void **state)
{
    (void)state;
    struct world world;
    beginClasses(&world, ARBITER_LATENCY_CRITICAL, ARBITER_BEST_EFFORT, 0);
    world.load[0].gap_ns = 500 * US; /* one kernel at a time */
    run(&world, 100 * MS);
    assert_false(world.arbiter.seat[1].yields);
    assert_int_equal(world.arbiter.seat[1].ahead_ns, world.arbiter.times.window_brief_ns);
    world.load[0].gap_ns = 0;
    world.load[0].most_queued_ns = world.queued_ns[0] + 4 * MS; /* a long one */
    run(&world, 100 * MS);
    assert_true(world.arbiter.seat[1].yields);
    assert_int_equal(world.arbiter.seat[1].ahead_ns, world.arbiter.times.ahead_ns);
}

static void aFloorHoldsAgainstALatencyCriticalTenant(void **state)
{
    (void)state;
    struct world world;
    beginClasses(&world, ARBITER_LATENCY_CRITICAL, ARBITER_BEST_EFFORT, 200);
    run(&world, 2 * S);
    for (int second = 0; second < 5; second++) {
        run(&world, S);
        assert_in_range(world.used_ns[1] / MS, 175, 230);
    }
    beginClasses(&world, ARBITER_LATENCY_CRITICAL, ARBITER_STANDARD, 300);
    run(&world, 2 * S);
    run(&world, 5 * S);
    assert_true(world.used_ns[1] >= 5 * S * 28 / 100);
}

static void bestEffortHasWhatOthersLeave(void **state)
{
    (void)state;
    struct world world;
    beginClasses(&world, ARBITER_STANDARD, ARBITER_BEST_EFFORT, 0);
    run(&world, 2 * S);
    run(&world, 4 * S);
    assert_in_range(world.used_ns[1] / (4 * MS), 5, 20); /* never nothing */
    world.load[0].idle_to_ns = UINT64_MAX;
    run(&world, S);
    assert_true(world.used_ns[1] >= S * 97 / 100);
    world.load[0].idle_to_ns = 0;
    run(&world, S);
    assert_true(world.used_ns[0] >= S * 95 / 100);
}

/* "only PATTERN" or "skip PATTERN": a part of the tests, for two to run at once */
static bool choose(int arguments, char **argument)
{
    if (arguments == 1)
        return true;
    if (arguments == 3 && strcmp(argument[1], "only") == 0)
        cmocka_set_test_filter(argument[2]);
    else if (arguments == 3 && strcmp(argument[1], "skip") == 0)
        cmocka_set_skip_filter(argument[2]);
    else
        return false;
    return true;
}

int main(int arguments, char **argument)
{
    if (!choose(arguments, argument)) {
        fprintf(stderr, "%s: give nothing, 'only PATTERN' or 'skip PATTERN'\n", argument[0]);
        return 2;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sharesByWeightWithShortKernels),
        cmocka_unit_test(longKernelsAreNotTakenForAnIdleProgram),
        cmocka_unit_test(sharesByWeightWhateverTheKernels),
        cmocka_unit_test(lendsAnIdleShareAtOnceAndGivesItBack),
        cmocka_unit_test(anIdleHolderPaysAndHandsOver),
        cmocka_unit_test(floorsAndCeilingsHold),
        cmocka_unit_test(aHardCeilingHoldsAlone),
        cmocka_unit_test(timeThatNoLateThreadUsedIsNotTakenFromAHardCeiling),
        cmocka_unit_test(aMeterThatSaysLittleGainsLittle),
        cmocka_unit_test(aHardCeilingHoldsBesideOthers),
        cmocka_unit_test(aHardCeilingLetsALaunchBoundTenantUseIt),
        cmocka_unit_test(aHardCeilingThatIsLiftedLetsGo),
        cmocka_unit_test(timeInWhichNobodyArbitratedIsNotCharged),
        cmocka_unit_test(aNewWeightHoldsAtOnce),
        cmocka_unit_test(aNewWeightCostsNoLag),
        cmocka_unit_test(aLiarGetsNoMoreThanItsShare),
        cmocka_unit_test(aTenantThatIsStoppedLendsItsTurns),
        cmocka_unit_test(aTenantBetweenTwoLongKernelsIsNotSilent),
        cmocka_unit_test(workThatNeverEndsSavesNoCredit),
        cmocka_unit_test(aLaunchBoundTenantGetsAllThatItCanUse),
        cmocka_unit_test(twoLaunchBoundTenantsGetAllThatTheyCanUse),
        cmocka_unit_test(aLoopThatWaitsForShortKernelsKeepsItsShareOfTheTime),
        cmocka_unit_test(aLoopWithLongGapsRunsBesideTheTurns),
        cmocka_unit_test(aLightTenantThatGrowsTakesTurnsAgain),
        cmocka_unit_test(aLoopThatWaitsForLongKernelsKeepsItsTurns),
        cmocka_unit_test(aTenantsGpusTakeTheirTurnsTogether),
        cmocka_unit_test(aGangGetsNoMoreThanItsShare),
        cmocka_unit_test(bestEffortGivesWayToABurst),
        cmocka_unit_test(besideShortBurstsBestEffortHasLittleInFlight),
        cmocka_unit_test(aFloorHoldsAgainstALatencyCriticalTenant),
        cmocka_unit_test(bestEffortHasWhatOthersLeave),
        cmocka_unit_test(aDeadHolderFreesTheTurn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
