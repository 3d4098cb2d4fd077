#include "settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

static void readsShares(void **state)
{
    (void)state;
    assert_int_equal(settings_share("30%"), 300);
    assert_int_equal(settings_share("12.5%"), 125);
    assert_int_equal(settings_share("100%"), 1000);
    const char *bad[] = {"", "30", "0%", "101%", "-5%", "%", "3x%", "nan%", "30%%", " 30%", "1e9%"};
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
        if (settings_share(bad[i]) != 0)
            fail_msg("'%s' was taken for a share", bad[i]);
}

static void readsSizes(void **state)
{
    (void)state;
    uint64_t bytes;
    assert_true(settings_size("1024", &bytes) && bytes == 1024);
    assert_true(settings_size("10GiB", &bytes) && bytes == 10ull << 30);
    assert_true(settings_size("512m", &bytes) && bytes == 512ull << 20);
    assert_true(settings_size("3T", &bytes) && bytes == 3ull << 40);
    const char *bad[] = {"", "10XB", "-1", "GiB", "1.5g", "99999999999999999999", "99999999999t", "10 g", "10gg"};
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
        if (settings_size(bad[i], &bytes))
            fail_msg("'%s' was taken for a size", bad[i]);
}

static void aBadLimitBecomesTheLeast(void **state)
{
    (void)state;
    struct settings settings = {0};
    char problem[160];
    settings_parse(&settings, "# limits\nshare = lots\n memory=10XB # too much\n", problem, sizeof problem);
    assert_int_equal(settings.share_permille, 1);
    assert_int_equal(settings.memory_bytes, 1);
    assert_non_null(strstr(problem, "line 2"));
    assert_non_null(strstr(problem, "share"));
}

static void aBadTokenIsStillGoverned(void **state)
{
    (void)state;
    struct settings settings;
    setenv("ALIQUOT_CONFIG", "/dev/null", 1);
    setenv("ALIQUOT_TOKEN", "not a token!", 1);
    assert_true(settings_read(&settings));
    unsetenv("ALIQUOT_TOKEN");
    assert_true(settings.bad_token);
    assert_string_equal(settings.token, "");
}

static void theFileBeatsTheEnvironment(void **state)
{
    (void)state;
    struct settings settings;
    char path[] = "/tmp/aliquot-settings-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "w");
    fputs("share=20%\n", file);
    fclose(file);
    setenv("ALIQUOT_CONFIG", path, 1);
    setenv("ALIQUOT_SHARE", "90%", 1);
    setenv("ALIQUOT_MEMORY", "1g", 1);
    assert_true(settings_read(&settings));
    remove(path);
    assert_int_equal(settings.share_permille, 200);
    assert_int_equal(settings.memory_bytes, 1 << 30);
    assert_string_equal(settings.group, "default");
}

static void garbageNeverOverflows(void **state)
{
    (void)state;
    srand(3);
    for (int round = 0; round < 5000; round++) {
        struct settings settings = {0};
        char text[600], problem[64];
        for (unsigned i = 0; i < sizeof text - 1; i++)
            text[i] = "=#%\n share memory token 019gG\xff"[rand() % 29];
        text[sizeof text - 1] = '\0';
        settings_parse(&settings, text, problem, sizeof problem);
        assert_true(strlen(problem) < sizeof problem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readsShares),
        cmocka_unit_test(readsSizes),
        cmocka_unit_test(aBadLimitBecomesTheLeast),
        cmocka_unit_test(aBadTokenIsStillGoverned),
        cmocka_unit_test(theFileBeatsTheEnvironment),
        cmocka_unit_test(garbageNeverOverflows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
