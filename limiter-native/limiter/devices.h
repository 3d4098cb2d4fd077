/* Which GPU is meant: indexes, and MIG instances. Not for the launch path. */
#ifndef ALIQUOT_DEVICES_H
#define ALIQUOT_DEVICES_H

#include "driver.h"
#include "link.h"

/** The seat of CUDA's device. A MIG instance that nothing names is governed as its GPU. @return NULL: nothing governs it */
struct seat *devices_seat(CUdevice device);
/** The same of NVML's device; NULL also when it is none: then the real NVML answers. */
struct seat *devices_nvml_seat(nvmlDevice_t device);

/**
 * The GPUs' UUIDs by their indexes, from NVML, which is loaded for that if the program has not.
 * @return how many, at most ALIQUOT_DEVICES; negative when NVML does not tell
 */
int devices_list(char uuid[ALIQUOT_DEVICES][ALIQUOT_UUID_BYTES]);

#endif
