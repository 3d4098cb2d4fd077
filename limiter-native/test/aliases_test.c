#include "aliases.h"

#include <string.h>

#include "test.h"

/* An environment of this test's: names and values, then NULL. */
static const char *const *environment;

static char *get(const char *name)
{
    for (const char *const *pair = environment; *pair != NULL; pair += 2)
        if (strcmp(pair[0], name) == 0)
            return (char *)pair[1];
    return NULL;
}

struct expectation {
    const char *environment[9];
    uint64_t share[3], memory[3]; /* of GPU-a, by index GPU 1, of any other */
    const char *said;             /* NULL: nothing */
};

static void check(const struct expectation *expectation)
{
    struct settings settings = {0};
    char problem[400] = "", uuid[2][ALIQUOT_UUID_BYTES] = {"GPU-a", "GPU-b"};
    static const char *const DEVICES[] = {"GPU-a", "GPU-b", "GPU-c"};
    environment = expectation->environment;
    aliases_read(&settings, get, problem, sizeof problem);
    limits_resolve(&settings.share_permille, uuid, 2);
    limits_resolve(&settings.memory_bytes, uuid, 2);
    for (int d = 0; d < 3; d++)
        if (limits_of(&settings.share_permille, DEVICES[d]) != expectation->share[d] ||
            limits_of(&settings.memory_bytes, DEVICES[d]) != expectation->memory[d])
            fail_msg("%s=%s gave %s share %u, memory %llu", environment[0], environment[1], DEVICES[d],
                     (unsigned)limits_of(&settings.share_permille, DEVICES[d]),
                     (unsigned long long)limits_of(&settings.memory_bytes, DEVICES[d]));
    if (expectation->said == NULL ? problem[0] != '\0' : strstr(problem, expectation->said) == NULL)
        fail_msg("%s=%s said '%s'", environment[0], environment[1], problem);
}

#define G(n) ((uint64_t)(n) << 30)
#define ALL(n) {n, n, n}

static void readsWhatManifestsSay(void **state)
{
    (void)state;
    static const struct expectation TABLE[] = {
        {{NULL}, ALL(0), ALL(0), NULL},
        {{"CUDA_DEVICE_MEMORY_LIMIT", "3072m", "CUDA_DEVICE_SM_LIMIT", "30"}, ALL(300), ALL(G(3)), NULL},
        {{"CUDA_DEVICE_MEMORY_LIMIT", "10g", "CUDA_DEVICE_MEMORY_LIMIT_1", "2G"}, ALL(0), {G(10), G(2), G(10)}, NULL},
        {{"CUDA_DEVICE_SM_LIMIT_0", "25"}, {250, 0, 0}, ALL(0), NULL},
        {{"CUDA_DEVICE_SM_LIMIT", "0", "CUDA_DEVICE_MEMORY_LIMIT", "0"}, ALL(0), ALL(0), NULL}, /* no limit */
        {{"CUDA_DEVICE_MEMORY_LIMIT", "1g", "CUDA_DEVICE_MEMORY_LIMIT_0", "0"}, ALL(0), ALL(G(1)), NULL},
        {{"TENSOR_FUSION_CUDA_UP_LIMIT", "{\"gpu-A\": 30, \"1\" : 50}"}, {300, 500, 0}, ALL(0), NULL},
        {{"TENSOR_FUSION_CUDA_MEM_LIMIT", " { \"GPU-A\":1073741824 } "}, ALL(0), {G(1), 0, 0}, NULL},
        {{"TENSOR_FUSION_CUDA_MEM_LIMIT", "{}", "TENSOR_FUSION_CUDA_UP_LIMIT", "{\"0\":0}"}, ALL(0), ALL(0), NULL},
        {{"VCUDA_MEMORY_LIMIT", "10GB"}, ALL(0), ALL(G(10)), NULL},
        {{"VCUDA_MEMORY_LIMIT", "1g", "TENSOR_FUSION_CUDA_MEM_LIMIT", "{\"0\":2147483648}"}, ALL(0), {G(2), 0, 0}, NULL},
        {{"VCUDA_MEMORY_LIMIT", "1g", "CUDA_DEVICE_MEMORY_LIMIT", "2g"}, ALL(0), ALL(G(2)), NULL},
    };
    for (unsigned i = 0; i < sizeof TABLE / sizeof *TABLE; i++)
        check(&TABLE[i]);
}

