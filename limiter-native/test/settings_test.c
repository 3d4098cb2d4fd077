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
    assert_true(settings_size("10Gi", &bytes) && bytes == 10ull << 30);
    assert_true(settings_size("10gb", &bytes) && bytes == 10ull << 30);
    const char *bad[] = {"", "10XB", "-1", "GiB", "1.5g", "99999999999999999999", "99999999999t", "10 g", "10gg", "10i", "10b", "10gib "};
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
        if (settings_size(bad[i], &bytes))
            fail_msg("'%s' was taken for a size", bad[i]);
}

static void aBadLimitBecomesTheLeast(void **state)
{
    (void)state;
    const struct {
        const char *text, *said, *said_too;
        uint64_t share, memory;
    } table[] = {
        {"# limits\nshare = lots\n memory=10XB # too much\n", "line 2: share: 'lots'", "line 3: memory: '10XB'", 1, 1},
        {"share = 0:30%,1:40\n", "line 1: share: '0:30%,1:40'", "0:30%,GPU-UUID:50%", 1, 0},
        {"memory = 0:1g,0:2g\n", "memory: '0:1g,0:2g'", "GPU-UUID:20GiB", 0, 1},
        {"memory\n", "line 1: memory", "say a size", 0, 1},
        {"memory = 0\nshare = 20%", "line 1: memory: '0'", "say a size", 200, 1},
        {"colour = red\nshare=20%", "line 1: colour: 'red'", "the keys are", 200, 0},
        {"log = loud\nshare=20%\r\n", "line 1: log: 'loud'", "say off, warn or info", 200, 0},
    };
    for (unsigned i = 0; i < sizeof table / sizeof *table; i++) {
        struct settings settings = {0};
        char problem[500];
        settings_parse(&settings, table[i].text, problem, sizeof problem);
        if (strstr(problem, table[i].said) == NULL || strstr(problem, table[i].said_too) == NULL)
            fail_msg("'%s' gave '%s'", table[i].text, problem);
        assert_int_equal(limits_of(&settings.share_permille, "GPU-0"), table[i].share);
        assert_int_equal(limits_of(&settings.memory_bytes, "GPU-0"), table[i].memory);
    }
}

static void readsWhatDiffersByGpu(void **state)
{
    (void)state;
    struct settings settings = {0};
    char problem[160];
    settings_parse(&settings, "share = 30%, GPU-aa:12.5% ,mig-BB:1%\nname = A GPU\nlog=info\nmemory=GPU-aa:1g", problem,
                   sizeof problem);
    assert_string_equal(problem, "");
    assert_int_equal(limits_of(&settings.share_permille, "GPU-cc"), 300);
    assert_int_equal(limits_of(&settings.share_permille, "gpu-AA"), 125);
    assert_int_equal(limits_of(&settings.share_permille, "MIG-bb"), 10);
    assert_int_equal(limits_of(&settings.memory_bytes, "GPU-aa"), 1 << 30);
    assert_int_equal(limits_of(&settings.memory_bytes, "GPU-cc"), 0);
    assert_string_equal(settings.name, "A GPU");
    assert_int_equal(settings.log, SETTINGS_INFO);
}

/* Half of a list must not be taken for the whole. */
static void aLineThatIsTooLongIsBad(void **state)
{
    (void)state;
    struct settings settings = {0};
    static char text[5000];
    char problem[300];
    int length = snprintf(text, sizeof text, "memory = GPU-a:1g");
    while (length < 3000)
        length += snprintf(text + length, sizeof text - (size_t)length, ",GPU-%d:1g", length);
    settings_parse(&settings, text, problem, sizeof problem);
    assert_int_equal(limits_of(&settings.memory_bytes, "GPU-any"), 1);
    assert_non_null(strstr(problem, "line 1: memory"));
    memset(text, ' ', 4000);
    memcpy(text, "share=20% #", 11);
    text[4000] = '\0';
    settings_parse(&settings, text, problem, sizeof problem); /* a long comment is none of its value */
    assert_string_equal(problem, "");
    assert_int_equal(limits_of(&settings.share_permille, "GPU-any"), 200);
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

static FILE *new_file(char *path)
{
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    return fdopen(fd, "w");
}

static void theFileBeatsTheEnvironment(void **state)
{
    (void)state;
    struct settings settings;
    char path[] = "/tmp/aliquot-settings-XXXXXX";
    FILE *file = new_file(path);
    fputs("share=20%\n", file);
    fclose(file);
    setenv("ALIQUOT_CONFIG", path, 1);
    setenv("ALIQUOT_SHARE", "90%", 1);
    setenv("ALIQUOT_MEMORY", "1g", 1);
    setenv("CUDA_DEVICE_SM_LIMIT", "70", 1);
    setenv("VCUDA_MEMORY_LIMIT", "7g", 1);
    assert_true(settings_read(&settings));
    remove(path);
    assert_int_equal(limits_of(&settings.share_permille, "GPU-0"), 200);
    assert_int_equal(limits_of(&settings.memory_bytes, "GPU-0"), 1 << 30);
    assert_string_equal(settings.group, "default");
}

static void aFileThatIsTooLongIsBad(void **state)
{
    (void)state;
    struct settings settings;
    char path[] = "/tmp/aliquot-settings-XXXXXX";
    FILE *file = new_file(path);
    for (int i = 0; i < 300; i++)
        fputs("# a comment of thirty-two bytes\n", file);
    fputs("share=20%\n", file);
    fclose(file);
    setenv("ALIQUOT_CONFIG", path, 1);
    setenv("ALIQUOT_LOG", "off", 1);
    assert_true(settings_read(&settings));
    unsetenv("ALIQUOT_LOG");
    remove(path);
    assert_int_equal(limits_of(&settings.share_permille, "GPU-0"), 1);
    assert_int_equal(limits_of(&settings.memory_bytes, "GPU-0"), 1);
}

static void garbageNeverOverflows(void **state)
{
    (void)state;
    srand(3);
    for (int round = 0; round < 5000; round++) {
        struct settings settings = {0};
        char text[600], problem[64];
        for (unsigned i = 0; i < sizeof text - 1; i++)
            text[i] = "=#%\n share memory token :,-019gG\xff"[rand() % 32];
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
        cmocka_unit_test(readsWhatDiffersByGpu),
        cmocka_unit_test(aLineThatIsTooLongIsBad),
        cmocka_unit_test(aBadTokenIsStillGoverned),
        cmocka_unit_test(theFileBeatsTheEnvironment),
        cmocka_unit_test(aFileThatIsTooLongIsBad),
        cmocka_unit_test(garbageNeverOverflows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
