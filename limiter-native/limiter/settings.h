/*
 * What a process is told of itself: by a file (which beats the environment, because it survives SSH and sudo), then by the
 * environment. Read once, before CUDA starts.
 *
 *   file key   environment       meaning
 *   token      ALIQUOT_TOKEN     32 hexadecimal digits: who this is, for the agent
 *   socket     ALIQUOT_SOCKET    the agent's socket; default /run/aliquot/sock/agent.sock
 *   share      ALIQUOT_SHARE     "30%": the share without an agent
 *   memory     ALIQUOT_MEMORY    "10GiB": the memory limit on each GPU without an agent
 *   group      ALIQUOT_GROUP     processes of one user with the same group share one share and limit; default "default"
 *
 * The file is ALIQUOT_CONFIG, or /etc/aliquot/limiter.conf: lines of key=value, # begins a comment.
 */
#ifndef ALIQUOT_SETTINGS_H
#define ALIQUOT_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "aliquot_page.h"

struct settings {
    char token[ALIQUOT_TOKEN_BYTES]; /* empty: none */
    bool bad_token;                  /* there was one, and it was not understood: the static floor governs */
    char socket[108];
    char group[ALIQUOT_TOKEN_BYTES];
    uint32_t share_permille; /* 1..1000; 0: not set */
    uint64_t memory_bytes;   /* 0: not set */
};

/**
 * Parses "30%" or "12.5%". @return permille 1..1000, or 0 when the text is no such share
 */
uint32_t settings_share(const char *text);

/** Parses a size: bytes, or with k, m, g, t, KiB, MiB, GiB, TiB (powers of 1024). @return false when it is none */
bool settings_size(const char *text, uint64_t *bytes);

/**
 * Sets one key from text. @return false for an unknown key or a bad value
 */
bool settings_set(struct settings *settings, const char *key, const char *value);

/**
 * Reads a file's text. @param problem out: one line naming the first bad line; empty when there is none
 * Bad lines are left out; a bad share or memory becomes the least that is safe (1 permille, 1 byte).
 */
void settings_parse(struct settings *settings, const char *text, char *problem, size_t problem_bytes);

/** Reads environment and file. Says on stderr, once, what it could not understand. @return whether anything was set */
bool settings_read(struct settings *settings);

#endif
