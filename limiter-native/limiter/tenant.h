/* What the tenant's processes use of a GPU, as their usage page tells. Any thread; not for the launch path. */
#ifndef ALIQUOT_TENANT_H
#define ALIQUOT_TENANT_H

#include "link.h"

struct tenant_process {
    uint32_t pid; /* as this process would name it */
    uint32_t permille; /* of the GPU's time over about the last second */
    uint64_t memory_bytes;
};

/* All of them, in whatever PID namespace. */
struct tenant_use {
    uint64_t memory_bytes;
    uint32_t permille; /* 0..1000 */
    unsigned count; /* of the following: those on the GPU that have a PID here */
    struct tenant_process process[ALIQUOT_PROCESSES];
};

void tenant_look(const struct seat *seat, struct tenant_use *use);

#endif
