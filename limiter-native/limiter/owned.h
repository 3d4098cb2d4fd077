/* What this process has allocated: address or handle → bytes, and what counts them. Any thread. */
#ifndef ALIQUOT_OWNED_H
#define ALIQUOT_OWNED_H

#include <stdbool.h>

#include "link.h"

enum owned_kind { OWNED_ADDRESS, OWNED_HANDLE, OWNED_MAPPING, OWNED_ARRAY, OWNED_MIPMAP, OWNED_HOST };

/* One allocation. It is given back when the last of the keys that stand for it is gone: a handle, its mappings. */
struct owned_note {
    struct seat *seat; /* NULL: pinned host memory */
    uint64_t bytes;
    void *context; /* it ends with this context; NULL: with none */
};

/* A key that stands for an allocation. */
struct owned;

/** Remembers an allocation. @return false when there is no memory for the note */
bool owned_add(enum owned_kind kind, uint64_t key, const struct owned_note *note);

/** Makes another key, of `extent` bytes, stand for what a key stands for; nothing for one that is not known. */
void owned_share(enum owned_kind of_kind, uint64_t of_key, enum owned_kind kind, uint64_t key, uint64_t extent);

/** @return the key of the kind whose extent holds an address, or 0. Walks through all that there is */
uint64_t owned_at(enum owned_kind kind, uint64_t address);

/**
 * Forgets a key: before it is really freed, or another thread could be given the same one meanwhile. Followed by
 * owned_restore() or owned_drop(). @return NULL when it is not known
 */
struct owned *owned_detach(enum owned_kind kind, uint64_t key);
/** The same for all keys in a range that their extents fill from its beginning on. */
struct owned *owned_detach_range(enum owned_kind kind, uint64_t key, uint64_t extent);
/** What was detached was not freed after all. */
void owned_restore(struct owned *detached);
/** It is gone. */
void owned_drop(struct owned *detached);

/** Releases what ended with a context. */
void owned_release_context(void *context);
/** In a fork's child: nothing is ours. */
void owned_reset(void);

#endif
