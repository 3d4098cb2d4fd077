/* Where a launch waits. Asks the pacer, and blocks only in bounded waits: on the turn, on room, or for time. */
#ifndef ALIQUOT_GATE_H
#define ALIQUOT_GATE_H

#include "link.h"

/** Makes room by noticing what has finished; given by the meter so that a waiting thread need not wait for the helper. */
typedef void (*gate_reap)(void *owner);

/**
 * Returns when a launch of `cost_ns` may go, and counts it as queued in the slot that it returns.
 * @param ahead return NULL at once where it would wait for a turn: the caller has something better to do
 * No wait is longer than 50 ms without looking again; after 2 s without a turn, or without room, the launch goes (never zero).
 * Any thread; allocates nothing, takes no lock.
 */
struct aliquot_usage_device *gate_enter(struct seat *seat, uint64_t cost_ns, gate_reap reap, void *owner, bool ahead);

/** @return whether a launch of `cost_ns` may be made before its turn. @param turn out: the turn that it is to wait for */
bool gate_has_room_ahead(const struct seat *seat, uint64_t cost_ns, uint32_t *turn);
/** Counts a launch that waits for `turn` on the GPU. @return as gate_enter() */
struct aliquot_usage_device *gate_enter_ahead(struct seat *seat, uint64_t cost_ns, uint32_t turn);
/** Counts what was launched ahead as queued, once its turn has come or nobody will open it. Any thread. */
void gate_release_ahead(struct seat *seat);
/** Lets run what was launched ahead, whoever has the turn: before a call that waits for all of it with a lock of ours held. */
void gate_open_own(struct seat *seat);
/** @return whether `turn`, waited for in a slot, has come; begun_ns out: when, 0 if that is not known */
bool gate_has_come(const struct seat *seat, const struct aliquot_usage_device *usage, uint32_t turn, uint64_t *begun_ns);
/** @return whether something is launched ahead */
bool gate_is_ahead(const struct seat *seat);
/** Sleeps until the turn changes, at most `ns`, while it is closed. Not for launching threads. @return whether it was */
bool gate_await_turn(const struct seat *seat, uint64_t ns);

/**
 * Counts `estimate_ns` of a slot's queued work as finished and `gpu_ns` as used, and tells whoever waits for that: threads and
 * arbiter. A slot of an earlier connection may be another process's by now, and is left alone.
 */
void gate_retire(struct seat *seat, struct aliquot_usage_device *usage, uint64_t estimate_ns, uint64_t gpu_ns);

/** GPU time that this process has in flight by its estimates, nanoseconds. */
uint64_t gate_inflight_ns(const struct seat *seat);

/** @return whether the arbiter has closed the turn, and waits for what is in flight */
bool gate_is_closed(const struct seat *seat);

/** @return a batch ends when it has gathered this much: less where little may be in flight, so that room is seen in time */
uint64_t gate_mark_ns(const struct seat *seat);

/** @return how late, nanoseconds, what has finished may be noticed: a part of what may be, or is, in flight; 0: somebody waits */
uint64_t gate_patience_ns(const struct seat *seat);

/**
 * @return whether this tenant stands still, on the GPU, whenever a latency-critical one works
 * @param turn out: what its gate has reached while it need not
 */
bool gate_yields(struct seat *seat, uint32_t *turn);

/** @return whether a light tenant runs beside whoever has the turn: what is measured now may hold its time, too */
bool gate_is_shared(const struct seat *seat);

#endif
