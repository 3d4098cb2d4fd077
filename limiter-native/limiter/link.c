#include "link.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "devices.h"
#include "gate.h"
#include "helper.h"
#include "link_state.h"
#include "owned.h"
#include "pool.h"

enum { STATIC_FLOOR_PERMILLE = 50 }; /* of a process that never reached its agent */
#define STATIC_FLOOR_MEMORY (1024ull * 1024 * 1024)
#define RETRY_NS 500000000u
#define FIRST_CONNECT_NS 3000000000u

_Alignas(sizeof(union link_mode_page)) union link_mode_page link_mode_page;

struct link_state link_ = {
    .lock = PTHREAD_MUTEX_INITIALIZER, .agent = {.socket_fd = -1}, .doorbell_fd = -1, .page_fd = -1, .wake_fd = -1};

/* Where a seat points while there is no page: a static quota, and a slot that nobody reads. */
static struct aliquot_control_device floor_control[ALIQUOT_DEVICES];
static struct aliquot_usage_device private_usage[ALIQUOT_DEVICES];

uint64_t link_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void set_mode(enum link_mode mode)
{
    if (link_mode() != mode)
        atomic_store_explicit(&link_mode_page.mode, mode, memory_order_release);
}

struct seat *link_seat_at(unsigned place)
{
    return place < atomic_load_explicit(&link_.seat_count, memory_order_acquire) ? &link_.seat[place] : NULL;
}

static struct seat *find_seat(const char *uuid)
{
    struct seat *seat;
    for (unsigned i = 0; (seat = link_seat_at(i)) != NULL; i++)
        if (strncmp(seat->uuid, uuid, ALIQUOT_UUID_BYTES) == 0)
            return seat;
    return NULL;
}

/* What governs a GPU while no page does: the settings, or what is safe for a tenant that has not reached its agent. */
static struct aliquot_quota static_quota(const char *uuid)
{
    bool alone = link_.settings.token[0] == '\0' && !link_.settings.bad_token;
    uint64_t share = limits_of(&link_.settings.share_permille, uuid), memory = limits_of(&link_.settings.memory_bytes, uuid);
    return (struct aliquot_quota){
        .weight = 1,
        .ceiling_permille = 1000,
        .fallback_permille = share != 0 ? (uint32_t)share : alone ? 1000 : STATIC_FLOOR_PERMILLE,
        .memory_limit_bytes = memory != 0 ? memory : alone ? 0 : STATIC_FLOOR_MEMORY};
}

static struct seat *make_seat(const char *uuid)
{
    unsigned place = atomic_load_explicit(&link_.seat_count, memory_order_relaxed);
    if (place == ALIQUOT_DEVICES)
        return NULL;
    struct seat *seat = &link_.seat[place];
    snprintf(seat->uuid, sizeof seat->uuid, "%s", uuid);
    seat->index = place;
    floor_control[place].quota[0] = static_quota(uuid);
    atomic_store_explicit(&seat->control, &floor_control[place], memory_order_relaxed);
    atomic_store_explicit(&seat->usage, &private_usage[place], memory_order_relaxed);
    atomic_store_explicit(&seat->pace_permille, STATIC_FLOOR_PERMILLE, memory_order_relaxed);
    atomic_store_explicit(&link_.seat_count, place + 1, memory_order_release); /* pairs with link_seat_at() */
    return seat;
}

struct aliquot_quota link_quota(const struct seat *seat)
{
    const struct aliquot_control_device *control = atomic_load_explicit(&seat->control, memory_order_acquire);
    uint32_t index = atomic_load_explicit(&control->quota_index, memory_order_acquire); /* pairs with pages_set_quota() */
    struct aliquot_quota quota = control->quota[index & 1];
    for (int i = 0; i < 4; i++) { /* overtaken twice while copying: look again */
        atomic_thread_fence(memory_order_acquire); /* copy first, then look; pairs with pages_set_quota()'s fence */
        uint32_t now = atomic_load_explicit(&control->quota_index, memory_order_acquire);
        if (now == index)
            break;
        index = now;
        quota = control->quota[index & 1];
    }
    return quota;
}

