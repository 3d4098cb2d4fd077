#include <dirent.h>
#include <errno.h>
#include <linux/falloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "internal.h"
#include "node_fixture.h"

static void welcomesATenantWithItsPages(void **state)
{
    struct agent agent = fixture_connect(*state, "a");
    assert_string_equal(agent.tenant, "a");
    assert_string_equal(agent.control->tenant, "a");
    assert_int_equal(agent.control->device_count, 1);
    assert_string_equal(agent.control->device[0].uuid, FIXTURE_UUID);
    assert_int_equal(fixture_usage(*state, "a").processes, 1);
    agent_close(&agent);
    EVENTUALLY(fixture_usage(*state, "a").processes == 0);
}

static void refusesWithAReason(void **state)
{
    struct fixture *fixture = *state;
    struct agent agent = {.socket_fd = -1};
    char reason[ALIQUOT_REASON_BYTES] = "";
    struct aliquot_hello unknown = fixture_hello(fixture, "zoe");
    assert_false(agent_connect(&agent, fixture->socket, &unknown, reason));
    assert_non_null(strstr(reason, "'zoe' has no quota"));
    struct aliquot_hello forged = fixture_hello(fixture, "a");
    forged.token[0] = forged.token[0] == '0' ? '1' : '0';
    assert_false(agent_connect(&agent, fixture->socket, &forged, reason));
    assert_non_null(strstr(reason, "token is not known"));
    struct aliquot_hello traversal = fixture_hello(fixture, "a");
    snprintf(traversal.token, sizeof traversal.token, "../tokens/../../../../etc/passwd");
    assert_false(agent_connect(&agent, fixture->socket, &traversal, reason));
    struct aliquot_hello newer = fixture_hello(fixture, "a");
    newer.version_oldest = newer.version_newest = ALIQUOT_PAGE_VERSION + 1;
    assert_false(agent_connect(&agent, fixture->socket, &newer, reason));
    assert_non_null(strstr(reason, "install the same Aliquot"));
}

/* Two changes bring the copies round: the index must tell a reader of the first that it was overtaken. */
static void aReaderOvertakenTwiceNotices(void **state)
{
    struct fixture *fixture = *state;
    struct agent agent = fixture_connect(fixture, "a");
    const struct aliquot_control_device *page = &agent.control->device[0];
    uint32_t index = page->quota_index;
    fixture_apply(fixture, 5);
    fixture_apply(fixture, 7);
    assert_int_equal(page->quota_index, index + 2);
    assert_int_equal(page->quota[page->quota_index & 1].weight, 7);
    assert_int_equal(page->quota[(page->quota_index - 1) & 1].weight, 5);
    assert_int_equal(fixture_usage(fixture, "a").quota.weight, 7);
    agent_close(&agent);
}

static void oneLiveAgentARunFolder(void **state)
{
    struct fixture *fixture = *state;
    struct aliquot_node_device device = {FIXTURE_UUID, 1};
    struct aliquot_node *second;
    char error[200] = "";
    assert_int_equal(aliquot_node_open(fixture->dir, &device, 1, &second, error, sizeof error), -EADDRINUSE);
    assert_non_null(strstr(error, fixture->dir));
}

