/* What a tenant sees of a GPU's processes and utilisation: its own alone, under the PIDs that they have here. */
#include <string.h>
#include <time.h>

#include "devices.h"
#include "tenant.h"

/* ---- who runs: a tenant's processes all count as compute ones; it has no graphics and no MPS ones ---- */

/* Entries of every version begin alike; the newest has all fields. */
static nvmlReturn_t running(const struct seat *seat, unsigned int *count, void *infos, size_t info_bytes, bool compute)
{
    struct tenant_use use = {0};
    if (compute)
        tenant_look(seat, &use);
    unsigned int room = *count;
    *count = use.count;
    if (use.count > room || (use.count > 0 && infos == NULL))
        return NVML_ERROR_INSUFFICIENT_SIZE;
    for (unsigned i = 0; i < use.count; i++) {
        const nvmlProcessDetail_v1_t info = {.pid = use.process[i].pid,
                                             .usedGpuMemory = use.process[i].memory_bytes,
                                             .gpuInstanceId = UINT32_MAX,
                                             .computeInstanceId = UINT32_MAX};
        memcpy((char *)infos + i * info_bytes, &info, info_bytes);
    }
    return NVML_SUCCESS;
}

#define RUNNING(name, type, compute)                                                    \
    nvmlReturn_t name(nvmlDevice_t device, unsigned int *infoCount, type *infos)        \
    {                                                                                   \
        if (real()->name == NULL)                                                       \
            return NVML_ERROR_FUNCTION_NOT_FOUND;                                       \
        const struct seat *seat = infoCount == NULL ? NULL : devices_nvml_seat(device); \
        return seat == NULL ? real()->name(device, infoCount, infos)                    \
                            : running(seat, infoCount, infos, sizeof *infos, compute);  \
    }
RUNNING(nvmlDeviceGetComputeRunningProcesses, nvmlProcessInfo_v1_t, true)
RUNNING(nvmlDeviceGetComputeRunningProcesses_v2, nvmlProcessInfo_v2_t, true)
RUNNING(nvmlDeviceGetComputeRunningProcesses_v3, nvmlProcessInfo_t, true)
RUNNING(nvmlDeviceGetGraphicsRunningProcesses, nvmlProcessInfo_v1_t, false)
RUNNING(nvmlDeviceGetGraphicsRunningProcesses_v2, nvmlProcessInfo_v2_t, false)
RUNNING(nvmlDeviceGetGraphicsRunningProcesses_v3, nvmlProcessInfo_t, false)
RUNNING(nvmlDeviceGetMPSComputeRunningProcesses, nvmlProcessInfo_v1_t, false)
RUNNING(nvmlDeviceGetMPSComputeRunningProcesses_v2, nvmlProcessInfo_v2_t, false)
RUNNING(nvmlDeviceGetMPSComputeRunningProcesses_v3, nvmlProcessInfo_t, false)

nvmlReturn_t nvmlDeviceGetRunningProcessDetailList(nvmlDevice_t device, nvmlProcessDetailList_t *plist)
{
    if (real()->nvmlDeviceGetRunningProcessDetailList == NULL)
        return NVML_ERROR_FUNCTION_NOT_FOUND;
    const struct seat *seat = plist == NULL ? NULL : devices_nvml_seat(device);
    if (seat == NULL)
        return real()->nvmlDeviceGetRunningProcessDetailList(device, plist);
    if (plist->version != nvmlProcessDetailList_v1)
        return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    if (plist->mode > NVML_PROCESS_MODE_MPS)
        return NVML_ERROR_INVALID_ARGUMENT;
    return running(seat, &plist->numProcArrayEntries, plist->procArray, sizeof *plist->procArray,
                   plist->mode == NVML_PROCESS_MODE_COMPUTE);
}

/* ---- how busy ---- */

static unsigned int percent(uint32_t permille)
{
    return (permille + 5) / 10;
}

