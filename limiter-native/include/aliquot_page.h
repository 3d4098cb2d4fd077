/*
 * THE shared-memory layout between a node's agent and the tenants' limiters, and the messages of the socket that hands
 * the pages over. Everything is little-endian, naturally aligned, fixed in size and asserted below. A change of any
 * offset raises ALIQUOT_PAGE_VERSION; fields are only ever added in reserved space within a version.
 *
 * Control page: one per tenant, written by the node alone, sealed against writable mappings before a tenant sees it.
 * Usage page:   one per tenant, written by the tenant's processes, each in its own slot: HOSTILE INPUT to the node.
 * Doorbell:     one eventfd per tenant; carries no authority and no data.
 *
 * Times are nanoseconds of CLOCK_MONOTONIC (one clock for all containers of a host); shares are permille of a GPU's time.
 */
#ifndef ALIQUOT_PAGE_H
#define ALIQUOT_PAGE_H

#include <stddef.h>
#include <stdint.h>

#define ALIQUOT_PAGE_MAGIC 0x51494c41u /* "ALIQ" */
#define ALIQUOT_PAGE_VERSION 2u
#define ALIQUOT_PAGE_VERSION_OLDEST 2u /* the oldest that this build still speaks */

enum {
    ALIQUOT_DEVICES = 16,   /* GPUs of a node */
    ALIQUOT_PROCESSES = 64, /* processes of one tenant on a node */
    ALIQUOT_NAME_BYTES = 64,   /* tenant name with its NUL */
    ALIQUOT_UUID_BYTES = 48,   /* "GPU-…" or "MIG-…" with its NUL */
    ALIQUOT_TOKEN_BYTES = 33,  /* 32 hexadecimal digits and NUL */
    ALIQUOT_REASON_BYTES = 192 /* one line for people, with NUL */
};

#define ALIQUOT_QUOTA_HARD 1u             /* the ceiling holds when nobody else wants the GPU, too */
#define ALIQUOT_QUOTA_LATENCY_CRITICAL 2u /* its class: runs at once while the others' floors hold over a second */
#define ALIQUOT_QUOTA_BEST_EFFORT 4u      /* its class: gets what the others leave, and its floor. With neither: standard */

/* What a tenant may use of one GPU: a whole value, always published by two copies and an index. */
struct aliquot_quota {
    uint32_t weight;            /* 1..1000000 */
    uint32_t floor_permille;    /* 0..1000 */
    uint32_t ceiling_permille;  /* 1..1000 */
    uint32_t target_permille;   /* what the controller expects; for display */
    uint32_t fallback_permille; /* 1..1000: the limiter's own pace when the heartbeat is stale */
    uint32_t flags;             /* ALIQUOT_QUOTA_…; other bits are 0 */
    uint64_t memory_limit_bytes; /* 0: no limit */
};

/*
 * A turn: one 32-bit word, so that it is a whole value and a futex.
 *   bits 0..14   the window: GPU time that a process may have in flight at once, in units of 4 µs; 0 = closed
 *   bit  15      others want the GPU: ring the doorbell when nothing is left in flight
 *   bit  16      others run at the same time, a tenant beside the turn's holder or another process of the tenant: measured
 *                times may hold their time, too
 *   bit  17      others give way to this tenant: ring the doorbell before a launch with nothing in flight
 *   bit  18      this tenant yields: its streams check, on the GPU and every so often, that gate has reached turns
 *   bits 19..31  sequence: grows with every change, so that a waiter never misses one
 * While the turn is closed a process may launch ahead_us ahead: streams that wait, on the GPU, until gate reaches turns + 1.
 * In the middle of a closed turn a process rings once no more than ALIQUOT_EARLY_NS is left in flight.
 */
#define ALIQUOT_WINDOW_UNIT_NS 4000u
#define ALIQUOT_WINDOW_MASK 0x7fffu
#define ALIQUOT_TURN_CONTENDED 0x8000u
#define ALIQUOT_TURN_SHARED 0x10000u
#define ALIQUOT_TURN_ANNOUNCE 0x20000u
#define ALIQUOT_TURN_YIELDS 0x40000u
#define ALIQUOT_TURN_SEQUENCE_SHIFT 19
#define ALIQUOT_EARLY_NS 100000u
#define ALIQUOT_GATE_HELD 0x20000000u /* below `turns`: the gate while a tenant that yields stands still */
/* A heartbeat older than this is stale: the limiter paces itself at fallback_permille. */
#define ALIQUOT_HEARTBEAT_LIMIT_NS 300000000u

