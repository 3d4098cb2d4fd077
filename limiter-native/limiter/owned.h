/* What this process has allocated on GPUs: address or handle → bytes and seat. Any thread. */
#ifndef ALIQUOT_OWNED_H
#define ALIQUOT_OWNED_H

#include <stdbool.h>

#include "link.h"

enum owned_kind { OWNED_ADDRESS, OWNED_HANDLE, OWNED_ARRAY, OWNED_MIPMAP };

/* One allocation. */
struct owned_note {
    struct seat *seat;
    uint64_t bytes;
    void *context; /* it ends with this context; NULL: with none */
};

/** Remembers an allocation. @return false when there is no memory for the note */
bool owned_add(enum owned_kind kind, uint64_t key, const struct owned_note *note);
/**
 * Forgets one: before it is really freed, or another thread could be given the same address meanwhile.
 * @return whether it was known; *note is what was remembered
 */
bool owned_remove(enum owned_kind kind, uint64_t key, struct owned_note *note);
/** Releases what ended with a context. */
void owned_release_context(void *context);
/** In a fork's child: nothing is ours. */
void owned_reset(void);

#endif
