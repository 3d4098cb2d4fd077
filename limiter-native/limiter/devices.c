#include "devices.h"

#include <dlfcn.h>

#include "driver.h"

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
