#include "histogram.h"

#include <math.h>

#define FIRST_NS 1000.0
#define WIDTH 1.005

void histogram_add(struct histogram *h, int64_t ns)
{
    double at = ns > FIRST_NS ? log((double)ns / FIRST_NS) / log(WIDTH) : 0;
    unsigned i = at < HISTOGRAM_BUCKETS - 1 ? (unsigned)at : HISTOGRAM_BUCKETS - 1;
    h->bucket[i]++;
    h->count++;
}

double histogram_percentile_ms(const struct histogram *h, double percent)
{
    if (h->count == 0)
        return 0;
    double wanted = (double)h->count * percent / 100;
    uint64_t seen = 0;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += h->bucket[i];
        if ((double)seen >= wanted && seen > 0)
            return FIRST_NS * pow(WIDTH, i + 0.5) / 1e6;
    }
    return 0;
}
