/* The simulated NVML's processes and utilisation. */
#include "nvml.h"

#include <string.h>
#include <time.h>

struct process_list {
    unsigned count;
    unsigned pid[STATE_PROCESSES];
    unsigned long long bytes[STATE_PROCESSES];
    unsigned permille[STATE_PROCESSES];
};

/* Processes with a context on the GPU; one with several entries or contexts counts once. */
static void list_processes(unsigned gpu, struct process_list *list)
{
    list->count = 0;
    const struct timeline *t = state_enter(&nvml_view, gpu);
    state_reap_all(&nvml_view);
    for (unsigned c = 0; c < t->cursor.contexts; c++) {
        if (!t->context[c].used)
            continue;
        const struct state_process *p = &nvml_view.shared->process[t->context[c].owner];
        unsigned i = 0;
        while (i < list->count && list->pid[i] != (unsigned)p->pid)
            i++;
        if (i == list->count) {
            list->pid[i] = (unsigned)p->pid;
            list->bytes[i] = p->memory_bytes[gpu];
            list->permille[i] = 0;
            list->count++;
        }
        list->permille[i] += timeline_busy_permille(t, (int)c, NVML_WINDOW_NS);
    }
    state_leave(&nvml_view);
}

/* All contexts here compute, for themselves: there are no graphics and no MPS processes. */
enum { COMPUTE, OTHER };

/* The three versions of the same question differ in the size of an entry. */
static nvmlReturn_t running(nvmlDevice_t handle, unsigned *count, void *infos, size_t stride, int kind)
{
    unsigned gpu;
    nvmlReturn_t result = nvml_enter_device(handle, count, &gpu);
    if (result)
        return result;
    struct process_list list = {0};
    if (kind == COMPUTE)
        list_processes(gpu, &list);
    unsigned room = *count;
    *count = list.count;
    if (list.count > room || (list.count > 0 && !infos))
        return nvml_leave(NVML_ERROR_INSUFFICIENT_SIZE);
    for (unsigned i = 0; i < list.count; i++) {
        const nvmlProcessDetail_v1_t info = {.pid = list.pid[i],
                                             .usedGpuMemory = list.bytes[i],
                                             .gpuInstanceId = 0xFFFFFFFF,
                                             .computeInstanceId = 0xFFFFFFFF};
        memcpy((char *)infos + i * stride, &info, stride); /* the older versions are prefixes of the newest */
    }
    return nvml_leave(NVML_SUCCESS);
}

#define RUNNING(name, type, kind)                                                        \
    nvmlReturn_t name(nvmlDevice_t handle, unsigned int *infoCount, type *infos)         \
    {                                                                                    \
        return running(handle, infoCount, infos, sizeof *infos, kind);                   \
    }
RUNNING(nvmlDeviceGetComputeRunningProcesses, nvmlProcessInfo_v1_t, COMPUTE)
RUNNING(nvmlDeviceGetComputeRunningProcesses_v2, nvmlProcessInfo_v2_t, COMPUTE)
RUNNING(nvmlDeviceGetComputeRunningProcesses_v3, nvmlProcessInfo_t, COMPUTE)
RUNNING(nvmlDeviceGetGraphicsRunningProcesses, nvmlProcessInfo_v1_t, OTHER)
RUNNING(nvmlDeviceGetGraphicsRunningProcesses_v2, nvmlProcessInfo_v2_t, OTHER)
RUNNING(nvmlDeviceGetGraphicsRunningProcesses_v3, nvmlProcessInfo_t, OTHER)
RUNNING(nvmlDeviceGetMPSComputeRunningProcesses, nvmlProcessInfo_v1_t, OTHER)
RUNNING(nvmlDeviceGetMPSComputeRunningProcesses_v2, nvmlProcessInfo_v2_t, OTHER)
RUNNING(nvmlDeviceGetMPSComputeRunningProcesses_v3, nvmlProcessInfo_t, OTHER)

nvmlReturn_t nvmlDeviceGetRunningProcessDetailList(nvmlDevice_t handle, nvmlProcessDetailList_t *plist)
{
    if (plist && plist->version != nvmlProcessDetailList_v1)
        return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    if (plist && plist->mode > NVML_PROCESS_MODE_MPS)
        return NVML_ERROR_INVALID_ARGUMENT;
    return running(handle, plist ? &plist->numProcArrayEntries : NULL, plist ? plist->procArray : NULL,
                   sizeof *plist->procArray, plist && plist->mode == NVML_PROCESS_MODE_COMPUTE ? COMPUTE : OTHER);
}

/* ---- utilisation ---- */

static unsigned long long now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (unsigned long long)now.tv_sec * 1000000 + (unsigned long long)now.tv_nsec / 1000;
}

