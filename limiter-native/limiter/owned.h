/* What this process has allocated on GPUs: address or handle → bytes and seat. Any thread. */
#ifndef ALIQUOT_OWNED_H
#define ALIQUOT_OWNED_H

#include <stdbool.h>

#include "link.h"

enum owned_kind { OWNED_ADDRESS, OWNED_HANDLE };

/** Remembers an allocation. @return false when there is no memory for the note */
bool owned_add(enum owned_kind kind, uint64_t key, struct seat *seat, uint64_t bytes);
/** Forgets one. @return its bytes and, in *seat, where; 0 when it is not ours */
uint64_t owned_remove(enum owned_kind kind, uint64_t key, struct seat **seat);

#endif