static unsigned long long now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (unsigned long long)now.tv_sec * 1000000 + (unsigned long long)now.tv_nsec / 1000;
}

/* How much of the time memory was moved is known of the whole GPU only; the tenant's part is at most its time. */
static void narrow(const struct seat *seat, unsigned int *gpu, unsigned int *memory)
{
    struct tenant_use use;
    tenant_look(seat, &use);
    *gpu = percent(use.permille);
    *memory = *memory < *gpu ? *memory : *gpu;
}

nvmlReturn_t nvmlDeviceGetUtilizationRates(nvmlDevice_t device, nvmlUtilization_t *utilization)
{
    if (real()->nvmlDeviceGetUtilizationRates == NULL)
        return NVML_ERROR_FUNCTION_NOT_FOUND;
    nvmlReturn_t result = real()->nvmlDeviceGetUtilizationRates(device, utilization);
    const struct seat *seat = result == NVML_SUCCESS ? devices_nvml_seat(device) : NULL;
    if (seat != NULL)
        narrow(seat, &utilization->gpu, &utilization->memory);
    return result;
}

nvmlReturn_t nvmlDeviceGetDynamicPstatesInfo(nvmlDevice_t device, nvmlGpuDynamicPstatesInfo_t *pDynamicPstatesInfo)
{
    nvmlGpuDynamicPstatesInfo_t *info = pDynamicPstatesInfo;
    if (real()->nvmlDeviceGetDynamicPstatesInfo == NULL)
        return NVML_ERROR_FUNCTION_NOT_FOUND;
    nvmlReturn_t result = real()->nvmlDeviceGetDynamicPstatesInfo(device, info);
    const struct seat *seat = result == NVML_SUCCESS ? devices_nvml_seat(device) : NULL;
    if (seat != NULL)
        narrow(seat, &info->utilization[0].percentage, &info->utilization[1].percentage);
    return result;
}

/* One sample: now. Of what the GPU keeps of the last minutes nothing tells whose it was. */
nvmlReturn_t nvmlDeviceGetSamples(nvmlDevice_t device, nvmlSamplingType_t type, unsigned long long lastSeenTimeStamp,
                                  nvmlValueType_t *sampleValType, unsigned int *sampleCount, nvmlSample_t *samples)
{
    if (real()->nvmlDeviceGetSamples == NULL)
        return NVML_ERROR_FUNCTION_NOT_FOUND;
    bool utilisation = type == NVML_GPU_UTILIZATION_SAMPLES || type == NVML_MEMORY_UTILIZATION_SAMPLES;
    nvmlUtilization_t now;
    if (!utilisation || sampleValType == NULL || sampleCount == NULL || devices_nvml_seat(device) == NULL)
        return real()->nvmlDeviceGetSamples(device, type, lastSeenTimeStamp, sampleValType, sampleCount, samples);
    nvmlReturn_t result = nvmlDeviceGetUtilizationRates(device, &now);
    if (result != NVML_SUCCESS)
        return result;
    unsigned int room = *sampleCount;
    unsigned long long at_us = now_us();
    *sampleValType = NVML_VALUE_TYPE_UNSIGNED_INT;
    *sampleCount = 1;
    if (samples == NULL)
        return NVML_SUCCESS;
    if (lastSeenTimeStamp >= at_us)
        return NVML_ERROR_NOT_FOUND;
    if (room == 0)
        return NVML_ERROR_INSUFFICIENT_SIZE;
    samples[0].timeStamp = at_us;
    samples[0].sampleValue.ullVal = type == NVML_GPU_UTILIZATION_SAMPLES ? now.gpu : now.memory;
    return NVML_SUCCESS;
}

/*
 * Those of the tenant's processes that were busy, if they are newer than what the caller has seen.
 * @param room in: entries that the caller has; out: entries that there are
 */
