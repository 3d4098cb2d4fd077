#include "tenant.h"

#include <string.h>
#include <unistd.h>

#include "page_alone.h"
#include "test.h"

/* In place of the tie to the node: a page, a namespace and a time of this test's. */
static struct aliquot_usage_page page;
static bool paged;
static const uint64_t NOW_NS = 5000000000000u, HERE = 4026531836u, ELSEWHERE = 4026532999u;

const struct aliquot_usage_page *link_usage(void)
{
    return paged ? &page : NULL;
}

uint64_t link_now_ns(void)
{
    return NOW_NS;
}

uint64_t page_pid_namespace(void)
{
    return HERE;
}

static uint32_t recent(uint32_t permille)
{
    return (uint32_t)(NOW_NS >> ALIQUOT_RECENT_UNIT_SHIFT) << ALIQUOT_RECENT_WHEN_SHIFT | permille;
}

static void put(uint32_t slot, uint32_t pid, uint64_t namespace, uint64_t bytes, uint32_t permille)
{
    struct aliquot_usage_device *device = &page.slot[slot].device[2];
    page.slot[slot].pid = pid;
    page.slot[slot].pid_namespace = namespace;
    device->memory_bytes = bytes;
    device->queued_ns = permille;
    device->recent = recent(permille);
}

static void namesThoseOfItsOwnNamespaceAndCountsAll(void **state)
{
    (void)state;
    struct seat seat = {.index = 2};
    struct tenant_use use;
    memset(&page, 0, sizeof page);
    paged = true;
    put(0, 17, HERE, 1000, 200);
    put(5, 1, ELSEWHERE, 500, 100); /* a container of the same tenant: pid 1 here is somebody else */
    put(63, 18, HERE, 0, 50);       /* launches, and holds nothing */
    put(9, 19, HERE, 0, 0);         /* only asks NVML */
    put(10, 0, HERE, 77, 7);        /* a free slot */
    tenant_look(&seat, &use);
    assert_int_equal(use.memory_bytes, 1500);
    assert_int_equal(use.permille, 350);
    assert_int_equal(use.count, 2);
    assert_int_equal(use.process[0].pid, 17);
    assert_int_equal(use.process[0].memory_bytes, 1000);
    assert_int_equal(use.process[0].permille, 200);
    assert_int_equal(use.process[1].pid, 18);
    seat.index = 3;
    tenant_look(&seat, &use);
    assert_int_equal(use.count, 0);
    assert_int_equal(use.memory_bytes, 0);
}

static void neverExceedsTheWhole(void **state)
{
    (void)state;
    struct seat seat = {.index = 2};
    struct tenant_use use;
    memset(&page, 0, sizeof page);
    paged = true;
    for (uint32_t s = 0; s < ALIQUOT_PROCESSES; s++)
        put(s, s + 1, HERE, 1, 1000);
    tenant_look(&seat, &use);
    assert_int_equal(use.permille, 1000);
    assert_int_equal(use.count, ALIQUOT_PROCESSES);
}

static void seesItselfWithNoPage(void **state)
{
    (void)state;
    struct aliquot_usage_device mine = {.memory_bytes = 12, .recent = recent(30)};
    struct seat seat = {.usage = &mine};
    struct tenant_use use;
    paged = false;
    tenant_look(&seat, &use);
    assert_int_equal(use.count, 1);
    assert_int_equal(use.process[0].pid, getpid());
    assert_int_equal(use.memory_bytes, 12);
    assert_int_equal(use.permille, 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(namesThoseOfItsOwnNamespaceAndCountsAll),
        cmocka_unit_test(neverExceedsTheWhole),
        cmocka_unit_test(seesItselfWithNoPage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
