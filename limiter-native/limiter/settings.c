#include "settings.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "aliases.h"

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
    static const char UNITS[] = "kmgt";
    if (!isdigit((unsigned char)text[0]))
        return false;
    char *end;
    errno = 0;
    unsigned long long count = strtoull(text, &end, 10);
    const char *unit = end[0] == '\0' ? NULL : strchr(UNITS, tolower((unsigned char)end[0]));
    if (errno != 0 || (unit == NULL && end[0] != '\0'))
        return false;
    if (unit != NULL && end[1] != '\0' && strcasecmp(end + 1, "i") != 0 && strcasecmp(end + 1, "b") != 0 &&
        strcasecmp(end + 1, "ib") != 0)
        return false;
    unsigned shift = unit == NULL ? 0 : 10 * (unsigned)(unit - UNITS + 1);
    *bytes = (uint64_t)count << shift;
    return *bytes >> shift == count;
}

static bool share_value(const char *text, uint64_t *permille)
{
    return (*permille = settings_share(text)) != 0;
}

static bool size_value(const char *text, uint64_t *bytes)
{
    return settings_size(text, bytes) && *bytes != 0;
}

bool settings_shares(struct limits *limits, const char *text)
{
    return limits_parse(limits, text, share_value);
}

bool settings_sizes(struct limits *limits, const char *text)
{
    return limits_parse(limits, text, size_value);
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

static bool set_log(struct settings *settings, const char *value)
{
    static const char *const LEVELS[] = {[SETTINGS_WARN] = "warn", [SETTINGS_INFO] = "info", [SETTINGS_OFF] = "off"};
    for (int level = 0; level < 3; level++)
        if (strcasecmp(value, LEVELS[level]) == 0) {
            settings->log = (enum settings_log)level;
            return true;
        }
    return false;
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
    if (strcmp(key, "name") == 0)
        return set_text(settings->name, sizeof settings->name, value);
    if (strcmp(key, "log") == 0)
        return set_log(settings, value);
    if (strcmp(key, "share") == 0) {
        bool good = settings_shares(&settings->share_permille, value);
        if (!good)
            limits_set_all(&settings->share_permille, 1);
        return good;
    }
    if (strcmp(key, "memory") == 0) {
        bool good = settings_sizes(&settings->memory_bytes, value);
        if (!good)
            limits_set_all(&settings->memory_bytes, 1);
        return good;
    }
    return false;
}

/* ---- what is wrong, and what would be right ---- */

static const struct {
    const char *key, *environment, *right;
} KEYS[] = {
    {"token", "ALIQUOT_TOKEN", "say 32 hexadecimal digits; until then 5 % and 1 GiB"},
    {"group", "ALIQUOT_GROUP", "say at most 32 letters, digits, - and _"},
    {"socket", "ALIQUOT_SOCKET", "say a path of at most 107 bytes"},
    {"share", "ALIQUOT_SHARE", "say 0.1% to 100%, as 30%, or by GPU, as 0:30%,GPU-UUID:50%; until then 0.1%"},
    {"memory", "ALIQUOT_MEMORY", "say a size, as 10GiB, or by GPU, as 0:10GiB,GPU-UUID:20GiB; until then 1 byte"},
    {"name", "ALIQUOT_NAME", "say a name of at most 95 bytes"},
    {"log", "ALIQUOT_LOG", "say off, warn or info"},
};
enum { KEY_COUNT = sizeof KEYS / sizeof *KEYS };

void settings_complain(char *problem, size_t bytes, const char *where, const char *value, const char *right)
{
    size_t used = strlen(problem);
    char line[256];
    int length = snprintf(line, sizeof line, "%s: '%.60s' is not valid: %s", where, value, right);
    if (length > 0 && (size_t)length < sizeof line && used + (size_t)length + 2 <= bytes)
        snprintf(problem + used, bytes - used, "%s%s", used == 0 ? "" : "\n", line);
}

/* A token is a secret, even a wrong one. */
static const char *shown(const char *key, const char *value)
{
    return strcmp(key, "token") == 0 ? "..." : value;
}

static const char *right_of(const char *key)
{
    for (int k = 0; k < KEY_COUNT; k++)
        if (strcmp(KEYS[k].key, key) == 0)
            return KEYS[k].right;
    return "the keys are token, group, socket, share, memory, name and log";
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
        char line[2048], where[80];
        size_t length = strcspn(text, "\n"), kept = length < sizeof line - 1 ? length : sizeof line - 1;
        memcpy(line, text, kept);
        line[kept] = '\0';
        text += length + (text[length] == '\n');
        bool whole = kept == length || strchr(line, '#') != NULL;
        line[strcspn(line, "#")] = '\0';
        char *key = trim(line), *value = strchr(key, '=');
        if (key[0] == '\0')
            continue;
        if (value != NULL)
            *value++ = '\0';
        key = trim(key);
        value = value == NULL || !whole ? "?" : trim(value); /* "?" is good for no key that limits */
        if (settings_set(settings, key, value) && whole)
            continue;
        snprintf(where, sizeof where, "line %u: %.40s", number, key);
        settings_complain(problem, problem_bytes, where, shown(key, value), right_of(key));
    }
}

static void read_environment(struct settings *settings, char *problem, size_t bytes)
{
    for (int k = 0; k < KEY_COUNT; k++) {
        const char *value = getenv(KEYS[k].environment);
        if (value != NULL && value[0] != '\0' && !settings_set(settings, KEYS[k].key, value))
            settings_complain(problem, bytes, KEYS[k].environment, shown(KEYS[k].key, value), KEYS[k].right);
    }
}

static void read_file(struct settings *settings, const char *path, bool required, char *problem, size_t bytes)
{
    char text[8192];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        if (required)
            settings_complain(problem, bytes, "ALIQUOT_CONFIG", path, strerror(errno));
        return;
    }
    ssize_t length = read(fd, text, sizeof text - 1);
    close(fd);
    text[length > 0 ? length : 0] = '\0';
    settings_parse(settings, text, problem, bytes);
    if (length == sizeof text - 1) { /* what does not fit may limit */
        settings_complain(problem, bytes, "file", path, "say it in less than 8 KiB; until then 0.1% and 1 byte");
        settings_set(settings, "share", "?");
        settings_set(settings, "memory", "?");
    }
}

static void say(const char *where, char *problem)
{
    for (char *line = strtok_r(problem, "\n", &problem); line != NULL; line = strtok_r(NULL, "\n", &problem))
        fprintf(stderr, "aliquot: %s%s\n", where, line);
}

bool settings_read(struct settings *settings)
{
    char of_environment[2048] = "", of_file[2048] = "", where[128];
    memset(settings, 0, sizeof *settings);
    snprintf(settings->socket, sizeof settings->socket, "/run/aliquot/sock/agent.sock");
    snprintf(settings->group, sizeof settings->group, "default");
    aliases_read(settings, getenv, of_environment, sizeof of_environment);
    read_environment(settings, of_environment, sizeof of_environment);
    const char *path = getenv("ALIQUOT_CONFIG");
    read_file(settings, path == NULL ? "/etc/aliquot/limiter.conf" : path, path != NULL, of_file, sizeof of_file);
    if (settings->log != SETTINGS_OFF) {
        snprintf(where, sizeof where, "%.100s: ", path == NULL ? "/etc/aliquot/limiter.conf" : path);
        say("", of_environment);
        say(where, of_file);
    }
    return settings->token[0] != '\0' || settings->bad_token || settings->share_permille.count != 0 ||
           settings->memory_bytes.count != 0;
}
