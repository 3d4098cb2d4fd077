/*
 * A node whose turn never changes: turn_host RUN_DIR GPU_UUID. Every process that connects to RUN_DIR/sock/agent.sock has an
 * open, contended turn that ends in the far future: what a launch costs among tenants, with nothing to wait for. Runs until
 * killed; says "ready".
 */
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "aliquot_page.h"

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void *make_page(const char *name, size_t bytes, int *fd)
{
    *fd = memfd_create(name, MFD_CLOEXEC);
    return ftruncate(*fd, (off_t)bytes) != 0 ? MAP_FAILED : mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
}

static void fill(struct aliquot_control_page *control, const char *uuid)
{
    struct aliquot_control_device *device = &control->device[0];
    *control = (struct aliquot_control_page){
        .magic = ALIQUOT_PAGE_MAGIC, .version = ALIQUOT_PAGE_VERSION, .bytes = sizeof *control, .device_count = 1};
    snprintf(device->uuid, sizeof device->uuid, "%s", uuid);
    device->quota[0] = (struct aliquot_quota){.weight = 1, .ceiling_permille = 1000, .fallback_permille = 1000};
    device->turn = ALIQUOT_WINDOW_MASK | ALIQUOT_TURN_CONTENDED;
    device->turn_ends_ns = now_ns() + 3600000000000u;
}

static void welcome(int client, const int fds[3])
{
    struct aliquot_welcome answer = {.head = {ALIQUOT_PAGE_MAGIC, ALIQUOT_WELCOME}, .version = ALIQUOT_PAGE_VERSION};
    struct iovec part = {&answer, sizeof answer};
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(3 * sizeof(int))];
    } rights = {.head = {CMSG_LEN(3 * sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &rights, .msg_controllen = sizeof rights.bytes};
    memcpy(CMSG_DATA(&rights.head), fds, 3 * sizeof(int));
    sendmsg(client, &message, MSG_NOSIGNAL);
}

static int listen_in(const char *run_dir)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval beat = {.tv_usec = 10000}; /* accept() gives up in time for the next heartbeat */
    int length = snprintf(address.sun_path, sizeof address.sun_path, "%s/sock", run_dir);
    mkdir(address.sun_path, 0755);
    snprintf(address.sun_path + length, sizeof address.sun_path - (size_t)length, "/agent.sock");
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &beat, sizeof beat);
    return bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 8) == 0 ? fd : -1;
}

int main(int count, char **arguments)
{
    int fds[3] = {-1, -1, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    struct aliquot_hello hello;
    if (count != 3)
        return 2;
    struct aliquot_control_page *control = make_page("control", sizeof *control, &fds[0]);
    void *usage = make_page("usage", sizeof(struct aliquot_usage_page), &fds[1]);
    int listener = listen_in(arguments[1]);
    if (control == MAP_FAILED || usage == MAP_FAILED || listener < 0) {
        perror("turn_host");
        return 1;
    }
    fill(control, arguments[2]);
    puts("ready");
    fflush(stdout);
    for (;;) { /* clients stay connected until they end */
        control->heartbeat_ns = now_ns();
        int client = accept(listener, NULL, NULL);
        if (client >= 0 && recv(client, &hello, sizeof hello, 0) == (ssize_t)sizeof hello)
            welcome(client, fds);
    }
}
