/* What a tenant sees of a GPU: the name that it is told, its limit as the total, its own use as used. */
#include <stdio.h>
#include <string.h>

#include "devices.h"
#include "meter.h"
#include "tenant.h"

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* A GPU's memory, bytes. */
struct memory {
    uint64_t total, left, used;
};

/* Narrows what the GPU has to what the tenant may have. @return whether it has a limit */
static bool narrow(const struct seat *seat, struct memory *memory)
{
    struct tenant_use use;
    uint64_t limit = seat == NULL ? 0 : link_quota(seat).memory_limit_bytes;
    if (limit == 0)
        return false;
    tenant_look(seat, &use);
    memory->total = least(memory->total, limit);
    memory->used = use.memory_bytes;
    memory->left = least(memory->left, memory->used >= memory->total ? 0 : memory->total - memory->used);
    return true;
}

CUresult cuInit(unsigned int Flags)
{
    if (real()->cuInit == NULL)
        return CUDA_ERROR_NO_DEVICE;
    CUresult result = real()->cuInit(Flags);
    if (result == CUDA_SUCCESS)
        link_start();
    return result;
}

CUresult cuDeviceGetName(char *name, int len, CUdevice dev)
{
    if (real()->cuDeviceGetName == NULL)
        return CUDA_ERROR_NOT_FOUND;
    CUresult result = real()->cuDeviceGetName(name, len, dev);
    if (result == CUDA_SUCCESS && link_device_name() != NULL)
        snprintf(name, (size_t)len, "%s", link_device_name());
    return result;
}

CUresult cuMemGetInfo_v2(size_t *free, size_t *total)
{
    if (real()->cuMemGetInfo_v2 == NULL)
        return CUDA_ERROR_NOT_FOUND;
    CUresult result = real()->cuMemGetInfo_v2(free, total);
    if (result == CUDA_SUCCESS && free != NULL && total != NULL) {
        struct memory memory = {.total = *total, .left = *free};
        narrow(meter_current_seat(), &memory);
        *total = memory.total;
        *free = memory.left;
    }
    return result;
}

CUresult cuDeviceTotalMem_v2(size_t *bytes, CUdevice dev)
{
    if (real()->cuDeviceTotalMem_v2 == NULL)
        return CUDA_ERROR_NOT_FOUND;
    CUresult result = real()->cuDeviceTotalMem_v2(bytes, dev);
    if (result == CUDA_SUCCESS) {
        const struct seat *seat = meter_device_seat(dev);
        uint64_t limit = seat == NULL ? 0 : link_quota(seat).memory_limit_bytes;
        *bytes = limit == 0 ? *bytes : least(*bytes, limit);
    }
    return result;
}

/* ---- NVML ---- */

static nvmlReturn_t started(nvmlReturn_t result)
{
    if (result == NVML_SUCCESS)
        link_start();
    return result;
}

/* NVML may have come after CUDA. */
nvmlReturn_t nvmlInit(void)
{
    driver_load();
    return real()->nvmlInit == NULL ? NVML_ERROR_LIBRARY_NOT_FOUND : started(real()->nvmlInit());
}

nvmlReturn_t nvmlInit_v2(void)
{
    driver_load();
    return real()->nvmlInit_v2 == NULL ? NVML_ERROR_LIBRARY_NOT_FOUND : started(real()->nvmlInit_v2());
}

nvmlReturn_t nvmlInitWithFlags(unsigned int flags)
{
    driver_load();
    return real()->nvmlInitWithFlags == NULL ? NVML_ERROR_LIBRARY_NOT_FOUND : started(real()->nvmlInitWithFlags(flags));
}

nvmlReturn_t nvmlDeviceGetName(nvmlDevice_t device, char *name, unsigned int length)
{
    if (real()->nvmlDeviceGetName == NULL)
        return NVML_ERROR_FUNCTION_NOT_FOUND;
    nvmlReturn_t result = real()->nvmlDeviceGetName(device, name, length);
    const char *told = link_device_name();
    if (told == NULL || (result != NVML_SUCCESS && result != NVML_ERROR_INSUFFICIENT_SIZE))
        return result;
    if (strlen(told) >= length)
        return NVML_ERROR_INSUFFICIENT_SIZE;
    memcpy(name, told, strlen(told) + 1);
    return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetMemoryInfo(nvmlDevice_t device, nvmlMemory_t *memory)
{
    if (real()->nvmlDeviceGetMemoryInfo == NULL)
        return NVML_ERROR_FUNCTION_NOT_FOUND;
    nvmlReturn_t result = real()->nvmlDeviceGetMemoryInfo(device, memory);
    if (result == NVML_SUCCESS && memory != NULL) {
        struct memory seen = {.total = memory->total, .left = memory->free};
        if (narrow(devices_nvml_seat(device), &seen))
            *memory = (nvmlMemory_t){.total = seen.total, .free = seen.left, .used = seen.used};
    }
    return result;
}

nvmlReturn_t nvmlDeviceGetMemoryInfo_v2(nvmlDevice_t device, nvmlMemory_v2_t *memory)
{
    if (real()->nvmlDeviceGetMemoryInfo_v2 == NULL)
        return NVML_ERROR_FUNCTION_NOT_FOUND;
    nvmlReturn_t result = real()->nvmlDeviceGetMemoryInfo_v2(device, memory);
    if (result == NVML_SUCCESS && memory != NULL) {
        struct memory seen = {.total = memory->total, .left = memory->free};
        if (narrow(devices_nvml_seat(device), &seen))
            *memory = (nvmlMemory_v2_t){
                .version = memory->version, .total = seen.total, .free = seen.left, .used = seen.used};
    }
    return result;
}