static void aBadValueBecomesTheLeast(void **state)
{
    (void)state;
    static const struct expectation TABLE[] = {
        {{"CUDA_DEVICE_MEMORY_LIMIT", "plenty"}, ALL(0), ALL(1), "CUDA_DEVICE_MEMORY_LIMIT: 'plenty'"},
        {{"CUDA_DEVICE_MEMORY_LIMIT", "1g", "CUDA_DEVICE_MEMORY_LIMIT_1", "-1"}, ALL(0), {G(1), 1, G(1)}, "LIMIT_1: '-1'"},
        {{"CUDA_DEVICE_SM_LIMIT", "101"}, ALL(1), ALL(0), "CUDA_DEVICE_SM_LIMIT: '101'"},
        {{"CUDA_DEVICE_SM_LIMIT", "30%"}, ALL(1), ALL(0), "as 30;"},
        {{"TENSOR_FUSION_CUDA_UP_LIMIT", "30"}, ALL(1), ALL(0), "{\"GPU-UUID\": 30}"},
        {{"TENSOR_FUSION_CUDA_UP_LIMIT", "{\"0\":30"}, ALL(1), ALL(0), "UP_LIMIT: '"},
        {{"TENSOR_FUSION_CUDA_UP_LIMIT", "{\"0\":30,}"}, ALL(1), ALL(0), "UP_LIMIT: '"},
        {{"TENSOR_FUSION_CUDA_UP_LIMIT", "{\"0\":30}x"}, ALL(1), ALL(0), "UP_LIMIT: '"},
        {{"TENSOR_FUSION_CUDA_UP_LIMIT", "{\"card\":30}"}, ALL(1), ALL(0), "UP_LIMIT: '"},
        {{"TENSOR_FUSION_CUDA_UP_LIMIT", "{\"\":30}"}, ALL(1), ALL(0), "UP_LIMIT: '"},
        {{"TENSOR_FUSION_CUDA_UP_LIMIT", "{\"0\":30,\"0\":40}"}, ALL(1), ALL(0), "UP_LIMIT: '"},
        {{"TENSOR_FUSION_CUDA_UP_LIMIT", "{\"0\""}, ALL(1), ALL(0), "UP_LIMIT: '"},
        {{"TENSOR_FUSION_CUDA_UP_LIMIT", "{\"0"}, ALL(1), ALL(0), "UP_LIMIT: '"},
        {{"TENSOR_FUSION_CUDA_MEM_LIMIT", "{\"0\":99999999999999999999999}"}, ALL(0), ALL(1), "MEM_LIMIT: '"},
        {{"TENSOR_FUSION_CUDA_MEM_LIMIT", "{\"0\":\"1g\"}"}, ALL(0), ALL(1), "MEM_LIMIT: '"},
        {{"VCUDA_MEMORY_LIMIT", "(1024 * 1024)"}, ALL(0), ALL(1), "VCUDA_MEMORY_LIMIT: '(1024"},
        {{"VCUDA_LOG_LEVEL", "loud"}, ALL(0), ALL(0), "VCUDA_LOG_LEVEL: 'loud'"},
    };
    for (unsigned i = 0; i < sizeof TABLE / sizeof *TABLE; i++)
        check(&TABLE[i]);
}

static void readsNameAndLog(void **state)
{
    (void)state;
    struct settings settings = {0};
    char problem[200] = "";
    environment = (const char *const[]){"VCUDA_DEVICE_NAME", "A GPU", "VCUDA_LOG_LEVEL", "DEBUG", NULL};
    aliases_read(&settings, get, problem, sizeof problem);
    assert_string_equal(settings.name, "A GPU");
    assert_int_equal(settings.log, SETTINGS_INFO);
    environment = (const char *const[]){"VCUDA_LOG_LEVEL", "off", NULL};
    aliases_read(&settings, get, problem, sizeof problem);
    assert_int_equal(settings.log, SETTINGS_OFF);
    assert_string_equal(problem, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readsWhatManifestsSay),
        cmocka_unit_test(aBadValueBecomesTheLeast),
        cmocka_unit_test(readsNameAndLog),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
