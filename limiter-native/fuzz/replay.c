/* Gives every file of a folder to a fuzzer's function, without libFuzzer: replay FOLDER. */
#include <dirent.h>
#include <sys/stat.h>

#include "fuzz.h"

static void replay(const char *path)
{
    static uint8_t data[65536];
    FILE *file = fopen(path, "rb");
    MUST(file != NULL);
    size_t size = fread(data, 1, sizeof data, file);
    fclose(file);
    uint8_t *exact = malloc(size > 0 ? size : 1); /* so that AddressSanitizer sees a read past its end */
    MUST(exact != NULL);
    memcpy(exact, data, size);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
}

int main(int count, char **arguments)
{
    DIR *folder = count == 2 ? opendir(arguments[1]) : NULL;
    int replayed = 0;
    if (folder == NULL) {
        fprintf(stderr, "usage: replay FOLDER\n");
        return 2;
    }
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char path[512];
        struct stat status;
        snprintf(path, sizeof path, "%s/%s", arguments[1], entry->d_name);
        if (stat(path, &status) == 0 && S_ISREG(status.st_mode)) {
            replay(path);
            replayed++;
        }
    }
    closedir(folder);
    printf("%d inputs\n", replayed);
    return replayed > 0 ? 0 : 1;
}
