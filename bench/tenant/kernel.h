#ifndef ALIQUOT_TENANT_KERNEL_H
#define ALIQUOT_TENANT_KERNEL_H

#define KERNEL_NAME "aliquot_spin"

/** PTX of aliquot_spin(u64 ns, u64 counters, u64 iterations); counters: 0, or two u64 (kernels, ns) on the GPU. */
extern const char kernel_ptx[];

#endif
