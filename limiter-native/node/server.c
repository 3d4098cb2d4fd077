#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "internal.h"

/* The folder may have been there before, made by anyone: it is taken only if it is ours. @return it, open, or -errno */
static int make_dir(const char *run_dir, const char *name, mode_t mode, char *error, size_t error_bytes)
{
    char path[128];
    struct stat status;
    snprintf(path, sizeof path, "%s%s", run_dir, name);
    if (mkdir(path, mode) != 0 && errno != EEXIST)
        return node_fail(error, error_bytes, -errno, "cannot make %s: %s; choose another --run-dir", path, strerror(errno));
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return node_fail(error, error_bytes, -errno, "%s is not a folder of this user's: %s; choose another --run-dir", path,
                         strerror(errno));
    int result = 0;
    if (fstat(fd, &status) != 0 || status.st_uid != geteuid())
        result = node_fail(error, error_bytes, -EPERM, "%s belongs to another user; choose another --run-dir", path);
    else if (fchmod(fd, mode) != 0)
        result = node_fail(error, error_bytes, -errno, "cannot set the mode of %s: %s", path, strerror(errno));
    if (result == 0)
        return fd;
    close(fd);
    return result;
}

/* One live agent a run folder: the kernel drops the lock with the process. */
static int lock_run_dir(struct aliquot_node *node, char *error, size_t error_bytes)
{
    char path[128];
    snprintf(path, sizeof path, "%s/agent.lock", node->run_dir);
    node->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (node->lock_fd < 0)
        return node_fail(error, error_bytes, -errno, "cannot open %s: %s", path, strerror(errno));
    if (flock(node->lock_fd, LOCK_EX | LOCK_NB) != 0)
        return node_fail(error, error_bytes, -EADDRINUSE, "another agent is running in %s; stop it or choose another --run-dir",
                         node->run_dir);
    return 0;
}

static int listen_at(struct aliquot_node *node, char *error, size_t error_bytes)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int length = snprintf(address.sun_path, sizeof address.sun_path, "%s/sock/agent.sock", node->run_dir);
    if (length < 0 || (size_t)length >= sizeof address.sun_path)
        return node_fail(error, error_bytes, -ENAMETOOLONG, "--run-dir %s is too long for a socket (at most %zu bytes)",
                         node->run_dir, sizeof address.sun_path - sizeof "/sock/agent.sock");
    unlink(address.sun_path);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return node_fail(error, error_bytes, -errno, "socket: %s", strerror(errno));
    node->listener = (struct source){SOURCE_LISTEN, fd, NULL};
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || chmod(address.sun_path, 0666) != 0 ||
        listen(fd, 512) != 0)
        return node_fail(error, error_bytes, -errno, "cannot listen at %s: %s", address.sun_path, strerror(errno));
    return node_watch(node, &node->listener, EPOLLIN);
}

int server_open(struct aliquot_node *node, char *error, size_t error_bytes)
{
    for (int i = NODE_CONNECTIONS; i-- > 0; node->unused = &node->connection[i])
        node->connection[i].next = node->unused;
    int fd = make_dir(node->run_dir, "", 0755, error, error_bytes);
    if (fd < 0)
        return fd;
    close(fd); /* nobody else can change what is in it now */
    int result = lock_run_dir(node, error, error_bytes);
    if (result != 0)
        return result;
    fd = make_dir(node->run_dir, "/sock", 0755, error, error_bytes);
    if (fd < 0)
        return fd;
    close(fd);
    node->tokens_fd = make_dir(node->run_dir, "/tokens", 0700, error, error_bytes);
    if (node->tokens_fd < 0)
        return node->tokens_fd;
    node->restarted = tokens_exist(node);
    return listen_at(node, error, error_bytes);
}

void server_close(struct aliquot_node *node)
{
    for (uint32_t i = 0; i < NODE_CONNECTIONS; i++)
        if (node->connection[i].used)
            server_drop(node, &node->connection[i]);
    if (node->listener.fd >= 0) {
        char path[128];
        snprintf(path, sizeof path, "%s/sock/agent.sock", node->run_dir);
        unlink(path);
        close(node->listener.fd);
    }
    if (node->tokens_fd >= 0)
        close(node->tokens_fd);
    if (node->lock_fd >= 0)
        close(node->lock_fd);
}

/* The tenant that a stranger's process belongs to by another connection; NULL: not known. */
static struct tenant *tenant_of_pid(struct aliquot_node *node, pid_t pid)
{
    for (uint32_t i = 0; pid > 0 && i < NODE_CONNECTIONS; i++)
        if (node->tenant_pid[i] == pid)
            return node->connection[i].tenant;
    return NULL;
}

