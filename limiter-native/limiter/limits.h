/*
 * One limit for each GPU: a plain value for every GPU that is not named, and values for those named by UUID or by index. Pure.
 *   10GiB    0:10GiB,GPU-8f5c…:20GiB    5GiB,MIG-41b2…:2GiB
 * An index counts as NVML and nvidia-smi do; CUDA_VISIBLE_DEVICES does not change it.
 */
#ifndef ALIQUOT_LIMITS_H
#define ALIQUOT_LIMITS_H

#include <stdbool.h>

#include "aliquot_page.h"

struct limit {
    char device[ALIQUOT_UUID_BYTES]; /* a UUID, or an index in decimal; empty: every GPU that is not named */
    uint64_t value;
};

struct limits {
    uint32_t count; /* 0: not set */
    struct limit limit[ALIQUOT_DEVICES + 1];
};

/** Reads one value. @return false when the text is none */
typedef bool limits_value(const char *text, uint64_t *value);

/** Adds a value; device NULL or empty: the plain one. @return false for a bad or repeated device, or too many */
bool limits_add(struct limits *limits, const char *device, uint64_t value);
/** Replaces all by what a text says: [DEVICE:]VALUE, several with commas. @return false when it is not that */
bool limits_parse(struct limits *limits, const char *text, limits_value *read);
/** Replaces all by one value for every GPU. */
void limits_set_all(struct limits *limits, uint64_t value);

/** @return the value for a GPU, 0 when there is none. @param uuid in any case */
uint64_t limits_of(const struct limits *limits, const char *uuid);
bool limits_name(const struct limits *limits, const char *uuid);

/** @return whether an index is among the devices */
bool limits_have_index(const struct limits *limits);
/**
 * Replaces indexes by UUIDs; one that no GPU has is left out, and so is a second value for one GPU.
 * @param count of uuid; negative: not known, then the least of the indexed values (and the plain one) is the plain one
 * @return whether every index was found
 */
bool limits_resolve(struct limits *limits, char (*uuid)[ALIQUOT_UUID_BYTES], int count);

#endif
