/*
 * A tenant's program that means harm, and nothing but the socket to do it with: 10,000 connections and garbage, again and
 * again. Says when a round is done.
 */
#include <aliquot_page.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { CONNECTIONS = 10000, MESSAGES = 3000 };

static int dial(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* @return the socket of a hello and its answer, or -1 */
static int hello(const char *path, const char *token, struct aliquot_refused *answer)
{
    struct aliquot_hello hello = {.head = {ALIQUOT_PAGE_MAGIC, ALIQUOT_HELLO},
                                  .version_oldest = ALIQUOT_PAGE_VERSION,
                                  .version_newest = ALIQUOT_PAGE_VERSION};
    snprintf(hello.token, sizeof hello.token, "%s", token);
    int fd = dial(path);
    if (fd >= 0 && send(fd, &hello, sizeof hello, MSG_NOSIGNAL) == (ssize_t)sizeof hello &&
        recv(fd, answer, sizeof *answer, 0) > 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static void open_connections(const char *path)
{
    static int fds[CONNECTIONS];
    for (int i = 0; i < CONNECTIONS; i++) {
        if ((fds[i] = dial(path)) >= 0 || errno != EMFILE)
            continue;
        for (int old = 0; old < i; old++) { /* our own limit: drop what we have and go on */
            if (fds[old] >= 0)
                close(fds[old]);
            fds[old] = -1;
        }
    }
    for (int i = 0; i < CONNECTIONS; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

static void send_garbage(const char *path, int own, unsigned *seed)
{
    char bytes[2048];
    for (int i = 0; i < MESSAGES; i++) {
        size_t length = 1 + (size_t)rand_r(seed) % (sizeof bytes - 1);
        for (size_t b = 0; b < length; b++)
            bytes[b] = (char)rand_r(seed);
        if (i % 2 == 0) { /* well-formed at first sight */
            struct aliquot_message head = {ALIQUOT_PAGE_MAGIC, (uint32_t)rand_r(seed) % 24};
            memcpy(bytes, &head, sizeof head);
            length = i % 4 == 0 ? sizeof(struct aliquot_memory_message) : sizeof(struct aliquot_hello);
        }
        int fd = dial(path);
        if (fd < 0)
            continue;
        (void)!send(fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        close(fd);
    }
    (void)!send(own, "noise", 5, MSG_NOSIGNAL | MSG_DONTWAIT);
}

int main(void)
{
    const char *path = getenv("ALIQUOT_SOCKET"), *token = getenv("ALIQUOT_TOKEN");
    unsigned seed = 5;
    signal(SIGPIPE, SIG_IGN);
    for (int round = 1; path != NULL && token != NULL; round++) {
        struct aliquot_refused answer = {0};
        int own = hello(path, token, &answer);
        if (own < 0)
            continue;
        printf("hello: %s\n", answer.head.kind == ALIQUOT_WELCOME ? "welcome" : answer.reason);
        open_connections(path);
        send_garbage(path, own, &seed);
        close(own);
        printf("round %d done\n", round);
        fflush(stdout);
    }
    return 1;
}
