/* An allocation under way: counted before it is made, then kept under its key, or refunded. */
#ifndef ALIQUOT_CLAIM_H
#define ALIQUOT_CLAIM_H

#include "aliquot_cuda.h"
#include "owned.h"

struct claim {
    bool counts; /* false: nothing governs it */
    struct seat *seat; /* NULL: pinned host memory */
    uint64_t bytes;
};

/** Asks for GPU memory; what pools keep unused is given back first if it would not fit. @return false: out of memory */
bool claim_gpu(struct claim *claim, struct seat *seat, uint64_t bytes);
/** Counts host memory that is about to be pinned. */
void claim_host(struct claim *claim, uint64_t bytes);
/** Less was allocated than claimed. */
void claim_shrink(struct claim *claim, uint64_t bytes);
/** Keeps what was allocated under its key, or refunds what was not. @return result */
CUresult claim_settle(const struct claim *claim, CUresult result, enum owned_kind kind, uint64_t key);
/** Ends what owned_detach() began, by the outcome of the real call. @param owned may be NULL. @return result */
CUresult claim_freed(struct owned *owned, CUresult result);

#endif
