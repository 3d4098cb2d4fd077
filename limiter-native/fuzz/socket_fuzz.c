/*
 * The node's socket: real connections to a real listener, whose packets come from the input. Nothing that clients say leaves
 * anything behind when they have gone: no memory in an account, no process, no connection, no descriptor.
 */
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fuzz.h"
#include "internal.h"

enum { CLIENTS = 8, ACTS_MOST = 100 };
#define UUID "GPU-00000000-0000-0000-0000-000000000001"
#define LIMIT (1ull << 30)
#define GPU_BYTES (80ull << 30)

static struct aliquot_node *node;
static struct sockaddr_un address = {.sun_family = AF_UNIX};
static int client[CLIENTS];
static const char *const TOKENS[] = {"0000000000000000000000000000000a", "0000000000000000000000000000000b",
                                     "000000000000000000000000000000ff", "../tokens/nothing"};
static char dir[] = "/tmp/aliquot-fuzz-XXXXXX";

static void stop(void)
{
    char command[64];
    aliquot_node_close(node);
    snprintf(command, sizeof command, "rm -rf %s", dir);
    (void)!system(command);
}

static void make_token(const char *token, const char *tenant)
{
    char path[128];
    snprintf(path, sizeof path, "%s/tokens/%s", dir, token);
    FILE *file = fopen(path, "w");
    MUST(file != NULL);
    fprintf(file, "%s 0\n", tenant);
    fclose(file);
}

static int lowest_free_fd(void)
{
    int fd = dup(0);
    close(fd);
    return fd;
}

static void start(void)
{
    struct aliquot_node_device device = {UUID, GPU_BYTES};
    struct aliquot_quota quota = {
        .weight = 1, .ceiling_permille = 1000, .fallback_permille = 500, .memory_limit_bytes = LIMIT};
    struct aliquot_node_quota quotas[] = {{.tenant = "a", .quota = quota}, {.tenant = "b", .quota = quota}};
    char error[200] = "";
    MUST(mkdtemp(dir) != NULL);
    MUST(aliquot_node_open(dir, &device, 1, &node, error, sizeof error) == 0);
    MUST(aliquot_node_apply(node, quotas, 2, 1, 1, error, sizeof error) == 0);
    atexit(stop);
    make_token(TOKENS[0], "a");
    make_token(TOKENS[1], "b");
    make_token(TOKENS[2], "nobody");
    snprintf(address.sun_path, sizeof address.sun_path, "%s/sock/agent.sock", dir);
    memset(client, 0xff, sizeof client);
}

static void check_answer(const void *packet, ssize_t bytes)
{
    const struct aliquot_message *head = packet;
    const struct aliquot_welcome *welcome = packet;
    const struct aliquot_refused *refused = packet;
    const struct aliquot_memory_message *memory = packet;
    MUST(bytes >= (ssize_t)sizeof *head && head->magic == ALIQUOT_PAGE_MAGIC);
    switch (head->kind) {
    case ALIQUOT_WELCOME:
        MUST(bytes == sizeof *welcome && welcome->slot < ALIQUOT_PROCESSES && memchr(welcome->tenant, 0, ALIQUOT_NAME_BYTES));
        break;
    case ALIQUOT_REFUSED:
        MUST(bytes == sizeof *refused && memchr(refused->reason, 0, ALIQUOT_REASON_BYTES));
        break;
    case ALIQUOT_GRANTED:
        MUST(bytes == sizeof *memory && (memory->used_bytes <= LIMIT || memory->bytes == 0));
        break;
    default:
        MUST(bytes == sizeof *memory && head->kind == ALIQUOT_DENIED && memory->bytes <= LIMIT);
    }
}

/* Reads what was answered, and closes the descriptors that came with it. */
static void hear(int fd)
{
    char packet[512];
    struct iovec part = {packet, sizeof packet};
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(8 * sizeof(int))];
    } rights;
    for (;;) {
        struct msghdr message = {
            .msg_iov = &part, .msg_iovlen = 1, .msg_control = &rights, .msg_controllen = sizeof rights.bytes};
        ssize_t bytes = recvmsg(fd, &message, MSG_DONTWAIT);
        if (bytes <= 0)
            return;
        check_answer(packet, bytes);
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        for (size_t at = 0; head != NULL && CMSG_LEN(at) < head->cmsg_len; at += sizeof(int)) {
            int passed;
            memcpy(&passed, CMSG_DATA(head) + at, sizeof passed);
            close(passed);
        }
    }
}

