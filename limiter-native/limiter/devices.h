/* Which GPU is meant: indexes, and MIG instances. Not for the launch path. */
#ifndef ALIQUOT_DEVICES_H
#define ALIQUOT_DEVICES_H

#include "aliquot_page.h"

/**
 * The GPUs' UUIDs by their indexes, from NVML, which is loaded for that if the program has not.
 * @return how many, at most ALIQUOT_DEVICES; negative when NVML does not tell
 */
int devices_list(char uuid[ALIQUOT_DEVICES][ALIQUOT_UUID_BYTES]);

#endif
