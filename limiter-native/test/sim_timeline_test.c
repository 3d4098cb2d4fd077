/* The pure timeline: slices, switches, order, history. Time is made up: nothing here waits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "timeline.h"

#define MS INT64_C(1000000)
#define START (1000 * MS)

static int fresh(void **state)
{
    struct timeline *t = calloc(1, sizeof *t);
    assert_non_null(t);
    timeline_init(t, START);
    *state = t;
    return 0;
}

static int drop(void **state)
{
    free(*state);
    return 0;
}

static int64_t done_at(struct timeline *t, int context)
{
    struct timeline_op op;
    uint64_t seq;
    assert_true(timeline_take(t, context, &op, &seq));
    return op.done_ns;
}

static void loneContextPaysNothing(void **state)
{
    struct timeline *t = *state;
    int a = timeline_open(t, 0);
    for (int i = 0; i < 100; i++)
        timeline_push(t, a, 7 * MS, 1, 0);
    timeline_advance(t, START + 10000 * MS);
    for (int i = 1; i <= 100; i++)
        assert_int_equal(done_at(t, a), START + 7 * MS * i);
    assert_int_equal(t->switch_ns, 0);
    assert_false(timeline_pending(t, a));
}

static void twoBusyContextsGetTheMeasuredShare(void **state)
{
    struct timeline *t = *state;
    int a = timeline_open(t, 0), b = timeline_open(t, 1);
    timeline_push(t, a, 10000 * MS, 1, 0);
    timeline_push(t, b, 10000 * MS, 1, 0);
    timeline_advance(t, START + 4000 * MS);
    assert_in_range(t->context[a].busy_ns, 4000 * MS * 464 / 1000, 4000 * MS * 466 / 1000);
    assert_in_range(t->context[b].busy_ns, 4000 * MS * 464 / 1000, 4000 * MS * 466 / 1000);
    assert_int_equal(t->context[a].busy_ns + t->context[b].busy_ns + t->switch_ns, 4000 * MS);
}

static void sliceEndsInTheMiddleOfAKernel(void **state)
{
    struct timeline *t = *state;
    int a = timeline_open(t, 0), b = timeline_open(t, 1);
    timeline_push(t, a, 3 * MS, 1, 0);
    timeline_push(t, b, 1 * MS, 1, 0);
    timeline_advance(t, START + 100 * MS);
    int64_t b_done = START + TIMELINE_SLICE_NS + TIMELINE_SWITCH_NS + 1 * MS;
    assert_int_equal(done_at(t, b), b_done);
    assert_int_equal(done_at(t, a), b_done + TIMELINE_SWITCH_NS + 1 * MS); /* b had no more work: a goes on at once */
}

static void eventTimesIncludeTheNeighboursSlices(void **state)
{
    struct timeline *t = *state;
    int a = timeline_open(t, 0), b = timeline_open(t, 1);
    timeline_push(t, b, 1000 * MS, 1, 0);
    timeline_push(t, a, 0, 2, 0);
    timeline_push(t, a, 10 * MS, 1, 0);
    timeline_push(t, a, 0, 2, 0);
    timeline_advance(t, START + 200 * MS);
    int64_t begin = done_at(t, a);
    done_at(t, a);
    int64_t end = done_at(t, a);
    /* five slices of its own, four of the neighbour's between them, two switches for each of those */
    assert_int_equal(end - begin, 10 * MS + 4 * (TIMELINE_SLICE_NS + 2 * TIMELINE_SWITCH_NS));
}

static void threeContextsTakeTurns(void **state)
{
    struct timeline *t = *state;
    int c[3];
    for (unsigned i = 0; i < 3; i++) {
        c[i] = timeline_open(t, i);
        timeline_push(t, c[i], 1000 * MS, 1, 0);
    }
    timeline_advance(t, START + 300 * (TIMELINE_SLICE_NS + TIMELINE_SWITCH_NS));
    for (unsigned i = 0; i < 3; i++)
        assert_in_range(t->context[c[i]].busy_ns, 99 * TIMELINE_SLICE_NS, 101 * TIMELINE_SLICE_NS);
}

static void gapsOfALoneContextCostNoSwitch(void **state)
{
    struct timeline *t = *state;
    int a = timeline_open(t, 0);
    timeline_open(t, 1); /* idle */
    for (int i = 0; i < 10; i++) {
        timeline_advance(t, START + i * 10 * MS);
        timeline_push(t, a, MS, 1, 0);
    }
    timeline_advance(t, START + 1000 * MS);
    for (int i = 0; i < 10; i++)
        assert_int_equal(done_at(t, a), START + i * 10 * MS + MS);
}

