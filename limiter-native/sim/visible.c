/* CUDA_VISIBLE_DEVICES: which GPUs a process has as CUDA's devices, and in which order. Read once, by cuInit. */
#include "driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static unsigned gpu_of[STATE_GPUS];
static int count;

/* @return the GPU that an index or the beginning of a UUID names, or -1 */
static int find(const char *name)
{
    char *end;
    long index = strtol(name, &end, 10);
    if (name[0] != '\0' && *end == '\0')
        return index >= 0 && index < (long)driver_view.shared->gpus ? (int)index : -1;
    for (unsigned gpu = 0; gpu < driver_view.shared->gpus; gpu++) {
        unsigned char uuid[16];
        char text[STATE_UUID_TEXT];
        state_uuid(gpu, uuid);
        state_uuid_text("GPU", uuid, text);
        if (strlen(name) > 4 && strncasecmp(name, text, strlen(name)) == 0)
            return (int)gpu;
    }
    return -1;
}

bool visible_read(void)
{
    const char *list = getenv("CUDA_VISIBLE_DEVICES");
    count = 0;
    if (!list) {
        for (unsigned gpu = 0; gpu < driver_view.shared->gpus; gpu++)
            gpu_of[count++] = gpu;
        return true;
    }
    while (*list && count < STATE_GPUS) { /* what follows a bad name is not seen */
        char name[STATE_UUID_TEXT];
        size_t length = strcspn(list, ",");
        snprintf(name, sizeof name, "%.*s", (int)length, list);
        int gpu = find(name);
        if (gpu < 0)
            break;
        gpu_of[count++] = (unsigned)gpu;
        list += length + (list[length] == ',');
    }
    return count > 0;
}

int visible_count(void)
{
    return count;
}

unsigned visible_gpu(CUdevice dev)
{
    return gpu_of[dev];
}

CUdevice visible_device(unsigned gpu)
{
    for (int dev = 0; dev < count; dev++)
        if (gpu_of[dev] == gpu)
            return dev;
    return -1;
}