/* ---- pages ---- */

void link_publish_waiting(struct seat *seat)
{
    PUBLISH(seat->blocked, seat->usage, waiting);
}

void link_publish_queued(struct seat *seat)
{
    PUBLISH(seat->queued_ns, seat->usage, queued_ns);
}

void link_publish_retired(struct seat *seat)
{
    PUBLISH(seat->retired_ns, seat->usage, retired_ns);
}

/* The new slot shows what is held and in flight; what has been counted so far stays where it was counted. */
static void attach(struct seat *seat, const struct aliquot_control_device *control, struct aliquot_usage_device *usage)
{
    atomic_store_explicit(&seat->control, control, memory_order_release);
    atomic_store_explicit(&seat->usage, usage, memory_order_seq_cst); /* pairs with PUBLISH's last look */
    PUBLISH(seat->held_bytes, seat->usage, memory_bytes);
    link_publish_waiting(seat);
    link_publish_queued(seat);
    link_publish_retired(seat);
}

void link_open_gates(void)
{
    struct seat *seat;
    for (unsigned i = 0; (seat = link_seat_at(i)) != NULL; i++) {
        struct aliquot_usage_device *usage = atomic_load_explicit(&seat->usage, memory_order_acquire);
        const struct aliquot_control_device *control = atomic_load_explicit(&seat->control, memory_order_acquire);
        uint32_t turns = atomic_load_explicit(&control->turns, memory_order_relaxed);
        atomic_store_explicit(&usage->gate, turns + (1u << 30), memory_order_release); /* past any that is waited for */
    }
}

void link_count_missed(const char *name)
{
    if (link_.settings.log == SETTINGS_INFO)
        fprintf(stderr, "aliquot: %s was looked up, and is not hooked\n", name);
    atomic_fetch_add(&link_.missed, 1);
    PUBLISH(link_.missed, link_.own_slot, missed);
}

static void take_slot(struct aliquot_usage_slot *slot)
{
    atomic_store(&link_.own_slot, slot);
    PUBLISH(link_.missed, link_.own_slot, missed);
    PUBLISH(link_.pinned_bytes, link_.own_slot, pinned_bytes);
}

/* Replaces the doorbell under its old number: a thread that is about to ring never writes to another file. */
static void adopt_doorbell(int fd)
{
    int ours = atomic_load_explicit(&link_.doorbell_fd, memory_order_relaxed);
    if (ours < 0) {
        atomic_store_explicit(&link_.doorbell_fd, fd, memory_order_release);
        return;
    }
    dup3(fd, ours, O_CLOEXEC);
    close(fd);
}

static struct aliquot_hello make_hello(void)
{
    struct aliquot_hello hello = {.head = {ALIQUOT_PAGE_MAGIC, ALIQUOT_HELLO},
                                  .version_oldest = ALIQUOT_PAGE_VERSION_OLDEST,
                                  .version_newest = ALIQUOT_PAGE_VERSION};
    struct seat *seat;
    memcpy(hello.token, link_.settings.token, sizeof hello.token);
    for (unsigned i = 0; (seat = link_seat_at(i)) != NULL; i++) {
        memcpy(hello.uuid[i], seat->uuid, ALIQUOT_UUID_BYTES);
        hello.held_bytes[i] = atomic_load_explicit(&seat->held_bytes, memory_order_relaxed);
    }
    return hello;
}

