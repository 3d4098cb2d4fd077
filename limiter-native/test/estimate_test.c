#include "estimate.h"

#include "test.h"

static struct estimate table[ESTIMATE_ENTRIES];

static void functionsAndGridsAreLearnedApart(void **state)
{
    (void)state;
    int f = 0, g = 0;
    struct estimate *small = estimate_find(table, &f, 10), *large = estimate_find(table, &f, 1000);
    struct estimate *other = estimate_find(table, &g, 10);
    assert_ptr_not_equal(small, large);
    assert_ptr_not_equal(small, other);
    assert_ptr_equal(small, estimate_find(table, &f, 10));
    assert_int_equal(estimate_ns(small), ESTIMATE_UNKNOWN_NS);
    estimate_learn(small, 1000);
    assert_int_equal(estimate_ns(small), 1000);
    assert_false(estimate_known(large));
}

static void followsAChangeOfCost(void **state)
{
    (void)state;
    int f = 0;
    struct estimate *entry = estimate_find(table, &f, 77);
    for (int i = 0; i < 50; i++)
        estimate_learn(entry, 10000);
    for (int i = 0; i < 50; i++)
        estimate_learn(entry, 400000);
    assert_in_range(estimate_ns(entry), 399000, 400000);
}

static void measuresMoreAfterASurprise(void **state)
{
    (void)state;
    int f = 0;
    struct estimate *entry = estimate_find(table, &f, 78);
    for (int i = 0; i < 1000; i++)
        if (estimate_is_due(entry))
            estimate_learn(entry, 10000);
    int launches = 0;
    for (; estimate_ns(entry) < 180000 && launches < 1000; launches++)
        if (estimate_is_due(entry))
            estimate_learn(entry, 200000);
    assert_in_range(launches, 8, 100);
}

static int timesDue(struct estimate *entry, int launches)
{
    int due = 0;
    for (int i = 0; i < launches; i++)
        due += estimate_is_due(entry);
    return due;
}

static void veryShortOnesAreMeasuredRarely(void **state)
{
    (void)state;
    int f = 0;
    struct estimate *entry = estimate_find(table, &f, 80);
    estimate_learn(entry, 200000);
    assert_int_equal(timesDue(entry, 256 * 64), 4 + 63);
    entry = estimate_find(table, &f, 81);
    estimate_learn(entry, 2000);
    assert_int_equal(timesDue(entry, 256 * 64), 4 + 15);
}

static void besideOthersTheLeastIsBelieved(void **state)
{
    (void)state;
    int f = 0;
    struct estimate *entry = estimate_find(table, &f, 79);
    estimate_learn(entry, 100000);
    for (int i = 0; i < 200; i++)
        estimate_learn_beside_others(entry, i % 5 == 0 ? 200000 : 2400000, false); /* one in five without a neighbour's slice */
    assert_in_range(estimate_ns(entry), 190000, 210000);
    estimate_learn_beside_others(entry, 50000, false);
    assert_in_range(estimate_ns(entry), 150000, 170000); /* less is believed at once */
}

static void besideOthersQueuesAreBelievedSoon(void **state)
{
    (void)state;
    int f = 0;
    struct estimate *entry = estimate_find(table, &f, 82);
    for (int i = 0; i < 50; i++)
        estimate_learn(entry, 20000);
    timesDue(entry, 300);
    int launches = 0;
    for (; estimate_ns(entry) < 2000000 && launches < 1000; launches++) /* now of 2 ms, one slice in two a neighbour's */
        if (estimate_is_due(entry))
            estimate_learn_beside_others(entry, 4300000, true);
    assert_in_range(launches, 8, 256);
    for (int i = 0; i < 200; i++) /* of 20 us again, one in a hundred interrupted */
        estimate_learn_beside_others(entry, i % 100 == 0 ? 2020000 : 20000, true);
    assert_in_range(estimate_ns(entry), 20000, 22000);
}

static void aZeroSampleStaysKnown(void **state)
{
    (void)state;
    int f = 0;
    struct estimate *entry = estimate_find(table, &f, 5);
    estimate_learn(entry, 0);
    assert_true(estimate_known(entry));
}

static void aFullTableSharesEntries(void **state)
{
    (void)state;
    for (uintptr_t i = 1; i < 3 * ESTIMATE_ENTRIES; i++)
        assert_non_null(estimate_find(table, (void *)(i << 4), 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functionsAndGridsAreLearnedApart),
        cmocka_unit_test(followsAChangeOfCost),
        cmocka_unit_test(measuresMoreAfterASurprise),
        cmocka_unit_test(besideOthersTheLeastIsBelieved),
        cmocka_unit_test(besideOthersQueuesAreBelievedSoon),
        cmocka_unit_test(veryShortOnesAreMeasuredRarely),
        cmocka_unit_test(aZeroSampleStaysKnown),
        cmocka_unit_test(aFullTableSharesEntries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
