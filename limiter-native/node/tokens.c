#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

enum { KEEP_SECONDS = 600 }; /* a program's children may connect after it has ended */

static bool is_token(const char *token)
{
    size_t length = strnlen(token, ALIQUOT_TOKEN_BYTES);
    for (size_t i = 0; i < length; i++)
        if (!isxdigit((unsigned char)token[i]))
            return false;
    return length == ALIQUOT_TOKEN_BYTES - 1;
}

/* Reads "tenant pid". @return 0 or -errno */
static int read_token(struct aliquot_node *node, const char *token, char *name, pid_t *pid)
{
    char text[ALIQUOT_NAME_BYTES + 16];
    int fd = openat(node->tokens_fd, token, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return -errno;
    ssize_t bytes = read(fd, text, sizeof text - 1);
    close(fd);
    text[bytes > 0 ? bytes : 0] = '\0';
    size_t length = strcspn(text, " \n");
    if (length == 0 || length >= ALIQUOT_NAME_BYTES)
        return -EINVAL;
    *pid = (pid_t)strtol(text + length, NULL, 10);
    memcpy(name, text, length);
    name[length] = '\0';
    return 0;
}

int tokens_find(struct aliquot_node *node, const char *token, char *name)
{
    pid_t pid;
    return is_token(token) ? read_token(node, token, name, &pid) : -EINVAL;
}

static bool in_use(const struct aliquot_node *node, const char *token)
{
    for (uint32_t i = 0; i < NODE_CONNECTIONS; i++)
        if (node->connection[i].used && node->connection[i].tenant != NULL &&
            strncmp(node->connection[i].token, token, ALIQUOT_TOKEN_BYTES) == 0)
            return true;
    return false;
}

static DIR *open_folder(struct aliquot_node *node)
{
    int fd = openat(node->tokens_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    if (folder == NULL && fd >= 0)
        close(fd);
    return folder;
}

bool tokens_exist(struct aliquot_node *node)
{
    bool any = false;
    DIR *folder = open_folder(node);
    for (struct dirent *entry; !any && folder != NULL && (entry = readdir(folder)) != NULL;)
        any = is_token(entry->d_name);
    if (folder != NULL)
        closedir(folder);
    return any;
}

void tokens_sweep(struct aliquot_node *node)
{
    char name[ALIQUOT_NAME_BYTES];
    DIR *folder = open_folder(node);
    if (folder == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        struct stat status;
        pid_t pid = 0;
        if (!is_token(entry->d_name) || in_use(node, entry->d_name) || read_token(node, entry->d_name, name, &pid) != 0 ||
            fstatat(node->tokens_fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        bool ended = pid > 0 && kill(pid, 0) != 0 && errno == ESRCH; /* pid 0: made by hand, kept until removed */
        if (ended && time(NULL) - status.st_mtime > KEEP_SECONDS)
            unlinkat(node->tokens_fd, entry->d_name, 0);
    }
    closedir(folder);
}
