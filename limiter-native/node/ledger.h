/* Memory of one tenant on one GPU: who holds how much of what limit. Pure; the caller's lock guards it. */
#ifndef ALIQUOT_LEDGER_H
#define ALIQUOT_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

/* One tenant on one GPU. */
struct ledger_account {
    uint64_t limit_bytes; /* 0: no limit */
    uint64_t used_bytes;  /* sum of what its holders hold */
};

/** Takes `bytes` more for a holder, or nothing. @return whether it fits under the limit */
bool ledger_reserve(struct ledger_account *account, uint64_t *held_bytes, uint64_t bytes);

/**
 * Sets what a holder holds: after a free, a failed allocation, a reconnection (which may exceed the limit) or its death (0).
 */
void ledger_set_held(struct ledger_account *account, uint64_t *held_bytes, uint64_t bytes);

/** @return what could still be reserved; UINT64_MAX without a limit, 0 when over it */
uint64_t ledger_left(const struct ledger_account *account);

#endif
