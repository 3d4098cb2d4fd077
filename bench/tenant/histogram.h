/* Times in logarithmic buckets 0.5 % wide: percentiles in constant memory. */
#ifndef ALIQUOT_TENANT_HISTOGRAM_H
#define ALIQUOT_TENANT_HISTOGRAM_H

#include <pthread.h>
#include <stdint.h>

enum { HISTOGRAM_BUCKETS = 4096 };

struct histogram {
    uint64_t count;
    uint32_t bucket[HISTOGRAM_BUCKETS];
};

/** Latencies of bursts: of this interval, and of the whole run. */
struct latency {
    pthread_mutex_t lock;
    struct histogram interval, all;
};

void histogram_add(struct histogram *h, int64_t ns);
/** @return milliseconds; 0 when nothing was added */
double histogram_percentile_ms(const struct histogram *h, double percent);

#endif
