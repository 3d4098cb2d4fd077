#include "claim.h"

#include "driver.h"
#include "pool.h"

bool claim_gpu(struct claim *claim, struct seat *seat, uint64_t bytes)
{
    *claim = (struct claim){seat != NULL, seat, bytes};
    return seat == NULL || pool_reserve(seat, bytes);
}

void claim_host(struct claim *claim, uint64_t bytes)
{
    *claim = (struct claim){link_mode() != LINK_OFF, NULL, bytes};
    if (claim->counts)
        link_pin(bytes);
}

static void refund(const struct claim *claim, uint64_t bytes)
{
    if (claim->counts && claim->seat != NULL)
        link_release(claim->seat, bytes);
    else if (claim->counts)
        link_unpin(bytes);
}

void claim_shrink(struct claim *claim, uint64_t bytes)
{
    refund(claim, claim->bytes - bytes);
    claim->bytes = bytes;
}

CUresult claim_settle(const struct claim *claim, CUresult result, enum owned_kind kind, uint64_t key)
{
    CUcontext context = NULL;
    if (claim->counts && kind != OWNED_HANDLE)
        real()->cuCtxGetCurrent(&context);
    struct owned_note note = {claim->seat, claim->bytes, context};
    if (result != CUDA_SUCCESS || (claim->counts && !owned_add(kind, key, &note)))
        refund(claim, claim->bytes);
    return result;
}

CUresult claim_freed(struct owned *owned, CUresult result)
{
    if (result == CUDA_SUCCESS)
        owned_drop(owned);
    else
        owned_restore(owned);
    return result;
}
