/*
 * A node without the agent's Java, for tests: node_host RUN_DIR GPU_UUID MEMORY_LIMIT TENANT:WEIGHT[:FLOOR:CEILING[:hard|critical|effort]]...
 * Serves until it is killed; prints a snapshot line per tenant for each line on its standard input, and applies
 * "TENANT:WEIGHT:FLOOR:CEILING" lines as new quotas (several with blanks between them: at once), "memory BYTES" as every
 * tenant's limit. Before the snapshot it says "applied NS": CLOCK_MONOTONIC just before new quotas were put in force.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aliquot_node.h"

enum { MOST = 16 };
static struct aliquot_node_quota quotas[MOST];
static uint32_t count;
static uint64_t sequence;

static int set(const char *text, uint64_t memory)
{
    struct aliquot_node_quota entry = {.quota = {.weight = 1, .ceiling_permille = 1000, .memory_limit_bytes = memory}};
    char word[9] = "";
    if (sscanf(text, "%63[^:]:%u:%u:%u:%8s", entry.tenant, &entry.quota.weight, &entry.quota.floor_permille,
               &entry.quota.ceiling_permille, word) < 2)
        return -1;
    entry.quota.flags = strcmp(word, "hard") == 0       ? ALIQUOT_QUOTA_HARD
                        : strcmp(word, "critical") == 0 ? ALIQUOT_QUOTA_LATENCY_CRITICAL
                        : strcmp(word, "effort") == 0   ? ALIQUOT_QUOTA_BEST_EFFORT
                                                        : 0;
    uint32_t place = 0;
    while (place < count && strcmp(quotas[place].tenant, entry.tenant) != 0)
        place++;
    if (place == MOST)
        return -1;
    count = place == count ? count + 1 : count;
    quotas[place] = entry;
    return 0;
}

static int set_all(char *line, uint64_t memory)
{
    int result = 0;
    for (char *rest, *text = strtok_r(line, " ", &rest); result == 0 && text != NULL; text = strtok_r(NULL, " ", &rest))
        result = set(text, memory);
    return result;
}

static int apply(struct aliquot_node *node)
{
    char error[200] = "";
    uint32_t weights = 0;
    for (uint32_t i = 0; i < count; i++)
        weights += quotas[i].quota.weight;
    for (uint32_t i = 0; i < count; i++)
        quotas[i].quota.fallback_permille = 1000 * quotas[i].quota.weight / weights;
    int result = aliquot_node_apply(node, quotas, count, 1, ++sequence, error, sizeof error);
    if (result != 0)
        fprintf(stderr, "node_host: %s\n", error);
    return result;
}

static int apply_now(struct aliquot_node *node)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    printf("applied %lld\n", (long long)now.tv_sec * 1000000000 + now.tv_nsec);
    return apply(node);
}

static void *loop(void *node)
{
    aliquot_node_run(node);
    return NULL;
}

int main(int arguments, char **argument)
{
    struct aliquot_node_device device = {.total_memory_bytes = 80ull << 30};
    struct aliquot_node *node;
    char error[200] = "", line[128];
    pthread_t thread;
    if (arguments < 5)
        return 2;
    unsigned long long memory = strtoull(argument[3], NULL, 10);
    snprintf(device.uuid, sizeof device.uuid, "%s", argument[2]);
    for (int i = 4; i < arguments; i++)
        if (set(argument[i], memory) != 0)
            return 2;
    if (aliquot_node_open(argument[1], &device, 1, &node, error, sizeof error) != 0) {
        fprintf(stderr, "node_host: %s\n", error);
        return 1;
    }
    if (apply(node) != 0 || pthread_create(&thread, NULL, loop, node) != 0)
        return 1;
    puts("ready");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) != NULL) {
        struct aliquot_node_usage usage[MOST];
        struct aliquot_node_status status;
        line[strcspn(line, "\n")] = '\0';
        bool limit = sscanf(line, "memory %llu", &memory) == 1;
        for (uint32_t i = 0; limit && i < count; i++)
            quotas[i].quota.memory_limit_bytes = memory;
        if (line[0] != '\0' && ((!limit && set_all(line, memory) != 0) || apply_now(node) != 0))
            return 2;
        int known = aliquot_node_snapshot(node, usage, MOST, &status);
        for (int i = 0; i < known && i < MOST; i++)
            printf("%s processes=%u gpu=%llu held=%llu waited=%llu memory=%llu launches=%llu anomalies=%llu missed=%llu pinned=%llu limit=%llu "
                   "turns=%llu wakeups=%llu\n",
                   usage[i].tenant, usage[i].processes, (unsigned long long)usage[i].gpu_ns,
                   (unsigned long long)usage[i].held_ns, (unsigned long long)usage[i].waited_ns,
                   (unsigned long long)usage[i].memory_bytes, (unsigned long long)usage[i].launches,
                   (unsigned long long)usage[i].anomalies, (unsigned long long)usage[i].missed,
                   (unsigned long long)usage[i].pinned_bytes, (unsigned long long)usage[i].quota.memory_limit_bytes,
                   (unsigned long long)status.turns, (unsigned long long)status.wakeups);
        puts(".");
        fflush(stdout);
    }
    aliquot_node_stop(node);
    pthread_join(thread, NULL);
    aliquot_node_close(node);
    return 0;
}