/* Takes a connection's pages, doorbell and ledger into use. */
static void adopt(const struct agent *agent)
{
    int usage_fd = link_.agent.usage_fd;
    if (link_.agent.usage != NULL && usage_fd >= 0)
        close(usage_fd);
    link_.agent = *agent;
    link_.usage = agent->usage;
    link_.slot = agent->slot;
    link_.page_fd = agent->usage_fd;
    adopt_doorbell(agent->doorbell_fd);
    struct aliquot_usage_slot *slot = &link_.usage->slot[link_.slot];
    page_sign(slot);
    take_slot(slot);
    uint32_t count = agent->control->device_count < ALIQUOT_DEVICES ? agent->control->device_count : ALIQUOT_DEVICES;
    for (uint32_t d = 0; d < count; d++) {
        const struct aliquot_control_device *control = &agent->control->device[d];
        struct seat *seat = find_seat(control->uuid);
        if (seat == NULL && (seat = make_seat(control->uuid)) == NULL)
            continue;
        gate_release_ahead(seat); /* it ran when the old agent went; the new one counts turns anew */
        seat->index = d;
        attach(seat, control, &slot->device[d]);
        /* it may have allocated since the hello */
        agent_hold(&link_.agent, d, atomic_load_explicit(&seat->held_bytes, memory_order_relaxed));
    }
    set_mode(LINK_ARBITER);
    if (link_.settings.log == SETTINGS_INFO)
        fprintf(stderr, "aliquot: tenant %s, by the agent at %s\n", agent->tenant, link_.settings.socket);
}

/* No turn will come now. What was launched ahead runs, and is seen by gate_release_ahead(). */
static void fall_back(void)
{
    if (link_mode() != LINK_ARBITER)
        return;
    set_mode(LINK_FALLBACK);
    link_open_gates();
}

static void complain(const char *reason)
{
    if (!link_.complained && link_.settings.log != SETTINGS_OFF)
        fprintf(stderr, "aliquot: %s: %s; running at the fallback share until it answers\n", link_.settings.socket, reason);
    link_.complained = true;
}

static void start_with_agent(void)
{
    char reason[ALIQUOT_REASON_BYTES] = "";
    uint64_t until_ns = link_now_ns() + FIRST_CONNECT_NS;
    set_mode(LINK_FALLBACK);
    struct aliquot_hello hello = make_hello();
    struct agent agent = {.socket_fd = -1};
    bool connected;
    while (!(connected = agent_connect(&agent, link_.settings.socket, &hello, reason)) && !agent.refused &&
           link_now_ns() < until_ns)
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    if (connected)
        adopt(&agent);
    else
        complain(reason);
    link_.retry_ns = link_now_ns() + RETRY_NS;
}

static void start_alone(void)
{
    link_.alone = page_alone_open(link_.settings.group, &link_.page_fd, &link_.slot);
    link_.usage = link_.alone == NULL ? NULL : &link_.alone->usage;
    take_slot(link_.usage == NULL ? NULL : &link_.usage->slot[link_.slot]);
    set_mode(LINK_ALONE);
}

/* Indexes in the settings become UUIDs, which CUDA's devices have, too, in whatever order CUDA_VISIBLE_DEVICES puts them. */
static void find_indexes(void)
{
    struct limits *share = &link_.settings.share_permille, *memory = &link_.settings.memory_bytes;
    char uuid[ALIQUOT_DEVICES][ALIQUOT_UUID_BYTES];
    if (!limits_have_index(share) && !limits_have_index(memory))
        return;
    int count = devices_list(uuid);
    bool found = limits_resolve(share, uuid, count);
    found &= limits_resolve(memory, uuid, count);
    if (!found && link_.settings.log != SETTINGS_OFF && count < 0)
        fprintf(stderr, "aliquot: share or memory by index: libnvidia-ml.so.1 does not tell which GPU that is: name it by its "
                        "UUID; until then the least of the values holds for every GPU\n");
    else if (!found && link_.settings.log != SETTINGS_OFF)
        fprintf(stderr, "aliquot: share or memory by index: there are only GPUs 0 to %d, as nvidia-smi counts; the others' "
                        "values are left out\n", count - 1);
}

static void forget_parent(void);