/* A folder that someone else put in the agent's way is neither used nor changed. */
static void takesOnlyFoldersOfItsOwn(void **state)
{
    struct fixture *fixture = *state;
    struct aliquot_node_device device = {FIXTURE_UUID, 1};
    struct aliquot_node *second;
    struct stat status;
    char error[200] = "", dir[80], elsewhere[90], tokens[90];
    snprintf(dir, sizeof dir, "%s/second", fixture->dir);
    snprintf(elsewhere, sizeof elsewhere, "%s/elsewhere", fixture->dir);
    snprintf(tokens, sizeof tokens, "%s/tokens", dir);
    assert_int_equal(mkdir(dir, 0755), 0);
    assert_int_equal(mkdir(elsewhere, 0755), 0);
    assert_int_equal(symlink(elsewhere, tokens), 0);
    assert_true(aliquot_node_open(dir, &device, 1, &second, error, sizeof error) < 0);
    assert_non_null(strstr(error, tokens));
    assert_int_equal(stat(elsewhere, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0755);
    if (geteuid() != 0)
        return;
    assert_int_equal(unlink(tokens), 0);
    assert_int_equal(chown(dir, 12345, 12345), 0);
    assert_int_equal(aliquot_node_open(dir, &device, 1, &second, error, sizeof error), -EPERM);
    assert_non_null(strstr(error, "belongs to another user"));
}

/* Reads a control page through descriptors that a tenant gets, and tries every way to write it. */
static void aTenantCannotWriteItsControlPage(void **state)
{
    struct fixture *fixture = *state;
    struct aliquot_hello hello = fixture_hello(fixture, "a");
    struct agent agent = {.socket_fd = -1};
    char reason[ALIQUOT_REASON_BYTES], path[64];
    assert_true(agent_connect(&agent, fixture->socket, &hello, reason));
    void *page = (void *)(uintptr_t)agent.control;
    size_t bytes = sizeof *agent.control;
    assert_int_not_equal(mprotect(page, 4096, PROT_READ | PROT_WRITE), 0);

    uintptr_t from = (uintptr_t)page, to = (from + bytes + 4095) & ~(uintptr_t)4095;
    snprintf(path, sizeof path, "/proc/self/map_files/%lx-%lx", (unsigned long)from, (unsigned long)to);
    int fd = open(path, O_RDWR); /* as root this opens: the seal has to hold */
    if (fd < 0)
        fd = open(path, O_RDONLY);
    if (fd < 0)
        skip();
    char byte = 1, again[64];
    assert_true(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
    assert_true(pwrite(fd, &byte, 1, 0) < 0);
    assert_int_not_equal(ftruncate(fd, 0), 0);
    assert_int_not_equal(ftruncate(fd, 1 << 20), 0);
    assert_int_not_equal(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096), 0);
    assert_int_not_equal(fcntl(fd, F_ADD_SEALS, 0x0010), 0);
    snprintf(again, sizeof again, "/proc/self/fd/%d", fd);
    int reopened = open(again, O_RDWR);
    if (reopened >= 0) {
        assert_true(pwrite(reopened, &byte, 1, 0) < 0);
        assert_true(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, reopened, 0) == MAP_FAILED);
        close(reopened);
    }
    void *shared = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    assert_true(shared != MAP_FAILED);
    assert_int_not_equal(mprotect(shared, 4096, PROT_READ | PROT_WRITE), 0);
    assert_int_equal(agent.control->magic, ALIQUOT_PAGE_MAGIC);
    assert_true(ftruncate(agent.usage_fd, 0) != 0); /* nobody makes a reader of the usage page fault, either */
    close(fd);
    agent_close(&agent);
}

/* The turn: rung for, granted, given back, and the node's figures of it. */
static void aRingGetsTheTurn(void **state)
{
    struct fixture *fixture = *state;
    struct agent agent = fixture_connect(fixture, "b");
    struct aliquot_usage_device *mine = &agent.usage->slot[agent.slot].device[0];
    uint64_t one = 1;
    mine->waiting = 1;
    assert_int_equal(write(agent.doorbell_fd, &one, sizeof one), sizeof one);
    EVENTUALLY((agent.control->device[0].turn & ALIQUOT_WINDOW_MASK) != 0);
    mine->waiting = 0;
    assert_int_equal(fixture_usage(fixture, "b").has_turn, 1);
    agent_close(&agent);
}

/* How often the node's loop wakes in 300 ms: 3 to 30 times for its ticks alone. */
static uint64_t wakeups(struct fixture *fixture)
{
    uint64_t before = fixture_status(fixture).wakeups;
    nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
    return fixture_status(fixture).wakeups - before;
}

