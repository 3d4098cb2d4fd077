/* What link.c, link_memory.c and link_view.c share. */
#ifndef ALIQUOT_LINK_STATE_H
#define ALIQUOT_LINK_STATE_H

#include <pthread.h>

#include "agent.h"
#include "link.h"
#include "page_alone.h"
#include "settings.h"

struct link_state {
    pthread_mutex_t lock; /* guards everything here but the atomics */
    bool started;
    struct settings settings;
    struct agent agent; /* socket -1: not connected */
    _Atomic int doorbell_fd;
    int page_fd; /* of the usage page, for its lock; -1: none */
    int wake_fd;
    struct aliquot_usage_page *usage; /* the tenant's: every process's slot */
    struct page_alone *alone;
    uint32_t slot;
    uint64_t retry_ns;
    bool complained;
    _Atomic uint32_t seat_count;
    struct seat seat[ALIQUOT_DEVICES];
    _Atomic bool helper_asleep;
    _Atomic uint32_t missed; /* look-ups; also those before there is a slot */
    _Atomic uint64_t pinned_bytes; /* host memory */
    _Atomic(struct aliquot_usage_slot *) own_slot; /* this process's; NULL: none */
};

extern struct link_state link_;

/* Shows in the page what this process used over about the last second. The helper alone, under the lock. */
void link_show_recent(uint64_t now_ns);

/*
 * Copies a figure to where the page that is in force shows it, until what was written is what holds: a copy can't drift as a
 * second count of ups and downs would. The place is an atomic pointer into a page; NULL: there is none.
 */
#define PUBLISH(figure, place, shown)                                           \
    do {                                                                        \
        __typeof__(atomic_load(&(place))) place_;                               \
        __typeof__(atomic_load(&(figure))) value_;                              \
        do {                                                                    \
            place_ = atomic_load(&(place));                                     \
            value_ = atomic_load(&(figure));                                    \
            if (place_ == NULL)                                                 \
                break;                                                          \
            atomic_store(&place_->shown, value_);                               \
        } while (value_ != atomic_load(&(figure)) || place_ != atomic_load(&(place))); \
    } while (0)

#endif
