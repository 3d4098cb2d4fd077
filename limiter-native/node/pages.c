#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

/* A sealed memfd mapped for the node. @return the descriptor or -errno */
static int page_make(const char *name, size_t bytes, int seals, void **mapping)
{
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return -errno;
    void *page = MAP_FAILED;
    if (ftruncate(fd, (off_t)bytes) == 0)
        page = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED || fcntl(fd, F_ADD_SEALS, seals | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
        int error = -errno;
        if (page != MAP_FAILED)
            munmap(page, bytes);
        close(fd);
        return error;
    }
    *mapping = page;
    return fd;
}

/* The same memory through a descriptor that was never writable: a second lock behind the seal. */
static int reopen_read_only(int fd)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int read_only = open(path, O_RDONLY | O_CLOEXEC);
    int error = -errno;
    close(fd);
    return read_only < 0 ? error : read_only;
}

static void fill_headers(struct aliquot_node *node, struct tenant *tenant)
{
    struct aliquot_control_page *control = tenant->control;
    control->magic = ALIQUOT_PAGE_MAGIC;
    control->version = ALIQUOT_PAGE_VERSION;
    control->bytes = sizeof *control;
    control->device_count = node->device_count;
    memcpy(control->tenant, tenant->name, sizeof control->tenant);
    for (uint32_t d = 0; d < node->device_count; d++) {
        memcpy(control->device[d].uuid, node->device[d].uuid, ALIQUOT_UUID_BYTES);
        control->device[d].total_memory_bytes = node->device[d].total_memory_bytes;
    }
    atomic_store_explicit(&control->heartbeat_ns, node_now_ns(), memory_order_relaxed);
    tenant->usage->magic = ALIQUOT_PAGE_MAGIC;
    tenant->usage->version = ALIQUOT_PAGE_VERSION;
    tenant->usage->bytes = sizeof *tenant->usage;
    tenant->usage->slot_count = ALIQUOT_PROCESSES;
}

int pages_make(struct aliquot_node *node, struct tenant *tenant)
{
    void *control, *usage;
    int fd = page_make("aliquot-control", sizeof(struct aliquot_control_page), F_SEAL_FUTURE_WRITE, &control);
    if (fd < 0)
        return fd;
    tenant->control = control;
    tenant->control_fd = reopen_read_only(fd);
    tenant->usage_fd = page_make("aliquot-usage", sizeof(struct aliquot_usage_page), 0, &usage);
    tenant->usage = tenant->usage_fd < 0 ? NULL : usage;
    tenant->doorbell = (struct source){SOURCE_DOORBELL, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), tenant};
    int error = tenant->control_fd < 0 ? tenant->control_fd : tenant->usage_fd < 0 ? tenant->usage_fd : 0;
    if (error == 0 && tenant->doorbell.fd < 0)
        error = -errno;
    if (error == 0)
        error = node_watch(node, &tenant->doorbell, EPOLLIN | EPOLLET);
    if (error != 0) {
        pages_drop(node, tenant);
        return error;
    }
    fill_headers(node, tenant);
    return 0;
}

void pages_drop(struct aliquot_node *node, struct tenant *tenant)
{
    node_unwatch(node, &tenant->doorbell);
    if (tenant->control != NULL)
        munmap(tenant->control, sizeof *tenant->control);
    if (tenant->usage != NULL)
        munmap(tenant->usage, sizeof *tenant->usage);
    if (tenant->control_fd >= 0)
        close(tenant->control_fd);
    if (tenant->usage_fd >= 0)
        close(tenant->usage_fd);
    tenant->control = NULL;
    tenant->usage = NULL;
    tenant->control_fd = tenant->usage_fd = -1;
}

void pages_move(struct aliquot_node *node, const struct tenant *tenant, struct tenant *place)
{
    *place = *tenant;
    place->doorbell.owner = place;
    node_hear(node, &place->doorbell, EPOLLIN | EPOLLET); /* tells the loop its new address */
}

