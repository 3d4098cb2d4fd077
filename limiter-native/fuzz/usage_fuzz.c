/*
 * Usage pages as the node reads them. Tenant b writes what it likes into its page, at moments that it likes, and its processes
 * come and go; tenant a always wants the GPU. The input is a list of b's acts; time is virtual.
 */
#include "fuzz.h"
#include "internal.h"

enum { A, B, TENANTS, PROCESSES = 3, ACTS_MOST = 100 };
#define TICK_NS 10000000u
#define SLACK_NS 100000000u /* usage.c's */
#define STARVED_NS 1000000000u

static struct aliquot_node node;
static struct aliquot_control_page control[TENANTS];
static uint64_t now_ns, again_ns, served_ns, allowed_ns;

static void connect_process(int tenant, uint32_t slot)
{
    struct connection *connection = &node.connection[tenant * PROCESSES + (int)slot];
    usage_clear_slot(&node.tenant[tenant], slot);
    *connection = (struct connection){.used = true, .since_ns = now_ns, .tenant = &node.tenant[tenant], .slot = slot};
    memset(connection->queued_ns, 0xff, sizeof connection->queued_ns);
    memset(connection->metered_ns, 0xff, sizeof connection->metered_ns);
    node.tenant[tenant].slot[slot] = connection;
    node.tenant[tenant].processes++;
    allowed_ns += tenant == B ? SLACK_NS : 0;
}

static void drop_process(int tenant, uint32_t slot)
{
    usage_collect(&node, node.tenant[tenant].slot[slot], now_ns);
    node.tenant[tenant].slot[slot] = NULL;
    node.tenant[tenant].processes--;
}

static void start(void)
{
    now_ns = served_ns = again_ns = 1000000000u;
    allowed_ns = 0;
    node.device_count = 1;
    arbiter_init(&node.arbiter[0], now_ns);
    for (int t = 0; t < TENANTS; t++) {
        struct aliquot_usage_page *usage = node.tenant[t].usage;
        if (usage == NULL)
            usage = malloc(sizeof *usage); /* of the heap, so that AddressSanitizer sees its ends */
        MUST(usage != NULL);
        memset(usage, 0, sizeof *usage);
        node.tenant[t] = (struct tenant){.used = true, .known = true, .control = &control[t], .usage = usage};
        arbiter_set(&node.arbiter[0], t, &(struct arbiter_terms){.weight = 1, .ceiling_permille = 1000});
    }
    connect_process(A, 0);
    connect_process(B, 0);
}

/* As loop.c does it. */
static void step(void)
{
    struct arbiter *arbiter = &node.arbiter[0];
    for (int t = 0; t < TENANTS; t++) {
        usage_backlog(&node.tenant[t], 0, &arbiter->seat[t]);
        usage_follow(&node.tenant[t], 0, &arbiter->seat[t], now_ns);
    }
    again_ns = arbiter_step(arbiter, now_ns);
    for (int t = 0; t < TENANTS; t++) {
        MUST(arbiter->seat[t].window_ns <= ARBITER_TIMES.window_alone_ns);
        pages_set_turn(&node.tenant[t], 0, arbiter->seat[t].window_ns, arbiter->seat[t].ends_ns, 0);
    }
}

/* Launches for as long as it is let, and always wants to launch more. */
static void be_a(uint64_t passed_ns)
{
    struct aliquot_usage_device *page = &node.tenant[A].usage->slot[0].device[0];
    if (node.arbiter[0].seat[A].window_ns > 0) {
        page->queued_ns += passed_ns;
        served_ns = now_ns;
    }
    page->retired_ns = page->queued_ns;
    page->waiting = 1;
}

static void let_pass(uint64_t ns)
{
    uint64_t end_ns = now_ns + ns, steps = 0;
    while (now_ns < end_ns) {
        uint64_t next_ns = again_ns > now_ns ? again_ns : now_ns + 1;
        next_ns = next_ns < now_ns + TICK_NS ? next_ns : now_ns + TICK_NS;
        next_ns = next_ns < end_ns ? next_ns : end_ns;
        uint64_t passed_ns = next_ns - now_ns;
        now_ns = next_ns;
        allowed_ns += passed_ns * node.tenant[B].processes;
        be_a(passed_ns);
        step();
        MUST(++steps < 200 + ns / 20000); /* the loop sleeps */
        MUST(now_ns - served_ns < STARVED_NS);
    }
}

/* One of the figures that the node reads, or any eight bytes. */
static void scribble(struct input *input)
{
    struct aliquot_usage_page *usage = node.tenant[B].usage;
    struct aliquot_usage_device *page = &usage->slot[take_below(input, PROCESSES)].device[0];
    uint32_t figure = take_below(input, 8);
    uint64_t value = take_u64(input);
    _Atomic uint64_t *const FIGURES[] = {&page->queued_ns, &page->retired_ns,  &page->gpu_ns,
                                         &page->waited_ns, &page->blocked_ns, &page->launches};
    if (figure < 6)
        *FIGURES[figure] = value;
    else if (figure == 6)
        page->waiting = (uint32_t)value;
    else
        memcpy((char *)usage + value % (sizeof *usage / 8) * 8, &value, sizeof value);
}

/* What an honest process of b would write. */
static void work(struct input *input)
{
    struct aliquot_usage_device *page = &node.tenant[B].usage->slot[0].device[0];
    uint32_t cost_ns = (take_below(input, 255) + 1) * 1000;
    page->queued_ns += cost_ns;
    page->waiting = take_below(input, 2);
    let_pass(cost_ns);
    page->retired_ns += cost_ns;
    page->gpu_ns += cost_ns;
}

static void change_terms(struct input *input)
{
    struct arbiter_terms terms = {.weight = 1 + take_below(input, 9)};
    terms.ceiling_permille = 1 + take_below(input, 250) * 4;
    terms.hard = take_below(input, 2);
    terms.class = (enum arbiter_class)take_below(input, 3);
    arbiter_set(&node.arbiter[0], B, &terms);
}

static void act(struct input *input)
{
    uint32_t slot;
    switch (take_below(input, 8)) {
    case 0:
        let_pass(1 + take_below(input, 255) * 1000000u);
        break;
    case 1:
        slot = take_below(input, PROCESSES);
        if (node.tenant[B].slot[slot] == NULL)
            connect_process(B, slot);
        else
            drop_process(B, slot);
        break;
    case 2:
        change_terms(input);
        break;
    case 3:
        work(input);
        break;
    default:
        scribble(input);
        let_pass(take_below(input, 255) * 10000u);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    start();
    for (int i = 0; input.left > 0 && i < ACTS_MOST; i++)
        act(&input);
    for (int t = 0; t < TENANTS; t++)
        for (uint32_t s = 0; s < PROCESSES; s++)
            if (node.tenant[t].slot[s] != NULL)
                drop_process(t, s);
    MUST(node.tenant[B].total[0].gpu_ns <= allowed_ns);
    MUST(node.tenant[B].total[0].blocked_ns <= allowed_ns);
    MUST(node.tenant[A].anomalies == 0);
    return 0;
}
