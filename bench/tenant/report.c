/* Output and commands. The reporter has its own thread: it speaks on time even while a launch is held back. */
#include "tenant.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct options *options;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static bool finished;
static pthread_t reporter;
static int64_t last_ns;
static uint64_t last_gpu_ns;

/* One write a line, so that lines of several tenants don't mix. */
static void put(const char *text, int length)
{
    for (int at = 0; at < length;) {
        ssize_t n = write(STDOUT_FILENO, text + at, (size_t)(length - at));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) { /* nobody reads any more */
            if (!atomic_exchange(&tenant.stop, true))
                fprintf(stderr, "aliquot-tenant: write to standard output: %s; stopping\n", strerror(errno));
            return;
        }
        at += (int)n;
    }
}

static int percentiles(char *to, size_t room, const struct histogram *h)
{
    return snprintf(to, room, ",\"bursts\":%llu,\"p50Ms\":%.3f,\"p90Ms\":%.3f,\"p99Ms\":%.3f",
                    (unsigned long long)h->count, histogram_percentile_ms(h, 50), histogram_percentile_ms(h, 90),
                    histogram_percentile_ms(h, 99));
}

static int latency_fields(char *to, size_t room, bool final)
{
    if (!tenant.latency)
        return 0;
    pthread_mutex_lock(&tenant.latency->lock);
    int n = percentiles(to, room, final ? &tenant.latency->all : &tenant.latency->interval);
    tenant.latency->interval = (struct histogram){0};
    pthread_mutex_unlock(&tenant.latency->lock);
    return n;
}

static int gang_fields(char *to, size_t room)
{
    const struct gang *gang = tenant.gang;
    if (!gang)
        return 0;
    int n = snprintf(to, room, ",\"steps\":%llu,\"gpus\":[", (unsigned long long)atomic_load(&gang->steps));
    for (unsigned i = 0; i < gang->gpus; i++)
        n += snprintf(to + n, room - (size_t)n, "%s{\"workNs\":%llu,\"stepNs\":%llu}", i ? "," : "",
                      (unsigned long long)atomic_load(&gang->gpu[i].gpu_ns),
                      (unsigned long long)atomic_load(&gang->gpu[i].step_ns));
    return n + snprintf(to + n, room - (size_t)n, "]");
}

/* Under the lock. */
static void line(bool final)
{
    uint64_t used, total;
    engine_memory(&used, &total);
    uint64_t gpu_ns = atomic_load(&tenant.gpu_ns), kernels = atomic_load(&tenant.kernels);
    int64_t now = now_ns(), span = now - last_ns;
    double permille = span > 0 ? (double)(gpu_ns - last_gpu_ns) * 1000 / (double)span : 0;
    char text[2048];
    int n = snprintf(text, sizeof text, "{\"name\":\"%.200s\",%s\"tMonoNs\":%lld,\"state\":\"%s\",\"kernels\":%llu,\"gpuNs\":%llu",
                     options->name, final ? "\"final\":true," : "", (long long)now,
                     final || atomic_load(&tenant.idle) ? "idle" : "busy", (unsigned long long)kernels,
                     (unsigned long long)gpu_ns);
    if (final) {
        uint64_t counted, counted_ns;
        engine_counters(&counted, &counted_ns);
        n += snprintf(text + n, sizeof text - (size_t)n, ",\"countedKernels\":%llu,\"countedNs\":%llu",
                      (unsigned long long)counted, (unsigned long long)counted_ns);
    } else {
        n += snprintf(text + n, sizeof text - (size_t)n, ",\"gpuPermille\":%.1f", permille);
    }
    n += snprintf(text + n, sizeof text - (size_t)n, ",\"memoryUsed\":%llu,\"memoryTotal\":%llu",
                  (unsigned long long)used, (unsigned long long)total);
    n += latency_fields(text + n, sizeof text - (size_t)n, final);
    n += gang_fields(text + n, sizeof text - (size_t)n);
    n += snprintf(text + n, sizeof text - (size_t)n, "}\n");
    put(text, n);
    last_ns = now;
    last_gpu_ns = gpu_ns;
}

void report_line(void)
{
    pthread_mutex_lock(&lock);
    line(false);
    pthread_mutex_unlock(&lock);
}

static void *report(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&lock);
    int64_t next = now_ns() + options->interval_ns;
    while (!finished) {
        struct timespec at = {.tv_sec = next / 1000000000, .tv_nsec = next % 1000000000};
        if (pthread_cond_timedwait(&changed, &lock, &at) != ETIMEDOUT)
            continue;
        line(false);
        next += options->interval_ns;
        if (next < now_ns())
            next = now_ns() + options->interval_ns;
    }
    pthread_mutex_unlock(&lock);
    return NULL;
}

static void *commands(void *unused)
{
    (void)unused;
    char command[64];
    while (fgets(command, sizeof command, stdin)) {
        command[strcspn(command, "\r\n")] = 0;
        if (strcmp(command, "pause") == 0)
            atomic_store(&tenant.paused, true);
        else if (strcmp(command, "resume") == 0)
            atomic_store(&tenant.paused, false);
        else if (strcmp(command, "quit") == 0)
            atomic_store(&tenant.stop, true);
        else if (*command)
            fprintf(stderr, "aliquot-tenant: command %s: give pause, resume or quit\n", command);
    }
    return NULL;
}

static void start_thread(pthread_t *thread, void *(*body)(void *), const char *what)
{
    int error = pthread_create(thread, NULL, body, NULL);
    if (error) {
        fprintf(stderr, "aliquot-tenant: pthread_create (%s): %s: raise the limit on threads (ulimit -u)\n", what,
                strerror(error));
        exit(EXIT_CUDA);
    }
}

void report_start(const struct options *o)
{
    options = o;
    last_ns = now_ns();
    last_gpu_ns = atomic_load(&tenant.gpu_ns);
    pthread_condattr_t a;
    pthread_condattr_init(&a);
    pthread_condattr_setclock(&a, CLOCK_MONOTONIC);
    pthread_cond_init(&changed, &a);
    start_thread(&reporter, report, "reporter");
    struct stat in;
    if (fstat(STDIN_FILENO, &in) == 0 && (S_ISFIFO(in.st_mode) || S_ISSOCK(in.st_mode))) {
        pthread_t reader;
        start_thread(&reader, commands, "commands");
        pthread_detach(reader);
    }
}

void report_finish(void)
{
    pthread_mutex_lock(&lock);
    finished = true;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
    pthread_join(reporter, NULL);
    pthread_mutex_lock(&lock);
    line(true);
    pthread_mutex_unlock(&lock);
}
