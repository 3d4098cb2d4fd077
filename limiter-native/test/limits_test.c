#include "limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

static bool number(const char *text, uint64_t *value)
{
    *value = strtoull(text, NULL, 10);
    return *value != 0;
}

static void readsListsOfDevices(void **state)
{
    (void)state;
    struct limits limits;
    assert_true(limits_parse(&limits, "7", number));
    assert_int_equal(limits_of(&limits, "GPU-a"), 7);
    assert_true(limits_parse(&limits, " GPU-AbC : 3 , 5", number));
    assert_int_equal(limits_of(&limits, "gpu-abc"), 3);
    assert_int_equal(limits_of(&limits, "GPU-abd"), 5);
    assert_true(limits_name(&limits, "GPU-ABC"));
    assert_false(limits_name(&limits, "GPU-abd"));
    assert_true(limits_parse(&limits, "MIG-1a:3", number));
    assert_int_equal(limits_of(&limits, "mig-1A"), 3);
    assert_int_equal(limits_of(&limits, "GPU-a"), 0);
    assert_true(limits_parse(&limits, "MIG-GPU-1a/7/0:3", number)); /* of drivers before 470 */
    const char *bad[] = {"",  ",",     "1,",   ",1",       "1,2",       "x:1",   "GPU:1",       ":1",   "0:",
                         "0", "0:0",   "-1:5", "0:1,00:2", "GPU-x?:1", "GPU-:1", "0:1,0:1",     "99999:1",
                         "GPU-a:1,gpu-A:2", "GPU-01234567890123456789012345678901234567890123456789:1"};
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
        if (limits_parse(&limits, bad[i], number))
            fail_msg("'%s' was taken for limits", bad[i]);
}

static void takesAsManyAsThereAreGpus(void **state)
{
    (void)state;
    struct limits limits;
    char text[300];
    int length = snprintf(text, sizeof text, "1");
    for (int i = 0; i < ALIQUOT_DEVICES; i++)
        length += snprintf(text + length, sizeof text - (size_t)length, ",%d:%d", i, i + 1);
    assert_true(limits_parse(&limits, text, number));
    snprintf(text + length, sizeof text - (size_t)length, ",%d:1", ALIQUOT_DEVICES);
    assert_false(limits_parse(&limits, text, number));
}

static void resolvesIndexes(void **state)
{
    (void)state;
    struct limits limits;
    char uuid[][ALIQUOT_UUID_BYTES] = {"GPU-a", "GPU-b", ""};
    limits_parse(&limits, "9,0:1,GPU-b:2", number);
    assert_true(limits_have_index(&limits));
    assert_true(limits_resolve(&limits, uuid, 2));
    assert_false(limits_have_index(&limits));
    assert_int_equal(limits_of(&limits, "GPU-a"), 1);
    assert_int_equal(limits_of(&limits, "GPU-b"), 2);
    assert_int_equal(limits_of(&limits, "GPU-c"), 9);
    limits_parse(&limits, "0:1,4:2", number); /* there is no GPU 4 */
    assert_false(limits_resolve(&limits, uuid, 2));
    assert_int_equal(limits.count, 1);
    limits_parse(&limits, "0:1,2:2", number); /* nor one that this process may use as 2 */
    limits_resolve(&limits, uuid, 3);
    assert_int_equal(limits_of(&limits, "GPU-c"), 0);
}

static void theLeastHoldsWhereNobodyKnowsTheIndex(void **state)
{
    (void)state;
    struct limits limits;
    limits_parse(&limits, "8,0:5,1:3,GPU-a:7", number);
    assert_false(limits_resolve(&limits, NULL, -1));
    assert_int_equal(limits_of(&limits, "GPU-a"), 7);
    assert_int_equal(limits_of(&limits, "GPU-b"), 3);
    limits_parse(&limits, "0:5", number);
    limits_resolve(&limits, NULL, -1);
    assert_int_equal(limits_of(&limits, "GPU-b"), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readsListsOfDevices),
        cmocka_unit_test(takesAsManyAsThereAreGpus),
        cmocka_unit_test(resolvesIndexes),
        cmocka_unit_test(theLeastHoldsWhereNobodyKnowsTheIndex),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
