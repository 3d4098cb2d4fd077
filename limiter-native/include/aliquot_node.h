/*
 * The node library's C interface, called by the agent through Java's FFM API. It owns every shared page, the socket, the
 * arbiter and the memory ledger of one node.
 *
 * Threads: one thread calls aliquot_node_run() and stays in it; any other thread may call apply, snapshot and stop.
 * open and close are called with no other call under way. Errors are negative errno values; `error`, where taken, gets
 * one line for people. Strings are NUL-terminated UTF-8.
 */
#ifndef ALIQUOT_NODE_H
#define ALIQUOT_NODE_H

#include "aliquot_page.h"

#define ALIQUOT_NODE_API __attribute__((visibility("default")))
/* Raised with any change of this header; the agent refuses a library of another number. */
#define ALIQUOT_NODE_ABI 3u

struct aliquot_node;

/* One GPU of the node. */
struct aliquot_node_device {
    char uuid[ALIQUOT_UUID_BYTES];
    uint64_t total_memory_bytes;
};

/* One tenant's quota on one GPU. */
struct aliquot_node_quota {
    char tenant[ALIQUOT_NAME_BYTES];
    uint32_t device; /* index into the devices given to open */
    uint32_t reserved;
    struct aliquot_quota quota;
};

/* One tenant on one GPU, cumulative since the node opened (counters survive its processes). */
struct aliquot_node_usage {
    char tenant[ALIQUOT_NAME_BYTES];
    uint32_t device;
    uint32_t processes;      /* connected now */
    uint64_t gpu_ns;         /* GPU time metered by the limiters, bounded by wall time */
    uint64_t held_ns;        /* time in which the arbiter gave this tenant the GPU while others wanted it */
    uint64_t waited_ns;
    uint64_t blocked_ns;
    uint64_t launches;
    uint64_t memory_bytes;   /* held now, by the ledger */
    uint64_t anomalies;      /* impossible counters, malformed messages, muted doorbells, refused connections */
    uint32_t waiting;        /* threads held back now */
    uint32_t has_turn;       /* 1: its turn is open */
    struct aliquot_quota quota; /* in force */
    uint64_t missed;         /* look-ups by its processes, on whatever GPU, of launch-like functions that the limiter lacks */
    uint64_t pinned_bytes;   /* host memory that its processes have pinned now, on whatever GPU; no limit holds it */
};

/* A process that is connected for GPU accounting. */
struct aliquot_node_process {
    char tenant[ALIQUOT_NAME_BYTES];
    uint32_t pid; /* the host's */
    uint32_t reserved;
};

/* Node-wide counters, and what aliquot_node_run() saw. */
struct aliquot_node_status {
    uint64_t generation;          /* decisions applied */
    uint64_t applied_ns;          /* CLOCK_MONOTONIC of the last apply */
    uint64_t fence_term;
    uint64_t fence_sequence;
    uint64_t connections;         /* open now */
    uint64_t refused_connections; /* bad token, garbage, too many, too slow: since open */
    uint64_t turns;               /* turns granted since open */
    uint64_t wakeups;             /* of the loop since open */
};

_Static_assert(sizeof(struct aliquot_node_device) == 56, "aliquot_node_device: size");
_Static_assert(sizeof(struct aliquot_node_quota) == 104, "aliquot_node_quota: size");
_Static_assert(sizeof(struct aliquot_node_usage) == 184, "aliquot_node_usage: size");
_Static_assert(sizeof(struct aliquot_node_process) == 72, "aliquot_node_process: size");
_Static_assert(sizeof(struct aliquot_node_status) == 64, "aliquot_node_status: size");

/** @return ALIQUOT_NODE_ABI of the library. */
ALIQUOT_NODE_API uint32_t aliquot_node_abi(void);

/**
 * Makes the run folder and the socket and starts listening; nothing is served before aliquot_node_run().
 * Makes `run_dir`/sock/agent.sock (for every user; this folder is mounted into containers) and `run_dir`/tokens
 * (owner only: a file there named by a token holds the tenant's name, and is the authority for that token).
 * A stale socket of a dead agent is replaced.
 * @param run_dir absolute path of a folder that this user may write
 * @param devices the GPUs, in the order of their indexes; count 1..ALIQUOT_DEVICES
 * @param node    out: the handle
 * @param error   out: a line for people when the result is negative; may be NULL
 * @return 0, -EADDRINUSE when a live agent owns the folder, -EINVAL, -ENAMETOOLONG or what the system call said
 */
ALIQUOT_NODE_API int aliquot_node_open(const char *run_dir, const struct aliquot_node_device *devices, uint32_t count,
                                       struct aliquot_node **node, char *error, size_t error_bytes);

/** Serves and arbitrates until aliquot_node_stop(). Blocks; no signal handling, no logging. @return 0 or -errno */
ALIQUOT_NODE_API int aliquot_node_run(struct aliquot_node *node);

/**
 * Puts a full set of quotas in force at once: tenants that are not in it keep running at weight 1, floor 0, with no new
 * processes admitted. All or nothing. The fence must be higher than the last one accepted by this node handle.
 * @return 0; -EINVAL for a bad value (named in `error`); -ESTALE for a fence that is not higher
 */
ALIQUOT_NODE_API int aliquot_node_apply(struct aliquot_node *node, const struct aliquot_node_quota *quotas,
                                        uint32_t count, uint64_t fence_term, uint64_t fence_sequence, char *error,
                                        size_t error_bytes);

/**
 * Copies what every known tenant has used on every GPU.
 * @return the number of entries there are (may exceed `capacity`; then only the first `capacity` were written)
 */
ALIQUOT_NODE_API int aliquot_node_snapshot(struct aliquot_node *node, struct aliquot_node_usage *usage,
                                           uint32_t capacity, struct aliquot_node_status *status);

/**
 * Copies the processes that are connected for GPU accounting.
 * @return how many there are (may exceed `capacity`)
 */
ALIQUOT_NODE_API int aliquot_node_processes(struct aliquot_node *node, struct aliquot_node_process *processes,
                                            uint32_t capacity);

/** Makes aliquot_node_run() return; may be called from any thread, also twice. @return 0 */
ALIQUOT_NODE_API int aliquot_node_stop(struct aliquot_node *node);

/** Closes every connection and the socket and frees the node. Tenants go to their fallback shares. NULL is ignored. */
ALIQUOT_NODE_API void aliquot_node_close(struct aliquot_node *node);

#endif
