/* What the parts of the node library share. Everything here is guarded by aliquot_node.lock unless it says otherwise. */
#ifndef ALIQUOT_NODE_INTERNAL_H
#define ALIQUOT_NODE_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

#include "aliquot_node.h"
#include "arbiter.h"
#include "ledger.h"

enum {
    NODE_TENANTS = ARBITER_SEATS, /* a tenant's index is its seat on every GPU */
    NODE_CONNECTIONS = 1024,
    NODE_STRANGERS = 64,          /* connections that have not said HELLO yet; one more drops the oldest */
    NODE_STRANGERS_A_PID = 4,
    NODE_ACCEPTS_A_WAKE = 16,
    NODE_MESSAGES_A_WAKE = 4,     /* read from one tenant's socket; a stranger has one in all */
    NODE_MESSAGES_A_TICK = 200,   /* of one tenant, that nobody answers; more mutes its sockets until the next tick */
    NODE_RINGS_A_TICK = 500       /* wakes by one doorbell; more mutes it until the next tick */
};
#define NODE_TICK_NS 10000000u        /* heartbeat, deadlines, mutes */
#define NODE_IDLE_TICK_NS 100000000u  /* the same while nobody is connected */
#define NODE_HELLO_LIMIT_NS 1000000000u
#define NODE_SWEEP_NS 60000000000u
#define NODE_REUNION_NS 900000000u /* longer than limiters take to connect again, shorter than they wait for an answer */

struct tenant;

/* What an epoll event points to. NONE: nothing is watched here any more, as in a zeroed structure. */
enum source_kind { SOURCE_NONE, SOURCE_LISTEN, SOURCE_TIMER, SOURCE_STOP, SOURCE_DOORBELL, SOURCE_SOCKET, SOURCE_PROCESS };
struct source {
    enum source_kind kind;
    int fd;
    void *owner; /* struct tenant for a doorbell, struct connection for a socket or process */
};

struct counters { /* of one slot on one GPU, or their sum */
    uint64_t gpu_ns, waited_ns, blocked_ns, launches;
};

struct connection {
    bool used;
    bool closing; /* freed at the end of the batch of events */
    struct connection *next; /* in aliquot_node.unused or .closing */
    struct source socket, process; /* process: a pidfd, or fd -1 */
    pid_t pid;
    uid_t uid;
    uint64_t since_ns;
    struct tenant *tenant; /* NULL until HELLO */
    uint32_t slot;
    char token[ALIQUOT_TOKEN_BYTES];
    uint64_t held_bytes[ALIQUOT_DEVICES];
    struct counters seen[ALIQUOT_DEVICES]; /* as last read from the slot */
    uint64_t queued_ns[ALIQUOT_DEVICES];   /* the same; UINT64_MAX: never read */
    uint64_t worked_ns[ALIQUOT_DEVICES];   /* when that last grew */
    uint64_t metered_ns[ALIQUOT_DEVICES];  /* as queued_ns */
    uint64_t seen_missed;
};

struct tenant {
    bool used;
    bool known; /* has a quota in the decision in force */
    char name[ALIQUOT_NAME_BYTES];
    int control_fd, usage_fd; /* as handed over; control is read-only */
    struct aliquot_control_page *control;
    struct aliquot_usage_page *usage; /* HOSTILE: read through usage.c only */
    struct source doorbell;
    bool rings_muted, messages_muted;
    uint32_t rings, messages; /* in this tick */
    uint32_t processes;
    struct connection *slot[ALIQUOT_PROCESSES];
    struct ledger_account account[ALIQUOT_DEVICES];
    struct counters total[ALIQUOT_DEVICES];
    bool crowded[ALIQUOT_DEVICES]; /* several of its processes are at work */
    bool held[ALIQUOT_DEVICES]; /* its gates are, in the middle of its turn */
    uint64_t anomalies, missed;
    uint64_t reunion_ends_ns; /* until then its processes' messages wait; 0: no longer */
};

struct aliquot_node {
    pthread_mutex_t lock;
    char run_dir[96];
    int lock_fd; /* flock: one live agent a run folder */
    int epoll_fd, tokens_fd;
    struct source listener, timer, stopper;
    bool listener_muted; /* until the next tick */
    bool restarted; /* there were programs before this agent */
    uint64_t sweep_ns; /* when the tokens are looked through next */
    uint32_t device_count;
    struct aliquot_node_device device[ALIQUOT_DEVICES];
    struct arbiter arbiter[ALIQUOT_DEVICES];
    struct tenant tenant[NODE_TENANTS];
    struct connection connection[NODE_CONNECTIONS];
    struct connection *unused, *closing; /* lists: who connects and goes costs no walk through them all */
    pid_t tenant_pid[NODE_CONNECTIONS];  /* of connection[i] while it is a tenant's, else 0; apart, to be searched quickly */
    uint32_t connections;
    struct connection *stranger[NODE_STRANGERS]; /* oldest first */
    uint32_t strangers;
    struct aliquot_node_status status;
    _Atomic bool stopping;
};

