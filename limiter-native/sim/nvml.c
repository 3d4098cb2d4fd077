/* The simulated NVML: what the shared state says, under NVML's names. */
#include "nvml.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

struct state_view nvml_view;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned users;
static bool attached;
static char device[2 * STATE_GPUS]; /* a handle is the address of one of these: GPUs, then their MIG instances */

/* ---- life ---- */

nvmlReturn_t aliquot_sim_ask_gpus(unsigned gpus)
{
    if (gpus < 1 || gpus > STATE_GPUS)
        return NVML_ERROR_INVALID_ARGUMENT;
    state_ask_gpus(gpus);
    return NVML_SUCCESS;
}

nvmlReturn_t nvmlInitWithFlags(unsigned int flags)
{
    if (flags > 7)
        return NVML_ERROR_INVALID_ARGUMENT;
    pthread_mutex_lock(&lock);
    nvmlReturn_t result = NVML_SUCCESS;
    if (!attached && state_attach(&nvml_view))
        result = NVML_ERROR_DRIVER_NOT_LOADED;
    if (!result) {
        attached = true;
        users++;
    }
    pthread_mutex_unlock(&lock);
    return result;
}

nvmlReturn_t nvmlInit_v2(void)
{
    return nvmlInitWithFlags(0);
}

nvmlReturn_t nvmlInit(void)
{
    return nvmlInitWithFlags(0);
}

nvmlReturn_t nvmlShutdown(void)
{
    pthread_mutex_lock(&lock);
    nvmlReturn_t result = users > 0 ? NVML_SUCCESS : NVML_ERROR_UNINITIALIZED;
    if (!result)
        users--; /* the state stays mapped for the next nvmlInit */
    pthread_mutex_unlock(&lock);
    return result;
}

/* Every query holds the lock, so that no shutdown comes between. */
static nvmlReturn_t enter(void)
{
    pthread_mutex_lock(&lock);
    if (users > 0)
        return NVML_SUCCESS;
    pthread_mutex_unlock(&lock);
    return NVML_ERROR_UNINITIALIZED;
}

nvmlReturn_t nvml_leave(nvmlReturn_t result)
{
    pthread_mutex_unlock(&lock);
    return result;
}

static bool is_instance(nvmlDevice_t handle)
{
    uintptr_t offset = (uintptr_t)handle - (uintptr_t)device;
    return state_mig() && offset >= STATE_GPUS && offset < 2 * STATE_GPUS;
}

nvmlReturn_t nvml_enter_device(nvmlDevice_t handle, const void *answer, unsigned *gpu)
{
    nvmlReturn_t result = enter();
    if (result)
        return result;
    uintptr_t offset = (uintptr_t)handle - (uintptr_t)device;
    if (is_instance(handle))
        offset -= STATE_GPUS;
    if (!answer || offset >= nvml_view.shared->gpus)
        return nvml_leave(NVML_ERROR_INVALID_ARGUMENT);
    *gpu = (unsigned)offset;
    return NVML_SUCCESS;
}

const char *nvmlErrorString(nvmlReturn_t result)
{
    switch (result) {
    case NVML_SUCCESS:
        return "Success";
    case NVML_ERROR_UNINITIALIZED:
        return "Uninitialized";
    case NVML_ERROR_INVALID_ARGUMENT:
        return "Invalid Argument";
    case NVML_ERROR_NOT_SUPPORTED:
        return "Not Supported";
    case NVML_ERROR_NO_PERMISSION:
        return "Insufficient Permissions";
    case NVML_ERROR_NOT_FOUND:
        return "Not Found";
    case NVML_ERROR_INSUFFICIENT_SIZE:
        return "Insufficient Size";
    case NVML_ERROR_DRIVER_NOT_LOADED:
        return "Driver Not Loaded";
    case NVML_ERROR_FUNCTION_NOT_FOUND:
        return "Function Not Found";
    case NVML_ERROR_GPU_IS_LOST:
        return "GPU is lost";
    case NVML_ERROR_ARGUMENT_VERSION_MISMATCH:
        return "Argument version mismatch";
    default:
        return "Unknown Error";
    }
}

/* ---- the system ---- */

static nvmlReturn_t answer_text(char *to, unsigned room, const char *text)
{
    if (strlen(text) >= room)
        return NVML_ERROR_INSUFFICIENT_SIZE;
    memcpy(to, text, strlen(text) + 1);
    return NVML_SUCCESS;
}

static nvmlReturn_t system_text(char *to, unsigned room, const char *text)
{
    nvmlReturn_t result = enter();
    if (result)
        return result;
    return nvml_leave(to ? answer_text(to, room, text) : NVML_ERROR_INVALID_ARGUMENT);
}

nvmlReturn_t nvmlSystemGetDriverVersion(char *version, unsigned int length)
{
    return system_text(version, length, "580.0.0-simulated");
}

