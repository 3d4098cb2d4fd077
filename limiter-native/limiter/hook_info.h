/* What the hooks of NVML's questions share. */
#ifndef ALIQUOT_HOOK_INFO_H
#define ALIQUOT_HOOK_INFO_H

#include "driver.h"
#include "link.h"

/** The seat of NVML's device; NULL when nothing governs it, or when it is no device: then the real NVML answers. */
const struct seat *info_seat(nvmlDevice_t device);

#endif
