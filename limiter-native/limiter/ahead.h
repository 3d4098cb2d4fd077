/*
 * Launching ahead of the turn. While the turn is another tenant's, a launch need not hold up its thread: its stream is told to
 * wait on the GPU until the node counts up a word of the usage page, which it does when it opens the turn, and the program
 * goes on. When the turn comes, the GPU finds the work there: no thread has to wake first, and a program whose launches are
 * slower than its kernels has gathered some. A stream that waits costs its neighbours nothing (measured: docs/adr).
 *
 * A tenant that yields to latency-critical ones checks the same word in its own turns, every so often: the node lowers it below
 * every turn, and the GPU stands still at the next check, whatever is in flight.
 *
 * One a CUDA context, guarded by its meter's lock.
 */
#ifndef ALIQUOT_AHEAD_H
#define ALIQUOT_AHEAD_H

#include "aliquot_cuda.h"
#include "link.h"

enum { AHEAD_STREAMS = 32 };

struct ahead {
    struct aliquot_usage_device *usage; /* whose gate is known to the GPU; NULL: none yet */
    CUdeviceptr gate;                   /* its address there; 0: it can't be */
    uint32_t count;
    struct {
        CUstream stream;
        const void *owner; /* the thread, of CU_STREAM_PER_THREAD */
        uint32_t turn;     /* that it waits for, or has waited for */
        uint64_t since_ns; /* estimated time launched into it since it was told */
    } stream[AHEAD_STREAMS];
};

/**
 * Makes what is launched next into the stream wait for a turn of the seat. Calls the driver: not while anything captures.
 * @param cost_ns of the launch; every_ns: a stream is told again after so much. 0: once a turn
 * @param fresh out: whether the stream was told just now
 * @return false when it can't: the launch has to wait in its thread
 */
bool ahead_gate(struct ahead *ahead, struct seat *seat, CUstream stream, const void *owner, uint32_t turn, uint64_t cost_ns,
                uint64_t every_ns, bool *fresh);

/** A stream is gone, and its handle may come again. */
void ahead_forget(struct ahead *ahead, CUstream stream);

#endif
