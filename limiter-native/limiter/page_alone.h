/*
 * The usage page of processes that run with no agent: a file in /dev/shm that the processes of one user and group share.
 * Cooperative: whoever may write it may also lie in it. POSIX locks guard slots and memory; the kernel drops them with
 * their owner.
 */
#ifndef ALIQUOT_PAGE_ALONE_H
#define ALIQUOT_PAGE_ALONE_H

#include <stdbool.h>

#include "aliquot_page.h"

struct page_alone {
    char uuid[ALIQUOT_DEVICES][ALIQUOT_UUID_BYTES]; /* which GPU each device index stands for */
    struct aliquot_usage_page usage;
};

/** Maps the group's page and takes a slot. @return NULL when neither works; then the caller uses private memory */
struct page_alone *page_alone_open(const char *group, int *fd, uint32_t *slot);

/** Locks the page against other processes, within 1 s. The caller also holds its own mutex. @return whether it did */
bool page_lock(int fd);
void page_unlock(int fd);

/** Says in a slot that this process has it. */
void page_sign(struct aliquot_usage_slot *slot);
/** Names this process's PID namespace; 0: there is no /proc to tell. */
uint64_t page_pid_namespace(void);

/** The device index of a GPU, given out on first use. Under the lock. @return ALIQUOT_DEVICES when all are taken */
uint32_t page_alone_device(struct page_alone *page, const char *uuid);

/** Frees the slots of processes that are gone, of whatever pid namespace. Under the lock. @param own slot of the caller */
void page_alone_reap(struct page_alone *page, int fd, uint32_t own);

#endif
