/* What a tenant sees of a GPU's memory: its limit as the total, its own use as used. */
#include "driver.h"
#include "meter.h"

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Narrows a total and a free figure to the tenant's. */
static void narrow(const struct seat *seat, uint64_t *total, uint64_t *free_bytes)
{
    uint64_t limit = seat == NULL ? 0 : link_quota(seat).memory_limit_bytes;
    if (limit == 0)
        return;
    uint64_t used = link_tenant_bytes(seat);
    *total = least(*total, limit);
    *free_bytes = least(*free_bytes, used >= *total ? 0 : *total - used);
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

CUresult cuMemGetInfo_v2(size_t *free, size_t *total)
{
    if (real()->cuMemGetInfo_v2 == NULL)
        return CUDA_ERROR_NOT_FOUND;
    CUresult result = real()->cuMemGetInfo_v2(free, total);
    if (result == CUDA_SUCCESS && free != NULL && total != NULL) {
        uint64_t all = *total, left = *free;
        narrow(meter_current_seat(), &all, &left);
        *total = all;
        *free = left;
    }
    return result;
}

CUresult cuDeviceTotalMem_v2(size_t *bytes, CUdevice dev)
{
    if (real()->cuDeviceTotalMem_v2 == NULL)
        return CUDA_ERROR_NOT_FOUND;
    CUresult result = real()->cuDeviceTotalMem_v2(bytes, dev);
    if (result == CUDA_SUCCESS) {
        uint64_t all = *bytes, left = 0;
        narrow(meter_device_seat(dev), &all, &left);
        *bytes = all;
    }
    return result;
}

/* ---- NVML ---- */

nvmlReturn_t nvmlInit_v2(void)
{
    driver_load(); /* NVML may have come after CUDA */
    if (real()->nvmlInit_v2 == NULL)
        return NVML_ERROR_LIBRARY_NOT_FOUND;
    nvmlReturn_t result = real()->nvmlInit_v2();
    if (result == NVML_SUCCESS)
        link_start();
    return result;
}

nvmlReturn_t nvmlInitWithFlags(unsigned int flags)
{
    driver_load();
    if (real()->nvmlInitWithFlags == NULL)
        return NVML_ERROR_LIBRARY_NOT_FOUND;
    nvmlReturn_t result = real()->nvmlInitWithFlags(flags);
    if (result == NVML_SUCCESS)
        link_start();
    return result;
}

static const struct seat *seat_of_nvml(nvmlDevice_t device)
{
    char uuid[NVML_DEVICE_UUID_BUFFER_SIZE];
    if (real()->nvmlDeviceGetUUID == NULL)
        driver_load();
    if (real()->nvmlDeviceGetUUID == NULL || real()->nvmlDeviceGetUUID(device, uuid, sizeof uuid) != NVML_SUCCESS)
        return NULL;
    return link_seat(uuid);
}

nvmlReturn_t nvmlDeviceGetMemoryInfo(nvmlDevice_t device, nvmlMemory_t *memory)
{
    if (real()->nvmlDeviceGetMemoryInfo == NULL)
        return NVML_ERROR_FUNCTION_NOT_FOUND;
    nvmlReturn_t result = real()->nvmlDeviceGetMemoryInfo(device, memory);
    if (result == NVML_SUCCESS && memory != NULL) {
        uint64_t total = memory->total, left = memory->free;
        const struct seat *seat = seat_of_nvml(device);
        narrow(seat, &total, &left);
        if (total != memory->total || left != memory->free)
            memory->used = link_tenant_bytes(seat);
        memory->total = total;
        memory->free = left;
    }
    return result;
}

nvmlReturn_t nvmlDeviceGetMemoryInfo_v2(nvmlDevice_t device, nvmlMemory_v2_t *memory)
{
    if (real()->nvmlDeviceGetMemoryInfo_v2 == NULL)
        return NVML_ERROR_FUNCTION_NOT_FOUND;
    nvmlReturn_t result = real()->nvmlDeviceGetMemoryInfo_v2(device, memory);
    if (result == NVML_SUCCESS && memory != NULL) {
        uint64_t total = memory->total, left = memory->free;
        const struct seat *seat = seat_of_nvml(device);
        narrow(seat, &total, &left);
        if (total != memory->total || left != memory->free) {
            memory->used = link_tenant_bytes(seat);
            memory->reserved = 0;
        }
        memory->total = total;
        memory->free = left;
    }
    return result;
}
