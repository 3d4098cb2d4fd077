#include "settings.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

uint32_t settings_share(const char *text)
{
    char *end;
    if (!isdigit((unsigned char)text[0]))
        return 0;
    double percent = strtod(text, &end);
    if (strcmp(end, "%") != 0 || !(percent >= 0.1 && percent <= 100))
        return 0;
    return (uint32_t)(percent * 10 + 0.5);
}

bool settings_size(const char *text, uint64_t *bytes)
{
    static const char *const UNITS[] = {"", "k", "m", "g", "t"};
    if (!isdigit((unsigned char)text[0]))
        return false;
    char *end;
    errno = 0;
    unsigned long long count = strtoull(text, &end, 10);
    if (errno != 0)
        return false;
    for (unsigned i = 0; i < 5; i++) {
        char binary[8];
        snprintf(binary, sizeof binary, "%sib", UNITS[i]);
        if (strcasecmp(end, UNITS[i]) == 0 || (i > 0 && strcasecmp(end, binary) == 0)) {
            *bytes = (uint64_t)count << (10 * i);
            return *bytes >> (10 * i) == count;
        }
    }
    return false;
}

static bool set_text(char *field, size_t bytes, const char *value)
{
    if (strlen(value) >= bytes)
        return false;
    snprintf(field, bytes, "%s", value);
    return true;
}

static bool set_word(char *field, const char *value)
{
    for (const char *c = value; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c) && *c != '-' && *c != '_')
            return false;
    return set_text(field, ALIQUOT_TOKEN_BYTES, value);
}

bool settings_set(struct settings *settings, const char *key, const char *value)
{
    if (strcmp(key, "token") == 0) {
        settings->bad_token = !set_word(settings->token, value);
        return !settings->bad_token;
    }
    if (strcmp(key, "group") == 0)
        return value[0] != '\0' && set_word(settings->group, value);
    if (strcmp(key, "socket") == 0)
        return set_text(settings->socket, sizeof settings->socket, value);
    if (strcmp(key, "share") == 0) {
        uint32_t permille = settings_share(value);
        settings->share_permille = permille == 0 ? 1 : permille;
        return permille != 0;
    }
    if (strcmp(key, "memory") == 0) {
        uint64_t bytes = 0;
        bool good = settings_size(value, &bytes) && bytes > 0;
        settings->memory_bytes = good ? bytes : 1;
        return good;
    }
    return false;
}

static char *trim(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    for (char *end = text + strlen(text); end > text && isspace((unsigned char)end[-1]);)
        *--end = '\0';
    return text;
}

void settings_parse(struct settings *settings, const char *text, char *problem, size_t problem_bytes)
{
    problem[0] = '\0';
    for (unsigned number = 1; *text != '\0'; number++) {
        char line[256];
        size_t length = strcspn(text, "\n"), kept = length < sizeof line - 1 ? length : sizeof line - 1;
        memcpy(line, text, kept);
        line[kept] = '\0';
        text += length + (text[length] == '\n');
        line[strcspn(line, "#")] = '\0';
        char *key = trim(line), *value = strchr(key, '=');
        if (key[0] == '\0')
            continue;
        bool good = false;
        if (value != NULL) {
            *value++ = '\0';
            key = trim(key);
            good = settings_set(settings, key, trim(value));
        }
        if (!good && problem[0] == '\0')
            snprintf(problem, problem_bytes, "line %u: '%.60s' is no setting, or its value is bad", number, key);
    }
}

static void say(const char *where, const char *what)
{
    fprintf(stderr, "aliquot: %s: %s; the limiter uses the least that is safe\n", where, what);
}

static void read_environment(struct settings *settings)
{
    static const char *const NAMES[][2] = {{"token", "ALIQUOT_TOKEN"},
                                           {"group", "ALIQUOT_GROUP"},
                                           {"socket", "ALIQUOT_SOCKET"},
                                           {"share", "ALIQUOT_SHARE"},
                                           {"memory", "ALIQUOT_MEMORY"}};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        const char *value = getenv(NAMES[i][1]);
        if (value != NULL && value[0] != '\0' && !settings_set(settings, NAMES[i][0], value)) {
            char what[160];
            snprintf(what, sizeof what, "'%.100s' is not valid", value);
            say(NAMES[i][1], what);
        }
    }
}

static void read_file(struct settings *settings, const char *path, bool required)
{
    char text[8192], problem[160];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        if (required)
            say(path, strerror(errno));
        return;
    }
    ssize_t bytes = read(fd, text, sizeof text - 1);
    close(fd);
    text[bytes > 0 ? bytes : 0] = '\0';
    settings_parse(settings, text, problem, sizeof problem);
    if (problem[0] != '\0')
        say(path, problem);
}

bool settings_read(struct settings *settings)
{
    memset(settings, 0, sizeof *settings);
    snprintf(settings->socket, sizeof settings->socket, "/run/aliquot/sock/agent.sock");
    snprintf(settings->group, sizeof settings->group, "default");
    read_environment(settings);
    const char *path = getenv("ALIQUOT_CONFIG");
    read_file(settings, path == NULL ? "/etc/aliquot/limiter.conf" : path, path != NULL);
    return settings->token[0] != '\0' || settings->bad_token || settings->share_permille != 0 || settings->memory_bytes != 0;
}
