/*
 * The GPU time of what was launched. One meter a CUDA context; launches are gathered into batches that end with an event,
 * which tells when they have finished. A batch whose pipe was empty also begins with an event, so the time between batches
 * is never charged.
 *
 * Estimates are learned only from launches that are measured one by one, between two events of their own, with the GPU to
 * themselves: a batch of a program that leaves gaps holds the gaps, too.
 *
 * Launching threads only ever try the meter's lock: who does not get it leaves its estimate to the next batch.
 */
#ifndef ALIQUOT_METER_H
#define ALIQUOT_METER_H

#include "aliquot_cuda.h"
#include "estimate.h"
#include "link.h"

struct meter;

/* One launch between meter_begin() and meter_end(). */
struct launch {
    struct meter *meter; /* NULL: passes through unmetered */
    CUcontext context;
    struct seat *seat;
    struct aliquot_usage_device *usage;
    struct estimate *estimate;
    uint64_t cost_ns;
    CUstream stream;
    bool due; /* to be measured by itself */
    uint32_t turn; /* that it waits for on the GPU; 0: it runs at once */
};

/**
 * Before a launch: finds its meter and estimate, waits at the gate.
 * @param function CUfunction or CUgraphExec; blocks: of the grid, 0 for a graph
 * @param stream as an ordinary handle: NULL the legacy stream, CU_STREAM_PER_THREAD the thread's own
 */
void meter_begin(struct launch *launch, const void *function, uint64_t blocks, CUstream stream);
void meter_end(struct launch *launch, CUresult result);

/** Around stream captures: nothing is recorded, and nothing waits, on streams that capture. */
void meter_capture_began(void);
void meter_capture_ended(void);

/** Before a stream is destroyed: what is open on it ends now. */
void meter_end_stream(CUstream stream);

/** Around the destruction of a context: nothing of ours asks the driver about it meanwhile. */
void meter_hold(CUcontext context);
/** @param gone whether the context held is gone: then what it has in flight counts as finished */
void meter_let_go(CUcontext context, bool gone);

/** The seat of the current context's GPU, or NULL. Not for the launch path. */
struct seat *meter_current_seat(void);
struct seat *meter_device_seat(CUdevice device);

/* ---- for helper.c ---- */

/** A seat whose turn the oldest work in flight waits for, or NULL. */
const struct seat *meter_gated(void);
/** Notices what has finished. @return when something is expected to finish, or UINT64_MAX when nothing is in flight */
uint64_t meter_poll(uint64_t now_ns);
/** In a fork's child: no context is ours. */
void meter_reset(void);

#endif
