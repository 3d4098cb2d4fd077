/*
 * A small nvidia-smi for the preload tests: prints what NVML tells of one GPU (smi [INDEX]), or of its first MIG instance
 * (smi INDEX mig), by every version of each question.
 *   name=…
 *   memory total=… free=… used=…
 *   busy gpu=… memory=…; again gpu=…        (by two functions)
 *   process pid=… bytes=… busy=…
 * Exit code 1, and a line on stderr: versions of one question differ, or an answer breaks NVML's rules for buffers.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aliquot_nvml.h"

enum { MOST = 64 };

static void *nvml;
static nvmlDevice_t device;

static void *find(const char *name)
{
    void *function = dlsym(nvml, name);
    if (function == NULL) {
        fprintf(stderr, "smi: no %s\n", name);
        exit(1);
    }
    return function;
}

static void expect(bool holds, const char *what, int line)
{
    if (!holds) {
        fprintf(stderr, "smi: line %d: not so: %s\n", line, what);
        exit(1);
    }
}
#define EXPECT(condition) expect(condition, #condition, __LINE__)

/* Declares a variable of a function's own name that points to it, as dlsym finds it. */
#define FIND(name)                      \
    __typeof__(&(name)) find_##name;    \
    {                                   \
        void *found_ = find(#name);     \
        memcpy(&find_##name, &found_, sizeof found_); \
    }

static void open_device(unsigned index, bool instance)
{
    nvml = dlopen("libnvidia-ml.so.1", RTLD_NOW);
    if (nvml == NULL) {
        fprintf(stderr, "smi: %s\n", dlerror());
        exit(1);
    }
    FIND(nvmlInit)
    FIND(nvmlInit_v2)
    FIND(nvmlDeviceGetHandleByIndex_v2)
    EXPECT((instance ? find_nvmlInit_v2 : find_nvmlInit)() == NVML_SUCCESS);
    EXPECT(find_nvmlDeviceGetHandleByIndex_v2(index, &device) == NVML_SUCCESS);
    if (instance) {
        FIND(nvmlDeviceGetMigDeviceHandleByIndex)
        EXPECT(find_nvmlDeviceGetMigDeviceHandleByIndex(device, 0, &device) == NVML_SUCCESS);
    }
}

static void show_name(void)
{
    char name[NVML_DEVICE_NAME_V2_BUFFER_SIZE];
    FIND(nvmlDeviceGetName)
    EXPECT(find_nvmlDeviceGetName(device, name, sizeof name) == NVML_SUCCESS);
    EXPECT(find_nvmlDeviceGetName(device, name, (unsigned)strlen(name)) == NVML_ERROR_INSUFFICIENT_SIZE);
    EXPECT(find_nvmlDeviceGetName(device, NULL, 0) == NVML_ERROR_INVALID_ARGUMENT);
    printf("name=%s\n", name);
}

static void show_memory(void)
{
    nvmlMemory_t first;
    nvmlMemory_v2_t second = {.version = nvmlMemory_v2};
    FIND(nvmlDeviceGetMemoryInfo)
    FIND(nvmlDeviceGetMemoryInfo_v2)
    EXPECT(find_nvmlDeviceGetMemoryInfo(device, &first) == NVML_SUCCESS);
    EXPECT(find_nvmlDeviceGetMemoryInfo_v2(device, &second) == NVML_SUCCESS);
    EXPECT(second.total == first.total && second.version == nvmlMemory_v2);
    second.version = 1;
    EXPECT(find_nvmlDeviceGetMemoryInfo_v2(device, &second) == NVML_ERROR_ARGUMENT_VERSION_MISMATCH);
    printf("memory total=%llu free=%llu used=%llu\n", first.total, first.free, first.used);
}

static void show_busy(void)
{
    nvmlUtilization_t use;
    nvmlValueType_t type;
    nvmlSample_t sample[MOST];
    nvmlGpuDynamicPstatesInfo_t states;
    unsigned count = 0;
    FIND(nvmlDeviceGetUtilizationRates)
    FIND(nvmlDeviceGetDynamicPstatesInfo)
    FIND(nvmlDeviceGetSamples)
    EXPECT(find_nvmlDeviceGetUtilizationRates(device, &use) == NVML_SUCCESS);
    EXPECT(find_nvmlDeviceGetUtilizationRates(device, NULL) == NVML_ERROR_INVALID_ARGUMENT);
    EXPECT(use.gpu <= 100 && use.memory <= use.gpu);
    EXPECT(find_nvmlDeviceGetSamples(device, NVML_GPU_UTILIZATION_SAMPLES, 0, &type, &count, NULL) == NVML_SUCCESS);
    EXPECT(count > 0 && count <= MOST);
    EXPECT(find_nvmlDeviceGetSamples(device, NVML_GPU_UTILIZATION_SAMPLES, 0, &type, &count, sample) == NVML_SUCCESS);
    EXPECT(type == NVML_VALUE_TYPE_UNSIGNED_INT && sample[0].sampleValue.uiVal <= 100);
    EXPECT(find_nvmlDeviceGetSamples(device, NVML_GPU_UTILIZATION_SAMPLES, ~0ull, &type, &count, sample) ==
           NVML_ERROR_NOT_FOUND);
    EXPECT(find_nvmlDeviceGetDynamicPstatesInfo(device, &states) == NVML_SUCCESS);
    printf("busy gpu=%u memory=%u; again gpu=%u\n", use.gpu, use.memory, states.utilization[0].percentage);
}

/* ---- processes ---- */

/* By any version: how many there are, and their PIDs and bytes. Nothing behind the last entry is touched. */
#define LIST(name, type)                                                                     \
    static unsigned list_##name(nvmlProcessInfo_t out[MOST])                                 \
    {                                                                                        \
        type info[MOST + 1];                                                                 \
        unsigned none = 0, exact, count = MOST;                                              \
        FIND(name)                                                                           \
        memset(info, 0x5a, sizeof info);                                                     \
        nvmlReturn_t result = find_##name(device, &none, NULL);                              \
        EXPECT(result == (none == 0 ? NVML_SUCCESS : NVML_ERROR_INSUFFICIENT_SIZE));         \
        EXPECT(none <= MOST);                                                                \
        exact = none;                                                                        \
        EXPECT(find_##name(device, &exact, info) == NVML_SUCCESS && exact == none);          \
        for (size_t b = 0; b < sizeof *info; b++)                                            \
            EXPECT(((unsigned char *)&info[exact])[b] == 0x5a);                              \
        if (exact > 1) {                                                                     \
            unsigned few = exact - 1;                                                        \
            EXPECT(find_##name(device, &few, info) == NVML_ERROR_INSUFFICIENT_SIZE);         \
            EXPECT(few == exact);                                                            \
        }                                                                                    \
        EXPECT(find_##name(device, NULL, info) == NVML_ERROR_INVALID_ARGUMENT);              \
        EXPECT(find_##name(NULL, &count, info) == NVML_ERROR_INVALID_ARGUMENT);              \
        for (unsigned i = 0; i < exact; i++)                                                 \
            out[i] = (nvmlProcessInfo_t){.pid = info[i].pid, .usedGpuMemory = info[i].usedGpuMemory}; \
        return exact;                                                                        \
    }
LIST(nvmlDeviceGetComputeRunningProcesses, nvmlProcessInfo_v1_t)
LIST(nvmlDeviceGetComputeRunningProcesses_v2, nvmlProcessInfo_v2_t)
LIST(nvmlDeviceGetComputeRunningProcesses_v3, nvmlProcessInfo_t)
LIST(nvmlDeviceGetGraphicsRunningProcesses, nvmlProcessInfo_v1_t)
LIST(nvmlDeviceGetGraphicsRunningProcesses_v2, nvmlProcessInfo_v2_t)
LIST(nvmlDeviceGetGraphicsRunningProcesses_v3, nvmlProcessInfo_t)
LIST(nvmlDeviceGetMPSComputeRunningProcesses, nvmlProcessInfo_v1_t)
LIST(nvmlDeviceGetMPSComputeRunningProcesses_v2, nvmlProcessInfo_v2_t)
LIST(nvmlDeviceGetMPSComputeRunningProcesses_v3, nvmlProcessInfo_t)

static void check_details(const nvmlProcessInfo_t *process, unsigned count)
{
    nvmlProcessDetail_v1_t detail[MOST];
    nvmlProcessDetailList_t list = {.version = nvmlProcessDetailList_v1, .mode = NVML_PROCESS_MODE_COMPUTE};
    FIND(nvmlDeviceGetRunningProcessDetailList)
    nvmlReturn_t result = find_nvmlDeviceGetRunningProcessDetailList(device, &list);
    EXPECT(result == (count == 0 ? NVML_SUCCESS : NVML_ERROR_INSUFFICIENT_SIZE) && list.numProcArrayEntries == count);
    list.numProcArrayEntries = MOST;
    list.procArray = detail;
    EXPECT(find_nvmlDeviceGetRunningProcessDetailList(device, &list) == NVML_SUCCESS && list.numProcArrayEntries == count);
    for (unsigned i = 0; i < count; i++)
        EXPECT(detail[i].pid == process[i].pid && detail[i].gpuInstanceId == 0xffffffff);
    list.mode = NVML_PROCESS_MODE_GRAPHICS;
    EXPECT(find_nvmlDeviceGetRunningProcessDetailList(device, &list) == NVML_SUCCESS && list.numProcArrayEntries == 0);
    list.mode = 7;
    EXPECT(find_nvmlDeviceGetRunningProcessDetailList(device, &list) == NVML_ERROR_INVALID_ARGUMENT);
    list.version = nvmlProcessDetailList_v1 + 1;
    EXPECT(find_nvmlDeviceGetRunningProcessDetailList(device, &list) == NVML_ERROR_ARGUMENT_VERSION_MISMATCH);
}

/* How busy each process is, by both functions: what is 0 in the end has no sample. */
static void find_busy(const nvmlProcessInfo_t *process, unsigned count, unsigned busy[MOST])
{
    nvmlProcessUtilizationSample_t sample[MOST];
    nvmlProcessUtilizationInfo_v1_t info[MOST];
    nvmlProcessesUtilizationInfo_t all = {.version = nvmlProcessesUtilizationInfo_v1};
    unsigned samples = 0;
    FIND(nvmlDeviceGetProcessUtilization)
    FIND(nvmlDeviceGetProcessesUtilizationInfo)
    nvmlReturn_t result = find_nvmlDeviceGetProcessUtilization(device, NULL, &samples, 0);
    EXPECT(result == NVML_ERROR_NOT_FOUND || (result == NVML_ERROR_INSUFFICIENT_SIZE && samples > 0 && samples <= MOST));
    samples = MOST;
    if (find_nvmlDeviceGetProcessUtilization(device, sample, &samples, 0) != NVML_SUCCESS)
        samples = 0;
    EXPECT(find_nvmlDeviceGetProcessUtilization(device, sample, &(unsigned){MOST}, ~0ull) == NVML_ERROR_NOT_FOUND);
    for (unsigned i = 0; i < count; i++)
        for (unsigned s = 0; s < samples; s++)
            busy[i] = sample[s].pid == process[i].pid ? sample[s].smUtil : busy[i];
    result = find_nvmlDeviceGetProcessesUtilizationInfo(device, &all);
    EXPECT(result == NVML_ERROR_NOT_FOUND || (result == NVML_ERROR_INSUFFICIENT_SIZE && all.processSamplesCount > 0));
    all.procUtilArray = info;
    all.processSamplesCount = MOST;
    result = find_nvmlDeviceGetProcessesUtilizationInfo(device, &all);
    EXPECT(result == NVML_ERROR_NOT_FOUND || (result == NVML_SUCCESS && info[0].pid != 0 && info[0].timeStamp != 0));
    all.version++;
    EXPECT(find_nvmlDeviceGetProcessesUtilizationInfo(device, &all) == NVML_ERROR_ARGUMENT_VERSION_MISMATCH);
}

static void show_processes(void)
{
    nvmlProcessInfo_t process[MOST], same[MOST];
    unsigned count = list_nvmlDeviceGetComputeRunningProcesses_v3(process), busy[MOST] = {0};
    EXPECT(list_nvmlDeviceGetComputeRunningProcesses_v2(same) == count);
    EXPECT(count == 0 || same[count - 1].pid == process[count - 1].pid);
    EXPECT(list_nvmlDeviceGetComputeRunningProcesses(same) == count);
    EXPECT(count == 0 || same[count - 1].usedGpuMemory == process[count - 1].usedGpuMemory);
    EXPECT(list_nvmlDeviceGetGraphicsRunningProcesses(same) == 0 && list_nvmlDeviceGetGraphicsRunningProcesses_v2(same) == 0 &&
           list_nvmlDeviceGetGraphicsRunningProcesses_v3(same) == 0);
    EXPECT(list_nvmlDeviceGetMPSComputeRunningProcesses(same) == 0 &&
           list_nvmlDeviceGetMPSComputeRunningProcesses_v2(same) == 0 &&
           list_nvmlDeviceGetMPSComputeRunningProcesses_v3(same) == 0);
    check_details(process, count);
    find_busy(process, count, busy);
    for (unsigned i = 0; i < count; i++)
        printf("process pid=%u bytes=%llu busy=%u\n", process[i].pid, process[i].usedGpuMemory, busy[i]);
}

static void show_accounting(void)
{
    unsigned pids[MOST], count = MOST;
    FIND(nvmlDeviceGetAccountingPids)
    nvmlReturn_t result = find_nvmlDeviceGetAccountingPids(device, &count, pids);
    printf("accounting %s\n", result == NVML_SUCCESS ? "on" : result == NVML_ERROR_NOT_SUPPORTED ? "none" : "broken");
}

int main(int count, char **arguments)
{
    open_device(count > 1 ? (unsigned)strtoul(arguments[1], NULL, 10) : 0,
                count > 2 && strcmp(arguments[2], "mig") == 0);
    show_name();
    show_memory();
    show_busy();
    show_processes();
    show_accounting();
    return 0;
}
