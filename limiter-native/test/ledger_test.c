#include "ledger.h"

#include <stdlib.h>

#include "test.h"

static void grantsToTheByteAndNoFurther(void **state)
{
    (void)state;
    struct ledger_account account = {.limit_bytes = 1000};
    uint64_t a = 0, b = 0;
    assert_true(ledger_reserve(&account, &a, 600));
    assert_false(ledger_reserve(&account, &b, 401));
    assert_true(ledger_reserve(&account, &b, 400));
    assert_false(ledger_reserve(&account, &a, 1));
    assert_int_equal(ledger_left(&account), 0);
}

static void refundsTheDead(void **state)
{
    (void)state;
    struct ledger_account account = {.limit_bytes = 1000};
    uint64_t a = 0, b = 0;
    ledger_reserve(&account, &a, 600);
    ledger_reserve(&account, &b, 400);
    ledger_set_held(&account, &a, 0);
    assert_int_equal(account.used_bytes, 400);
    assert_true(ledger_reserve(&account, &b, 600));
}

static void refusesNewWhenTheLimitFallsBelowUse(void **state)
{
    (void)state;
    struct ledger_account account = {.limit_bytes = 1000};
    uint64_t a = 0;
    ledger_reserve(&account, &a, 900);
    account.limit_bytes = 500;
    assert_false(ledger_reserve(&account, &a, 1));
    assert_int_equal(ledger_left(&account), 0);
    ledger_set_held(&account, &a, 400);
    assert_true(ledger_reserve(&account, &a, 100));
}

static void noLimitIsNoOverflow(void **state)
{
    (void)state;
    struct ledger_account account = {0};
    uint64_t a = 0;
    assert_true(ledger_reserve(&account, &a, UINT64_MAX - 5));
    assert_false(ledger_reserve(&account, &a, 6));
    assert_true(ledger_reserve(&account, &a, 5));
    ledger_set_held(&account, &a, UINT64_MAX);
    assert_int_equal(account.used_bytes, UINT64_MAX);
}

static void sumsWhatHoldersHoldWhateverHappens(void **state)
{
    (void)state;
    srand(7);
    struct ledger_account account = {.limit_bytes = 10000};
    uint64_t held[5] = {0};
    for (int i = 0; i < 100000; i++) {
        uint64_t *holder = &held[rand() % 5];
        uint64_t bytes = (uint64_t)rand() % 4000, sum = 0;
        if (rand() % 3 == 0)
            ledger_set_held(&account, holder, *holder > bytes ? *holder - bytes : 0);
        else
            ledger_reserve(&account, holder, bytes);
        for (int h = 0; h < 5; h++)
            sum += held[h];
        assert_int_equal(account.used_bytes, sum);
        assert_true(sum <= account.limit_bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grantsToTheByteAndNoFurther),
        cmocka_unit_test(refundsTheDead),
        cmocka_unit_test(refusesNewWhenTheLimitFallsBelowUse),
        cmocka_unit_test(noLimitIsNoOverflow),
        cmocka_unit_test(sumsWhatHoldersHoldWhateverHappens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
