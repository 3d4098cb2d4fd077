/*
 * What a process is told of itself: by a file (which beats the environment, because it survives SSH and sudo), then by the
 * environment, then by the names that other limiters have there (aliases.h). Read once, before CUDA starts.
 *
 *   file key   environment       meaning
 *   token      ALIQUOT_TOKEN     32 hexadecimal digits: who this is, for the agent
 *   socket     ALIQUOT_SOCKET    the agent's socket; default /run/aliquot/sock/agent.sock
 *   share      ALIQUOT_SHARE     "30%", or by GPU (limits.h): the share without an agent
 *   memory     ALIQUOT_MEMORY    "10GiB", or by GPU: the memory limit without an agent
 *   group      ALIQUOT_GROUP     processes of one user with the same group share one share and limit; default "default"
 *   name       ALIQUOT_NAME      what the program is told that its GPUs are called
 *   log        ALIQUOT_LOG       what goes to stderr: "off" nothing, "warn" what is wrong (default), "info" what governs, too
 *
 * The file is ALIQUOT_CONFIG, or /etc/aliquot/limiter.conf: lines of key=value, # begins a comment.
 */
#ifndef ALIQUOT_SETTINGS_H
#define ALIQUOT_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "aliquot_page.h"
#include "limits.h"

enum settings_log { SETTINGS_WARN, SETTINGS_INFO, SETTINGS_OFF };
#define SETTINGS_NAME_BYTES 96 /* of a GPU, with NUL: as much as NVML's callers have room for */

struct settings {
    char token[ALIQUOT_TOKEN_BYTES]; /* empty: none */
    bool bad_token;                  /* there was one, and it was not understood: the static floor governs */
    char socket[108];
    char group[ALIQUOT_TOKEN_BYTES];
    char name[SETTINGS_NAME_BYTES]; /* empty: the GPU's own */
    enum settings_log log;
    struct limits share_permille; /* 1..1000 */
    struct limits memory_bytes;
};

/**
 * Parses "30%" or "12.5%". @return permille 1..1000, or 0 when the text is no such share
 */
uint32_t settings_share(const char *text);

/** Parses a size: bytes, or with k, m, g, t, Ki, KB, KiB and so on (powers of 1024). @return false when it is none */
bool settings_size(const char *text, uint64_t *bytes);

/** Both for each GPU: what `share` and `memory` may be. @return false when the text is not that */
bool settings_shares(struct limits *limits, const char *text);
bool settings_sizes(struct limits *limits, const char *text);

/**
 * Sets one key from text; a bad share or memory becomes the least that is safe (1 permille, 1 byte).
 * @return false for an unknown key or a bad value
 */
bool settings_set(struct settings *settings, const char *key, const char *value);

/** Adds a line to those in `problem`, if it fits: what is wrong, and what would be right. */
void settings_complain(char *problem, size_t bytes, const char *where, const char *value, const char *right);

/**
 * Reads a file's text.
 * @param problem out: a line for each bad line, with what would be right, as many as fit; empty when there is none
 */
void settings_parse(struct settings *settings, const char *text, char *problem, size_t problem_bytes);

/**
 * Reads aliases, environment and file, each over what was before. Says on stderr what it could not understand.
 * @return whether anything governs
 */
bool settings_read(struct settings *settings);

#endif
