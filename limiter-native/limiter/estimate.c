#include "estimate.h"

#include <stdatomic.h>

enum { PROBES = 16, BESIDE = 16, QUEUED_BESIDE = 4, SURPRISE = 4, ONE_IN = 256, ONE_IN_BESIDE = 32, NOISE_NS = 20000, MEASURING_NS = 8000, RAREST = 16 };

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

/* To measure a launch costs as much as a few: the shorter it is, the rarer. */
static uint32_t one_in(const struct estimate *entry)
{
    uint64_t times = MEASURING_NS / estimate_ns(entry);
    return ONE_IN * (times < 1 ? 1 : times > RAREST ? RAREST : (uint32_t)times);
}

bool estimate_is_due(struct estimate *entry)
{
    uint32_t launches = atomic_load_explicit(&entry->launches, memory_order_relaxed);
    atomic_store_explicit(&entry->launches, launches + 1, memory_order_relaxed); /* a lost count does no harm */
    return launches < 4 || (launches % ONE_IN == 0 && launches % one_in(entry) == 0);
}

void estimate_doubt(struct estimate *entry)
{
    atomic_store_explicit(&entry->launches, 0, memory_order_relaxed);
}

void estimate_learn(struct estimate *entry, uint64_t sample_ns)
{
    uint64_t mean_ns = atomic_load_explicit(&entry->mean_ns, memory_order_relaxed);
    int64_t error_ns = (int64_t)sample_ns - (int64_t)mean_ns;
    uint64_t next_ns = mean_ns == 0 ? sample_ns : (uint64_t)((int64_t)mean_ns + error_ns / 4);
    atomic_store_explicit(&entry->mean_ns, next_ns == 0 ? 1 : next_ns, memory_order_relaxed);
    uint64_t off_ns = (uint64_t)(error_ns < 0 ? -error_ns : error_ns);
    if (off_ns > mean_ns / 4 && off_ns > NOISE_NS)
        estimate_doubt(entry);
}

void estimate_learn_beside_others(struct estimate *entry, uint64_t sample_ns, bool queued)
{
    uint64_t least_ns = atomic_load_explicit(&entry->least_ns, memory_order_relaxed), mean_ns = estimate_ns(entry);
    uint32_t before = atomic_load_explicit(&entry->samples, memory_order_relaxed);
    uint32_t samples = before + (queued ? BESIDE / QUEUED_BESIDE : 1);
    least_ns = before == 0 || sample_ns < least_ns ? sample_ns : least_ns;
    if (samples >= BESIDE || !estimate_known(entry) || sample_ns < mean_ns) {
        estimate_learn(entry, least_ns);
        samples = 0;
    }
    if (queued && sample_ns / SURPRISE > mean_ns)
        estimate_doubt(entry);
    else if (atomic_load_explicit(&entry->launches, memory_order_relaxed) > 4) /* several are needed: sooner */
        atomic_store_explicit(&entry->launches, one_in(entry) - ONE_IN_BESIDE, memory_order_relaxed);
    atomic_store_explicit(&entry->least_ns, least_ns, memory_order_relaxed);
    atomic_store_explicit(&entry->samples, samples, memory_order_relaxed);
}
