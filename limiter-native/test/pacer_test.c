#include "pacer.h"

#include "aliquot_page.h"
#include "test.h"

#define MS 1000000ull

static uint32_t turn_of(uint64_t window_ns)
{
    return (uint32_t)(window_ns / ALIQUOT_WINDOW_UNIT_NS);
}

static void aClosedTurnWaits(void **state)
{
    (void)state;
    assert_int_equal(pacer_turn(turn_of(0), 0, 0, 0, 1, 0), PACER_WAIT_TURN);
    assert_int_equal(pacer_turn(turn_of(0) | ALIQUOT_TURN_CONTENDED | 7u << ALIQUOT_TURN_SEQUENCE_SHIFT, 0, 0, 0, 1, 0), PACER_WAIT_TURN);
}

static void anOpenTurnBoundsWhatIsInFlight(void **state)
{
    (void)state;
    assert_int_equal(pacer_turn(turn_of(MS), 0, 0, 900000, 100000, 0), PACER_GO);
    assert_int_equal(pacer_turn(turn_of(MS), 0, 0, 900000, 100001, 0), PACER_WAIT_ROOM);
}

static void launchesEndWithTheTurn(void **state)
{
    (void)state;
    uint32_t turn = turn_of(8 * MS);
    assert_int_equal(pacer_turn(turn, 100 * MS, 95 * MS, 4 * MS, MS, 0), PACER_GO);
    assert_int_equal(pacer_turn(turn, 100 * MS, 95 * MS, 4 * MS, MS + 1, 0), PACER_WAIT_ROOM);
    assert_int_equal(pacer_turn(turn, 100 * MS, 101 * MS, 900000, 100000, 0), PACER_GO); /* overdue: the least window */
    assert_int_equal(pacer_turn(turn, 100 * MS, 101 * MS, 900000, 100001, 0), PACER_WAIT_ROOM);
}

static void oneLaunchAlwaysFitsIntoAnEmptyPipe(void **state)
{
    (void)state;
    assert_int_equal(pacer_turn(turn_of(MS), 0, 0, 0, 500 * MS, 0), PACER_GO);
}

static void aLongLaunchIsQueuedBehindOneOfItsLength(void **state)
{
    (void)state;
    uint32_t turn = turn_of(8 * MS);
    assert_int_equal(pacer_turn(turn, 0, 0, 13 * MS, 13 * MS, 13 * MS), PACER_GO);
    assert_int_equal(pacer_turn(turn, 0, 0, 13 * MS + 2000, 2000, 13 * MS), PACER_GO); /* a short one in between */
    assert_int_equal(pacer_turn(turn, 0, 0, 26 * MS, 13 * MS, 13 * MS), PACER_WAIT_ROOM);
    assert_int_equal(pacer_turn(turn, 100 * MS, 86 * MS, 13 * MS, 13 * MS, 13 * MS), PACER_GO);
    assert_int_equal(pacer_turn(turn, 100 * MS, 87 * MS, 13 * MS, 13 * MS, 13 * MS), PACER_WAIT_ROOM); /* too late to begin */
    assert_int_equal(pacer_turn(turn_of(MS), 0, 0, 13 * MS, 13 * MS, 13 * MS), PACER_WAIT_ROOM); /* one may ask at any moment */
}

/* Runs kernels of `cost` one after another for `seconds`, and says how much GPU time went. */
static uint64_t spend(struct pacer_bucket *bucket, uint32_t permille, uint64_t cost_ns, uint64_t seconds)
{
    uint64_t now_ns = MS, used_ns = 0;
    for (uint64_t end_ns = now_ns + seconds * 1000 * MS; now_ns < end_ns;) {
        uint64_t wait_ns = 0;
        switch (pacer_bucket_ask(bucket, now_ns, permille, 0, cost_ns, &wait_ns)) {
        case PACER_GO:
            pacer_bucket_take(bucket, (int64_t)cost_ns);
            used_ns += cost_ns;
            now_ns += cost_ns;
            break;
        case PACER_WAIT_TIME:
            assert_in_range(wait_ns, 1, 50 * MS);
            now_ns += wait_ns;
            break;
        default:
            fail_msg("an empty pipe waits for room");
        }
    }
    return used_ns;
}

static void theBucketGivesItsShareWhateverTheKernels(void **state)
{
    (void)state;
    const uint64_t costs_ns[] = {10000, 200000, 12800000, 300 * MS};
    for (unsigned i = 0; i < sizeof costs_ns / sizeof *costs_ns; i++)
        for (uint32_t permille = 10; permille <= 1000; permille += 330) {
            struct pacer_bucket bucket = {0};
            uint64_t used_ns = spend(&bucket, permille, costs_ns[i], 100), want_ns = permille * 100 * MS;
            uint64_t slack_ns = 2 * costs_ns[i] + PACER_BUCKET_NS + want_ns / 500;
            if (used_ns + slack_ns < want_ns || used_ns > want_ns + slack_ns)
                fail_msg("kernels of %llu ns at %u permille: used %llu ns of %llu", (unsigned long long)costs_ns[i], permille,
                         (unsigned long long)used_ns, (unsigned long long)want_ns);
        }
}

static void idlingSavesNoMoreThanTheCredit(void **state)
{
    (void)state;
    struct pacer_bucket bucket = {0};
    uint64_t wait_ns;
    pacer_bucket_ask(&bucket, MS, 500, 0, 1, &wait_ns);
    assert_int_equal(pacer_bucket_ask(&bucket, 3600000 * MS, 500, 0, 1, &wait_ns), PACER_GO);
    assert_int_equal(bucket.left_ns, PACER_BUCKET_NS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aClosedTurnWaits),
        cmocka_unit_test(anOpenTurnBoundsWhatIsInFlight),
        cmocka_unit_test(launchesEndWithTheTurn),
        cmocka_unit_test(oneLaunchAlwaysFitsIntoAnEmptyPipe),
        cmocka_unit_test(aLongLaunchIsQueuedBehindOneOfItsLength),
        cmocka_unit_test(theBucketGivesItsShareWhateverTheKernels),
        cmocka_unit_test(idlingSavesNoMoreThanTheCredit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
