#include "ledger.h"

uint64_t ledger_left(const struct ledger_account *account)
{
    if (account->limit_bytes == 0)
        return UINT64_MAX - account->used_bytes;
    return account->used_bytes >= account->limit_bytes ? 0 : account->limit_bytes - account->used_bytes;
}

bool ledger_reserve(struct ledger_account *account, uint64_t *held_bytes, uint64_t bytes)
{
    if (bytes > ledger_left(account))
        return false;
    account->used_bytes += bytes;
    *held_bytes += bytes;
    return true;
}

void ledger_set_held(struct ledger_account *account, uint64_t *held_bytes, uint64_t bytes)
{
    uint64_t others = account->used_bytes - *held_bytes;
    if (bytes > UINT64_MAX - others)
        bytes = UINT64_MAX - others;
    account->used_bytes = others + bytes;
    *held_bytes = bytes;
}
