/*
 * aliquot run: makes a program a tenant's, then becomes it (exec): exit code and signals are the program's own.
 * With --tenant the node's agent governs it; with --share the limiter governs it alone.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../limiter/agent.h"
#include "../limiter/page_alone.h"
#include "../limiter/settings.h"

enum { FAILED = 125, CANNOT_RUN = 126, NOT_FOUND = 127 };

static const char USAGE[] =
    "Usage: aliquot run --tenant NAME [--run-dir DIR] -- COMMAND [ARGUMENT...]\n"
    "       aliquot run --share PERCENT [--memory SIZE] [--gpu sim] -- COMMAND [ARGUMENT...]\n"
    "\n"
    "Runs COMMAND under the limiter. Its exit code and signals are passed on.\n"
    "\n"
    "  --tenant NAME    the tenant whose share and memory it uses, as a or org/team; needs a node agent (aliquot up, or\n"
    "                   aliquot agent)\n"
    "  --share 30%      a share of the GPU's time of its own; needs nothing else running\n"
    "  --memory 10GiB   with --share: at most this much GPU memory (bytes, or k, m, g, t, KiB, MiB, GiB, TiB)\n"
    "                   --share and --memory may differ by GPU, named by index or UUID: 0:10GiB,1:20GiB\n"
    "  --gpu sim        with --share: the simulated GPU, for trying this on a machine without one\n"
    "  --run-dir DIR    the agent's folder (default: $ALIQUOT_RUN_DIR, or /run/aliquot for root)\n"
    "\n"
    "Examples:\n"
    "  aliquot run --tenant a -- python3 train.py\n"
    "  aliquot run --share 30% --memory 10GiB -- python3 train.py\n"
    "\n"
    "Exit codes: COMMAND's own; 125 when Aliquot could not start it, 126 when it cannot be run, 127 when it is not found.\n";

struct options {
    const char *tenant, *share, *memory, *gpu;
    char run_dir[PATH_MAX];
    char native_dir[PATH_MAX];
};

static _Noreturn void fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("aliquot run: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(FAILED);
}

static void default_run_dir(char *path, size_t bytes)
{
    const char *chosen = getenv("ALIQUOT_RUN_DIR"), *session = getenv("XDG_RUNTIME_DIR");
    if (chosen != NULL && chosen[0] != '\0')
        snprintf(path, bytes, "%s", chosen);
    else if (getuid() == 0)
        snprintf(path, bytes, "/run/aliquot");
    else if (session != NULL && session[0] != '\0')
        snprintf(path, bytes, "%s/aliquot", session);
    else
        snprintf(path, bytes, "/tmp/aliquot-%u", (unsigned)getuid());
}

static void parse(struct options *options, int count, char **arguments)
{
    static const struct option LONG[] = {
        {"tenant", required_argument, NULL, 't'}, {"share", required_argument, NULL, 's'},
        {"memory", required_argument, NULL, 'm'}, {"gpu", required_argument, NULL, 'g'},
        {"run-dir", required_argument, NULL, 'd'}, {"help", no_argument, NULL, 'h'}, {0}};
    default_run_dir(options->run_dir, sizeof options->run_dir);
    for (int option; (option = getopt_long(count, arguments, "+h", LONG, NULL)) != -1;) {
        switch (option) {
        case 't': options->tenant = optarg; break;
        case 's': options->share = optarg; break;
        case 'm': options->memory = optarg; break;
        case 'g': options->gpu = optarg; break;
        case 'd': snprintf(options->run_dir, sizeof options->run_dir, "%s", optarg); break;
        case 'h': fputs(USAGE, stdout); exit(0);
        default: fail("see `aliquot run --help`");
        }
    }
    if (options->tenant == NULL && options->share == NULL && options->memory == NULL)
        fail("say whose share it uses: --tenant NAME, or --share PERCENT; see `aliquot run --help`");
    if (options->tenant != NULL && (options->share != NULL || options->memory != NULL || options->gpu != NULL))
        fail("--tenant '%s' has its share, memory and GPU from its quota: leave out --share, --memory and --gpu, or leave "
             "out --tenant", options->tenant);
    if (options->gpu != NULL && strcmp(options->gpu, "sim") != 0)
        fail("--gpu '%s' is not known: leave it out for the real GPU, or say --gpu sim", options->gpu);
    if (optind >= count)
        fail("no COMMAND: put it behind --, as in `aliquot run --share 30%% -- python3 train.py`");
}

static void find_native_dir(char *path)
{
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);
    if (length < 0)
        fail("cannot read /proc/self/exe: %s", strerror(errno));
    path[length] = '\0';
    *strrchr(path, '/') = '\0';
}

static void random_word(char word[ALIQUOT_TOKEN_BYTES])
{
    unsigned char bytes[(ALIQUOT_TOKEN_BYTES - 1) / 2];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        fail("no random numbers: %s", strerror(errno));
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(word + 2 * i, 3, "%02x", bytes[i]);
}

/* Puts `value` before what a variable holds. */
static void prepend(const char *name, const char *value, const char *separator)
{
    const char *old = getenv(name);
    char *all;
    if (old == NULL || old[0] == '\0')
        setenv(name, value, 1);
    else if (asprintf(&all, "%s%s%s", value, separator, old) > 0)
        setenv(name, all, 1);
}