/* One turn of the loop. */
static void serve(void)
{
    server_accept(node, node_now_ns());
    for (uint32_t i = 0; i < NODE_CONNECTIONS; i++)
        if (node->connection[i].used && !node->connection[i].closing)
            server_read(node, &node->connection[i]);
    server_sweep(node);
    for (int i = 0; i < CLIENTS; i++)
        if (client[i] >= 0)
            hear(client[i]);
}

static void say(struct input *input, int fd, void *packet, size_t bytes)
{
    for (uint32_t changes = take_below(input, 4); changes > 0; changes--) {
        uint16_t place;
        take(input, &place, sizeof place);
        take(input, (char *)packet + place % bytes, 1);
    }
    (void)send(fd, packet, bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void say_hello(struct input *input, int fd)
{
    struct aliquot_hello hello = {.head = {ALIQUOT_PAGE_MAGIC, take_below(input, 8) == 0 ? ALIQUOT_CHECK : ALIQUOT_HELLO},
                                  .version_oldest = ALIQUOT_PAGE_VERSION_OLDEST,
                                  .version_newest = ALIQUOT_PAGE_VERSION};
    snprintf(hello.token, sizeof hello.token, "%s", TOKENS[take_below(input, 4)]);
    for (uint32_t count = take_below(input, 4), i = 0; i < count; i++) {
        snprintf(hello.uuid[i], sizeof hello.uuid[i], "%s", UUID);
        hello.held_bytes[i] = take_u64(input);
    }
    say(input, fd, &hello, sizeof hello);
}

static void say_memory(struct input *input, int fd)
{
    struct aliquot_memory_message message = {
        .head = {ALIQUOT_PAGE_MAGIC, take_below(input, 2) == 0 ? ALIQUOT_RESERVE : ALIQUOT_HELD}, .device = take_below(input, 2)};
    message.bytes = take_u64(input) >> take_below(input, 64);
    say(input, fd, &message, sizeof message);
}

static void say_anything(struct input *input, int fd)
{
    uint8_t packet[1200];
    size_t bytes = take_below(input, 240) * 5;
    take(input, packet, bytes);
    (void)send(fd, packet, bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void act(struct input *input)
{
    uint32_t what = take_below(input, 8);
    int *fd = &client[take_below(input, CLIENTS)];
    if (*fd < 0) {
        *fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
        (void)!connect(*fd, (struct sockaddr *)&address, sizeof address);
    }
    switch (what) {
    case 0:
        close(*fd);
        *fd = -1;
        break;
    case 1:
        server_tick(node, node_now_ns() + take_below(input, 200) * 10000000u);
        break;
    case 2:
        say_anything(input, *fd);
        break;
    case 3:
    case 4:
        say_hello(input, *fd);
        break;
    default:
        say_memory(input, *fd);
    }
}

static void check_nothing_is_left(int lowest_fd)
{
    MUST(node->connections == 0 && node->strangers == 0);
    for (int t = 0; t < 2; t++) {
        MUST(node->tenant[t].processes == 0 && node->tenant[t].account[0].used_bytes == 0);
        node->tenant[t].messages = 0; /* as at the loop's tick */
        node->tenant[t].messages_muted = false;
    }
    MUST(lowest_free_fd() == lowest_fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    if (node == NULL)
        start();
    int lowest_fd = lowest_free_fd();
    for (int i = 0; input.left > 0 && i < ACTS_MOST; i++) {
        act(&input);
        if (take_below(&input, 2) == 0)
            serve();
    }
    for (int i = 0; i < CLIENTS; i++) {
        if (client[i] >= 0)
            close(client[i]);
        client[i] = -1;
    }
    for (int i = 0; i < ACTS_MOST && node->connections > 0; i++) /* what was sent before is read first */
        serve();
    serve();
    check_nothing_is_left(lowest_fd);
    return 0;
}
