/*
 * How long a function or graph takes on the GPU: moving means, learned from launches that were measured one by one. Pure; lock-free, any
 * thread; a lost update costs a little accuracy and nothing else. A fixed table: when it is full, newcomers share an entry.
 */
#ifndef ALIQUOT_ESTIMATE_H
#define ALIQUOT_ESTIMATE_H

#include <stdbool.h>
#include <stdint.h>

enum { ESTIMATE_ENTRIES = 4096 };
#define ESTIMATE_UNKNOWN_NS 50000u /* assumed of a function that has never been measured */

struct estimate {
    _Atomic uint64_t key;     /* 0: unused */
    _Atomic uint64_t mean_ns; /* 0: never measured */
    _Atomic uint32_t launches;
    _Atomic uint64_t least_ns; /* of the last samples that were taken beside others */
    _Atomic uint32_t samples;  /* how many of these */
};

/** The entry of a function (or graph exec) launched with a grid of so many blocks. Never NULL. */
struct estimate *estimate_find(struct estimate table[ESTIMATE_ENTRIES], const void *function, uint64_t blocks);

/** @return the mean, or ESTIMATE_UNKNOWN_NS */
uint64_t estimate_ns(const struct estimate *entry);
bool estimate_known(const struct estimate *entry);

/** Counts a launch. @return whether it is one to measure: the first few, then one in 256, or fewer of very short ones */
bool estimate_is_due(struct estimate *entry);

/** It does not hold: the next launches are measured. */
void estimate_doubt(struct estimate *entry);

/** Learns one launch's time; a surprise makes the next ones due. The first sets the mean, others weigh a quarter. */
void estimate_learn(struct estimate *entry, uint64_t sample_ns);
/**
 * The same beside others, who only lengthen what is measured: the least of 16 samples is believed, or less than the mean. Of launches
 * that were queued behind others of the same program four are enough: their events seldom hold a neighbour's slice that is not also due
 * to their own length.
 */
void estimate_learn_beside_others(struct estimate *entry, uint64_t sample_ns, bool queued);

#endif
