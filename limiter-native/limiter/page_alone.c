#include "page_alone.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { LOCK_TRIES = 1000 }; /* a millisecond apart */

/* The page's bytes as locks: its first one guards slots and memory, and each slot's owner has one for as long as it lives. */
static struct flock lock_of_page(short type)
{
    return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_len = 1};
}

static struct flock lock_of_slot(uint32_t slot)
{
    return (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 1 + slot, .l_len = 1};
}

/* Who may write the file may lock it: a holder that never lets go costs a bounded wait, and no allocation stops for ever. */
bool page_lock(int fd)
{
    struct flock lock = lock_of_page(F_WRLCK);
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (fcntl(fd, F_SETLK, &lock) == 0)
            return true;
        if (errno != EAGAIN && errno != EACCES && errno != EINTR)
            return false;
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    return false;
}

void page_unlock(int fd)
{
    struct flock lock = lock_of_page(F_UNLCK);
    fcntl(fd, F_SETLK, &lock);
}

/* A pid would tell less: it is another one's in another namespace, and without /proc nobody's. */
static bool is_owned(int fd, uint32_t slot)
{
    struct flock lock = lock_of_slot(slot);
    return fcntl(fd, F_GETLK, &lock) != 0 || lock.l_type != F_UNLCK;
}

uint64_t page_pid_namespace(void)
{
    char text[64]; /* "pid:[4026531836]" */
    ssize_t length = readlink("/proc/self/ns/pid", text, sizeof text - 1);
    text[length > 0 ? length : 0] = '\0';
    char *inode = strchr(text, '[');
    return inode == NULL ? 0 : strtoull(inode + 1, NULL, 10);
}

void page_sign(struct aliquot_usage_slot *slot)
{
    atomic_store_explicit(&slot->pid_namespace, page_pid_namespace(), memory_order_relaxed);
    atomic_store_explicit(&slot->pid, (uint32_t)getpid(), memory_order_relaxed);
}

void page_alone_reap(struct page_alone *page, int fd, uint32_t own)
{
    for (uint32_t s = 0; s < ALIQUOT_PROCESSES; s++) {
        struct aliquot_usage_slot *slot = &page->usage.slot[s];
        if (s != own && atomic_load_explicit(&slot->pid, memory_order_relaxed) != 0 && !is_owned(fd, s))
            memset(slot, 0, sizeof *slot);
    }
}

static uint32_t take_slot(struct page_alone *page, int fd)
{
    page_alone_reap(page, fd, ALIQUOT_PROCESSES);
    for (uint32_t s = 0; s < ALIQUOT_PROCESSES; s++) {
        struct aliquot_usage_slot *slot = &page->usage.slot[s];
        struct flock lock = lock_of_slot(s);
        if (atomic_load_explicit(&slot->pid, memory_order_relaxed) != 0 || fcntl(fd, F_SETLK, &lock) != 0)
            continue;
        memset(slot, 0, sizeof *slot);
        page_sign(slot);
        return s;
    }
    return ALIQUOT_PROCESSES;
}

enum page_attempt { PAGE_OPEN, PAGE_REMOVED, PAGE_FAILED };

/* @param fd out: to be closed by the caller, whatever the outcome */
static enum page_attempt open_once(const char *path, int *fd, uint32_t *slot, struct page_alone **page)
{
    struct stat status; /* fstat() itself is newer than glibc 2.17 */
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (*fd < 0 || syscall(SYS_fstat, *fd, &status) != 0 || status.st_uid != getuid() || !S_ISREG(status.st_mode) ||
        !page_lock(*fd))
        return PAGE_FAILED;
    bool removed = syscall(SYS_fstat, *fd, &status) == 0 && status.st_nlink == 0; /* by a sweep, before the lock was ours */
    void *mapped = removed || ftruncate(*fd, sizeof **page) != 0
                       ? MAP_FAILED
                       : mmap(NULL, sizeof **page, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
    *page = mapped == MAP_FAILED ? NULL : mapped;
    *slot = mapped == MAP_FAILED ? ALIQUOT_PROCESSES : take_slot(mapped, *fd);
    page_unlock(*fd);
    return removed ? PAGE_REMOVED : *slot < ALIQUOT_PROCESSES ? PAGE_OPEN : PAGE_FAILED;
}

struct page_alone *page_alone_open(const char *group, int *fd, uint32_t *slot)
{
    char path[96];
    snprintf(path, sizeof path, "/dev/shm/aliquot-%u-%s", (unsigned)getuid(), group);
    enum page_attempt attempt = PAGE_REMOVED;
    for (int i = 0; attempt == PAGE_REMOVED && i < 10; i++) {
        struct page_alone *page = NULL;
        attempt = open_once(path, fd, slot, &page);
        if (attempt == PAGE_OPEN)
            return page;
        if (page != NULL)
            munmap(page, sizeof *page);
        if (*fd >= 0)
            close(*fd);
        *fd = -1;
    }
    return NULL;
}

uint32_t page_alone_device(struct page_alone *page, const char *uuid)
{
    for (uint32_t d = 0; d < ALIQUOT_DEVICES; d++) {
        if (page->uuid[d][0] == '\0')
            snprintf(page->uuid[d], ALIQUOT_UUID_BYTES, "%s", uuid);
        if (strncmp(page->uuid[d], uuid, ALIQUOT_UUID_BYTES) == 0)
            return d;
    }
    return ALIQUOT_DEVICES;
}
