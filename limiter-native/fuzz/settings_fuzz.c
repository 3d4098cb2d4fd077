/* The settings' parsers: a file's text, each value by itself, and the same text under every other name in the environment. */
#include <ctype.h>

#include "aliases.h"
#include "fuzz.h"

static char *text;

static char *get(const char *name)
{
    (void)name;
    return text;
}

static void check_word(const char *word, size_t bytes)
{
    MUST(memchr(word, '\0', bytes) != NULL);
    for (; *word != '\0'; word++)
        MUST(isalnum((unsigned char)*word) || *word == '-' || *word == '_');
}

static void check_limits(const struct limits *limits, uint64_t most)
{
    MUST(limits->count <= ALIQUOT_DEVICES + 1);
    for (uint32_t i = 0; i < limits->count; i++) {
        MUST(memchr(limits->limit[i].device, '\0', sizeof limits->limit[i].device) != NULL);
        MUST(limits->limit[i].value >= 1 && limits->limit[i].value <= most);
    }
}

static void check(const struct settings *settings, const char *problem, size_t bytes)
{
    MUST(memchr(problem, '\0', bytes) != NULL);
    MUST(memchr(settings->socket, '\0', sizeof settings->socket) != NULL);
    MUST(memchr(settings->name, '\0', sizeof settings->name) != NULL);
    check_limits(&settings->share_permille, 1000);
    check_limits(&settings->memory_bytes, UINT64_MAX);
    check_word(settings->token, sizeof settings->token);
    check_word(settings->group, sizeof settings->group);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct settings of_file = {0}, of_environment = {0};
    struct limits shares = {0}, sizes = {0};
    char problem[160];
    uint64_t bytes;
    text = malloc(size + 1);
    MUST(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    MUST(settings_share(text) <= 1000);
    settings_size(text, &bytes);
    settings_shares(&shares, text);
    check_limits(&shares, 1000);
    settings_sizes(&sizes, text);
    check_limits(&sizes, UINT64_MAX);
    memset(problem, 'x', sizeof problem);
    settings_parse(&of_file, text, problem, sizeof problem);
    check(&of_file, problem, sizeof problem);
    problem[0] = '\0';
    aliases_read(&of_environment, get, problem, sizeof problem);
    check(&of_environment, problem, sizeof problem);
    free(text);
    return 0;
}