void link_start(void)
{
    static _Thread_local bool starting; /* NVML, asked for the devices, may come here itself */
    if (starting)
        return;
    starting = true;
    pthread_mutex_lock(&link_.lock);
    if (!link_.started) {
        static bool registered; /* atfork handlers are inherited */
        if (!registered)
            registered = pthread_atfork(NULL, NULL, forget_parent) == 0;
        bool governed = settings_read(&link_.settings);
        find_indexes();
        if (governed) {
            madvise(&link_mode_page, sizeof link_mode_page, MADV_WIPEONFORK);
            link_.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
            if (link_.settings.token[0] != '\0')
                start_with_agent();
            else
                start_alone();
            helper_start();
        }
        link_.started = true;
    }
    pthread_mutex_unlock(&link_.lock);
    starting = false;
}

/* In a fork's child: the parent's connection, slot and helper are not ours. CUDA has to be initialised anew, and so are we. */
static void forget_parent(void)
{
    pthread_mutex_init(&link_.lock, NULL);
    int doorbell = atomic_exchange(&link_.doorbell_fd, -1);
    if (doorbell >= 0)
        close(doorbell);
    agent_close(&link_.agent);
    if (link_.wake_fd >= 0)
        close(link_.wake_fd);
    if (link_.alone != NULL && link_.page_fd >= 0)
        close(link_.page_fd);
    link_.wake_fd = link_.page_fd = -1;
    link_.usage = NULL;
    link_.alone = NULL;
    link_.complained = false;
    memset(link_.seat, 0, sizeof link_.seat);
    memset(private_usage, 0, sizeof private_usage);
    atomic_store(&link_.seat_count, 0);
    atomic_store(&link_.own_slot, NULL);
    atomic_store(&link_.missed, 0);
    atomic_store(&link_.pinned_bytes, 0);
    atomic_store(&link_.helper_asleep, false);
    set_mode(LINK_OFF);
    helper_forget();
    owned_reset();
    pool_reset();
    link_.started = false;
}

static void say_quota(const struct seat *seat)
{
    struct aliquot_quota quota = link_quota(seat);
    char memory[48] = "no limit of memory";
    if (quota.memory_limit_bytes != 0)
        snprintf(memory, sizeof memory, "%llu bytes of memory", (unsigned long long)quota.memory_limit_bytes);
    fprintf(stderr, "aliquot: %s: %u.%u%% of its time, %s, group %s, by this process's settings\n", seat->uuid,
            quota.fallback_permille / 10, quota.fallback_permille % 10, memory, link_.settings.group);
}

static struct seat *alone_seat(const char *uuid)
{
    struct seat *seat = find_seat(uuid);
    if (seat != NULL || (seat = make_seat(uuid)) == NULL)
        return seat;
    if (link_.settings.log == SETTINGS_INFO)
        say_quota(seat);
    if (link_.alone == NULL || !page_lock(link_.page_fd))
        return seat;
    uint32_t device = page_alone_device(link_.alone, uuid);
    page_unlock(link_.page_fd);
    if (device < ALIQUOT_DEVICES) {
        attach(seat, &floor_control[seat->index], &link_.usage->slot[link_.slot].device[device]);
        seat->index = device;
    }
    return seat;
}

struct seat *link_seat(const char *uuid)
{
    enum link_mode mode = link_mode();
    if (mode == LINK_OFF)
        return NULL;
    struct seat *seat = find_seat(uuid);
    if (seat != NULL)
        return seat;
    pthread_mutex_lock(&link_.lock);
    if (mode == LINK_ALONE)
        seat = alone_seat(uuid);
    else if (link_.agent.control == NULL) /* never reached the agent: the static floor governs whatever there is */
        seat = make_seat(uuid);
    pthread_mutex_unlock(&link_.lock);
    return seat;
}

struct seat *link_named_seat(const char *uuid)
{
    bool named = find_seat(uuid) != NULL || limits_name(&link_.settings.share_permille, uuid) ||
                 limits_name(&link_.settings.memory_bytes, uuid);
    return named ? link_seat(uuid) : NULL;
}

/* ---- doorbell and helper ---- */

void link_ring(void)
{
    uint64_t one = 1;
    int fd = atomic_load_explicit(&link_.doorbell_fd, memory_order_acquire);
    if (fd >= 0)
        syscall(SYS_write, fd, &one, sizeof one); /* write() is a cancellation point */
}

