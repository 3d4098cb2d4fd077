/*
 * Memory that the driver keeps between allocations: its pools, and what it keeps for graphs. Counted is what the driver has
 * reserved, not what the program uses of it; so an allocation that the pool has room for asks nobody. Any thread.
 */
#ifndef ALIQUOT_POOL_H
#define ALIQUOT_POOL_H

#include <stdbool.h>

#include "aliquot_cuda.h"
#include "link.h"

struct pool;

/** The pool of a handle; made known as one of `seat` (NULL: in host memory) if it is new. NULL: no memory for the note. */
struct pool *pool_of(CUmemoryPool handle, struct seat *seat);
/** What the driver keeps for a device's graphs. */
struct pool *pool_of_graphs(CUdevice device, struct seat *seat);
/** Forgets a pool that was destroyed. */
void pool_forget(CUmemoryPool handle);

/**
 * Around an allocation from a pool: reserves what the pool may grow by, then counts what it did grow by.
 * @param claimed out: to be passed on to pool_end(). @return false: out of memory
 */
bool pool_begin(struct pool *pool, uint64_t bytes, uint64_t *claimed);
/** @return false when the pool has grown beyond the limit: the allocation must be undone, and pool_settle() called */
bool pool_end(struct pool *pool, uint64_t claimed);

/** Keeps `bytes` counted for an instantiated graph, whatever the driver has reserved so far. @return false: out of memory */
bool pool_promise(struct pool *pool, uint64_t bytes);
void pool_withdraw(struct pool *pool, uint64_t bytes);

/** After what may have changed a pool (a trim, a synchronisation): counts what the driver has reserved now. */
void pool_settle(void);

/** link_reserve(); if that fails, what pools keep unused on that GPU goes back first, as the driver does on a full GPU. */
bool pool_reserve(struct seat *seat, uint64_t bytes);

/** In a fork's child: no pool is ours. */
void pool_reset(void);

#endif
