/* What a hostile tenant (b) can do to the node, while an honest one (a) goes on working: nothing, and it is reported. */
#include <errno.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

#include "internal.h"
#include "node_fixture.h"

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* The honest tenant asks for memory, frees it and asks for the turn: every answer comes, none takes a second. */
static void expect_service(struct agent *honest)
{
    struct aliquot_usage_device *mine = &honest->usage->slot[honest->slot].device[0];
    for (int i = 0; i < 20; i++) {
        uint64_t began_ns = now_ns(), one = 1;
        assert_true(fixture_reserve(honest, 0, FIXTURE_LIMIT)); /* all there is: the last round's has been freed */
        mine->memory_bytes = 0;
        mine->waiting = 1;
        (void)!write(honest->doorbell_fd, &one, sizeof one);
        EVENTUALLY((honest->control->device[0].turn & ALIQUOT_WINDOW_MASK) != 0);
        mine->waiting = 0;
        assert_true(now_ns() - began_ns < 1000000000u);
    }
}

/* Runs `attack` in a process of tenant b until the honest tenant has been served. `noticed`: the node's figures show it */
static void survive(struct fixture *fixture, void (*attack)(struct fixture *, struct agent *), bool noticed)
{
    struct agent honest = fixture_connect(fixture, "a");
    pid_t attacker = fork();
    if (attacker == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a failed test leaves no attack behind */
        struct agent agent = {.socket_fd = -1};
        struct aliquot_hello hello = fixture_hello(fixture, "b");
        char reason[ALIQUOT_REASON_BYTES];
        signal(SIGPIPE, SIG_IGN);
        if (!agent_connect(&agent, fixture->socket, &hello, reason))
            _exit(1);
        attack(fixture, &agent);
        _exit(0);
    }
    nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    expect_service(&honest);
    EVENTUALLY(!noticed || fixture_usage(fixture, "b").anomalies > 0 || fixture_status(fixture).refused_connections > 0);
    assert_int_equal(fixture_usage(fixture, "a").anomalies, 0);
    kill(attacker, SIGKILL);
    waitpid(attacker, NULL, 0);
    expect_service(&honest);
    EVENTUALLY(fixture_usage(fixture, "b").processes == 0);
    agent_close(&honest);
}

static void fill_with_noise(struct fixture *fixture, struct agent *agent)
{
    (void)fixture;
    for (unsigned seed = 1;; seed++) {
        unsigned char *bytes = (unsigned char *)agent->usage;
        for (size_t i = 0; i < sizeof *agent->usage; i++)
            bytes[i] = (unsigned char)rand_r(&seed);
        uint64_t one = 1;
        (void)!write(agent->doorbell_fd, &one, sizeof one);
    }
}

static void flood_the_doorbell(struct fixture *fixture, struct agent *agent)
{
    (void)fixture;
    for (uint64_t one = 1;;)
        (void)!write(agent->doorbell_fd, &one, sizeof one);
}

/* Makes the doorbell blocking for everyone who has it, and empties it before the node could. */
static void empty_the_doorbell(struct fixture *fixture, struct agent *agent)
{
    (void)fixture;
    fcntl(agent->doorbell_fd, F_SETFL, 0);
    for (uint64_t one = 1, rings;;) {
        struct iovec part = {&rings, sizeof rings};
        (void)!write(agent->doorbell_fd, &one, sizeof one);
        (void)!preadv2(agent->doorbell_fd, &part, 1, -1, RWF_NOWAIT);
    }
}

static void fill_the_doorbell(struct fixture *fixture, struct agent *agent)
{
    (void)fixture;
    uint64_t most = UINT64_MAX - 1, one = 1, rings;
    fcntl(agent->doorbell_fd, F_SETFL, O_NONBLOCK);
    for (;;) {
        (void)!write(agent->doorbell_fd, &most, sizeof most);
        (void)!write(agent->doorbell_fd, &one, sizeof one);
        (void)!read(agent->doorbell_fd, &rings, sizeof rings);
    }
}

static void open_connections(struct fixture *fixture, struct agent *agent)
{
    (void)agent;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", fixture->socket);
    for (int i = 0; i < 10000; i++) {
        int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
        if (fd < 0) { /* our own limit: drop what we have and go on */
            for (int old = 3; old < 1024; old++)
                if (old != agent->socket_fd && old != agent->doorbell_fd)
                    close(old);
            continue;
        }
        (void)!connect(fd, (struct sockaddr *)&address, sizeof address);
    }
    pause();
}

