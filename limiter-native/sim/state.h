/*
 * The state that all processes of the simulation share: one file, mapped by each of them.
 *
 * Path: ALIQUOT_SIM, by default /dev/shm/aliquot-sim-<uid>. Whoever comes first creates it, with
 * ALIQUOT_SIM_GPUS (1 to 16, default 1) and ALIQUOT_SIM_MEMORY (bytes, or with KiB, MiB, GiB;
 * default 80GiB, a GPU). When no process uses it any more, the next one with other values makes it
 * anew. What a process of another pid namespace leaves when it dies stays until nobody uses the state any more.
 *
 * Everything below state_enter() needs the lock that it takes.
 */
#ifndef ALIQUOT_SIM_STATE_H
#define ALIQUOT_SIM_STATE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "timeline.h"

enum { STATE_GPUS = 16, STATE_PROCESSES = 256 };

#define STATE_DRIVER_VERSION 13000

struct state_process {
    uint32_t used;
    int32_t pid;
    uint64_t start_ticks; /* from /proc: tells a reused pid */
    uint64_t pid_namespace; /* only who is in it, too, can tell whether it is alive */
    uint64_t memory_bytes[STATE_GPUS];
};

struct state {
    uint64_t magic;
    uint32_t gpus;
    uint32_t reap_next;
    uint64_t memory_bytes; /* capacity of each GPU */
    pthread_mutex_t lock;
    int64_t reaped_ns;
    uint64_t used_bytes[STATE_GPUS];
    uint64_t peak_bytes[STATE_GPUS]; /* the most that was ever used at once */
    struct state_process process[STATE_PROCESSES];
    struct timeline gpu[STATE_GPUS];
};

/** This process's view. */
struct state_view {
    struct state *shared;
    unsigned process; /* its entry in shared->process */
};

/** CLOCK_MONOTONIC in nanoseconds: the simulation's time. */
int64_t state_now(void);

/** Asks for a number of GPUs, 1 to STATE_GPUS, whatever ALIQUOT_SIM_GPUS says. Before state_attach(), for this process. */
void state_ask_gpus(unsigned gpus);

/**
 * Maps the state and registers this process in it.
 * @return 0 or -errno: -EINVAL for a malformed ALIQUOT_SIM_* value, -ENOSPC when 256 processes use it
 */
int state_attach(struct state_view *view);

/** Unregisters this process: its contexts and memory are gone. The mapping stays. */
void state_detach(struct state_view *view);

/** Takes the lock, removes what dead processes left (now and then), advances a GPU to now. */
struct timeline *state_enter(const struct state_view *view, unsigned gpu);
void state_leave(const struct state_view *view);

/** Removes what every dead process left, at once. Under the lock. */
void state_reap_all(const struct state_view *view);

/** @return 0 or -ENOMEM; counts bytes against the GPU's capacity. Under the lock. */
int state_take_memory(const struct state_view *view, unsigned gpu, uint64_t bytes);
void state_give_memory(const struct state_view *view, unsigned gpu, uint64_t bytes);

/** 16 bytes, the same in every process and library. */
void state_uuid(unsigned gpu, unsigned char uuid[16]);
/** The same of the one MIG instance that a GPU consists of where ALIQUOT_SIM_MIG is set. */
void state_instance_uuid(unsigned gpu, unsigned char uuid[16]);
bool state_mig(void);
/** A UUID as NVML writes it; kind: "GPU" or "MIG". */
#define STATE_UUID_TEXT 48
void state_uuid_text(const char *kind, const unsigned char uuid[16], char text[STATE_UUID_TEXT]);

#endif