void link_wake_helper(void)
{
    atomic_thread_fence(memory_order_seq_cst); /* pairs with link_helper_sleeps(): work first, then the flag */
    if (!atomic_load_explicit(&link_.helper_asleep, memory_order_relaxed))
        return;
    uint64_t one = 1;
    if (atomic_exchange(&link_.helper_asleep, false))
        syscall(SYS_write, link_.wake_fd, &one, sizeof one);
}

void link_helper_sleeps(bool sleeps)
{
    atomic_store(&link_.helper_asleep, sleeps);
    atomic_thread_fence(memory_order_seq_cst); /* pairs with link_wake_helper(): the flag first, then look for work */
}

void link_descriptors(int *socket_fd, int *wake_fd)
{
    pthread_mutex_lock(&link_.lock);
    *socket_fd = link_.agent.socket_fd;
    *wake_fd = link_.wake_fd;
    pthread_mutex_unlock(&link_.lock);
}

/* Without an arbiter the tenant's busy processes divide its share evenly. */
static void set_paces(void)
{
    struct seat *seat;
    for (unsigned i = 0; (seat = link_seat_at(i)) != NULL; i++) {
        uint32_t busy = 0;
        for (uint32_t s = 0; link_.usage != NULL && s < ALIQUOT_PROCESSES; s++) {
            struct aliquot_usage_device *usage = &link_.usage->slot[s].device[seat->index];
            busy += s == link_.slot || atomic_load_explicit(&usage->waiting, memory_order_relaxed) != 0 ||
                    atomic_load_explicit(&usage->queued_ns, memory_order_relaxed) !=
                        atomic_load_explicit(&usage->retired_ns, memory_order_relaxed);
        }
        uint32_t permille = link_quota(seat).fallback_permille / (busy > 1 ? busy : 1);
        atomic_store_explicit(&seat->pace_permille, permille > 0 ? permille : 1, memory_order_relaxed);
    }
}

static bool heartbeat_is_fresh(uint64_t now_ns)
{
    const struct aliquot_control_page *control = link_.agent.control;
    uint64_t beat_ns =
        control == NULL ? 0 : atomic_load_explicit(&((struct aliquot_control_page *)(uintptr_t)control)->heartbeat_ns,
                                                   memory_order_acquire);
    return now_ns < beat_ns + ALIQUOT_HEARTBEAT_LIMIT_NS;
}

/* Only the helper comes here. The hello goes out without the lock: a hung agent holds up no allocation. */
static void reconnect(void)
{
    char reason[ALIQUOT_REASON_BYTES] = "", path[sizeof link_.settings.socket];
    struct agent agent = {.socket_fd = -1};
    struct aliquot_hello hello = make_hello();
    memcpy(path, link_.settings.socket, sizeof path);
    pthread_mutex_unlock(&link_.lock);
    bool connected = agent_connect(&agent, path, &hello, reason);
    pthread_mutex_lock(&link_.lock);
    if (connected)
        adopt(&agent);
    else
        complain(reason);
    link_.retry_ns = link_now_ns() + RETRY_NS;
}

uint64_t link_tend(uint64_t now_ns)
{
    uint64_t again_ns = UINT64_MAX;
    pthread_mutex_lock(&link_.lock);
    if (link_mode() == LINK_ARBITER || link_mode() == LINK_FALLBACK) {
        if (link_.agent.socket_fd >= 0 && agent_is_gone(&link_.agent))
            agent_disconnect(&link_.agent);
        if (link_.agent.socket_fd < 0) {
            fall_back();
            if (now_ns >= link_.retry_ns)
                reconnect();
            again_ns = link_.retry_ns;
        } else {
            if (!heartbeat_is_fresh(now_ns))
                fall_back();
            else
                set_mode(LINK_ARBITER);
        }
    }
    if (link_mode() != LINK_ARBITER)
        set_paces();
    link_show_recent(now_ns);
    pthread_mutex_unlock(&link_.lock);
    return again_ns;
}