/* Counts a refusal, on its tenant too when that is known. */
static void note_refusal(struct aliquot_node *node, struct tenant *tenant)
{
    node->status.refused_connections++;
    if (tenant != NULL)
        tenant->anomalies++;
}

/* The loop may not have come to its hello yet: that is heard first. */
static void drop_oldest_stranger(struct aliquot_node *node)
{
    struct connection *oldest = node->stranger[0];
    server_read(node, oldest);
    if (oldest->closing || oldest->tenant != NULL)
        return;
    note_refusal(node, tenant_of_pid(node, oldest->pid));
    server_drop(node, oldest);
}

/* A newcomer has the place of the stranger that has been silent for longest. @return NULL: its process has enough */
static struct connection *take_connection(struct aliquot_node *node, pid_t pid)
{
    uint32_t strangers_of_pid = 0;
    for (uint32_t i = 0; i < node->strangers; i++)
        strangers_of_pid += node->stranger[i]->pid == pid;
    struct connection *connection = node->unused;
    if (connection == NULL || strangers_of_pid >= NODE_STRANGERS_A_PID)
        return NULL;
    if (node->strangers == NODE_STRANGERS)
        drop_oldest_stranger(node);
    node->unused = connection->next;
    return connection;
}

static void forget_stranger(struct aliquot_node *node, const struct connection *connection)
{
    uint32_t i = 0;
    while (node->stranger[i] != connection)
        i++;
    node->strangers--;
    memmove(&node->stranger[i], &node->stranger[i + 1], (node->strangers - i) * sizeof node->stranger[i]);
}

/* @return a descriptor that tells of a process's end, -1 where the kernel has none, -ESRCH when it has ended already */
static int watch_end(pid_t pid)
{
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    return pidfd < 0 && errno == ESRCH ? -ESRCH : pidfd;
}

static void accept_one(struct aliquot_node *node, int fd, uint64_t now_ns)
{
    struct ucred peer;
    socklen_t length = sizeof peer;
    struct connection *connection = NULL;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0)
        connection = take_connection(node, peer.pid);
    else
        peer.pid = 0;
    if (connection == NULL) {
        close(fd);
        note_refusal(node, tenant_of_pid(node, peer.pid));
        return;
    }
    *connection = (struct connection){.used = true, .pid = peer.pid, .uid = peer.uid, .since_ns = now_ns};
    connection->socket = (struct source){SOURCE_SOCKET, fd, connection};
    int pidfd = watch_end(peer.pid);
    connection->process = (struct source){SOURCE_PROCESS, pidfd, connection};
    node->connections++;
    node->stranger[node->strangers++] = connection;
    if (pidfd == -ESRCH || node_watch(node, &connection->socket, EPOLLIN) != 0 ||
        (pidfd >= 0 && node_watch(node, &connection->process, EPOLLIN) != 0))
        server_drop(node, connection);
}

void server_accept(struct aliquot_node *node, uint64_t now_ns)
{
    for (int i = 0; i < NODE_ACCEPTS_A_WAKE; i++) {
        int fd = accept4(node->listener.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0 && errno != EAGAIN) { /* no descriptors left: the waiting connection would wake the loop for ever */
            node_hear(node, &node->listener, 0);
            node->listener_muted = true;
        }
        if (fd < 0)
            return;
        accept_one(node, fd, now_ns);
    }
}

void server_drop(struct aliquot_node *node, struct connection *connection)
{
    if (connection->closing)
        return;
    connection->closing = true; /* the loop frees it when no event can point to it any more */
    connection->next = node->closing;
    node->closing = connection;
    node_unwatch(node, &connection->socket);
    node_unwatch(node, &connection->process);
    node->connections--;
    struct tenant *tenant = connection->tenant;
    if (tenant == NULL) {
        forget_stranger(node, connection);
    } else {
        node->tenant_pid[connection - node->connection] = 0;
        usage_collect(node, connection, node_now_ns());
        for (uint32_t d = 0; d < node->device_count; d++)
            ledger_set_held(&tenant->account[d], &connection->held_bytes[d], 0);
        tenant->slot[connection->slot] = NULL;
        tenant->processes--;
    }
}

void server_sweep(struct aliquot_node *node)
{
    for (struct connection *connection; (connection = node->closing) != NULL;) {
        node->closing = connection->next;
        *connection = (struct connection){.next = node->unused};
        node->unused = connection;
    }
}

static void expire_strangers(struct aliquot_node *node, uint64_t now_ns)
{
    while (node->strangers > 0 && now_ns - node->stranger[0]->since_ns > NODE_HELLO_LIMIT_NS)
        drop_oldest_stranger(node);
}

void server_tick(struct aliquot_node *node, uint64_t now_ns)
{
    if (node->listener_muted)
        node_hear(node, &node->listener, EPOLLIN);
    node->listener_muted = false;
    expire_strangers(node, now_ns);
}

