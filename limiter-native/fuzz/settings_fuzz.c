/* The settings parser: a file's text, and each value by itself. */
#include <ctype.h>

#include "fuzz.h"
#include "settings.h"

static void check_word(const char *word, size_t bytes)
{
    MUST(memchr(word, '\0', bytes) != NULL);
    for (; *word != '\0'; word++)
        MUST(isalnum((unsigned char)*word) || *word == '-' || *word == '_');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct settings settings = {0};
    char problem[160];
    char *text = malloc(size + 1);
    uint64_t bytes;
    MUST(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    MUST(settings_share(text) <= 1000);
    settings_size(text, &bytes);
    memset(problem, 'x', sizeof problem);
    settings_parse(&settings, text, problem, sizeof problem);
    MUST(memchr(problem, '\0', sizeof problem) != NULL);
    MUST(memchr(settings.socket, '\0', sizeof settings.socket) != NULL);
    MUST(settings.share_permille <= 1000);
    check_word(settings.token, sizeof settings.token);
    check_word(settings.group, sizeof settings.group);
    free(text);
    return 0;
}
