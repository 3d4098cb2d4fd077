#include "owned.h"

#include <pthread.h>
#include <stdlib.h>

enum { BUCKETS = 4096 };

struct owned {
    struct owned *next;
    enum owned_kind kind;
    uint64_t key, bytes;
    struct seat *seat;
};

static struct owned *buckets[BUCKETS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct owned **bucket_of(enum owned_kind kind, uint64_t key)
{
    return &buckets[((key >> 8) * 0x9e3779b97f4a7c15u + kind) >> 52];
}

bool owned_add(enum owned_kind kind, uint64_t key, struct seat *seat, uint64_t bytes)
{
    struct owned *entry = malloc(sizeof *entry);
    if (entry == NULL)
        return false;
    struct owned **bucket = bucket_of(kind, key);
    pthread_mutex_lock(&lock);
    *entry = (struct owned){*bucket, kind, key, bytes, seat};
    *bucket = entry;
    pthread_mutex_unlock(&lock);
    return true;
}

uint64_t owned_remove(enum owned_kind kind, uint64_t key, struct seat **seat)
{
    uint64_t bytes = 0;
    pthread_mutex_lock(&lock);
    for (struct owned **place = bucket_of(kind, key); *place != NULL; place = &(*place)->next) {
        struct owned *entry = *place;
        if (entry->kind != kind || entry->key != key)
            continue;
        *place = entry->next;
        bytes = entry->bytes;
        *seat = entry->seat;
        free(entry);
        break;
    }
    pthread_mutex_unlock(&lock);
    return bytes;
}