nvmlReturn_t nvmlSystemGetNVMLVersion(char *version, unsigned int length)
{
    return system_text(version, length, "13.580.0.0-simulated");
}

nvmlReturn_t nvmlSystemGetCudaDriverVersion_v2(int *cudaDriverVersion)
{
    if (!cudaDriverVersion)
        return NVML_ERROR_INVALID_ARGUMENT;
    *cudaDriverVersion = STATE_DRIVER_VERSION;
    return NVML_SUCCESS;
}

nvmlReturn_t nvmlSystemGetCudaDriverVersion(int *cudaDriverVersion)
{
    return nvmlSystemGetCudaDriverVersion_v2(cudaDriverVersion);
}

/* ---- devices ---- */

nvmlReturn_t nvmlDeviceGetCount_v2(unsigned int *deviceCount)
{
    nvmlReturn_t result = enter();
    if (result)
        return result;
    if (!deviceCount)
        return nvml_leave(NVML_ERROR_INVALID_ARGUMENT);
    *deviceCount = nvml_view.shared->gpus;
    return nvml_leave(NVML_SUCCESS);
}

nvmlReturn_t nvmlDeviceGetHandleByIndex_v2(unsigned int index, nvmlDevice_t *handle)
{
    nvmlReturn_t result = enter();
    if (result)
        return result;
    if (!handle || index >= nvml_view.shared->gpus)
        return nvml_leave(NVML_ERROR_INVALID_ARGUMENT);
    *handle = (nvmlDevice_t)(void *)&device[index];
    return nvml_leave(NVML_SUCCESS);
}

nvmlReturn_t nvmlDeviceGetHandleByUUID(const char *uuid, nvmlDevice_t *handle)
{
    nvmlReturn_t result = enter();
    if (result)
        return result;
    if (!uuid || !handle)
        return nvml_leave(NVML_ERROR_INVALID_ARGUMENT);
    for (unsigned i = 0; i < nvml_view.shared->gpus; i++) {
        unsigned char u[16];
        char text[STATE_UUID_TEXT];
        state_uuid(i, u);
        state_uuid_text("GPU", u, text);
        if (strcmp(text, uuid) == 0) {
            *handle = (nvmlDevice_t)(void *)&device[i];
            return nvml_leave(NVML_SUCCESS);
        }
    }
    return nvml_leave(NVML_ERROR_NOT_FOUND);
}

nvmlReturn_t nvmlDeviceGetUUID(nvmlDevice_t handle, char *uuid, unsigned int length)
{
    unsigned gpu;
    nvmlReturn_t result = nvml_enter_device(handle, uuid, &gpu);
    if (result)
        return result;
    unsigned char u[16];
    char text[STATE_UUID_TEXT];
    (is_instance(handle) ? state_instance_uuid : state_uuid)(gpu, u);
    state_uuid_text(is_instance(handle) ? "MIG" : "GPU", u, text);
    return nvml_leave(answer_text(uuid, length, text));
}

nvmlReturn_t nvmlDeviceGetName(nvmlDevice_t handle, char *name, unsigned int length)
{
    unsigned gpu;
    nvmlReturn_t result = nvml_enter_device(handle, name, &gpu);
    return result ? result : nvml_leave(answer_text(name, length, "Aliquot Simulated GPU"));
}

nvmlReturn_t nvmlDeviceGetIndex(nvmlDevice_t handle, unsigned int *index)
{
    unsigned gpu;
    nvmlReturn_t result = nvml_enter_device(handle, index, &gpu);
    if (result)
        return result;
    *index = gpu;
    return nvml_leave(NVML_SUCCESS);
}

nvmlReturn_t nvmlDeviceGetMinorNumber(nvmlDevice_t handle, unsigned int *minorNumber)
{
    return nvmlDeviceGetIndex(handle, minorNumber);
}

nvmlReturn_t nvmlDeviceGetPciInfo_v3(nvmlDevice_t handle, nvmlPciInfo_t *pci)
{
    unsigned gpu;
    nvmlReturn_t result = nvml_enter_device(handle, pci, &gpu);
    if (result)
        return result;
    memset(pci, 0, sizeof *pci);
    pci->bus = gpu + 1;
    snprintf(pci->busIdLegacy, sizeof pci->busIdLegacy, "0000:%02X:00.0", (gpu + 1) & 0xff);
    snprintf(pci->busId, sizeof pci->busId, "00000000:%02X:00.0", gpu + 1);
    return nvml_leave(NVML_SUCCESS);
}

nvmlReturn_t nvmlDeviceGetCudaComputeCapability(nvmlDevice_t handle, int *major, int *minor)
{
    unsigned gpu;
    nvmlReturn_t result = nvml_enter_device(handle, minor ? major : NULL, &gpu);
    if (result)
        return result;
    *major = 9;
    *minor = 0;
    return nvml_leave(NVML_SUCCESS);
}

