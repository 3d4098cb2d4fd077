#include "pacer.h"

#include <stdatomic.h>

#include "aliquot_page.h"

uint64_t pacer_window_ns(uint32_t turn)
{
    return (uint64_t)(turn & ALIQUOT_WINDOW_MASK) * ALIQUOT_WINDOW_UNIT_NS;
}

enum pacer_verdict pacer_turn(uint32_t turn, uint64_t ends_ns, uint64_t now_ns, uint64_t inflight_ns, uint64_t cost_ns,
                              uint64_t longest_ns)
{
    uint64_t window_ns = pacer_window_ns(turn);
    if (window_ns == 0)
        return PACER_WAIT_TURN;
    bool wide = window_ns > PACER_LEAST_WINDOW_NS, begins = true;
    if (ends_ns != 0 && wide) {
        uint64_t left_ns = ends_ns > now_ns ? ends_ns - now_ns : 0;
        begins = inflight_ns < left_ns;
        left_ns = left_ns > PACER_LEAST_WINDOW_NS ? left_ns : PACER_LEAST_WINDOW_NS;
        window_ns = window_ns < left_ns ? window_ns : left_ns;
    }
    bool fits = inflight_ns == 0 || inflight_ns + cost_ns <= window_ns;
    /* with long ones, too, the GPU need not wait for a thread. What is in flight may be a short one besides */
    bool next = wide && begins && inflight_ns <= longest_ns + longest_ns / 16;
    return fits || next ? PACER_GO : PACER_WAIT_ROOM;
}

static int64_t bucket_fill(struct pacer_bucket *bucket, uint64_t now_ns, uint32_t permille)
{
    uint64_t filled_ns = atomic_load_explicit(&bucket->filled_ns, memory_order_relaxed);
    int64_t left_ns = atomic_load_explicit(&bucket->left_ns, memory_order_relaxed);
    if (now_ns <= filled_ns || !atomic_compare_exchange_strong_explicit(&bucket->filled_ns, &filled_ns, now_ns,
                                                                       memory_order_relaxed, memory_order_relaxed))
        return left_ns; /* another thread filled it */
    if (filled_ns == 0)
        return left_ns; /* the first look: time begins now */
    int64_t income_ns = (int64_t)((double)(now_ns - filled_ns) * permille / 1000);
    left_ns = atomic_fetch_add_explicit(&bucket->left_ns, income_ns, memory_order_relaxed) + income_ns;
    if (left_ns > PACER_BUCKET_NS) {
        atomic_fetch_sub_explicit(&bucket->left_ns, left_ns - PACER_BUCKET_NS, memory_order_relaxed);
        left_ns = PACER_BUCKET_NS;
    }
    return left_ns;
}

enum pacer_verdict pacer_bucket_ask(struct pacer_bucket *bucket, uint64_t now_ns, uint32_t permille,
                                    uint64_t inflight_ns, uint64_t cost_ns, uint64_t *wait_ns)
{
    const uint64_t longest_ns = 50000000;
    int64_t left_ns = bucket_fill(bucket, now_ns, permille);
    if (left_ns < 0) {
        uint64_t wanted_ns = (uint64_t)((double)-left_ns * 1000 / permille) + 1;
        *wait_ns = wanted_ns < longest_ns ? wanted_ns : longest_ns;
        return PACER_WAIT_TIME;
    }
    return inflight_ns == 0 || inflight_ns + cost_ns <= PACER_BUCKET_WINDOW_NS ? PACER_GO : PACER_WAIT_ROOM;
}

void pacer_bucket_take(struct pacer_bucket *bucket, int64_t ns)
{
    atomic_fetch_sub_explicit(&bucket->left_ns, ns, memory_order_relaxed);
}
