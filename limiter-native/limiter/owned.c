#include "owned.h"

#include <pthread.h>
#include <stdlib.h>

enum { BUCKETS = 4096 };

struct allocation {
    struct owned_note note;
    unsigned keys; /* that stand for it, detached ones too */
};

struct owned {
    struct owned *next;
    enum owned_kind kind;
    uint64_t key, extent;
    struct allocation *allocation;
};

static struct owned *buckets[BUCKETS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct owned **bucket_of(enum owned_kind kind, uint64_t key)
{
    return &buckets[((key >> 8) * 0x9e3779b97f4a7c15u + kind) >> 52];
}

static void insert(struct owned *owned)
{
    struct owned **bucket = bucket_of(owned->kind, owned->key);
    owned->next = *bucket;
    *bucket = owned;
}

static struct owned **place_of(enum owned_kind kind, uint64_t key)
{
    struct owned **place = bucket_of(kind, key);
    while (*place != NULL && ((*place)->kind != kind || (*place)->key != key))
        place = &(*place)->next;
    return place;
}

bool owned_add(enum owned_kind kind, uint64_t key, const struct owned_note *note)
{
    struct owned *owned = malloc(sizeof *owned);
    struct allocation *allocation = malloc(sizeof *allocation);
    if (owned == NULL || allocation == NULL) {
        free(owned);
        free(allocation);
        return false;
    }
    *allocation = (struct allocation){*note, 1};
    *owned = (struct owned){.kind = kind, .key = key, .allocation = allocation};
    pthread_mutex_lock(&lock);
    insert(owned);
    pthread_mutex_unlock(&lock);
    return true;
}

void owned_share(enum owned_kind of_kind, uint64_t of_key, enum owned_kind kind, uint64_t key, uint64_t extent)
{
    struct owned *owned = malloc(sizeof *owned);
    pthread_mutex_lock(&lock);
    struct owned *known = *place_of(of_kind, of_key);
    if (known != NULL && owned != NULL) {
        *owned = (struct owned){.kind = kind, .key = key, .extent = extent, .allocation = known->allocation};
        owned->allocation->keys++;
        insert(owned);
        owned = NULL;
    }
    pthread_mutex_unlock(&lock);
    free(owned);
}

uint64_t owned_at(enum owned_kind kind, uint64_t address)
{
    uint64_t found = 0;
    pthread_mutex_lock(&lock);
    for (int b = 0; found == 0 && b < BUCKETS; b++)
        for (const struct owned *owned = buckets[b]; found == 0 && owned != NULL; owned = owned->next)
            if (owned->kind == kind && address >= owned->key && address - owned->key < owned->extent)
                found = owned->key;
    pthread_mutex_unlock(&lock);
    return found;
}

static struct owned *detach(enum owned_kind kind, uint64_t key)
{
    struct owned **place = place_of(kind, key), *owned = *place;
    if (owned != NULL) {
        *place = owned->next;
        owned->next = NULL;
    }
    return owned;
}

struct owned *owned_detach(enum owned_kind kind, uint64_t key)
{
    pthread_mutex_lock(&lock);
    struct owned *detached = detach(kind, key);
    pthread_mutex_unlock(&lock);
    return detached;
}

struct owned *owned_detach_range(enum owned_kind kind, uint64_t key, uint64_t extent)
{
    struct owned *detached = NULL, *owned;
    pthread_mutex_lock(&lock);
    for (uint64_t at = key; at - key < extent && (owned = detach(kind, at)) != NULL; at += owned->extent) {
        owned->next = detached;
        detached = owned;
    }
    pthread_mutex_unlock(&lock);
    return detached;
}

void owned_restore(struct owned *detached)
{
    pthread_mutex_lock(&lock);
    while (detached != NULL) {
        struct owned *owned = detached;
        detached = owned->next;
        insert(owned);
    }
    pthread_mutex_unlock(&lock);
}

static void drop(struct owned *owned)
{
    struct allocation *allocation = owned->allocation;
    pthread_mutex_lock(&lock);
    bool last = --allocation->keys == 0;
    pthread_mutex_unlock(&lock);
    free(owned);
    if (!last)
        return;
    if (allocation->note.seat == NULL)
        link_unpin(allocation->note.bytes);
    else
        link_release(allocation->note.seat, allocation->note.bytes);
    free(allocation);
}

void owned_drop(struct owned *detached)
{
    while (detached != NULL) {
        struct owned *owned = detached;
        detached = owned->next;
        drop(owned);
    }
}

void owned_release_context(void *context)
{
    struct owned *ended = NULL;
    pthread_mutex_lock(&lock);
    for (int b = 0; b < BUCKETS; b++)
        for (struct owned **place = &buckets[b]; *place != NULL;) {
            struct owned *owned = *place;
            if (owned->allocation->note.context != context) {
                place = &owned->next;
                continue;
            }
            *place = owned->next;
            owned->next = ended;
            ended = owned;
        }
    pthread_mutex_unlock(&lock);
    owned_drop(ended);
}

void owned_reset(void)
{
    pthread_mutex_init(&lock, NULL);
    for (int b = 0; b < BUCKETS; b++)
        buckets[b] = NULL; /* the parent's notes are left: free() may not be safe here */
}