nvmlReturn_t nvmlDeviceGetMigMode(nvmlDevice_t handle, unsigned int *currentMode, unsigned int *pendingMode)
{
    unsigned gpu;
    nvmlReturn_t result = nvml_enter_device(handle, pendingMode ? currentMode : NULL, &gpu);
    if (result || !state_mig())
        return result ? result : nvml_leave(NVML_ERROR_NOT_SUPPORTED);
    *currentMode = *pendingMode = 1;
    return nvml_leave(NVML_SUCCESS);
}

nvmlReturn_t nvmlDeviceGetMigDeviceHandleByIndex(nvmlDevice_t handle, unsigned int index, nvmlDevice_t *instance)
{
    unsigned gpu;
    nvmlReturn_t result = nvml_enter_device(handle, instance, &gpu);
    if (result || !state_mig() || is_instance(handle))
        return result ? result : nvml_leave(NVML_ERROR_NOT_SUPPORTED);
    if (index > 0)
        return nvml_leave(NVML_ERROR_NOT_FOUND);
    *instance = (nvmlDevice_t)(void *)&device[STATE_GPUS + gpu];
    return nvml_leave(NVML_SUCCESS);
}

nvmlReturn_t nvmlDeviceGetDeviceHandleFromMigDeviceHandle(nvmlDevice_t instance, nvmlDevice_t *handle)
{
    unsigned gpu;
    nvmlReturn_t result = nvml_enter_device(instance, handle, &gpu);
    if (result || !is_instance(instance))
        return result ? result : nvml_leave(NVML_ERROR_INVALID_ARGUMENT);
    *handle = (nvmlDevice_t)(void *)&device[gpu];
    return nvml_leave(NVML_SUCCESS);
}

/* ---- readings ---- */

nvmlReturn_t nvmlDeviceGetMemoryInfo(nvmlDevice_t handle, nvmlMemory_t *memory)
{
    unsigned gpu;
    nvmlReturn_t result = nvml_enter_device(handle, memory, &gpu);
    if (result)
        return result;
    state_enter(&nvml_view, gpu);
    state_reap_all(&nvml_view);
    memory->total = nvml_view.shared->memory_bytes;
    memory->used = nvml_view.shared->used_bytes[gpu];
    memory->free = memory->total - memory->used;
    state_leave(&nvml_view);
    return nvml_leave(NVML_SUCCESS);
}

nvmlReturn_t nvmlDeviceGetMemoryInfo_v2(nvmlDevice_t handle, nvmlMemory_v2_t *memory)
{
    if (memory && memory->version != nvmlMemory_v2)
        return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    nvmlMemory_t m;
    nvmlReturn_t result = nvmlDeviceGetMemoryInfo(handle, memory ? &m : NULL);
    if (!result)
        *memory = (nvmlMemory_v2_t){.version = nvmlMemory_v2, .total = m.total, .free = m.free, .used = m.used};
    return result;
}

nvmlReturn_t nvmlDeviceGetUtilizationRates(nvmlDevice_t handle, nvmlUtilization_t *utilization)
{
    unsigned gpu;
    nvmlReturn_t result = nvml_enter_device(handle, utilization, &gpu);
    if (result)
        return result;
    const struct timeline *t = state_enter(&nvml_view, gpu);
    utilization->gpu = (timeline_busy_permille(t, -1, NVML_WINDOW_NS) + 5) / 10;
    utilization->memory = 0;
    state_leave(&nvml_view);
    return nvml_leave(NVML_SUCCESS);
}

nvmlReturn_t nvmlDeviceGetPowerUsage(nvmlDevice_t handle, unsigned int *power)
{
    nvmlUtilization_t u;
    nvmlReturn_t result = nvmlDeviceGetUtilizationRates(handle, power ? &u : NULL);
    if (!result)
        *power = 75000 + u.gpu * 6000; /* a made-up line between idle and busy, in milliwatts */
    return result;
}

nvmlReturn_t nvmlDeviceGetEnforcedPowerLimit(nvmlDevice_t handle, unsigned int *limit)
{
    unsigned gpu;
    nvmlReturn_t result = nvml_enter_device(handle, limit, &gpu);
    if (result)
        return result;
    *limit = 700000;
    return nvml_leave(NVML_SUCCESS);
}

nvmlReturn_t nvmlDeviceGetTemperature(nvmlDevice_t handle, unsigned int sensorType, unsigned int *temp)
{
    unsigned gpu;
    nvmlReturn_t result = nvml_enter_device(handle, temp, &gpu);
    if (result)
        return result;
    if (sensorType != NVML_TEMPERATURE_GPU)
        return nvml_leave(NVML_ERROR_INVALID_ARGUMENT);
    *temp = 35;
    return nvml_leave(NVML_SUCCESS);
}
