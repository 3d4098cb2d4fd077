/* What the tenant's programs are told of their tenant: by the hooks, and in its usage page for its other processes. */
#include "link_state.h"

const struct aliquot_usage_page *link_usage(void)
{
    int before; /* a cancelled thread must not leave the lock behind */
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    pthread_mutex_lock(&link_.lock);
    if (link_.alone != NULL && page_lock(link_.page_fd)) {
        page_alone_reap(link_.alone, link_.page_fd, link_.slot);
        page_unlock(link_.page_fd);
    }
    const struct aliquot_usage_page *usage = link_.usage;
    pthread_mutex_unlock(&link_.lock);
    pthread_setcancelstate(before, NULL);
    return usage;
}

const char *link_device_name(void)
{
    return link_.settings.name[0] == '\0' ? NULL : link_.settings.name;
}

void link_show_recent(uint64_t now_ns)
{
    struct seat *seat;
    for (unsigned i = 0; (seat = link_seat_at(i)) != NULL; i++) {
        struct aliquot_usage_device *usage = atomic_load_explicit(&seat->usage, memory_order_acquire);
        uint64_t gpu_ns = atomic_load_explicit(&usage->gpu_ns, memory_order_relaxed);
        atomic_store_explicit(&usage->recent, recent_update(&seat->recent, now_ns, gpu_ns), memory_order_relaxed);
    }
}