/* The index grows with every change and its lowest bit says which copy: a reader that was overtaken twice sees that it was. */
void pages_set_quota(struct tenant *tenant, uint32_t device, const struct aliquot_quota *quota)
{
    struct aliquot_control_device *page = &tenant->control->device[device];
    uint32_t next = atomic_load_explicit(&page->quota_index, memory_order_relaxed) + 1;
    /* pairs with link_quota()'s fence: who reads any of what is written here then reads the last change's index, or later */
    atomic_thread_fence(memory_order_release);
    page->quota[next & 1] = *quota;
    atomic_store_explicit(&page->quota_index, next, memory_order_release); /* pairs with link_quota()'s acquire */
}

const struct aliquot_quota *pages_quota(const struct tenant *tenant, uint32_t device)
{
    const struct aliquot_control_device *page = &tenant->control->device[device];
    return &page->quota[atomic_load_explicit(&page->quota_index, memory_order_relaxed) & 1];
}

/* Streams wait for their gates on the GPU; what their tenant writes there is its own affair. */
static void set_gates(struct tenant *tenant, uint32_t device, uint32_t turn)
{
    uint32_t left = tenant->processes;
    for (uint32_t s = 0; left > 0 && s < ALIQUOT_PROCESSES; s++) {
        if (tenant->slot[s] == NULL)
            continue;
        left--;
        atomic_store_explicit(&tenant->usage->slot[s].device[device].gate, turn, memory_order_release);
    }
}

static void open_gates(struct tenant *tenant, uint32_t device)
{
    struct aliquot_control_device *control = &tenant->control->device[device];
    uint32_t turns = atomic_load_explicit(&control->turns, memory_order_relaxed) + 1;
    atomic_store_explicit(&control->turn_began_ns, node_now_ns(), memory_order_relaxed);
    atomic_store_explicit(&control->turns, turns, memory_order_release); /* pairs with gate_has_come() */
    tenant->held[device] = false;
    set_gates(tenant, device, turns);
}

void pages_hold(struct tenant *tenant, uint32_t device, bool held)
{
    if (tenant->held[device] == held)
        return;
    tenant->held[device] = held;
    uint32_t turns = atomic_load_explicit(&tenant->control->device[device].turns, memory_order_relaxed);
    set_gates(tenant, device, turns - (held ? ALIQUOT_GATE_HELD : 0)); /* below what work of earlier turns checks, too */
}

void pages_set_ahead(struct tenant *tenant, uint32_t device, uint64_t ahead_ns)
{
    atomic_store_explicit(&tenant->control->device[device].ahead_us, (uint32_t)(ahead_ns / 1000), memory_order_relaxed);
}

void pages_set_turn(struct tenant *tenant, uint32_t device, uint64_t window_ns, uint64_t ends_ns, uint32_t flags)
{
    /* relaxed: a limiter that sees an old end launches a little more or less, within the window all the same */
    atomic_store_explicit(&tenant->control->device[device].turn_ends_ns, ends_ns, memory_order_relaxed);
    _Atomic uint32_t *turn = &tenant->control->device[device].turn;
    uint32_t old = atomic_load_explicit(turn, memory_order_relaxed);
    uint64_t units = window_ns / ALIQUOT_WINDOW_UNIT_NS;
    uint32_t value = (uint32_t)(units > ALIQUOT_WINDOW_MASK ? ALIQUOT_WINDOW_MASK : units);
    uint32_t old_units = old & ALIQUOT_WINDOW_MASK;
    value |= flags;
    if ((old & ((1u << ALIQUOT_TURN_SEQUENCE_SHIFT) - 1)) == value)
        return;
    uint32_t word = ((old >> ALIQUOT_TURN_SEQUENCE_SHIFT) + 1) << ALIQUOT_TURN_SEQUENCE_SHIFT | value;
    atomic_store_explicit(turn, word, memory_order_release); /* pairs with the limiter's acquire of the turn */
    if (old_units == 0 && (value & ALIQUOT_WINDOW_MASK) != 0)
        open_gates(tenant, device); /* after the word: who sees it closed waits for this turn, not for the next */
    if ((value & ALIQUOT_WINDOW_MASK) > old_units)
        syscall(SYS_futex, turn, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}
