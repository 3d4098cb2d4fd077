/* The arbiter's parts, each pure. */
#ifndef ALIQUOT_ARBITER_PARTS_H
#define ALIQUOT_ARBITER_PARTS_H

#include "arbiter.h"

/* beside.c: seats that run beside the turns */

/** Follows what every seat launches, and judges those that run beside the turns by it. */
void beside_follow(struct arbiter *arbiter, uint64_t now_ns);
/**
 * Decides who runs beside the turns, and how much each seat may launch ahead.
 * @return while a latency-critical seat works: until when it does at least; else 0
 */
uint64_t beside_find(struct arbiter *arbiter, uint64_t now_ns);

/* sparse.c: programs whose launches are slower than their kernels */

/**
 * Once a sparse holder has done what it launched ahead, the GPU is better used by others while it launches more.
 * @return when that will be known of this holder, UINT64_MAX: not now, or now_ns: it should hand over
 */
uint64_t sparse_from_ns(const struct arbiter *arbiter, struct arbiter_seat *seat, uint64_t now_ns);
/** @return whether a seat has lately been sparse, and fares well so */
bool sparse_is_enough(const struct arbiter *arbiter, const struct arbiter_seat *seat, uint64_t now_ns);

/* budget.c: hard ceilings, and floors that other classes could take */

/** Fills and spends the budgets of hard ceilings, and follows what is owed of floors, since the last step. */
void budget_keep(struct arbiter *arbiter, uint64_t now_ns);
/** @return when a hard ceiling would end a turn that goes on, or UINT64_MAX */
uint64_t budget_end_ns(const struct arbiter_seat *seat, uint64_t now_ns);
/** @return when a budget next opens or ends a turn, or UINT64_MAX */
uint64_t budget_event_ns(const struct arbiter *arbiter, uint64_t now_ns);

#endif
