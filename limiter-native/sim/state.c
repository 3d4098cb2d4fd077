#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define STATE_MAGIC UINT64_C(0x314d495351494c41) /* ALIQSIM1: change it with the layout */
#define REAP_EVERY_NS INT64_C(5000000)
enum { REAP_AT_ONCE = 4 };

struct config {
    unsigned gpus;
    uint64_t memory_bytes;
    bool gpus_given, memory_given;
};

static unsigned asked_gpus; /* 0: as the environment says */

int64_t state_now(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static int parse_bytes(const char *text, uint64_t *bytes)
{
    static const struct {
        const char *suffix;
        unsigned shift;
    } unit[] = {{"", 0}, {"B", 0}, {"K", 10}, {"KiB", 10}, {"M", 20}, {"MiB", 20}, {"G", 30}, {"GiB", 30}};
    char *end;
    errno = 0;
    unsigned long long n = strtoull(text, &end, 10);
    if (errno || end == text || *text == '-')
        return -EINVAL;
    for (unsigned i = 0; i < sizeof unit / sizeof unit[0]; i++) {
        if (strcmp(end, unit[i].suffix) == 0 && n <= UINT64_MAX >> 8 >> unit[i].shift) {
            *bytes = n << unit[i].shift;
            return 0;
        }
    }
    return -EINVAL;
}

void state_ask_gpus(unsigned gpus)
{
    asked_gpus = gpus;
}

static int read_config(struct config *c)
{
    *c = (struct config){.gpus = 1, .memory_bytes = UINT64_C(80) << 30};
    const char *gpus = getenv("ALIQUOT_SIM_GPUS");
    if (asked_gpus) {
        c->gpus = asked_gpus;
        c->gpus_given = true;
    } else if (gpus && *gpus) {
        char *end;
        long n = strtol(gpus, &end, 10);
        if (*end || n < 1 || n > STATE_GPUS) {
            fprintf(stderr, "aliquot simulated driver: ALIQUOT_SIM_GPUS=%s: give a number from 1 to %d\n", gpus,
                    STATE_GPUS);
            return -EINVAL;
        }
        c->gpus = (unsigned)n;
        c->gpus_given = true;
    }
    const char *memory = getenv("ALIQUOT_SIM_MEMORY");
    if (memory && *memory) {
        if (parse_bytes(memory, &c->memory_bytes) || c->memory_bytes == 0) {
            fprintf(stderr, "aliquot simulated driver: ALIQUOT_SIM_MEMORY=%s: give bytes, or a number with KiB, MiB or GiB\n",
                    memory);
            return -EINVAL;
        }
        c->memory_given = true;
    }
    return 0;
}

/*
 * Fields of a process's stat after its name. Returns 0, or -ENOENT when there is no such process. By its first thread's: of
 * /proc/<pid>/stat qemu-user makes up one's own.
 */
static int read_stat(pid_t pid, char *run_state, long *threads, uint64_t *start_ticks)
{
    char path[40], text[512];
    snprintf(path, sizeof path, "/proc/%d/task/%d/stat", (int)pid, (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    if (n <= 0)
        return -ENOENT; /* it went away between the two calls */
    text[n] = 0;
    const char *p = strrchr(text, ')');
    unsigned long long start;
    if (!p || sscanf(p + 2, "%c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %ld %*d %llu",
                     run_state, threads, &start) != 3)
        return -EIO;
    *start_ticks = start;
    return 0;
}

/* 0 where /proc does not tell. */
static uint64_t pid_namespace(void)
{
    struct stat status;
    return stat("/proc/self/ns/pid", &status) == 0 ? status.st_ino : 0;
}

static bool alive(const struct state_process *p)
{
    if (p->pid_namespace != pid_namespace())
        return true;
    char run_state;
    long threads;
    uint64_t start;
    int error = read_stat(p->pid, &run_state, &threads, &start);
    if (error)
        return !(kill(p->pid, 0) < 0 && errno == ESRCH); /* /proc may be hidden from us */
    if (start != p->start_ticks)
        return false;
    return !((run_state == 'Z' || run_state == 'X') && threads <= 1);
}

static void remove_process(struct state *s, unsigned index)
{
    struct state_process *p = &s->process[index];
    for (unsigned g = 0; g < s->gpus; g++) {
        struct timeline *t = &s->gpu[g];
        for (unsigned c = 0; c < t->cursor.contexts; c++)
            if (t->context[c].used && t->context[c].owner == index)
                timeline_close(t, (int)c);
        s->used_bytes[g] -= p->memory_bytes[g];
        p->memory_bytes[g] = 0;
    }
    p->used = 0;
}

static void reap(const struct state_view *view, unsigned at_most)
{
    struct state *s = view->shared;
    int64_t now = state_now();
    for (unsigned i = 0; i < STATE_PROCESSES && at_most > 0; i++) {
        unsigned index = s->reap_next;
        s->reap_next = (index + 1) % STATE_PROCESSES;
        if (!s->process[index].used || index == view->process)
            continue;
        at_most--;
        if (alive(&s->process[index]))
            continue;
        for (unsigned g = 0; g < s->gpus; g++)
            timeline_advance(&s->gpu[g], now); /* it ran until now */
        remove_process(s, index);
    }
    s->reaped_ns = now;
}

/* A holder of the lock was killed: put right what it may have left half-done. */
static void recover(struct state *s)
{
    for (unsigned g = 0; g < s->gpus; g++) {
        s->used_bytes[g] = 0;
        for (unsigned i = 0; i < STATE_PROCESSES; i++)
            if (s->process[i].used)
                s->used_bytes[g] += s->process[i].memory_bytes[g];
    }
}

static void lock(struct state *s)
{
    if (pthread_mutex_lock(&s->lock) == EOWNERDEAD) {
        recover(s);
        pthread_mutex_consistent(&s->lock);
    }
}

struct timeline *state_enter(const struct state_view *view, unsigned gpu)
{
    struct state *s = view->shared;
    lock(s);
    int64_t now = state_now();
    if (now - s->reaped_ns > REAP_EVERY_NS)
        reap(view, REAP_AT_ONCE);
    timeline_advance(&s->gpu[gpu], now);
    return &s->gpu[gpu];
}

void state_leave(const struct state_view *view)
{
    pthread_mutex_unlock(&view->shared->lock);
}

void state_reap_all(const struct state_view *view)
{
    reap(view, STATE_PROCESSES);
}

int state_take_memory(const struct state_view *view, unsigned gpu, uint64_t bytes)
{
    struct state *s = view->shared;
    if (bytes > s->memory_bytes - s->used_bytes[gpu]) {
        state_reap_all(view);
        if (bytes > s->memory_bytes - s->used_bytes[gpu])
            return -ENOMEM;
    }
    s->process[view->process].memory_bytes[gpu] += bytes;
    s->used_bytes[gpu] += bytes;
    if (s->used_bytes[gpu] > s->peak_bytes[gpu])
        s->peak_bytes[gpu] = s->used_bytes[gpu];
    return 0;
}

void state_give_memory(const struct state_view *view, unsigned gpu, uint64_t bytes)
{
    view->shared->process[view->process].memory_bytes[gpu] -= bytes;
    view->shared->used_bytes[gpu] -= bytes;
}

void state_uuid(unsigned gpu, unsigned char uuid[16])
{
    memcpy(uuid, "aliquot-sim-gpu", 15);
    uuid[15] = (unsigned char)gpu;
}

static int init_state(struct state *s, const struct config *c)
{
    pthread_mutexattr_t a;
    pthread_mutexattr_init(&a);
    pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
    int error = pthread_mutex_init(&s->lock, &a);
    pthread_mutexattr_destroy(&a);
    if (error)
        return -error;
    s->gpus = c->gpus;
    s->memory_bytes = c->memory_bytes;
    s->reaped_ns = 0;
    s->reap_next = 0;
    memset(s->used_bytes, 0, sizeof s->used_bytes);
    memset(s->peak_bytes, 0, sizeof s->peak_bytes);
    memset(s->process, 0, sizeof s->process);
    for (unsigned g = 0; g < c->gpus; g++)
        timeline_init(&s->gpu[g], state_now());
    s->magic = STATE_MAGIC;
    return 0;
}

/* Opens the file under its path, locked; another process may be replacing it meanwhile. */
static int open_locked(const char *path, bool *fresh)
{
    for (int attempt = 0; attempt < 100; attempt++) {
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
            return -errno;
        struct stat mine, now;
        if (flock(fd, LOCK_EX) == 0 && fstat(fd, &mine) == 0 && stat(path, &now) == 0 && mine.st_ino == now.st_ino &&
            mine.st_dev == now.st_dev) {
            uint64_t magic = 0;
            bool right_size = mine.st_size == (off_t)sizeof(struct state);
            if (right_size && pread(fd, &magic, sizeof magic, 0) != sizeof magic)
                right_size = false;
            *fresh = magic != STATE_MAGIC; /* 0: its creator did not finish */
            if (mine.st_size == 0 || (right_size && (!*fresh || magic == 0)))
                return fd;
            unlink(path); /* of another version, perhaps still mapped by someone: leave it to them */
        }
        close(fd);
    }
    return -EAGAIN;
}

static int register_process(struct state_view *view)
{
    struct state *s = view->shared;
    char run_state;
    long threads;
    uint64_t start;
    int error = read_stat(getpid(), &run_state, &threads, &start);
    if (error)
        return error;
    for (unsigned i = 0; i < STATE_PROCESSES; i++) {
        struct state_process *p = &s->process[i];
        if (p->used)
            continue;
        memset(p, 0, sizeof *p);
        p->pid = getpid();
        p->start_ticks = start;
        p->pid_namespace = pid_namespace();
        p->used = 1;
        view->process = i;
        return 0;
    }
    return -ENOSPC;
}

/* Under the file's lock: sets up a fresh state, or one that nobody uses and that is to be different. */
static int prepare(struct state_view *view, const struct config *c, bool fresh)
{
    struct state *s = view->shared;
    if (!fresh) {
        lock(s);
        state_reap_all(view);
        bool used = false;
        for (unsigned i = 0; i < STATE_PROCESSES; i++)
            used |= s->process[i].used;
        fresh = !used && ((c->gpus_given && c->gpus != s->gpus) || (c->memory_given && c->memory_bytes != s->memory_bytes));
        pthread_mutex_unlock(&s->lock);
    }
    int error = fresh ? init_state(s, c) : 0;
    if (error)
        return error;
    lock(s);
    error = register_process(view);
    pthread_mutex_unlock(&s->lock);
    return error;
}

int state_attach(struct state_view *view)
{
    struct config c;
    int error = read_config(&c);
    if (error)
        return error;
    char standard[64];
    const char *path = getenv("ALIQUOT_SIM");
    if (!path || !*path) {
        snprintf(standard, sizeof standard, "/dev/shm/aliquot-sim-%u", (unsigned)getuid());
        path = standard;
    }
    bool fresh = false;
    int fd = open_locked(path, &fresh);
    if (fd < 0) {
        fprintf(stderr, "aliquot simulated driver: can't open %s: %s; set ALIQUOT_SIM to a writable file\n", path,
                strerror(-fd));
        return fd;
    }
    if (fresh && ftruncate(fd, sizeof(struct state)) < 0)
        error = -errno;
    void *p = error ? MAP_FAILED : mmap(NULL, sizeof(struct state), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (!error && p == MAP_FAILED)
        error = -errno;
    if (!error) {
        *view = (struct state_view){.shared = p, .process = STATE_PROCESSES};
        error = prepare(view, &c, fresh);
        if (error) {
            munmap(p, sizeof(struct state));
            view->shared = NULL;
        }
    }
    flock(fd, LOCK_UN); /* closing does not: the mapping keeps the open file */
    close(fd);
    return error;
}

void state_detach(struct state_view *view)
{
    lock(view->shared);
    for (unsigned g = 0; g < view->shared->gpus; g++)
        timeline_advance(&view->shared->gpu[g], state_now());
    remove_process(view->shared, view->process);
    pthread_mutex_unlock(&view->shared->lock);
    view->process = STATE_PROCESSES;
}

void state_instance_uuid(unsigned gpu, unsigned char uuid[16])
{
    memcpy(uuid, "aliquot-sim-mig", 15);
    uuid[15] = (unsigned char)gpu;
}

bool state_mig(void)
{
    return getenv("ALIQUOT_SIM_MIG") != NULL;
}

void state_uuid_text(const char *kind, const unsigned char u[16], char text[STATE_UUID_TEXT])
{
    snprintf(text, STATE_UUID_TEXT, "%s-%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", kind, u[0], u[1],
             u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12], u[13], u[14], u[15]);
}
