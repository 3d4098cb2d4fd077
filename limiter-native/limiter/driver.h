/* The real CUDA driver and NVML behind the hooks: where their functions are, and which wrapper stands for which. */
#ifndef ALIQUOT_DRIVER_H
#define ALIQUOT_DRIVER_H

#include <stdbool.h>

#include "aliquot_cuda.h"
#include "aliquot_nvml.h"

#define LIKELY(condition) __builtin_expect(!!(condition), 1)

enum hook_library { CUDA, NVML };
enum hook_stream { ANY, LEGACY, PTSZ };

/* One pointer for every hooked or used function; NULL where this driver has none. */
struct driver {
#define HOOK(name, base, since, stream, library) __typeof__(&name) name;
#include "hooks.def"
#undef HOOK
#define USE(name, library) __typeof__(&name) name;
#include "uses.def"
#undef USE
};

extern struct driver driver_table;
extern _Atomic bool driver_loaded;

/** Finds every function that is not known yet. Any thread, any number of times; keeps what was found. */
void driver_load(void);

/** The real functions. Free of cost after the first call. */
static inline const struct driver *real(void)
{
    if (!LIKELY(__atomic_load_n(&driver_loaded, __ATOMIC_ACQUIRE)))
        driver_load();
    return &driver_table;
}

/** What a stream of the per-thread variants is as an ordinary handle: there NULL means the thread's own. */
static inline CUstream own(CUstream stream)
{
    return stream == NULL ? CU_STREAM_PER_THREAD : stream;
}

/** dlsym as glibc has it, whatever its version. @return NULL when there is none (no dynamic loader) */
void *(*driver_real_dlsym(void))(void *, const char *);

/**
 * The wrapper that stands for an exported symbol; remembers `function` as the real one if none is known yet.
 * @return NULL when the symbol is not hooked; counts it if it is launch-like and has no reason to pass
 */
void *driver_wrapper_of_symbol(const char *symbol, void *function);

/**
 * The wrapper that stands for what cuGetProcAddress gave for `base`.
 * @param version what the caller compiled against, as 12040; flags: CUdriverProcAddress_flags
 * @return NULL when it is not hooked; counts it like driver_wrapper_of_symbol()
 */
void *driver_wrapper_of_base(const char *base, int version, cuuint64_t flags, void *function);

#endif
