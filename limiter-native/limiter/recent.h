/*
 * What a process used of a GPU over about the last second, in one word of its usage page (ALIQUOT_RECENT_…): who looks once
 * sees it, without measuring for a second himself. Pure: time is an argument.
 */
#ifndef ALIQUOT_RECENT_H
#define ALIQUOT_RECENT_H

#include <stdint.h>

#define RECENT_NS 1000000000u

/* Two moments, the older of them a half to one RECENT_NS ago, and the GPU time used by then. Begins as zeros. */
struct recent {
    uint64_t at_ns[2];
    uint64_t gpu_ns[2];
};

/**
 * @param gpu_ns used since ever; what falls, or comes more than RECENT_NS after the last call, begins anew
 * @return the word
 */
uint32_t recent_update(struct recent *recent, uint64_t now_ns, uint64_t gpu_ns);

/** @return permille 0..1000; 0 for a word that is older than RECENT_NS */
uint32_t recent_permille(uint32_t word, uint64_t now_ns);

#endif
