#include "owned.h"

#include <pthread.h>
#include <stdlib.h>

enum { BUCKETS = 4096 };

struct owned {
    struct owned *next;
    enum owned_kind kind;
    uint64_t key;
    struct owned_note note;
};

static struct owned *buckets[BUCKETS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct owned **bucket_of(enum owned_kind kind, uint64_t key)
{
    return &buckets[((key >> 8) * 0x9e3779b97f4a7c15u + kind) >> 52];
}

bool owned_add(enum owned_kind kind, uint64_t key, const struct owned_note *note)
{
    struct owned *entry = malloc(sizeof *entry);
    if (entry == NULL)
        return false;
    struct owned **bucket = bucket_of(kind, key);
    pthread_mutex_lock(&lock);
    *entry = (struct owned){*bucket, kind, key, *note};
    *bucket = entry;
    pthread_mutex_unlock(&lock);
    return true;
}

bool owned_remove(enum owned_kind kind, uint64_t key, struct owned_note *note)
{
    bool found = false;
    pthread_mutex_lock(&lock);
    for (struct owned **place = bucket_of(kind, key); *place != NULL; place = &(*place)->next) {
        struct owned *entry = *place;
        if (entry->kind != kind || entry->key != key)
            continue;
        *place = entry->next;
        *note = entry->note;
        free(entry);
        found = true;
        break;
    }
    pthread_mutex_unlock(&lock);
    return found;
}

void owned_release_context(void *context)
{
    struct owned *ended = NULL;
    pthread_mutex_lock(&lock);
    for (int b = 0; b < BUCKETS; b++)
        for (struct owned **place = &buckets[b]; *place != NULL;) {
            struct owned *entry = *place;
            if (entry->note.context != context) {
                place = &entry->next;
                continue;
            }
            *place = entry->next;
            entry->next = ended;
            ended = entry;
        }
    pthread_mutex_unlock(&lock);
    while (ended != NULL) {
        struct owned *entry = ended;
        ended = entry->next;
        link_release(entry->note.seat, entry->note.bytes);
        free(entry);
    }
}

void owned_reset(void)
{
    pthread_mutex_init(&lock, NULL);
    for (int b = 0; b < BUCKETS; b++)
        buckets[b] = NULL; /* the parent's notes are left: free() may not be safe here */
}
