/*
 * The process's tie to its node: settings, the agent's pages (or, with no agent, a page that the processes of one user
 * and group share), the doorbell, and the memory ledger. Starts once, when CUDA or NVML is first initialised; a program
 * that uses neither never gets here. Survives an agent's restart, fork and exec.
 */
#ifndef ALIQUOT_LINK_H
#define ALIQUOT_LINK_H

#include <stdatomic.h>
#include <stdbool.h>

#include "aliquot_page.h"
#include "pacer.h"
#include "recent.h"

enum link_mode {
    LINK_OFF,      /* nothing is set: every hook passes through */
    LINK_ARBITER,  /* a live arbiter gives turns */
    LINK_FALLBACK, /* there should be one: own pace at the fallback share */
    LINK_ALONE     /* no agent is meant to be there: own pace at the set share */
};

/* One GPU as this process uses it. */
struct seat {
    char uuid[ALIQUOT_UUID_BYTES];
    uint32_t index; /* in the pages */
    _Atomic(const struct aliquot_control_device *) control; /* never NULL */
    _Atomic(struct aliquot_usage_device *) usage;           /* this process's slot; never NULL */
    _Atomic uint64_t queued_ns, retired_ns; /* estimated GPU time admitted, and finished: the page shows copies */
    _Atomic uint64_t longest_ns;    /* estimated GPU time of the longest of the last launches */
    struct pacer_bucket bucket;
    _Atomic uint32_t pace_permille; /* without an arbiter: this process's part of the tenant's share */
    _Atomic uint32_t room;          /* futex: grows when something in flight has finished */
    _Atomic uint32_t room_waiters;
    _Atomic uint32_t blocked;       /* threads held back */
    _Atomic uint64_t blocked_since_ns;
    _Atomic uint64_t ahead_ns;      /* estimated GPU time launched before its turn */
    _Atomic uint32_t ahead_count;   /* launches of it */
    _Atomic uint64_t ahead_turn;    /* that the last of them waits for, above 2^32: they count as a thread held back; 0: none */
    _Atomic uint64_t ahead_since_ns;
    _Atomic bool yields;            /* where it has to, its streams check the gate on the GPU */
    _Atomic uint64_t held_bytes;    /* GPU memory that this process holds, or asks for */
    struct recent recent;           /* the helper's */
};

/* In a page of its own that the kernel zeroes in every child, one of a raw clone() too: there nothing is governed. */
extern union link_mode_page {
    _Atomic int mode;
    char page[65536]; /* the largest there is */
} link_mode_page;

static inline enum link_mode link_mode(void)
{
    return (enum link_mode)atomic_load_explicit(&link_mode_page.mode, memory_order_relaxed);
}

uint64_t link_now_ns(void);

/** Reads the settings, connects (waits at most 3 s for an agent) and starts the helper. Once a process; any thread. */
void link_start(void);

/** The seat of a GPU. @param uuid as NVML writes it. @return NULL when nothing governs this GPU. Not for the launch path */
struct seat *link_seat(const char *uuid);
/** The same, if the agent or the settings name this UUID. */
struct seat *link_named_seat(const char *uuid);
/** @return the seat by its place, or NULL past the last */
struct seat *link_seat_at(unsigned place);

/** The quota in force: a whole value. */
struct aliquot_quota link_quota(const struct seat *seat);

/** Shows the node how many threads are held back: whatever page is in force, and whatever it said before. */
void link_publish_waiting(struct seat *seat);

/** Counts a look-up of a launch-like function that this limiter does not know, and shows it to the node. */
void link_count_missed(const char *name);

/** Show the node what was admitted, and what has finished: on whatever page is in force. */
void link_publish_queued(struct seat *seat);
void link_publish_retired(struct seat *seat);

/** Lets run what was launched ahead, whoever has the turn: when no arbiter will open it. */
void link_open_gates(void);

/** Wakes the arbiter: one eventfd write. */
void link_ring(void);
/** Makes the helper look now if it sleeps without a deadline; costs a system call only then. */
void link_wake_helper(void);

/**
 * Takes GPU memory from the tenant's limit before an allocation. @return whether it fits; every true is followed by
 * link_release() of what is not (or no longer) allocated
 */
bool link_reserve(struct seat *seat, uint64_t bytes);
/** Counts GPU memory that is there already, within the limit or not; followed by link_release() as well. */
void link_take(struct seat *seat, uint64_t bytes);
void link_release(struct seat *seat, uint64_t bytes);
/** Count host memory that is pinned, and no longer pinned: shown, and held to no limit. */
void link_pin(uint64_t bytes);
void link_unpin(uint64_t bytes);
/** What all processes of the tenant hold on the seat's GPU, bytes. */
uint64_t link_tenant_bytes(const struct seat *seat);

/** The page of all the tenant's processes, less those that are gone; NULL: there is none. It stays mapped. Waits at most 1 s */
const struct aliquot_usage_page *link_usage(void);
/** What the program is to be told that its GPUs are called; NULL: their own names. */
const char *link_device_name(void);

/* ---- for helper.c ---- */

/** The descriptors to wait on besides a deadline: the agent's socket (-1: none) and the helper's own wake-up. */
void link_descriptors(int *socket_fd, int *wake_fd);
/** Notices a dead agent, a stale heartbeat, and reconnects. @return when it wants to be called again */
uint64_t link_tend(uint64_t now_ns);
/** Says that the helper is about to sleep with no deadline (true) or is awake. */
void link_helper_sleeps(bool sleeps);

#endif
