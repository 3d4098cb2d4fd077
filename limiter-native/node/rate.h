/* Divides one GPU by weighted max-min between floors and ceilings. Pure; any thread. */
#ifndef ALIQUOT_RATE_H
#define ALIQUOT_RATE_H

#include <stdint.h>

struct rate_claim {
    double weight; /* > 0 */
    double floor;  /* 0..1 */
    double ceiling; /* floor..1 */
    double rate;   /* out: share of the GPU, > 0 */
};

/**
 * rate_i = clamp(λ·weight_i, floor_i, ceiling_i) with λ such that the rates sum to min(1, Σ ceilings): water-filling.
 * Floors that sum to more than 1 are scaled down together. When the ceilings sum to less than 1 the rates keep their
 * proportion: ceilings are soft, and what is left is lent (the caller only compares rates).
 */
void rate_divide(struct rate_claim *claims, uint32_t count);

#endif
