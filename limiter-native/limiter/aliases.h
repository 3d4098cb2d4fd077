/*
 * The names in the environment by which people limit GPUs today, for manifests that are there already. Any setting of ours
 * beats them. Of several for the same thing the first in this list counts; 0 is no limit.
 *
 *   CUDA_DEVICE_MEMORY_LIMIT, CUDA_DEVICE_MEMORY_LIMIT_<index>   memory: "3000m", "10g"
 *   CUDA_DEVICE_SM_LIMIT, CUDA_DEVICE_SM_LIMIT_<index>           share: "30", percent
 *   TENSOR_FUSION_CUDA_MEM_LIMIT                                 memory: {"GPU-…": 10737418240}; UUID or index, and bytes
 *   TENSOR_FUSION_CUDA_UP_LIMIT                                  share: {"GPU-…": 30}; percent
 *   VCUDA_MEMORY_LIMIT                                           memory: "10g"
 *   VCUDA_DEVICE_NAME                                            name
 *   VCUDA_LOG_LEVEL                                              log: trace, debug, info; warn, error; critical, off
 */
#ifndef ALIQUOT_ALIASES_H
#define ALIQUOT_ALIASES_H

#include "settings.h"

/**
 * Reads them into settings that are still empty.
 * @param get getenv, or what stands for it
 * @param problem in and out: lines, as settings_complain() adds them
 */
void aliases_read(struct settings *settings, char *get(const char *name), char *problem, size_t problem_bytes);

#endif
