#include "recent.h"

#include "aliquot_page.h"
#include "test.h"

#define MS 1000000u

static const uint64_t START_NS = 5000000000000u;

/* A process that uses `permille` of the GPU for `ms`, looked at every 20 ms. @return the last word */
static uint32_t run(struct recent *recent, uint64_t *now_ns, uint64_t *gpu_ns, uint64_t permille, uint64_t ms)
{
    uint32_t word = 0;
    for (uint64_t end_ns = *now_ns + ms * MS; *now_ns < end_ns;) {
        *now_ns += 20 * MS;
        *gpu_ns += 20 * MS * permille / 1000;
        word = recent_update(recent, *now_ns, *gpu_ns);
    }
    return word;
}

static void showsTheLastSecond(void **state)
{
    (void)state;
    struct recent recent = {0};
    uint64_t now_ns = START_NS, gpu_ns = 0;
    uint32_t word = run(&recent, &now_ns, &gpu_ns, 300, 100);
    assert_in_range(recent_permille(word, now_ns), 299, 300); /* soon */
    word = run(&recent, &now_ns, &gpu_ns, 300, 10000);
    assert_in_range(recent_permille(word, now_ns), 299, 300);
    word = run(&recent, &now_ns, &gpu_ns, 900, 1100); /* what was before a second ago is forgotten */
    assert_in_range(recent_permille(word, now_ns), 899, 900);
}

static void fadesWhenNobodyUpdatesIt(void **state)
{
    (void)state;
    struct recent recent = {0};
    uint64_t now_ns = START_NS, gpu_ns = 0;
    uint32_t word = run(&recent, &now_ns, &gpu_ns, 500, 2000);
    assert_in_range(recent_permille(word, now_ns + 900 * MS), 499, 500);
    assert_int_equal(recent_permille(word, now_ns + 1100 * MS), 0);
    assert_int_equal(recent_permille(0, now_ns), 0);
    word = recent_update(&recent, now_ns + 60000u * (uint64_t)MS, gpu_ns + 5 * MS); /* a minute later it begins anew */
    assert_int_equal(recent_permille(word, now_ns + 60000u * (uint64_t)MS), 0);
}

static void neverExceedsTheWhole(void **state)
{
    (void)state;
    struct recent recent = {0};
    recent_update(&recent, START_NS, 0);
    uint32_t word = recent_update(&recent, START_NS + 100 * MS, 2000 * MS); /* a long kernel has ended */
    assert_int_equal(recent_permille(word, START_NS + 100 * MS), 1000);
    assert_int_equal(recent_permille(word | ALIQUOT_RECENT_MASK, START_NS + 100 * MS), 1000); /* a lie */
}

static void survivesAnotherPage(void **state)
{
    (void)state;
    struct recent recent = {0};
    uint64_t now_ns = START_NS, gpu_ns = 0;
    run(&recent, &now_ns, &gpu_ns, 500, 2000);
    gpu_ns = 0; /* the agent has restarted: its pages count from 0 */
    assert_int_equal(recent_permille(recent_update(&recent, now_ns, gpu_ns), now_ns), 0);
    uint32_t word = run(&recent, &now_ns, &gpu_ns, 500, 200);
    assert_in_range(recent_permille(word, now_ns), 499, 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(showsTheLastSecond),
        cmocka_unit_test(fadesWhenNobodyUpdatesIt),
        cmocka_unit_test(neverExceedsTheWhole),
        cmocka_unit_test(survivesAnotherPage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