/* ---- messages ---- */

/* The answer stays readable after the socket has closed. */
static void refuse(struct aliquot_node *node, struct connection *connection, int error, const char *reason)
{
    struct aliquot_refused answer = {.head = {ALIQUOT_PAGE_MAGIC, ALIQUOT_REFUSED}, .error = error};
    snprintf(answer.reason, sizeof answer.reason, "%s", reason);
    (void)send(connection->socket.fd, &answer, sizeof answer, MSG_DONTWAIT | MSG_NOSIGNAL);
    note_refusal(node, tenant_of_pid(node, connection->pid));
    server_drop(node, connection);
}

static int send_welcome(struct connection *connection, const struct aliquot_welcome *welcome, const int *fds)
{
    struct iovec part = {.iov_base = (void *)(uintptr_t)welcome, .iov_len = sizeof *welcome};
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(3 * sizeof(int))];
    } control = {0};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (fds != NULL) {
        message.msg_control = &control;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(3 * sizeof(int));
        memcpy(CMSG_DATA(head), fds, 3 * sizeof(int));
    }
    return sendmsg(connection->socket.fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* What it held before it (re)connected, by GPU: the agent may have restarted under it. */
static void adopt_memory(struct aliquot_node *node, struct connection *connection, const struct aliquot_hello *hello)
{
    for (uint32_t h = 0; h < ALIQUOT_DEVICES; h++)
        for (uint32_t d = 0; d < node->device_count; d++)
            if (strncmp(hello->uuid[h], node->device[d].uuid, ALIQUOT_UUID_BYTES) == 0 && hello->uuid[h][0] != '\0') {
                uint64_t held = hello->held_bytes[h], total = node->device[d].total_memory_bytes;
                ledger_set_held(&connection->tenant->account[d], &connection->held_bytes[d], held < total ? held : total);
                usage_show_held(connection, d);
            }
}

static void admit(struct aliquot_node *node, struct connection *connection, const struct aliquot_hello *hello,
                  struct tenant *tenant)
{
    uint32_t slot = 0;
    while (slot < ALIQUOT_PROCESSES && tenant->slot[slot] != NULL)
        slot++;
    if (slot == ALIQUOT_PROCESSES) {
        refuse(node, connection, EMFILE, "this tenant has 64 GPU processes on this node already: end one of them");
        return;
    }
    struct aliquot_welcome welcome = {
        .head = {ALIQUOT_PAGE_MAGIC, ALIQUOT_WELCOME}, .version = ALIQUOT_PAGE_VERSION, .slot = slot};
    memcpy(welcome.tenant, tenant->name, sizeof welcome.tenant);
    if (hello->head.kind == ALIQUOT_CHECK) {
        send_welcome(connection, &welcome, NULL);
        server_drop(node, connection);
        return;
    }
    usage_clear_slot(tenant, slot);
    int fds[3] = {tenant->control_fd, tenant->usage_fd, tenant->doorbell.fd};
    if (send_welcome(connection, &welcome, fds) != 0) {
        server_drop(node, connection);
        return;
    }
    forget_stranger(node, connection);
    node->tenant_pid[connection - node->connection] = connection->pid;
    connection->tenant = tenant;
    connection->slot = slot;
    connection->since_ns = node_now_ns();
    memcpy(connection->token, hello->token, sizeof connection->token);
    memset(connection->queued_ns, 0xff, sizeof connection->queued_ns);
    memset(connection->metered_ns, 0xff, sizeof connection->metered_ns);
    tenant->slot[slot] = connection;
    tenant->processes++;
    atomic_store_explicit(&tenant->control->heartbeat_ns, connection->since_ns, memory_order_release);
    adopt_memory(node, connection, hello);
}

static void on_hello(struct aliquot_node *node, struct connection *connection, struct aliquot_hello *hello)
{
    char reason[ALIQUOT_REASON_BYTES], name[ALIQUOT_NAME_BYTES] = "";
    if (connection->tenant != NULL) {
        connection->tenant->anomalies++;
        connection->tenant->messages++;
        return;
    }
    if (hello->version_oldest > ALIQUOT_PAGE_VERSION || hello->version_newest < ALIQUOT_PAGE_VERSION_OLDEST) {
        snprintf(reason, sizeof reason,
                 "this agent speaks page versions %u to %u and the limiter %u to %u: install the same Aliquot on both sides",
                 ALIQUOT_PAGE_VERSION_OLDEST, ALIQUOT_PAGE_VERSION, hello->version_oldest, hello->version_newest);
        refuse(node, connection, EPROTONOSUPPORT, reason);
        return;
    }
    if (tokens_find(node, hello->token, name) != 0) {
        refuse(node, connection, EACCES, "the token is not known here: start the program with `aliquot run --tenant NAME`");
        return;
    }
    struct tenant *tenant = node_tenant(node, name);
    if (tenant == NULL || !tenant->known) {
        snprintf(reason, sizeof reason, "tenant '%s' has no quota: make one with `aliquot tenants set %s`", name, name);
        refuse(node, connection, ENOENT, reason);
        return;
    }
    admit(node, connection, hello, tenant);
}

static void on_memory(struct aliquot_node *node, struct connection *connection, struct aliquot_memory_message *message)
{
    struct tenant *tenant = connection->tenant;
    uint32_t device = message->device;
    if (device >= node->device_count) {
        note_refusal(node, tenant);
        return;
    }
    struct ledger_account *account = &tenant->account[device];
    if (message->head.kind == ALIQUOT_HELD) { /* requests are paced by their answers: who does not read them is dropped */
        tenant->messages++;
        ledger_set_held(account, &connection->held_bytes[device], message->bytes);
        return;
    }
    uint64_t *held_bytes = &connection->held_bytes[device];
    bool granted = tenant->known && ledger_reserve(account, held_bytes, message->bytes);
    if (tenant->known && !granted) { /* perhaps it does fit: nobody says so when memory is freed */
        usage_settle(tenant, device, connection, message->bytes);
        granted = ledger_reserve(account, held_bytes, message->bytes);
    }
    message->head.kind = granted ? ALIQUOT_GRANTED : ALIQUOT_DENIED;
    if (!granted)
        message->bytes = tenant->known ? ledger_left(account) : 0;
    message->limit_bytes = account->limit_bytes;
    message->used_bytes = account->used_bytes;
    if (send(connection->socket.fd, message, sizeof *message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        server_drop(node, connection); /* it asks and never reads: no honest limiter does */
}

/* @return whether it was a message that this connection may send */
static bool dispatch(struct aliquot_node *node, struct connection *connection, void *packet, size_t bytes)
{
    const struct aliquot_message *head = packet;
    if (bytes < sizeof *head || head->magic != ALIQUOT_PAGE_MAGIC)
        return false;
    if ((head->kind == ALIQUOT_HELLO || head->kind == ALIQUOT_CHECK) && bytes == sizeof(struct aliquot_hello))
        on_hello(node, connection, packet);
    else if ((head->kind == ALIQUOT_RESERVE || head->kind == ALIQUOT_HELD) && connection->tenant != NULL &&
             bytes == sizeof(struct aliquot_memory_message))
        on_memory(node, connection, packet);
    else
        return false;
    return true;
}

/* Whether the tenant has said enough in this tick: then this socket, too, is heard again at the next one only. */
static bool mute_flood(struct aliquot_node *node, struct connection *connection)
{
    struct tenant *tenant = connection->tenant;
    if (tenant == NULL || tenant->messages < NODE_MESSAGES_A_TICK)
        return false;
    tenant->anomalies += !tenant->messages_muted;
    tenant->messages_muted = true;
    node_hear(node, &connection->socket, EPOLLET); /* a socket's end can't be muted, but so it wakes the loop only once */
    return true;
}

/* Until what a tenant's processes hold is known again, after an agent's restart, none of them is granted more. */
static bool await_reunion(struct aliquot_node *node, struct connection *connection)
{
    struct tenant *tenant = connection->tenant;
    if (tenant == NULL || tenant->reunion_ends_ns == 0)
        return false;
    if (node_now_ns() >= tenant->reunion_ends_ns) {
        tenant->reunion_ends_ns = 0;
        return false;
    }
    tenant->messages_muted = true; /* heard again at the next tick */
    node_hear(node, &connection->socket, EPOLLET);
    return true;
}

void server_read(struct aliquot_node *node, struct connection *connection)
{
    union {
        struct aliquot_hello hello;
        struct aliquot_memory_message memory;
        char bytes[sizeof(struct aliquot_hello) + 1];
    } packet;
    int most = connection->tenant == NULL ? 1 : NODE_MESSAGES_A_WAKE;
    for (int i = 0; i < most && !connection->closing && !mute_flood(node, connection) && !await_reunion(node, connection);
         i++) {
        ssize_t bytes = recv(connection->socket.fd, &packet, sizeof packet, MSG_DONTWAIT | MSG_TRUNC);
        if (bytes < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (bytes <= 0) {
            server_drop(node, connection);
            return;
        }
        if (!dispatch(node, connection, &packet, (size_t)bytes)) {
            note_refusal(node, connection->tenant != NULL ? connection->tenant : tenant_of_pid(node, connection->pid));
            server_drop(node, connection);
        }
    }
}
