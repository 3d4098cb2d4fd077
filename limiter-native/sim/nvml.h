/* What the files of the simulated NVML share. */
#ifndef ALIQUOT_SIM_NVML_H
#define ALIQUOT_SIM_NVML_H

#include "aliquot_nvml.h"
#include "state.h"

#define NVML_WINDOW_NS INT64_C(200000000) /* of utilisation */

/**
 * Not NVML's: how many GPUs the simulation is to have for a process that can't set its own environment, 1 to STATE_GPUS.
 * Before the first nvmlInit. While others use the simulation it stays as it is: nvmlDeviceGetCount_v2() tells.
 * @return whether there can be so many
 */
__attribute__((visibility("default"))) nvmlReturn_t aliquot_sim_ask_gpus(unsigned gpus);

/** This process's view of the state; valid between nvml_enter_device() and nvml_leave(). */
extern struct state_view nvml_view;

/**
 * Enters for a query of a device that answers through a pointer, and finds the device's GPU. Every query holds the lock, so
 * that no shutdown comes between.
 */
nvmlReturn_t nvml_enter_device(nvmlDevice_t handle, const void *answer, unsigned *gpu);
/** Leaves and passes a result on. */
nvmlReturn_t nvml_leave(nvmlReturn_t result);

#endif
