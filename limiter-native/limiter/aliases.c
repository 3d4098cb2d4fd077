#include "aliases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Where problems go. */
struct report {
    char *problem;
    size_t bytes;
};

static bool percent(const char *text, uint64_t *permille)
{
    if (text[0] == '\0' || strspn(text, "0123456789") != strlen(text) || strlen(text) > 3)
        return false;
    *permille = strtoul(text, NULL, 10) * 10;
    return *permille <= 1000;
}

static const char RIGHT_SHARE[] = "say a percentage from 0 to 100, as 30; until then 0.1%";
static const char RIGHT_SIZE[] = "say a size, as 3000m or 10g; until then 1 byte";
static const char RIGHT_SHARES[] = "say {\"GPU-UUID\": 30}, percent by UUID or index; until then 0.1%";
static const char RIGHT_SIZES[] = "say {\"GPU-UUID\": 10737418240}, bytes by UUID or index; until then 1 byte";

/* The value of one variable, for one GPU or, with device NULL, for those that are not named. */
static void read_one(struct limits *limits, const char *device, limits_value *read, char *get(const char *), const char *name,
                     const char *right, const struct report *report)
{
    const char *text = get(name);
    uint64_t value;
    if (text == NULL || text[0] == '\0')
        return;
    if (!read(text, &value)) {
        settings_complain(report->problem, report->bytes, name, text, right);
        value = 1;
    }
    if (value != 0)
        limits_add(limits, device, value);
}

/* NAME for every GPU, and NAME_<index> for some. */
static void read_each(struct limits *limits, limits_value *read, char *get(const char *), const char *name, const char *right,
                      const struct report *report)
{
    read_one(limits, NULL, read, get, name, right, report);
    for (unsigned index = 0; index < ALIQUOT_DEVICES; index++) {
        char device[4], numbered[64];
        snprintf(device, sizeof device, "%u", index % 100);
        snprintf(numbered, sizeof numbered, "%s_%s", name, device);
        read_one(limits, device, read, get, numbered, right, report);
    }
}

/* ---- {"device": number, …} ---- */

static const char *skip(const char *text)
{
    return text + strspn(text, " \t\r\n");
}

/* One `"device": number`. @return what follows it, or NULL */
static const char *add_member(struct limits *limits, const char *text, limits_value *read)
{
    char device[ALIQUOT_UUID_BYTES], number[24];
    uint64_t value;
    size_t length = text[0] == '"' ? strcspn(text + 1, "\"") : 0;
    if (length == 0 || length >= sizeof device || text[length + 1] != '"')
        return NULL;
    memcpy(device, text + 1, length);
    device[length] = '\0';
    text = skip(text + length + 2);
    if (text[0] != ':')
        return NULL;
    text = skip(text + 1);
    length = strspn(text, "0123456789");
    if (length == 0 || length >= sizeof number)
        return NULL;
    memcpy(number, text, length);
    number[length] = '\0';
    if (!read(number, &value) || (value != 0 && !limits_add(limits, device, value)))
        return NULL;
    return skip(text + length);
}

static bool add_map(struct limits *limits, const char *text, limits_value *read)
{
    text = skip(text);
    if (text[0] != '{')
        return false;
    text = skip(text + 1);
    while (text[0] != '}') {
        text = add_member(limits, text, read);
        if (text == NULL || (text[0] != ',' && text[0] != '}'))
            return false;
        if (text[0] == ',' && (text = skip(text + 1))[0] != '"')
            return false;
    }
    return skip(text + 1)[0] == '\0';
}

static void read_map(struct limits *limits, limits_value *read, char *get(const char *), const char *name, const char *right,
                     const struct report *report)
{
    const char *text = get(name);
    if (limits->count != 0 || text == NULL || text[0] == '\0' || add_map(limits, text, read))
        return;
    settings_complain(report->problem, report->bytes, name, text, right);
    limits_set_all(limits, 1);
}

/* ---- words ---- */

static void read_log(struct settings *settings, char *get(const char *), const struct report *report)
{
    static const struct {
        const char *level;
        enum settings_log log;
    } LEVELS[] = {{"trace", SETTINGS_INFO}, {"debug", SETTINGS_INFO},  {"info", SETTINGS_INFO},
                  {"warn", SETTINGS_WARN},  {"warning", SETTINGS_WARN}, {"error", SETTINGS_WARN},
                  {"err", SETTINGS_WARN},   {"critical", SETTINGS_OFF}, {"off", SETTINGS_OFF}};
    const char *level = get("VCUDA_LOG_LEVEL");
    if (level == NULL || level[0] == '\0')
        return;
    for (size_t i = 0; i < sizeof LEVELS / sizeof *LEVELS; i++)
        if (strcasecmp(LEVELS[i].level, level) == 0) {
            settings->log = LEVELS[i].log;
            return;
        }
    settings_complain(report->problem, report->bytes, "VCUDA_LOG_LEVEL", level, "say debug, info, warn, error or off");
}

void aliases_read(struct settings *settings, char *get(const char *name), char *problem, size_t problem_bytes)
{
    const struct report report = {problem, problem_bytes};
    struct limits *memory = &settings->memory_bytes, *share = &settings->share_permille;
    read_each(memory, settings_size, get, "CUDA_DEVICE_MEMORY_LIMIT", RIGHT_SIZE, &report);
    read_each(share, percent, get, "CUDA_DEVICE_SM_LIMIT", RIGHT_SHARE, &report);
    read_map(memory, settings_size, get, "TENSOR_FUSION_CUDA_MEM_LIMIT", RIGHT_SIZES, &report);
    read_map(share, percent, get, "TENSOR_FUSION_CUDA_UP_LIMIT", RIGHT_SHARES, &report);
    if (memory->count == 0)
        read_one(memory, NULL, settings_size, get, "VCUDA_MEMORY_LIMIT", RIGHT_SIZE, &report);
    const char *name = get("VCUDA_DEVICE_NAME");
    if (name != NULL && !settings_set(settings, "name", name))
        settings_complain(problem, problem_bytes, "VCUDA_DEVICE_NAME", name, "say a name of at most 95 bytes");
    read_log(settings, get, &report);
}
