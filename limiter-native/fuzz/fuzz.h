/* What the fuzzers share: LLVMFuzzerTestOneInput() is called by libFuzzer, or by replay.c with what lies in corpus/. */
#ifndef ALIQUOT_FUZZ_H
#define ALIQUOT_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold whatever the input was. */
#define MUST(condition)                                                             \
    do {                                                                            \
        if (!(condition)) {                                                         \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                                \
        }                                                                           \
    } while (0)

/* An input, read from its beginning; past its end there are zeros. */
struct input {
    const uint8_t *next;
    size_t left;
};

static inline void take(struct input *input, void *value, size_t bytes)
{
    size_t have = bytes < input->left ? bytes : input->left;
    memset(value, 0, bytes);
    if (have > 0)
        memcpy(value, input->next, have);
    input->next += have;
    input->left -= have;
}

static inline uint32_t take_below(struct input *input, uint32_t limit)
{
    uint8_t byte;
    take(input, &byte, sizeof byte);
    return byte % limit;
}

static inline uint64_t take_u64(struct input *input)
{
    uint64_t value;
    take(input, &value, sizeof value);
    return value;
}

#endif