/* A copy of a connection's descriptors, as a fork of the agent could have it, keeps nothing of it in the loop. */
static void ring(struct agent *agent)
{
    uint64_t one = 1;
    assert_int_equal(write(agent->doorbell_fd, &one, sizeof one), sizeof one);
}

/* The latency-critical tenant works, or has done all it had. */
static void work(struct agent *agent, uint64_t ns)
{
    struct aliquot_usage_device *page = &agent->usage->slot[agent->slot].device[0];
    atomic_store(&page->retired_ns, page->queued_ns);
    atomic_fetch_add(&page->queued_ns, ns);
    ring(agent);
}

/* In the middle of its turn, and below what work that was queued in any turn before checks. */
static void aTenantThatYieldsStandsStill(void **state)
{
    struct fixture *fixture = *state;
    struct aliquot_node_quota quotas[] = {fixture_quota("a", 1), fixture_quota("b", 3)};
    char error[200] = "";
    quotas[0].quota.flags = ALIQUOT_QUOTA_LATENCY_CRITICAL;
    quotas[1].quota.flags = ALIQUOT_QUOTA_BEST_EFFORT;
    assert_int_equal(aliquot_node_apply(fixture->node, quotas, 2, 1, ++fixture->sequence, error, sizeof error), 0);
    struct agent critical = fixture_connect(fixture, "a"), effort = fixture_connect(fixture, "b");
    const struct aliquot_control_device *control = &effort.control->device[0];
    struct aliquot_usage_device *page = &effort.usage->slot[effort.slot].device[0];
    atomic_store(&page->waiting, 1);
    ring(&effort);
    EVENTUALLY((control->turn & ALIQUOT_WINDOW_MASK) != 0);
    work(&critical, 3000000);
    EVENTUALLY((control->turn & ALIQUOT_WINDOW_MASK) == 0);
    work(&critical, 0); /* its burst was longer than a slice of the hardware */
    EVENTUALLY((control->turn & ALIQUOT_WINDOW_MASK) != 0 && (control->turn & ALIQUOT_TURN_YIELDS) != 0);
    for (int i = 0; i < 3; i++) {
        EVENTUALLY(page->gate == control->turns);
        work(&critical, 3000000);
        EVENTUALLY(page->gate == control->turns - ALIQUOT_GATE_HELD && (control->turn & ALIQUOT_WINDOW_MASK) == 0);
        work(&critical, 0);
        EVENTUALLY((control->turn & ALIQUOT_WINDOW_MASK) != 0);
    }
    agent_close(&critical);
    agent_close(&effort);
}

/* What its processes measure is not each one's own while several are at work. */
static void processesThatWorkAtOnceAreToldSo(void **state)
{
    struct fixture *fixture = *state;
    struct agent first = fixture_connect(fixture, "a"), second = fixture_connect(fixture, "a");
    const struct aliquot_control_device *control = &first.control->device[0];
    _Atomic uint64_t *queued_ns[] = {&first.usage->slot[first.slot].device[0].queued_ns,
                                     &second.usage->slot[second.slot].device[0].queued_ns};
    for (int i = 0; i < 5; i++) { /* the other is connected, and idle */
        atomic_fetch_add(queued_ns[0], 1000);
        ring(&first);
        usleep(2000);
        assert_false((control->turn & ALIQUOT_TURN_SHARED) != 0);
    }
    for (int i = 0; i < 200 && (control->turn & ALIQUOT_TURN_SHARED) == 0; i++) {
        atomic_fetch_add(queued_ns[i % 2], 1000);
        ring(&first);
        usleep(2000);
    }
    assert_true((control->turn & ALIQUOT_TURN_SHARED) != 0);
    EVENTUALLY((control->turn & ALIQUOT_TURN_SHARED) == 0);
    agent_close(&first);
    agent_close(&second);
}