static void advancingInManyStepsChangesNothing(void **state)
{
    struct timeline *t = *state, *u = calloc(1, sizeof *u);
    assert_non_null(u);
    timeline_init(u, START);
    for (unsigned i = 0; i < 4; i++) {
        int a = timeline_open(t, i), b = timeline_open(u, i);
        for (int k = 0; k < 50; k++) {
            int64_t ns = (int64_t)((i * 7919 + (unsigned)k * 104729) % 3000) * 1000;
            timeline_push(t, a, ns, 1, 0);
            timeline_push(u, b, ns, 1, 0);
        }
    }
    timeline_advance(t, START + 2000 * MS);
    for (int64_t at = START; at < START + 2000 * MS; at += 137777)
        timeline_advance(u, at);
    timeline_advance(u, START + 2000 * MS);
    for (int c = 0; c < 4; c++)
        for (int k = 0; k < 50; k++)
            assert_int_equal(done_at(t, c), done_at(u, c));
    free(u);
}

static void predictionComesTrueWhenNobodySubmits(void **state)
{
    struct timeline *t = *state;
    int a = timeline_open(t, 0), b = timeline_open(t, 1);
    uint64_t last = 0;
    for (int i = 0; i < 20; i++) {
        last = timeline_push(t, a, MS, 1, 0);
        timeline_push(t, b, 3 * MS, 1, 0);
    }
    timeline_advance(t, START + MS / 2);
    int64_t predicted = timeline_predict(t, a, last);
    timeline_advance(t, predicted - 1);
    assert_false(timeline_done(t, a, last));
    timeline_advance(t, predicted);
    assert_true(timeline_done(t, a, last));
    assert_int_equal(timeline_predict(t, a, last + 1), TIMELINE_NEVER);
}

static void closingAContextFreesTheGpuForTheOther(void **state)
{
    struct timeline *t = *state;
    int a = timeline_open(t, 0), b = timeline_open(t, 1);
    timeline_push(t, a, 1000 * MS, 1, 0);
    timeline_push(t, b, 5 * MS, 1, 0);
    timeline_advance(t, START + MS);
    timeline_close(t, a);
    timeline_advance(t, START + 100 * MS);
    assert_int_equal(done_at(t, b), START + MS + TIMELINE_SWITCH_NS + 5 * MS);
    assert_int_equal(timeline_open(t, 2), a);
    assert_false(timeline_pending(t, a));
}

static void ringGivesRoomWhenResultsAreTaken(void **state)
{
    struct timeline *t = *state;
    int a = timeline_open(t, 0);
    for (int i = 0; i < TIMELINE_RING; i++)
        timeline_push(t, a, 1000, 1, 0);
    assert_int_equal(timeline_room(t, a), 0);
    timeline_advance(t, START + 10 * 1000);
    assert_int_equal(timeline_room(t, a), 0);
    done_at(t, a);
    assert_int_equal(timeline_room(t, a), 1);
}

static void timeNeverGoesBack(void **state)
{
    struct timeline *t = *state;
    timeline_advance(t, START + 5 * MS);
    timeline_advance(t, START);
    assert_int_equal(t->cursor.now_ns, START + 5 * MS);
}

static void utilisationIsTheBusyPartOfTheWindow(void **state)
{
    struct timeline *t = *state;
    int a = timeline_open(t, 0);
    for (int i = 0; i < 100; i++) {
        timeline_advance(t, START + i * 10 * MS);
        timeline_push(t, a, 3 * MS, 1, 0);
    }
    timeline_advance(t, START + 1000 * MS);
    assert_in_range(timeline_busy_permille(t, -1, 200 * MS), 280, 320);
    assert_in_range(timeline_busy_permille(t, a, 200 * MS), 280, 320);
    timeline_advance(t, START + 1500 * MS);
    assert_int_equal(timeline_busy_permille(t, -1, 200 * MS), 0);
}

static void contextsAreBounded(void **state)
{
    struct timeline *t = *state;
    for (int i = 0; i < TIMELINE_CONTEXTS; i++)
        assert_int_equal(timeline_open(t, 0), i);
    assert_true(timeline_open(t, 0) < 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fresh, drop)
    const struct CMUnitTest tests[] = {T(loneContextPaysNothing),
                                       T(twoBusyContextsGetTheMeasuredShare),
                                       T(sliceEndsInTheMiddleOfAKernel),
                                       T(eventTimesIncludeTheNeighboursSlices),
                                       T(threeContextsTakeTurns),
                                       T(gapsOfALoneContextCostNoSwitch),
                                       T(advancingInManyStepsChangesNothing),
                                       T(predictionComesTrueWhenNobodySubmits),
                                       T(closingAContextFreesTheGpuForTheOther),
                                       T(ringGivesRoomWhenResultsAreTaken),
                                       T(timeNeverGoesBack),
                                       T(utilisationIsTheBusyPartOfTheWindow),
                                       T(contextsAreBounded)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