/* One GPU in a control page. */
struct aliquot_control_device {
    char uuid[ALIQUOT_UUID_BYTES]; /* empty: unused entry */
    struct aliquot_quota quota[2];
    _Atomic uint32_t quota_index;  /* grows with every change; its lowest bit is the copy in force */
    _Atomic uint32_t turn;
    uint64_t total_memory_bytes; /* of the GPU */
    _Atomic uint64_t turn_ends_ns; /* of an open, contended turn: launch what should be done by then; 0 = not known */
    _Atomic uint32_t turns;    /* opened for this tenant so far */
    _Atomic uint32_t ahead_us; /* GPU time that a process may launch before its turn, microseconds; 0: none, wait */
    _Atomic uint64_t turn_began_ns; /* of the turn opened last */
    uint64_t reserved[3];
};

struct aliquot_control_page {
    uint32_t magic;
    uint32_t version;
    uint32_t bytes; /* of this page */
    uint32_t device_count;
    char tenant[ALIQUOT_NAME_BYTES];
    _Atomic uint64_t heartbeat_ns;  /* the arbiter was alive at this time */
    _Atomic uint64_t generation;    /* grows with every applied decision; also the futex of watchers (low word) */
    _Atomic uint64_t applied_ns;    /* when the decision in force was applied */
    uint64_t fence_term;            /* of the decision in force; read between two equal generations */
    uint64_t fence_sequence;
    uint64_t reserved[11];
    struct aliquot_control_device device[ALIQUOT_DEVICES];
};

/* One process on one GPU in a usage page. Counters only grow while the slot is held; one process writes them. */
struct aliquot_usage_device {
    _Atomic uint64_t queued_ns;    /* estimated GPU time admitted */
    _Atomic uint64_t retired_ns;   /* the part of queued_ns that has finished (or failed to launch) */
    _Atomic uint64_t gpu_ns;       /* GPU time measured */
    _Atomic uint64_t waited_ns;    /* time that launches were held back, summed over threads */
    _Atomic uint64_t blocked_ns;   /* time in which at least one launch was held back */
    _Atomic uint64_t launches;     /* kernels and graphs */
    _Atomic uint64_t memory_bytes; /* held or asked for now: never less than the process holds */
    _Atomic uint32_t waiting;      /* threads held back now */
    _Atomic uint32_t recent;       /* share of the GPU's time over about the last second; see ALIQUOT_RECENT_… */
    /*
     * The node writes `turns` here when it opens a turn, and ALIQUOT_GATE_HELD less while a tenant that yields stands still.
     * It never reads it: the GPU waits on it (ahead.h).
     */
    _Atomic uint32_t gate;
    uint32_t pad;
    uint64_t reserved[7];
};

/*
 * A recent share: one 32-bit word, so that it is a whole value. For the tenant's own eyes; the node does not read it.
 *   bits 0..9    permille
 *   bits 10..31  when this was so, in units of 2^24 ns (17 ms): what is older than a second is 0 by now
 */
#define ALIQUOT_RECENT_MASK 0x3ffu
#define ALIQUOT_RECENT_WHEN_BITS 22
#define ALIQUOT_RECENT_WHEN_SHIFT 10
#define ALIQUOT_RECENT_UNIT_SHIFT 24

struct aliquot_usage_slot {
    _Atomic uint32_t pid; /* in the tenant's own namespace; 0 = free. For people; the node trusts the kernel's */
    _Atomic uint32_t missed; /* look-ups of launch-like driver functions that its limiter does not know */
    _Atomic uint64_t pinned_bytes; /* host memory, whatever the GPU */
    uint64_t reserved[5];
    _Atomic uint64_t pid_namespace; /* in which the pid means something: the inode of /proc/self/ns/pid; 0 = not known */
    struct aliquot_usage_device device[ALIQUOT_DEVICES];
};

struct aliquot_usage_page {
    uint32_t magic;
    uint32_t version;
    uint32_t bytes;
    uint32_t slot_count;
    uint64_t reserved[6];
    struct aliquot_usage_slot slot[ALIQUOT_PROCESSES];
};

/* ---- The socket: SOCK_SEQPACKET, one message a packet, the client speaks first. ---- */

enum aliquot_message_kind {
    ALIQUOT_HELLO = 1,   /* client: I am this token's tenant. Answer: WELCOME with three descriptors, or REFUSED */
    ALIQUOT_CHECK = 2,   /* client: would HELLO be welcome? Answer: WELCOME without descriptors, or REFUSED */
    ALIQUOT_RESERVE = 3, /* client: may I allocate `bytes` more? Answer: GRANTED or DENIED */
    ALIQUOT_HELD = 4,    /* client: I hold `bytes` now, which may be more than was granted. No answer */
    ALIQUOT_WELCOME = 16,
    ALIQUOT_REFUSED = 17,
    ALIQUOT_GRANTED = 18,
    ALIQUOT_DENIED = 19
};