/* node.c */
uint64_t node_now_ns(void);
/** Writes one line for people, if there is room for one. @return error */
int node_fail(char *text, size_t bytes, int error, const char *format, ...) __attribute__((format(printf, 4, 5)));
int node_watch(struct aliquot_node *node, struct source *source, uint32_t events);
/** Changes which events of a watched source are heard; 0 mutes it. */
void node_hear(struct aliquot_node *node, struct source *source, uint32_t events);
/** Stops watching a source and closes it; -1 is ignored. Closing alone would leave it in the loop while a copy is open. */
void node_unwatch(struct aliquot_node *node, struct source *source);

/* pages.c */
/** Makes a tenant's pages and doorbell. @return 0 or -errno, nothing left behind */
int pages_make(struct aliquot_node *node, struct tenant *tenant);
void pages_drop(struct aliquot_node *node, struct tenant *tenant);
/** Copies a tenant with pages and no process to its place, which has its doorbell from then on. */
void pages_move(struct aliquot_node *node, const struct tenant *tenant, struct tenant *place);
void pages_set_quota(struct tenant *tenant, uint32_t device, const struct aliquot_quota *quota);
const struct aliquot_quota *pages_quota(const struct tenant *tenant, uint32_t device);
/** How much GPU time the tenant's processes may launch before their turn. */
void pages_set_ahead(struct tenant *tenant, uint32_t device, uint64_t ahead_ns);
/** Publishes a turn to the tenant's limiters (flags: ALIQUOT_TURN_…) if it changed, and wakes those that wait for a wider one. */
void pages_set_turn(struct tenant *tenant, uint32_t device, uint64_t window_ns, uint64_t ends_ns, uint32_t flags);

/** Makes a tenant that yields stand still on the GPU, in the middle of its turn, or go on. Opening a turn lets it go on, too. */
void pages_hold(struct tenant *tenant, uint32_t device, bool held);

/* usage.c: the only reader of tenant-writable pages */
/** Adds what a connection's slot counted since the last look, bounded by the time that passed. */
void usage_collect(struct aliquot_node *node, struct connection *connection, uint64_t now_ns);
/** Sums the waiting and in-flight figures of a tenant on a device into its arbiter seat. @return threads waiting */
uint32_t usage_backlog(const struct tenant *tenant, uint32_t device, struct arbiter_seat *seat);
/**
 * Adds what the tenant's processes have launched, and finished, since the last look to its arbiter seat's counters.
 * @return how many of them have launched something of late
 */
uint32_t usage_follow(struct tenant *tenant, uint32_t device, struct arbiter_seat *seat, uint64_t now_ns);
/**
 * Takes the pages' word for what was freed since it was granted; never for more.
 * @param asking the connection that asks for `bytes` now: its page shows them already; NULL: none
 */
void usage_settle(struct tenant *tenant, uint32_t device, const struct connection *asking, uint64_t bytes);
/** @return host memory that the tenant's processes say they have pinned */
uint64_t usage_pinned(const struct tenant *tenant);
void usage_clear_slot(struct tenant *tenant, uint32_t slot);
/** Shows in its page what a process said it held when it connected, until it shows that itself. */
void usage_show_held(struct connection *connection, uint32_t device);

/* server.c */
int server_open(struct aliquot_node *node, char *error, size_t error_bytes);
void server_close(struct aliquot_node *node);
void server_accept(struct aliquot_node *node, uint64_t now_ns);
/** Hears again what was muted until this tick, and drops strangers that took too long. */
void server_tick(struct aliquot_node *node, uint64_t now_ns);
/** Reads and answers a connection's messages. */
void server_read(struct aliquot_node *node, struct connection *connection);
void server_drop(struct aliquot_node *node, struct connection *connection);
/** Frees the connections that were dropped in a batch of events: no event can point to them any more. */
void server_sweep(struct aliquot_node *node);

/* tokens.c: files in run_dir/tokens, named by token, holding "tenant pid"; only the agent's user can make them */
/** The tenant that a token stands for. @param name out, ALIQUOT_NAME_BYTES. @return 0, -EINVAL or what open said */
int tokens_find(struct aliquot_node *node, const char *token, char *name);
/** @return whether there is any */
bool tokens_exist(struct aliquot_node *node);
/** Removes tokens whose program has ended and that no process uses any more. */
void tokens_sweep(struct aliquot_node *node);

struct tenant *node_tenant(struct aliquot_node *node, const char *name);

#endif
