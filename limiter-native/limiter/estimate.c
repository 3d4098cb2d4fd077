#include "estimate.h"

#include <stdatomic.h>

enum { PROBES = 16 };

struct estimate *estimate_find(struct estimate table[ESTIMATE_ENTRIES], const void *function, uint64_t blocks)
{
    uint64_t key = ((uint64_t)(uintptr_t)function ^ blocks * 0x9e3779b97f4a7c15u) | 1;
    uint64_t place = key * 0xff51afd7ed558ccdu >> 40;
    for (unsigned i = 0; i < PROBES; i++) {
        struct estimate *entry = &table[(place + i) % ESTIMATE_ENTRIES];
        uint64_t found = atomic_load_explicit(&entry->key, memory_order_relaxed);
        if (found == key)
            return entry;
        if (found == 0 && atomic_compare_exchange_strong_explicit(&entry->key, &found, key, memory_order_relaxed,
                                                                  memory_order_relaxed))
            return entry;
        if (found == key)
            return entry;
    }
    return &table[place % ESTIMATE_ENTRIES]; /* crowded: shared */
}

uint64_t estimate_ns(const struct estimate *entry)
{
    uint64_t mean_ns = atomic_load_explicit(&entry->mean_ns, memory_order_relaxed);
    return mean_ns == 0 ? ESTIMATE_UNKNOWN_NS : mean_ns;
}

bool estimate_known(const struct estimate *entry)
{
    return atomic_load_explicit(&entry->mean_ns, memory_order_relaxed) != 0;
}

bool estimate_is_due(struct estimate *entry)
{
    uint32_t launches = atomic_load_explicit(&entry->launches, memory_order_relaxed);
    atomic_store_explicit(&entry->launches, launches + 1, memory_order_relaxed); /* a lost count does no harm */
    return launches < 4 || launches % 64 == 0;
}

void estimate_learn(struct estimate *entry, uint64_t sample_ns, unsigned gain_shift)
{
    uint64_t mean_ns = atomic_load_explicit(&entry->mean_ns, memory_order_relaxed);
    int64_t error_ns = (int64_t)sample_ns - (int64_t)mean_ns;
    uint64_t next_ns = mean_ns == 0 ? sample_ns : (uint64_t)((int64_t)mean_ns + error_ns / (1 << gain_shift));
    atomic_store_explicit(&entry->mean_ns, next_ns == 0 ? 1 : next_ns, memory_order_relaxed);
}
