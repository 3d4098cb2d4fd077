/* One connection to the node's agent: hello, pages, memory. The caller guards it with its own lock. */
#ifndef ALIQUOT_AGENT_H
#define ALIQUOT_AGENT_H

#include <stdbool.h>

#include "aliquot_page.h"

struct agent {
    int socket_fd; /* -1: not connected */
    int usage_fd, doorbell_fd;
    bool refused; /* the last attempt was answered, with no */
    uint32_t slot;
    const struct aliquot_control_page *control; /* stay mapped after a disconnection: late batches still count there */
    struct aliquot_usage_page *usage;
    char tenant[ALIQUOT_NAME_BYTES];
};

/**
 * Connects, says hello and maps the pages; waits at most 1 s.
 * @param reason out: why not, one line of ALIQUOT_REASON_BYTES
 */
bool agent_connect(struct agent *agent, const char *path, const struct aliquot_hello *hello, char *reason);

/** Only asks whether hello would be welcome. @return whether it would */
bool agent_check(const char *path, struct aliquot_hello *hello, char *reason);

bool agent_is_gone(const struct agent *agent);
/** Closes the socket and keeps pages and doorbell. */
void agent_disconnect(struct agent *agent);
/** Closes and forgets everything but the mappings, which other threads may be reading. */
void agent_close(struct agent *agent);

/** Asks the node's ledger; waits at most 1 s. @return false when there was no answer (then it is disconnected) */
bool agent_reserve(struct agent *agent, uint32_t device, uint64_t bytes, bool *granted);
/** Tells the node's ledger what this process holds now. */
void agent_hold(struct agent *agent, uint32_t device, uint64_t bytes);

#endif
