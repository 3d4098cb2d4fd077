/* A tenant's program that reads its control page: says the flags of its quota on the first GPU, and again when they change. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent.h"

int main(void)
{
    const char *path = getenv("ALIQUOT_SOCKET"), *token = getenv("ALIQUOT_TOKEN");
    struct aliquot_hello hello = {.head = {ALIQUOT_PAGE_MAGIC, ALIQUOT_HELLO},
                                  .version_oldest = ALIQUOT_PAGE_VERSION_OLDEST,
                                  .version_newest = ALIQUOT_PAGE_VERSION};
    struct agent agent = {.socket_fd = -1};
    char reason[ALIQUOT_REASON_BYTES] = "not under aliquot run";
    if (token != NULL)
        snprintf(hello.token, sizeof hello.token, "%s", token);
    if (path == NULL || token == NULL || !agent_connect(&agent, path, &hello, reason)) {
        fprintf(stderr, "flags: %s\n", reason);
        return 1;
    }
    const struct aliquot_control_device *gpu = &agent.control->device[0];
    for (uint32_t said = UINT32_MAX;; usleep(1000)) {
        uint32_t flags = gpu->quota[gpu->quota_index & 1].flags;
        if (flags != said)
            printf("flags %u\n", flags);
        said = flags;
        fflush(stdout);
    }
}