static void send_garbage(struct fixture *fixture, struct agent *agent)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", fixture->socket);
    unsigned seed = 5;
    for (int i = 0; i < 3000; i++) {
        char bytes[2048];
        size_t length = (size_t)rand_r(&seed) % sizeof bytes;
        for (size_t b = 0; b < length; b++)
            bytes[b] = (char)rand_r(&seed);
        struct aliquot_memory_message *message = (void *)bytes;
        if (i % 2 == 0) { /* well-formed at first sight */
            message->head.magic = ALIQUOT_PAGE_MAGIC;
            message->head.kind = (uint32_t)rand_r(&seed) % 24;
            length = i % 4 == 0 ? sizeof *message : sizeof(struct aliquot_hello);
        }
        int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
        if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
            (void)!send(i % 3 == 0 ? agent->socket_fd : fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        close(fd);
    }
    pause();
}

enum { FLOODERS = 40 };

static void connect_flooders(struct fixture *fixture, struct agent *agent, struct agent *more)
{
    char reason[ALIQUOT_REASON_BYTES];
    more[0] = *agent;
    for (int i = 1; i < FLOODERS; i++) {
        struct aliquot_hello hello = fixture_hello(fixture, "b");
        more[i].socket_fd = -1;
        if (!agent_connect(&more[i], fixture->socket, &hello, reason))
            _exit(1);
    }
}

