#include "devices.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static struct seat *seat_by_uuid(const char *kind, const CUuuid *id, struct seat *find(const char *uuid))
{
    char text[ALIQUOT_UUID_BYTES];
    const unsigned char *b = (const unsigned char *)id->bytes;
    snprintf(text, sizeof text, "%s-%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", kind, b[0], b[1],
             b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
    return find(text);
}

/* CUDA's first way to ask for a UUID tells the GPU's, its second that of the MIG instance, if it is one. */
struct seat *devices_seat(CUdevice device)
{
    CUuuid gpu, instance;
    struct seat *seat = NULL;
    if (real()->cuDeviceGetUuid == NULL || real()->cuDeviceGetUuid(&gpu, device) != CUDA_SUCCESS)
        return NULL;
    if (real()->cuDeviceGetUuid_v2 != NULL && real()->cuDeviceGetUuid_v2(&instance, device) == CUDA_SUCCESS &&
        memcmp(&gpu, &instance, sizeof gpu) != 0)
        seat = seat_by_uuid("MIG", &instance, link_named_seat);
    return seat != NULL ? seat : seat_by_uuid("GPU", &gpu, link_seat);
}

static bool uuid_of(nvmlDevice_t device, char uuid[NVML_DEVICE_UUID_BUFFER_SIZE])
{
    if (real()->nvmlDeviceGetUUID == NULL)
        driver_load();
    return real()->nvmlDeviceGetUUID != NULL &&
           real()->nvmlDeviceGetUUID(device, uuid, NVML_DEVICE_UUID_BUFFER_SIZE) == NVML_SUCCESS;
}

struct seat *devices_nvml_seat(nvmlDevice_t device)
{
    char uuid[NVML_DEVICE_UUID_BUFFER_SIZE];
    nvmlDevice_t gpu;
    if (link_mode() == LINK_OFF || !uuid_of(device, uuid))
        return NULL;
    if (strncmp(uuid, "MIG-", 4) != 0)
        return link_seat(uuid);
    struct seat *seat = link_named_seat(uuid);
    if (seat != NULL || real()->nvmlDeviceGetDeviceHandleFromMigDeviceHandle == NULL ||
        real()->nvmlDeviceGetDeviceHandleFromMigDeviceHandle(device, &gpu) != NVML_SUCCESS || !uuid_of(gpu, uuid))
        return seat;
    return link_seat(uuid);
}

static int list(char uuid[ALIQUOT_DEVICES][ALIQUOT_UUID_BYTES])
{
    unsigned int count;
    if (real()->nvmlDeviceGetCount_v2(&count) != NVML_SUCCESS)
        return -1;
    count = count < ALIQUOT_DEVICES ? count : ALIQUOT_DEVICES;
    for (unsigned int i = 0; i < count; i++) {
        nvmlDevice_t device;
        uuid[i][0] = '\0'; /* of one that this process may not use: no GPU's */
        if (real()->nvmlDeviceGetHandleByIndex_v2(i, &device) == NVML_SUCCESS)
            real()->nvmlDeviceGetUUID(device, uuid[i], ALIQUOT_UUID_BYTES);
    }
    return (int)count;
}

int devices_list(char uuid[ALIQUOT_DEVICES][ALIQUOT_UUID_BYTES])
{
    if (dlopen("libnvidia-ml.so.1", RTLD_LAZY | RTLD_LOCAL) == NULL) /* stays */
        return -1;
    driver_load();
    if (real()->nvmlInit_v2 == NULL || real()->nvmlShutdown == NULL || real()->nvmlDeviceGetCount_v2 == NULL ||
        real()->nvmlDeviceGetHandleByIndex_v2 == NULL || real()->nvmlDeviceGetUUID == NULL ||
        real()->nvmlInit_v2() != NVML_SUCCESS)
        return -1;
    int count = list(uuid);
    real()->nvmlShutdown();
    return count;
}
