/* The tenant program: what its files share. Times in nanoseconds, memory in bytes. */
#ifndef ALIQUOT_TENANT_H
#define ALIQUOT_TENANT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "histogram.h"

/** Exit codes, as --help gives them. */
enum { EXIT_CUDA = 1, EXIT_USAGE = 2, EXIT_OUT_OF_MEMORY = 3 };

enum { GPUS = 16 }; /* of a gang */

struct options {
    const char *name;
    int device;
    bool gang; /* one kernel on every GPU at a time */
    int64_t kernel_ns;
    unsigned depth;
    int64_t gap_ns;
    unsigned burst; /* kernels in a burst; 0: throughput mode */
    int64_t period_ns;
    unsigned graph; /* kernels in a graph; 0: plain launches */
    uint64_t memory_bytes;
    double seconds; /* 0: until a signal */
    int64_t interval_ns;
    double iterations_per_ns; /* 0: measure */
    unsigned blocks; /* 0: one a multiprocessor */
};

/** What a gang's GPUs did since the start. */
struct gang {
    unsigned gpus;
    atomic_ullong steps; /* done by all */
    struct {
        atomic_ullong gpu_ns;  /* nominal GPU time of what this one has done */
        atomic_ullong step_ns; /* from a step's beginning until this one was done, summed */
    } gpu[GPUS];
};

/** What the worker tells the reporter, and the other way round. */
struct shared {
    atomic_ullong kernels; /* done */
    atomic_ullong gpu_ns;  /* nominal GPU time of those */
    atomic_bool idle;      /* paused and drained */
    atomic_bool paused;    /* asked to */
    atomic_bool stop;
    struct latency *latency; /* NULL: not in latency mode */
    struct gang *gang;       /* NULL: one GPU */
};

extern struct shared tenant;

/** CLOCK_MONOTONIC. */
int64_t now_ns(void);
void sleep_until_ns(int64_t when);

/** Parses the command line; on a mistake says what is wrong and exits with EXIT_USAGE. */
void options_parse(struct options *o, int argc, char **argv);

/** Loads the driver, makes the context, allocates, calibrates. Exits with a message on an error. */
void engine_open(const struct options *o);
/** Runs until tenant.stop, then waits for what is in flight. */
void engine_run(const struct options *o);
/** While paused: idle, looking now and then whether to go on. */
void engine_stay_paused(void);
/** Makes a GPU of a gang the calling thread's. @return the nominal GPU time of a kernel */
uint64_t engine_enter(unsigned gpu);
/** Launches one kernel on a GPU that this thread has entered, and waits for it. */
void engine_step(unsigned gpu);
/** Has the reporter tell of the gang; before it starts. */
void gang_prepare(unsigned gpus);
/** Works on all GPUs in lockstep until tenant.stop. */
void gang_run(void);
/** Memory as the driver tells it to this process, of all its GPUs; any thread. */
void engine_memory(uint64_t *used, uint64_t *total);
/** Kernels and nominal nanoseconds that the GPU itself counted. */
void engine_counters(uint64_t *kernels, uint64_t *ns);

/** Starts the thread that prints a line an interval, and the one that reads commands. */
void report_start(const struct options *o);
/** Prints a line now. */
void report_line(void);
/** Stops the thread and prints the final line. */
void report_finish(void);

#endif
