#include "limits.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_index(const char *device)
{
    return device[0] != '\0' && strspn(device, "0123456789") == strlen(device) && strlen(device) <= 4;
}

/* GPU-<uuid>, MIG-<uuid>, or the older MIG-GPU-<uuid>/1/0. */
static bool is_uuid(const char *device)
{
    return (strncasecmp(device, "GPU-", 4) == 0 || strncasecmp(device, "MIG-", 4) == 0) && device[4] != '\0' &&
           strspn(device, "0123456789abcdefABCDEFGPUMIgpumi-/") == strlen(device);
}

static struct limit *find(const struct limits *limits, const char *device)
{
    for (uint32_t i = 0; i < limits->count; i++)
        if (strcasecmp(limits->limit[i].device, device) == 0)
            return (struct limit *)&limits->limit[i];
    return NULL;
}

bool limits_add(struct limits *limits, const char *device, uint64_t value)
{
    struct limit limit = {.value = value};
    if (device != NULL && is_index(device)) /* 00 is 0 */
        snprintf(limit.device, sizeof limit.device, "%lu", strtoul(device, NULL, 10));
    else if (device != NULL && device[0] != '\0') {
        if (!is_uuid(device) || strlen(device) >= sizeof limit.device)
            return false;
        snprintf(limit.device, sizeof limit.device, "%s", device);
    }
    if (limits->count == ALIQUOT_DEVICES + 1 || find(limits, limit.device) != NULL)
        return false;
    limits->limit[limits->count++] = limit;
    return true;
}

/* Copies a part of a text without the blanks around it. @return false when it does not fit */
static bool copy_part(char *part, size_t bytes, const char *text, size_t length)
{
    while (length > 0 && isspace((unsigned char)text[0])) {
        text++;
        length--;
    }
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        length--;
    if (length >= bytes)
        return false;
    memcpy(part, text, length);
    part[length] = '\0';
    return true;
}

bool limits_parse(struct limits *limits, const char *text, limits_value *read)
{
    limits->count = 0;
    for (;;) {
        char device[ALIQUOT_UUID_BYTES] = "", value_text[32];
        uint64_t value;
        size_t length = strcspn(text, ","), name = strcspn(text, ":,");
        bool named = text[name] == ':';
        if (named && (!copy_part(device, sizeof device, text, name) || device[0] == '\0'))
            return false;
        size_t start = named ? name + 1 : 0;
        if (!copy_part(value_text, sizeof value_text, text + start, length - start) || !read(value_text, &value) ||
            !limits_add(limits, device, value))
            return false;
        if (text[length] == '\0')
            return true;
        text += length + 1;
    }
}

void limits_set_all(struct limits *limits, uint64_t value)
{
    *limits = (struct limits){.count = 1, .limit = {{.value = value}}};
}

bool limits_name(const struct limits *limits, const char *uuid)
{
    return find(limits, uuid) != NULL;
}

uint64_t limits_of(const struct limits *limits, const char *uuid)
{
    const struct limit *limit = find(limits, uuid);
    if (limit == NULL)
        limit = find(limits, "");
    return limit == NULL ? 0 : limit->value;
}

bool limits_have_index(const struct limits *limits)
{
    for (uint32_t i = 0; i < limits->count; i++)
        if (is_index(limits->limit[i].device))
            return true;
    return false;
}

bool limits_resolve(struct limits *limits, char (*uuid)[ALIQUOT_UUID_BYTES], int count)
{
    const struct limits before = *limits;
    uint64_t least = limits_of(&before, "");
    bool found = true;
    limits->count = 0;
    for (uint32_t i = 0; i < before.count; i++) {
        const struct limit *limit = &before.limit[i];
        unsigned long index = is_index(limit->device) ? strtoul(limit->device, NULL, 10) : 0;
        if (limit->device[0] == '\0')
            continue;
        if (!is_index(limit->device))
            limits_add(limits, limit->device, limit->value);
        else if (count < 0)
            least = least == 0 || limit->value < least ? limit->value : least;
        else if (index < (unsigned long)count && uuid[index][0] != '\0')
            limits_add(limits, uuid[index], limit->value);
        found &= !is_index(limit->device) || (count > 0 && index < (unsigned long)count);
    }
    if (least != 0)
        limits_add(limits, NULL, least);
    return found;
}