static void aDroppedConnectionLeavesTheLoop(void **state)
{
    struct fixture *fixture = *state;
    struct connection *connection = &fixture->node->connection[0];
    pid_t child = fork();
    if (child == 0) {
        fixture_connect(fixture, "a");
        pause();
    }
    EVENTUALLY(fixture_usage(fixture, "a").processes == 1);
    pthread_mutex_lock(&fixture->node->lock);
    int copies[] = {dup(connection->socket.fd), dup(connection->process.fd)};
    pthread_mutex_unlock(&fixture->node->lock);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    EVENTUALLY(fixture_usage(fixture, "a").processes == 0);
    assert_true(wakeups(fixture) < 100);
    close(copies[0]);
    close(copies[1]);
}

/* Its socket lives on in another process: nobody would tell the node of its end. */
static void aProcessThatHasEndedIsNotWelcomed(void **state)
{
    struct fixture *fixture = *state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", fixture->socket);
    struct aliquot_hello hello = fixture_hello(fixture, "a");
    struct aliquot_welcome welcome;
    fixture_stop(fixture);
    fixture_open(fixture);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    pid_t child = fork();
    if (child == 0)
        _exit(connect(fd, (struct sockaddr *)&address, sizeof address) != 0);
    int status = 1;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    assert_int_equal(send(fd, &hello, sizeof hello, MSG_NOSIGNAL), sizeof hello);
    fixture_run(fixture);
    assert_true(recv(fd, &welcome, sizeof welcome, 0) <= 0);
    assert_int_equal(fixture_usage(fixture, "a").processes, 0);
    close(fd);
}

/* A connection that cannot be accepted waits; the loop does not spin on it. */
static void withoutDescriptorsTheLoopRests(void **state)
{
    struct fixture *fixture = *state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", fixture->socket);
    struct aliquot_hello hello = fixture_hello(fixture, "a");
    struct rlimit before, none;
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), lowest = dup(fd);
    close(lowest);
    getrlimit(RLIMIT_NOFILE, &before);
    none = before;
    none.rlim_cur = (rlim_t)lowest; /* the next descriptor would be this one */
    setrlimit(RLIMIT_NOFILE, &none);
    int connected = connect(fd, (struct sockaddr *)&address, sizeof address);
    uint64_t count = wakeups(fixture);
    setrlimit(RLIMIT_NOFILE, &before);
    assert_int_equal(connected, 0);
    assert_true(count < 100);
    assert_int_equal(send(fd, &hello, sizeof hello, MSG_NOSIGNAL), sizeof hello);
    EVENTUALLY(fixture_usage(fixture, "a").processes == 1);
    close(fd);
}

/* `aliquot run --tenant a` with a run folder: its exit code, and what it or its program says. */
static int run_as_a(const char *run_dir, char *said, size_t bytes)
{
    const char *native = getenv("ALIQUOT_NATIVE"); /* ctest sets it */
    char command[600];
    if (native == NULL)
        skip();
    snprintf(command, sizeof command, "%s/aliquot-run --tenant a --run-dir %s -- sh -c 'echo sim=$ALIQUOT_SIM' 2>&1", native,
             run_dir);
    FILE *output = popen(command, "r");
    said[fread(said, 1, bytes - 1, output)] = '\0';
    int status = pclose(output);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void assert_run_fails(struct fixture *fixture, const char *run_dir, const char *words)
{
    char said[1000], tokens[96];
    struct dirent *entry;
    assert_int_equal(run_as_a(run_dir, said, sizeof said), 125);
    if (strstr(said, words) == NULL)
        fail_msg("not '%s' but: %s", words, said);
    snprintf(tokens, sizeof tokens, "%s/tokens", fixture->dir);
    DIR *folder = opendir(tokens);
    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL)
        if (entry->d_name[0] != '.')
            fail_msg("a token was left: %s", entry->d_name);
    closedir(folder);
}

static void write_run_env(struct fixture *fixture, const char *text)
{
    char path[96];
    snprintf(path, sizeof path, "%s/run.env", fixture->dir);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(chmod(path, 0644), 0);
}