/* Every message begins with this. */
struct aliquot_message {
    uint32_t magic;
    uint32_t kind;
};

struct aliquot_hello {
    struct aliquot_message head; /* HELLO or CHECK */
    uint32_t version_oldest;     /* page versions the client speaks */
    uint32_t version_newest;
    char token[ALIQUOT_TOKEN_BYTES];
    char pad[7];
    char uuid[ALIQUOT_DEVICES][ALIQUOT_UUID_BYTES]; /* GPUs on which it already holds memory; empty: unused */
    uint64_t held_bytes[ALIQUOT_DEVICES];
};

struct aliquot_welcome {
    struct aliquot_message head; /* WELCOME: control page, usage page and doorbell follow by SCM_RIGHTS, in this order */
    uint32_t version;            /* of both pages */
    uint32_t slot;               /* the client's slot in the usage page */
    char tenant[ALIQUOT_NAME_BYTES];
};

struct aliquot_refused {
    struct aliquot_message head;
    int32_t error; /* a positive errno */
    uint32_t reserved;
    char reason[ALIQUOT_REASON_BYTES];
};

struct aliquot_memory_message {
    struct aliquot_message head; /* RESERVE, HELD, GRANTED or DENIED */
    uint32_t device;             /* index in the control page */
    uint32_t reserved;
    uint64_t bytes;       /* RESERVE: wanted; HELD: held now in all; GRANTED: as asked; DENIED: what is left */
    uint64_t limit_bytes; /* in an answer: the tenant's limit; 0 = none */
    uint64_t used_bytes;  /* in an answer: what the whole tenant holds, this grant included */
};

#define ALIQUOT_ASSERT_OFFSET(type, field, offset) \
    _Static_assert(offsetof(struct type, field) == (offset), #type "." #field " moved: raise ALIQUOT_PAGE_VERSION")
_Static_assert(sizeof(struct aliquot_quota) == 32, "aliquot_quota: size");
_Static_assert(sizeof(struct aliquot_control_device) == 176, "aliquot_control_device: size");
_Static_assert(sizeof(struct aliquot_control_page) == 208 + 16 * 176, "aliquot_control_page: size");
_Static_assert(sizeof(struct aliquot_usage_device) == 128, "aliquot_usage_device: size");
_Static_assert(sizeof(struct aliquot_usage_slot) == 64 + 16 * 128, "aliquot_usage_slot: size");
_Static_assert(sizeof(struct aliquot_usage_page) == 64 + 64 * (64 + 16 * 128), "aliquot_usage_page: size");
_Static_assert(sizeof(struct aliquot_hello) == 56 + 16 * 48 + 16 * 8, "aliquot_hello: size");
_Static_assert(sizeof(struct aliquot_welcome) == 80, "aliquot_welcome: size");
_Static_assert(sizeof(struct aliquot_refused) == 208, "aliquot_refused: size");
_Static_assert(sizeof(struct aliquot_memory_message) == 40, "aliquot_memory_message: size");
ALIQUOT_ASSERT_OFFSET(aliquot_control_page, heartbeat_ns, 80);
ALIQUOT_ASSERT_OFFSET(aliquot_control_page, generation, 88);
ALIQUOT_ASSERT_OFFSET(aliquot_control_page, device, 208);
ALIQUOT_ASSERT_OFFSET(aliquot_control_device, quota, 48);
ALIQUOT_ASSERT_OFFSET(aliquot_control_device, quota_index, 112);
ALIQUOT_ASSERT_OFFSET(aliquot_control_device, turn, 116);
ALIQUOT_ASSERT_OFFSET(aliquot_control_device, turns, 136);
ALIQUOT_ASSERT_OFFSET(aliquot_usage_device, waiting, 56);
ALIQUOT_ASSERT_OFFSET(aliquot_usage_device, recent, 60);
ALIQUOT_ASSERT_OFFSET(aliquot_usage_device, gate, 64);
ALIQUOT_ASSERT_OFFSET(aliquot_usage_slot, pinned_bytes, 8);
ALIQUOT_ASSERT_OFFSET(aliquot_usage_slot, pid_namespace, 56);
ALIQUOT_ASSERT_OFFSET(aliquot_usage_slot, device, 64);
ALIQUOT_ASSERT_OFFSET(aliquot_usage_page, slot, 64);

#endif