static void preload(const struct options *options)
{
    char path[PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/libaliquot.so", options->native_dir);
    if (access(path, R_OK) != 0)
        fail("the limiter is missing: %s: %s; build or unpack Aliquot again", path, strerror(errno));
    if (strpbrk(path, " :") != NULL)
        fail("the limiter's path must not have blanks or colons, or LD_PRELOAD cannot name it: %s", path);
    prepend("LD_PRELOAD", path, ":");
}

/* ---- with an agent ---- */

/*
 * The agent's folder, open, if it can be trusted with a token and with what the program's environment is to be: only this
 * user or root can have put anything there. In /tmp anyone can make a folder of this name first.
 */
static int open_run_dir(const struct options *options)
{
    const char *path = options->run_dir;
    struct stat status;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        fail("no agent in %s: start one with `aliquot up` (or `aliquot agent`), or name its folder with --run-dir", path);
    if (fd < 0)
        fail("cannot open %s: %s; name the agent's folder itself, not a link to it, with --run-dir", path, strerror(errno));
    if (fstat(fd, &status) != 0 || (status.st_uid != geteuid() && status.st_uid != 0))
        fail("%s belongs to another user: run this as that user (sudo -u), or name another folder with --run-dir", path);
    if ((status.st_mode & 022) != 0)
        fail("%s can be written by others: run `chmod 755 %s` and restart the agent, or name another folder with --run-dir",
             path, path);
    return fd;
}

/* @param path in the agent's folder */
static void write_token(const struct options *options, int run_dir, const char *path)
{
    int fd = openat(run_dir, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 && errno == ENOENT)
        fail("no agent in %s: start one with `aliquot up` (or `aliquot agent`), or name its folder with --run-dir",
             options->run_dir);
    if (fd < 0 && errno == EACCES)
        fail("the agent in %s belongs to another user: run this as that user (sudo)", options->run_dir);
    if (fd < 0 || dprintf(fd, "%s %d\n", options->tenant, (int)getpid()) < 0)
        fail("cannot write %s/%s: %s", options->run_dir, path, strerror(errno));
    close(fd);
}

/* What the agent's operator wants in every tenant's environment: where the simulated GPUs are, if there is no real one. */
static void read_run_environment(const struct options *options, int run_dir)
{
    char line[PATH_MAX + 64];
    struct stat status, folder;
    int fd = openat(run_dir, "run.env", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return;
    FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
    if (file == NULL)
        fail("cannot read %s/run.env: %s; remove it and restart the agent", options->run_dir, strerror(errno));
    if (fstat(fd, &status) != 0 || fstat(run_dir, &folder) != 0 || !S_ISREG(status.st_mode) ||
        status.st_uid != folder.st_uid || (status.st_mode & 022) != 0)
        fail("%s/run.env is not the agent's own file, or can be written by others: remove it and restart the agent",
             options->run_dir);
    for (int number = 1; fgets(line, sizeof line, file) != NULL; number++) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "LD_LIBRARY_PATH=", strlen("LD_LIBRARY_PATH=")) == 0)
            prepend("LD_LIBRARY_PATH", line + strlen("LD_LIBRARY_PATH="), ":");
        else if (strncmp(line, "ALIQUOT_SIM=", strlen("ALIQUOT_SIM=")) == 0)
            setenv("ALIQUOT_SIM", line + strlen("ALIQUOT_SIM="), 1);
        else if (strncmp(line, "ALIQUOT_SIM_GPUS=", strlen("ALIQUOT_SIM_GPUS=")) == 0)
            setenv("ALIQUOT_SIM_GPUS", line + strlen("ALIQUOT_SIM_GPUS="), 1);
        else
            fail("%s/run.env, line %d: '%s': only LD_LIBRARY_PATH, ALIQUOT_SIM and ALIQUOT_SIM_GPUS may be set here; remove the "
                 "line",
                 options->run_dir, number, line);
    }
    fclose(file);
}

/* A path in the tree of tenants: org/team/project. Which names there are is the controller's to say. */
static void check_name(const char *tenant)
{
    for (const char *c = tenant; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c) && strchr("._-/", *c) == NULL)
            fail("tenant '%s': a name has letters, digits, '.', '_', '-' and '/'", tenant);
    if (tenant[0] == '\0' || strlen(tenant) >= ALIQUOT_NAME_BYTES)
        fail("tenant '%s': a name has 1 to %d characters", tenant, ALIQUOT_NAME_BYTES - 1);
    if (tenant[0] == '/' || tenant[strlen(tenant) - 1] == '/' || strstr(tenant, "//") != NULL)
        fail("tenant '%s': no name before, after or between its '/'; say it as org/team", tenant);
}

