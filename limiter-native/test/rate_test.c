#include "rate.h"

#include <math.h>
#include <stdlib.h>

#include "test.h"

static void close_to(double value, double expected)
{
    if (fabs(value - expected) > 1e-9)
        fail_msg("%.12f is not %.12f", value, expected);
}

static void dividesByWeight(void **state)
{
    (void)state;
    struct rate_claim claims[] = {{1, 0, 1, 0}, {2, 0, 1, 0}, {5, 0, 1, 0}};
    rate_divide(claims, 3);
    close_to(claims[0].rate, 0.125);
    close_to(claims[1].rate, 0.25);
    close_to(claims[2].rate, 0.625);
}

static void floorTakesFromTheOthersByWeight(void **state)
{
    (void)state;
    struct rate_claim claims[] = {{1, 0.3, 1, 0}, {1, 0, 1, 0}, {6, 0, 1, 0}};
    rate_divide(claims, 3);
    close_to(claims[0].rate, 0.3);
    close_to(claims[1].rate, 0.1);
    close_to(claims[2].rate, 0.6);
}

static void ceilingGivesToTheOthersByWeight(void **state)
{
    (void)state;
    struct rate_claim claims[] = {{8, 0, 0.2, 0}, {1, 0, 1, 0}, {3, 0, 1, 0}};
    rate_divide(claims, 3);
    close_to(claims[0].rate, 0.2);
    close_to(claims[1].rate, 0.2);
    close_to(claims[2].rate, 0.6);
}

static void floorsBeyondTheGpuShrinkTogether(void **state)
{
    (void)state;
    struct rate_claim claims[] = {{1, 0.9, 1, 0}, {1, 0.6, 1, 0}};
    rate_divide(claims, 2);
    close_to(claims[0].rate, 0.6);
    close_to(claims[1].rate, 0.4);
}

static void keepsEveryBoundOnRandomClaims(void **state)
{
    (void)state;
    srand(42);
    for (int round = 0; round < 20000; round++) {
        struct rate_claim claims[12];
        uint32_t count = 1 + (uint32_t)rand() % 12;
        double floors = 0, ceilings = 0, sum = 0;
        for (uint32_t i = 0; i < count; i++) {
            double floor = rand() % 3 == 0 ? (rand() % 1000) / 1000.0 / count : 0;
            double ceiling = rand() % 3 == 0 ? floor + (1 - floor) * (rand() % 1000 + 1) / 1000.0 : 1;
            claims[i] = (struct rate_claim){1 + rand() % 1000, floor, ceiling, 0};
            floors += floor;
            ceilings += ceiling;
        }
        rate_divide(claims, count);
        for (uint32_t i = 0; i < count; i++) {
            assert_true(claims[i].rate >= claims[i].floor - 1e-9 && claims[i].rate <= claims[i].ceiling + 1e-9);
            assert_true(claims[i].rate > 0);
            sum += claims[i].rate;
        }
        assert_true(floors < 1);
        if (fabs(sum - (ceilings < 1 ? ceilings : 1)) > 1e-6)
            fail_msg("rates sum to %.9f, ceilings to %.9f", sum, ceilings);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dividesByWeight),
        cmocka_unit_test(floorTakesFromTheOthersByWeight),
        cmocka_unit_test(ceilingGivesToTheOthersByWeight),
        cmocka_unit_test(floorsBeyondTheGpuShrinkTogether),
        cmocka_unit_test(keepsEveryBoundOnRandomClaims),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