/* Counts the samples that there are. @param room in: entries that fit, 0 to ask; out: entries */
static nvmlReturn_t sample(nvmlDevice_t handle, unsigned *room, unsigned long long last_us, struct process_list *list)
{
    unsigned gpu;
    nvmlReturn_t result = nvml_enter_device(handle, room, &gpu);
    if (result)
        return result;
    list_processes(gpu, list);
    if (list->count == 0 || last_us >= now_us())
        return nvml_leave(NVML_ERROR_NOT_FOUND);
    unsigned fits = *room;
    *room = list->count;
    return nvml_leave(list->count > fits ? NVML_ERROR_INSUFFICIENT_SIZE : NVML_SUCCESS);
}

nvmlReturn_t nvmlDeviceGetProcessUtilization(nvmlDevice_t handle, nvmlProcessUtilizationSample_t *utilization,
                                             unsigned int *processSamplesCount, unsigned long long lastSeenTimeStamp)
{
    struct process_list list;
    if (processSamplesCount && !utilization)
        *processSamplesCount = 0;
    nvmlReturn_t result = sample(handle, processSamplesCount, lastSeenTimeStamp, &list);
    for (unsigned i = 0; !result && i < list.count; i++)
        utilization[i] = (nvmlProcessUtilizationSample_t){
            .pid = list.pid[i], .timeStamp = now_us(), .smUtil = (list.permille[i] + 5) / 10};
    return result;
}

nvmlReturn_t nvmlDeviceGetProcessesUtilizationInfo(nvmlDevice_t handle, nvmlProcessesUtilizationInfo_t *info)
{
    struct process_list list;
    if (info && info->version != nvmlProcessesUtilizationInfo_v1)
        return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    if (info && !info->procUtilArray)
        info->processSamplesCount = 0;
    nvmlReturn_t result = sample(handle, info ? &info->processSamplesCount : NULL, info ? info->lastSeenTimeStamp : 0, &list);
    for (unsigned i = 0; !result && i < list.count; i++)
        info->procUtilArray[i] = (nvmlProcessUtilizationInfo_v1_t){
            .pid = list.pid[i], .timeStamp = now_us(), .smUtil = (list.permille[i] + 5) / 10};
    return result;
}

nvmlReturn_t nvmlDeviceGetDynamicPstatesInfo(nvmlDevice_t handle, nvmlGpuDynamicPstatesInfo_t *info)
{
    nvmlUtilization_t use;
    nvmlReturn_t result = nvmlDeviceGetUtilizationRates(handle, info ? &use : NULL);
    if (!result)
        *info = (nvmlGpuDynamicPstatesInfo_t){.utilization = {{.bIsPresent = 1, .percentage = use.gpu},
                                                              {.bIsPresent = 1, .percentage = use.memory}}};
    return result;
}

nvmlReturn_t nvmlDeviceGetSamples(nvmlDevice_t handle, nvmlSamplingType_t type, unsigned long long lastSeenTimeStamp,
                                  nvmlValueType_t *sampleValType, unsigned int *sampleCount, nvmlSample_t *samples)
{
    nvmlUtilization_t use;
    nvmlReturn_t result = nvmlDeviceGetUtilizationRates(handle, sampleValType && sampleCount ? &use : NULL);
    if (result)
        return result;
    if (type != NVML_GPU_UTILIZATION_SAMPLES && type != NVML_MEMORY_UTILIZATION_SAMPLES)
        return NVML_ERROR_NOT_SUPPORTED;
    if (lastSeenTimeStamp >= now_us())
        return NVML_ERROR_NOT_FOUND;
    if (samples && *sampleCount == 0)
        return NVML_ERROR_INSUFFICIENT_SIZE;
    if (samples)
        samples[0] = (nvmlSample_t){now_us(), {.uiVal = type == NVML_GPU_UTILIZATION_SAMPLES ? use.gpu : use.memory}};
    *sampleValType = NVML_VALUE_TYPE_UNSIGNED_INT;
    *sampleCount = 1;
    return NVML_SUCCESS;
}

/* ---- accounting: always on, and it knows only who is there ---- */

nvmlReturn_t nvmlDeviceGetAccountingPids(nvmlDevice_t handle, unsigned int *count, unsigned int *pids)
{
    unsigned gpu;
    nvmlReturn_t result = nvml_enter_device(handle, count, &gpu);
    if (result)
        return result;
    struct process_list list;
    list_processes(gpu, &list);
    unsigned room = *count;
    *count = list.count;
    if (list.count > room)
        return nvml_leave(NVML_ERROR_INSUFFICIENT_SIZE);
    memcpy(pids, list.pid, list.count * sizeof *pids);
    return nvml_leave(NVML_SUCCESS);
}

nvmlReturn_t nvmlDeviceGetAccountingStats(nvmlDevice_t handle, unsigned int pid, nvmlAccountingStats_t *stats)
{
    unsigned gpu;
    nvmlReturn_t result = nvml_enter_device(handle, stats, &gpu);
    (void)pid;
    return result ? result : nvml_leave(NVML_ERROR_NOT_FOUND);
}