static nvmlReturn_t busy(const struct seat *seat, unsigned int *room, bool has_room, unsigned long long seen_us,
                         struct tenant_use *use)
{
    unsigned count = 0, fits = has_room ? *room : 0;
    tenant_look(seat, use);
    for (unsigned i = 0; i < use->count; i++)
        if (use->process[i].permille > 0)
            use->process[count++] = use->process[i];
    use->count = count;
    if (count == 0 || seen_us >= now_us())
        return NVML_ERROR_NOT_FOUND;
    *room = count;
    return count > fits ? NVML_ERROR_INSUFFICIENT_SIZE : NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetProcessUtilization(nvmlDevice_t device, nvmlProcessUtilizationSample_t *utilization,
                                             unsigned int *processSamplesCount, unsigned long long lastSeenTimeStamp)
{
    struct tenant_use use;
    if (real()->nvmlDeviceGetProcessUtilization == NULL)
        return NVML_ERROR_FUNCTION_NOT_FOUND;
    const struct seat *seat = processSamplesCount == NULL ? NULL : devices_nvml_seat(device);
    if (seat == NULL)
        return real()->nvmlDeviceGetProcessUtilization(device, utilization, processSamplesCount, lastSeenTimeStamp);
    nvmlReturn_t result = busy(seat, processSamplesCount, utilization != NULL, lastSeenTimeStamp, &use);
    for (unsigned i = 0; result == NVML_SUCCESS && i < use.count; i++)
        utilization[i] = (nvmlProcessUtilizationSample_t){
            .pid = use.process[i].pid, .timeStamp = now_us(), .smUtil = percent(use.process[i].permille)};
    return result;
}

nvmlReturn_t nvmlDeviceGetProcessesUtilizationInfo(nvmlDevice_t device, nvmlProcessesUtilizationInfo_t *procesesUtilInfo)
{
    struct tenant_use use;
    nvmlProcessesUtilizationInfo_t *info = procesesUtilInfo;
    if (real()->nvmlDeviceGetProcessesUtilizationInfo == NULL)
        return NVML_ERROR_FUNCTION_NOT_FOUND;
    const struct seat *seat = info == NULL ? NULL : devices_nvml_seat(device);
    if (seat == NULL)
        return real()->nvmlDeviceGetProcessesUtilizationInfo(device, info);
    if (info->version != nvmlProcessesUtilizationInfo_v1)
        return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    nvmlReturn_t result =
        busy(seat, &info->processSamplesCount, info->procUtilArray != NULL, info->lastSeenTimeStamp, &use);
    for (unsigned i = 0; result == NVML_SUCCESS && i < use.count; i++)
        info->procUtilArray[i] = (nvmlProcessUtilizationInfo_v1_t){
            .pid = use.process[i].pid, .timeStamp = now_us(), .smUtil = percent(use.process[i].permille)};
    return result;
}

/* ---- accounting: it keeps processes of every tenant, also ended ones, and nothing tells whose they were ---- */

nvmlReturn_t nvmlDeviceGetAccountingPids(nvmlDevice_t device, unsigned int *count, unsigned int *pids)
{
    if (real()->nvmlDeviceGetAccountingPids == NULL)
        return NVML_ERROR_FUNCTION_NOT_FOUND;
    return devices_nvml_seat(device) == NULL ? real()->nvmlDeviceGetAccountingPids(device, count, pids)
                                             : NVML_ERROR_NOT_SUPPORTED;
}

nvmlReturn_t nvmlDeviceGetAccountingStats(nvmlDevice_t device, unsigned int pid, nvmlAccountingStats_t *stats)
{
    if (real()->nvmlDeviceGetAccountingStats == NULL)
        return NVML_ERROR_FUNCTION_NOT_FOUND;
    return devices_nvml_seat(device) == NULL ? real()->nvmlDeviceGetAccountingStats(device, pid, stats)
                                             : NVML_ERROR_NOT_SUPPORTED;
}
