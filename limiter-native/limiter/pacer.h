/*
 * May this launch go now, or what does it wait for? Pure: time and state are arguments; any thread.
 *
 * Two rules. Under a live arbiter a launch goes while the turn is open and the process has less than the turn's window
 * in flight. Without one (stale heartbeat, or no agent at all) a bucket of GPU time fills at the process's share and
 * a launch goes while it is not empty; debt is carried, credit is capped.
 */
#ifndef ALIQUOT_PACER_H
#define ALIQUOT_PACER_H

#include <stdbool.h>
#include <stdint.h>

enum pacer_verdict {
    PACER_GO,
    PACER_WAIT_TURN, /* until the turn word changes */
    PACER_WAIT_ROOM, /* until something in flight finishes */
    PACER_WAIT_TIME  /* until the bucket has filled */
};

/** The window in a turn word, nanoseconds; 0 = closed. */
uint64_t pacer_window_ns(uint32_t turn);

#define PACER_LEAST_WINDOW_NS 1000000u /* a contended turn lets at least this much be in flight to its very end */
#define PACER_YIELD_WINDOW_NS 500000u  /* in flight at most, of a tenant that yields and can't do so on the GPU */

/**
 * The rule under an arbiter.
 * @param ends_ns     when a contended turn ends, 0 = not known: what is in flight should be done by then
 * @param now_ns      read only where ends_ns is set
 * @param inflight_ns estimated GPU time that this process has in flight
 * @param cost_ns     estimated GPU time of the launch; one launch always fits into an empty pipe
 * @param longest_ns  of the process's recent launches: where the window is wide, one launch more always fits behind one of
 *                    those, if it begins before the turn's end
 */
enum pacer_verdict pacer_turn(uint32_t turn, uint64_t ends_ns, uint64_t now_ns, uint64_t inflight_ns, uint64_t cost_ns,
                              uint64_t longest_ns);

/* A bucket of GPU time. Several threads may use one: fields are atomic, a lost race costs microseconds. */
struct pacer_bucket {
    _Atomic int64_t left_ns;    /* of GPU time; negative = debt */
    _Atomic uint64_t filled_ns; /* when it was last filled; 0 = never */
};

#define PACER_BUCKET_NS 5000000          /* credit at most */
#define PACER_BUCKET_WINDOW_NS 2000000u  /* in flight at most */

/**
 * The rule without an arbiter: fills the bucket at `permille` of the time that passed, and answers.
 * @param wait_ns out: for PACER_WAIT_TIME, when to ask again, 1..50000000 from now
 */
enum pacer_verdict pacer_bucket_ask(struct pacer_bucket *bucket, uint64_t now_ns, uint32_t permille,
                                    uint64_t inflight_ns, uint64_t cost_ns, uint64_t *wait_ns);

/** Takes `ns` of GPU time out of the bucket (negative: gives it back). */
void pacer_bucket_take(struct pacer_bucket *bucket, int64_t ns);

#endif