static void become_tenant(const struct options *options)
{
    char token[ALIQUOT_TOKEN_BYTES], token_path[sizeof "tokens/" + ALIQUOT_TOKEN_BYTES], reason[ALIQUOT_REASON_BYTES] = "";
    char *socket_path;
    check_name(options->tenant);
    if (asprintf(&socket_path, "%s/sock/agent.sock", options->run_dir) < 0 || strlen(socket_path) > 107)
        fail("--run-dir '%s' is too long for a socket", options->run_dir);
    int run_dir = open_run_dir(options);
    read_run_environment(options, run_dir);
    random_word(token);
    snprintf(token_path, sizeof token_path, "tokens/%s", token);
    write_token(options, run_dir, token_path);
    struct aliquot_hello hello = {.head = {ALIQUOT_PAGE_MAGIC, ALIQUOT_CHECK},
                                  .version_oldest = ALIQUOT_PAGE_VERSION_OLDEST,
                                  .version_newest = ALIQUOT_PAGE_VERSION};
    memcpy(hello.token, token, sizeof hello.token);
    if (!agent_check(socket_path, &hello, reason)) {
        unlinkat(run_dir, token_path, 0);
        bool silent = strncmp(reason, "no agent answers", strlen("no agent answers")) == 0;
        fail("%s: %s%s", socket_path, reason, silent ? "; start one with `aliquot up` (or `aliquot agent`)" : "");
    }
    close(run_dir);
    setenv("ALIQUOT_TOKEN", token, 1);
    setenv("ALIQUOT_SOCKET", socket_path, 1);
    unsetenv("ALIQUOT_SHARE");
    unsetenv("ALIQUOT_MEMORY");
}

/* ---- alone ---- */

/* Pages of groups whose processes have all ended. */
static void sweep_pages(void)
{
    char prefix[32];
    snprintf(prefix, sizeof prefix, "aliquot-%u-", (unsigned)getuid());
    DIR *folder = opendir("/dev/shm");
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
        uint32_t slot;
        int fd;
        const char *group = entry->d_name + strlen(prefix);
        if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0 || strlen(group) != ALIQUOT_TOKEN_BYTES - 1)
            continue;
        struct page_alone *page = page_alone_open(group, &fd, &slot); /* takes a slot, frees those of the dead */
        if (page == NULL)
            continue;
        bool empty = page_lock(fd);
        for (uint32_t s = 0; s < ALIQUOT_PROCESSES; s++)
            empty &= s == slot || atomic_load(&page->usage.slot[s].pid) == 0;
        if (empty)
            unlinkat(dirfd(folder), entry->d_name, 0);
        memset(&page->usage.slot[slot], 0, sizeof page->usage.slot[slot]);
        page_unlock(fd);
        close(fd);
    }
    if (folder != NULL)
        closedir(folder);
}

static void become_alone(const struct options *options)
{
    char group[ALIQUOT_TOKEN_BYTES], sim[PATH_MAX + 8];
    struct limits limits;
    if (options->share != NULL && !settings_shares(&limits, options->share))
        fail("--share '%s' is not a share: say a percentage from 0.1%% to 100%%, as 30%%, or by GPU, as 0:30%%,1:50%%",
             options->share);
    if (options->memory != NULL && !settings_sizes(&limits, options->memory))
        fail("--memory '%s' is not a size: say bytes, or a number with k, m, g, t, KiB, MiB, GiB or TiB, as 10GiB, or by GPU, "
             "as 0:10GiB,1:20GiB", options->memory);
    sweep_pages();
    random_word(group);
    setenv("ALIQUOT_GROUP", group, 1);
    setenv("ALIQUOT_SHARE", options->share == NULL ? "100%" : options->share, 1);
    if (options->memory != NULL)
        setenv("ALIQUOT_MEMORY", options->memory, 1);
    else
        unsetenv("ALIQUOT_MEMORY");
    unsetenv("ALIQUOT_TOKEN");
    if (options->gpu != NULL) {
        snprintf(sim, sizeof sim, "%s/sim", options->native_dir);
        prepend("LD_LIBRARY_PATH", sim, ":");
    }
}

int main(int count, char **arguments)
{
    struct options options = {0};
    parse(&options, count, arguments);
    find_native_dir(options.native_dir);
    if (options.tenant != NULL)
        become_tenant(&options);
    else
        become_alone(&options);
    preload(&options);
    execvp(arguments[optind], &arguments[optind]);
    int error = errno;
    fprintf(stderr, "aliquot run: %s: %s\n", arguments[optind], strerror(error));
    return error == ENOENT ? NOT_FOUND : CANNOT_RUN;
}