static void flood_with_messages(struct fixture *fixture, struct agent *agent)
{
    struct agent more[FLOODERS];
    connect_flooders(fixture, agent, more);
    struct aliquot_memory_message message = {.head = {ALIQUOT_PAGE_MAGIC, ALIQUOT_HELD}};
    for (int i = 0;; i = (i + 1) % FLOODERS)
        (void)!send(more[i].socket_fd, &message, sizeof message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* As fast as they are answered, for more than there is: each has the node look through all pages. */
static void flood_with_requests(struct fixture *fixture, struct agent *agent)
{
    struct agent more[FLOODERS];
    connect_flooders(fixture, agent, more);
    struct aliquot_memory_message message, answer;
    for (int i = 0;; i = (i + 1) % FLOODERS) {
        message = (struct aliquot_memory_message){.head = {ALIQUOT_PAGE_MAGIC, ALIQUOT_RESERVE}, .bytes = UINT64_MAX};
        (void)!send(more[i].socket_fd, &message, sizeof message, MSG_NOSIGNAL | MSG_DONTWAIT);
        while (recv(more[i].socket_fd, &answer, sizeof answer, MSG_DONTWAIT) > 0)
            continue;
    }
}

static void noiseInTheUsagePageHarmsNobody(void **state)
{
    survive(*state, fill_with_noise, true);
}

static void aDoorbellFloodHarmsNobody(void **state)
{
    survive(*state, flood_the_doorbell, true);
}

static void anEmptiedDoorbellHarmsNobody(void **state)
{
    survive(*state, empty_the_doorbell, true);
}

static void aFullDoorbellHarmsNobody(void **state)
{
    survive(*state, fill_the_doorbell, true);
}

static void tenThousandConnectionsHarmNobody(void **state)
{
    survive(*state, open_connections, true);
}

static void garbageOnTheSocketHarmsNobody(void **state)
{
    survive(*state, send_garbage, true);
}

/* A connection that has said nothing yet; what it waits for comes within 300 ms, or fails with EAGAIN. */
static int dial(struct fixture *fixture)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval limit = {.tv_usec = 300000};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", fixture->socket);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        fail_msg("no connection to %s", fixture->socket);
    return fd;
}

static void aFloodOfMessagesHarmsNobody(void **state)
{
    survive(*state, flood_with_messages, true);
}

static void aFloodOfRequestsHarmsNobody(void **state)
{
    survive(*state, flood_with_requests, false);
}

/* The end of a muted tenant's socket neither spins the loop nor goes unseen. */
static void aMutedTenantMayGo(void **state)
{
    struct fixture *fixture = *state;
    struct agent flooding = fixture_connect(fixture, "b"), other = fixture_connect(fixture, "b");
    for (int i = 0; i < 5000; i++)
        agent_hold(&flooding, 0, 0);
    EVENTUALLY(fixture_usage(fixture, "b").anomalies > 0);
    assert_true(fixture_usage(fixture, "b").anomalies <= 5000 / NODE_MESSAGES_A_TICK); /* one a tick */
    assert_true(fixture_reserve(&other, 0, 1));
    agent_close(&flooding);
    EVENTUALLY(fixture_usage(fixture, "b").processes == 1);
    agent_close(&other);
    EVENTUALLY(fixture_usage(fixture, "b").processes == 0);
}

static void aStrangerHasOneMessage(void **state)
{
    struct fixture *fixture = *state;
    struct aliquot_hello forged = fixture_hello(fixture, "a"), check = fixture_hello(fixture, "a");
    struct aliquot_memory_message memory = {.head = {ALIQUOT_PAGE_MAGIC, ALIQUOT_HELD}};
    struct aliquot_refused refused;
    forged.token[0] = forged.token[0] == '0' ? '1' : '0';
    check.head.kind = ALIQUOT_CHECK;
    struct {
        const void *message;
        size_t bytes;
        uint32_t answer; /* 0: none */
    } cases[] = {{&forged, sizeof forged, ALIQUOT_REFUSED}, {&check, sizeof check, ALIQUOT_WELCOME}, {&memory, sizeof memory, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int fd = dial(fixture);
        assert_int_equal(send(fd, cases[i].message, cases[i].bytes, MSG_NOSIGNAL), cases[i].bytes);
        if (cases[i].answer != 0) {
            assert_true(recv(fd, &refused, sizeof refused, 0) > 0);
            assert_int_equal(refused.head.kind, cases[i].answer);
        }
        assert_int_equal(recv(fd, &refused, sizeof refused, 0), 0); /* closed */
        close(fd);
    }
    assert_int_equal(fixture_status(fixture).refused_connections, 2);
}

/* A refusal counts once, on the tenant of the process that earned it. */
static void aRefusalCountsOnce(void **state)
{
    struct fixture *fixture = *state;
    struct agent agent = fixture_connect(fixture, "b");
    struct aliquot_hello forged = fixture_hello(fixture, "a");
    struct aliquot_refused refused;
    forged.token[0] = forged.token[0] == '0' ? '1' : '0';
    int fd = dial(fixture);
    assert_int_equal(send(fd, &forged, sizeof forged, MSG_NOSIGNAL), sizeof forged);
    assert_int_equal(recv(fd, &refused, sizeof refused, 0), sizeof refused);
    assert_int_equal(fixture_usage(fixture, "b").anomalies, 1);
    assert_int_equal(send(agent.socket_fd, "garbage", 7, MSG_NOSIGNAL), 7);
    EVENTUALLY(fixture_usage(fixture, "b").processes == 0);
    assert_int_equal(fixture_usage(fixture, "b").anomalies, 2);
    assert_int_equal(fixture_usage(fixture, "a").anomalies, 0);
    assert_int_equal(fixture_status(fixture).refused_connections, 2);
    agent_close(&agent);
    close(fd);
}

static void silentStrangersShutNobodyOut(void **state)
{
    struct fixture *fixture = *state;
    pid_t silent[NODE_STRANGERS / NODE_STRANGERS_A_PID];
    int count = sizeof silent / sizeof *silent;
    for (int i = 0; i < count; i++)
        if ((silent[i] = fork()) == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            for (int c = 0; c < NODE_STRANGERS_A_PID; c++)
                dial(fixture);
            pause();
        }
    EVENTUALLY(fixture_status(fixture).connections == NODE_STRANGERS);
    struct agent honest = fixture_connect(fixture, "a");
    assert_int_equal(fixture_usage(fixture, "a").anomalies, 0);
    agent_close(&honest);
    for (int i = 0; i < count; i++) {
        kill(silent[i], SIGKILL);
        waitpid(silent[i], NULL, 0);
    }
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(noiseInTheUsagePageHarmsNobody, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(aDoorbellFloodHarmsNobody, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(anEmptiedDoorbellHarmsNobody, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(aFullDoorbellHarmsNobody, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(tenThousandConnectionsHarmNobody, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(garbageOnTheSocketHarmsNobody, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(aFloodOfMessagesHarmsNobody, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(aFloodOfRequestsHarmsNobody, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(aMutedTenantMayGo, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(aStrangerHasOneMessage, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(silentStrangersShutNobodyOut, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(aRefusalCountsOnce, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
