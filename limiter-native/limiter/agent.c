#include "agent.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_MS = 1000 };

static bool fail(char *reason, const char *what, int error)
{
    snprintf(reason, ALIQUOT_REASON_BYTES, "%s%s%s", what, error != 0 ? ": " : "", error != 0 ? strerror(error) : "");
    return false;
}

static int dial(const char *path, char *reason)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    struct timeval limit = {.tv_sec = ANSWER_MS / 1000};
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit); /* bounds connect() as well */
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        fail(reason, "no agent answers", errno);
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return fd;
}

static bool wait_readable(int fd)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t end_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + ANSWER_MS, left_ms = ANSWER_MS;
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    for (;;) { /* a program with many signals waits no longer than others */
        int answered = poll(&ready, 1, (int)left_ms);
        if (answered >= 0 || errno != EINTR)
            return answered > 0;
        clock_gettime(CLOCK_MONOTONIC, &now);
        left_ms = end_ms - ((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
        left_ms = left_ms < 0 ? 0 : left_ms;
    }
}

/* One packet within ANSWER_MS, and the three descriptors that may come with it; others are closed. @return its length, or -1 */
static ssize_t receive(int fd, void *packet, size_t bytes, int fds[3])
{
    enum { MOST = 8 };
    if (!wait_readable(fd))
        return -1;
    struct iovec part = {packet, bytes};
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(MOST * sizeof(int))];
    } control;
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t length = recvmsg(fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    struct cmsghdr *head = length > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (head == NULL || head->cmsg_type != SCM_RIGHTS)
        return length;
    int got[MOST], count = (int)((head->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    memcpy(got, CMSG_DATA(head), (size_t)count * sizeof(int));
    if (count == 3)
        memcpy(fds, got, sizeof got[0] * 3);
    for (int i = 0; count != 3 && i < count; i++)
        close(got[i]);
    return length;
}

static bool hello_answer(int fd, const struct aliquot_hello *hello, struct aliquot_welcome *welcome, int fds[3],
                         bool *refused, char *reason)
{
    union {
        struct aliquot_message head;
        struct aliquot_welcome welcome;
        struct aliquot_refused refused;
    } answer;
    if (send(fd, hello, sizeof *hello, MSG_NOSIGNAL) != (ssize_t)sizeof *hello)
        return fail(reason, "cannot say hello", errno);
    ssize_t length = receive(fd, &answer, sizeof answer, fds);
    if (length == (ssize_t)sizeof answer.refused && answer.head.kind == ALIQUOT_REFUSED) {
        *refused = true;
        answer.refused.reason[ALIQUOT_REASON_BYTES - 1] = '\0';
        return fail(reason, answer.refused.reason, 0);
    }
    if (length != (ssize_t)sizeof answer.welcome || answer.head.magic != ALIQUOT_PAGE_MAGIC ||
        answer.head.kind != ALIQUOT_WELCOME)
        return fail(reason, "the agent did not answer the hello within 1 s", 0);
    *welcome = answer.welcome;
    welcome->tenant[ALIQUOT_NAME_BYTES - 1] = '\0';
    if (welcome->version < ALIQUOT_PAGE_VERSION_OLDEST || welcome->version > ALIQUOT_PAGE_VERSION ||
        welcome->slot >= ALIQUOT_PROCESSES)
        return fail(reason, "the agent speaks another page version: install the same Aliquot on both sides", 0);
    return true;
}

static void *map(int fd, size_t bytes, int protection)
{
    if (fd < 0 || lseek(fd, 0, SEEK_END) < (off_t)bytes)
        return NULL;
    void *page = mmap(NULL, bytes, protection, MAP_SHARED, fd, 0);
    return page == MAP_FAILED ? NULL : page;
}

bool agent_connect(struct agent *agent, const char *path, const struct aliquot_hello *hello, char *reason)
{
    struct aliquot_welcome welcome;
    int fds[3] = {-1, -1, -1};
    agent->refused = false;
    int fd = dial(path, reason);
    if (fd < 0)
        return false;
    bool welcomed = hello_answer(fd, hello, &welcome, fds, &agent->refused, reason);
    const struct aliquot_control_page *control = welcomed ? map(fds[0], sizeof *control, PROT_READ) : NULL;
    struct aliquot_usage_page *usage = welcomed ? map(fds[1], sizeof *usage, PROT_READ | PROT_WRITE) : NULL;
    if (fds[0] >= 0)
        close(fds[0]);
    if (control == NULL || usage == NULL || fds[2] < 0) {
        if (welcomed)
            fail(reason, "the agent's pages cannot be mapped", errno);
        int rest[] = {fd, fds[1], fds[2]};
        for (int i = 0; i < 3; i++)
            if (rest[i] >= 0)
                close(rest[i]);
        return false;
    }
    if (agent->usage != NULL)
        close(agent->usage_fd);
    *agent = (struct agent){.socket_fd = fd, .usage_fd = fds[1], .doorbell_fd = fds[2], .slot = welcome.slot,
                            .control = control, .usage = usage};
    memcpy(agent->tenant, welcome.tenant, sizeof agent->tenant);
    return true;
}

bool agent_check(const char *path, struct aliquot_hello *hello, char *reason)
{
    struct aliquot_welcome welcome;
    int fds[3] = {-1, -1, -1};
    bool refused;
    hello->head.kind = ALIQUOT_CHECK;
    int fd = dial(path, reason);
    if (fd < 0)
        return false;
    bool welcomed = hello_answer(fd, hello, &welcome, fds, &refused, reason);
    close(fd);
    return welcomed;
}

bool agent_is_gone(const struct agent *agent)
{
    struct pollfd ready = {.fd = agent->socket_fd, .events = 0};
    return poll(&ready, 1, 0) > 0 && (ready.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

void agent_disconnect(struct agent *agent)
{
    if (agent->socket_fd >= 0)
        close(agent->socket_fd);
    agent->socket_fd = -1;
}

void agent_close(struct agent *agent)
{
    agent_disconnect(agent);
    if (agent->usage != NULL)
        close(agent->usage_fd);
    *agent = (struct agent){.socket_fd = -1, .usage_fd = -1, .doorbell_fd = -1};
}

bool agent_reserve(struct agent *agent, uint32_t device, uint64_t bytes, bool *granted)
{
    struct aliquot_memory_message message = {
        .head = {ALIQUOT_PAGE_MAGIC, ALIQUOT_RESERVE}, .device = device, .bytes = bytes};
    int none[3] = {-1, -1, -1};
    if (send(agent->socket_fd, &message, sizeof message, MSG_NOSIGNAL) == (ssize_t)sizeof message &&
        receive(agent->socket_fd, &message, sizeof message, none) == (ssize_t)sizeof message && none[0] < 0 &&
        (message.head.kind == ALIQUOT_GRANTED || message.head.kind == ALIQUOT_DENIED)) {
        *granted = message.head.kind == ALIQUOT_GRANTED;
        return true;
    }
    agent_disconnect(agent); /* a late answer would be taken for the next one */
    return false;
}

void agent_hold(struct agent *agent, uint32_t device, uint64_t bytes)
{
    struct aliquot_memory_message message = {
        .head = {ALIQUOT_PAGE_MAGIC, ALIQUOT_HELD}, .device = device, .bytes = bytes};
    if (send(agent->socket_fd, &message, sizeof message, MSG_NOSIGNAL) != (ssize_t)sizeof message)
        agent_disconnect(agent); /* the next connection tells it what is held */
}