static void runTrustsOnlyAFolderThatOthersCannotWrite(void **state)
{
    struct fixture *fixture = *state;
    char link[80];
    snprintf(link, sizeof link, "%s/link", fixture->dir);
    assert_int_equal(symlink(fixture->dir, link), 0);
    assert_run_fails(fixture, link, link);
    assert_int_equal(chmod(fixture->dir, 0775), 0);
    assert_run_fails(fixture, fixture->dir, "chmod 755");
    assert_int_equal(chmod(fixture->dir, 0755), 0);
    if (geteuid() != 0)
        return;
    assert_int_equal(chown(fixture->dir, 12345, 12345), 0);
    assert_run_fails(fixture, fixture->dir, "belongs to another user");
}

static void runTakesOnlyTheSimulatorFromRunEnv(void **state)
{
    struct fixture *fixture = *state;
    char said[1000], path[96];
    write_run_env(fixture, "LD_LIBRARY_PATH=/none\nLD_PRELOAD=/none/evil.so\n");
    assert_run_fails(fixture, fixture->dir, "run.env, line 2: 'LD_PRELOAD=/none/evil.so'");
    write_run_env(fixture, "LD_LIBRARY_PATH=/none\nALIQUOT_SIM=/none/sim\n");
    assert_int_equal(run_as_a(fixture->dir, said, sizeof said), 0);
    assert_non_null(strstr(said, "sim=/none/sim\n"));
    EVENTUALLY(fixture_status(fixture).connections == 0);
    snprintf(path, sizeof path, "%s/run.env", fixture->dir);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("/etc/hostname", path), 0);
    assert_int_equal(run_as_a(fixture->dir, said, sizeof said), 125);
    assert_non_null(strstr(said, path));
    if (geteuid() != 0)
        return;
    assert_int_equal(unlink(path), 0);
    write_run_env(fixture, "");
    assert_int_equal(chown(path, 12345, 12345), 0);
    assert_int_equal(run_as_a(fixture->dir, said, sizeof said), 125);
    assert_non_null(strstr(said, "not the agent's own file"));
}

/* Look-ups of both processes add up, and a figure that no process reaches counts as the most there can be. */
static void lookUpsThatTheLimiterMissesAddUp(void **state)
{
    struct fixture *fixture = *state;
    struct agent first = fixture_connect(fixture, "a"), second = fixture_connect(fixture, "a");
    first.usage->slot[first.slot].missed = 3;
    second.usage->slot[second.slot].missed = 4;
    assert_int_equal(fixture_usage(fixture, "a").missed, 7);
    first.usage->slot[first.slot].missed = 5;
    agent_close(&first);
    EVENTUALLY(fixture_usage(fixture, "a").processes == 1);
    assert_int_equal(fixture_usage(fixture, "a").missed, 9);
    assert_int_equal(fixture_usage(fixture, "a").anomalies, 0);
    second.usage->slot[second.slot].missed = UINT32_MAX;
    assert_int_equal(fixture_usage(fixture, "a").missed, 5 + (1 << 20));
    assert_true(fixture_usage(fixture, "a").anomalies > 0);
    assert_int_equal(fixture_usage(fixture, "b").missed, 0);
    agent_close(&second);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(welcomesATenantWithItsPages, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(refusesWithAReason, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(aReaderOvertakenTwiceNotices, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(oneLiveAgentARunFolder, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(takesOnlyFoldersOfItsOwn, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(aTenantCannotWriteItsControlPage, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(aRingGetsTheTurn, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(aTenantThatYieldsStandsStill, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(processesThatWorkAtOnceAreToldSo, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(aDroppedConnectionLeavesTheLoop, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(aProcessThatHasEndedIsNotWelcomed, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(withoutDescriptorsTheLoopRests, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(runTrustsOnlyAFolderThatOthersCannotWrite, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(runTakesOnlyTheSimulatorFromRunEnv, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(lookUpsThatTheLimiterMissesAddUp, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
