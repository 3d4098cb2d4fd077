#include "tenant.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct shared tenant;

int64_t now_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

void sleep_until_ns(int64_t when)
{
    struct timespec ts = {.tv_sec = when / 1000000000, .tv_nsec = when % 1000000000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL); /* a signal may end it early: it says stop */
}

static void stop(int signal)
{
    (void)signal;
    atomic_store(&tenant.stop, true);
}

/* The main thread launches, and so may be held back for long: the time limit has a thread of its own. */
static void *stop_later(void *seconds)
{
    sleep_until_ns(now_ns() + (int64_t)(*(const double *)seconds * 1e9));
    atomic_store(&tenant.stop, true);
    return NULL;
}

static void prepare_latency(void)
{
    static struct latency latency = {.lock = PTHREAD_MUTEX_INITIALIZER};
    tenant.latency = &latency;
}

int main(int argc, char **argv)
{
    static struct options o;
    options_parse(&o, argc, argv);
    signal(SIGINT, stop);
    signal(SIGTERM, stop);
    signal(SIGPIPE, SIG_IGN);
    if (o.burst)
        prepare_latency();
    engine_open(&o);
    report_start(&o);
    pthread_t timer;
    if (o.seconds > 0 && pthread_create(&timer, NULL, stop_later, &o.seconds) != 0) {
        fputs("aliquot-tenant: pthread_create (timer): no thread to be had: raise the limit on threads (ulimit -u)\n",
              stderr);
        return EXIT_CUDA;
    }
    engine_run(&o);
    report_finish();
    fflush(stdout);
    _exit(0); /* the command thread may sit in fgets: exit(), and flushing stdin, would wait for it */
}
