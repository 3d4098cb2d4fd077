#include "driver.h"
#include "link.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

struct driver driver_table;
_Atomic bool driver_loaded;

/* glibc has moved dlsym between libraries, and kept the older versions. */
static const char *const DLSYM_VERSIONS[] = {ALIQUOT_GLIBC_OLDEST, "GLIBC_2.34"};

struct hook {
    const char *name, *base;
    int since;
    enum hook_stream stream;
    enum hook_library library;
    void *wrapper;
    void **function; /* where the real one is kept */
};

#define SLOT(name) ((void **)(void *)&driver_table.name)
static const struct hook HOOKS[] = {
#define HOOK(name, base, since, stream, library) \
    {#name, base, since, stream, library, (void *)(uintptr_t)&name, SLOT(name)},
#include "hooks.def"
#undef HOOK
};
static const struct hook USES[] = {
#define USE(name, library) {#name, #name, 0, ANY, library, NULL, SLOT(name)},
#include "uses.def"
#undef USE
};
static const char *const PASSES[] = {
#define PASS(name, reason) #name,
#include "passes.def"
#undef PASS
};
static const char *const LAUNCH_LIKE_NAMES[] = {
#define LAUNCH_LIKE(prefix) prefix,
#include "launch_like.def"
#undef LAUNCH_LIKE
};
enum { KNOWN_VERSION = 13000 }; /* of coverage/cuda-13.0.txt: a later CUDA may give a base other parameters */
enum { HOOK_COUNT = sizeof HOOKS / sizeof *HOOKS, USE_COUNT = sizeof USES / sizeof *USES };

void *(*driver_real_dlsym(void))(void *, const char *)
{
    static _Atomic(void *) found;
    void *function = atomic_load_explicit(&found, memory_order_relaxed);
    for (size_t i = 0; function == NULL && i < sizeof DLSYM_VERSIONS / sizeof *DLSYM_VERSIONS; i++)
        function = dlvsym(RTLD_NEXT, "dlsym", DLSYM_VERSIONS[i]);
    atomic_store_explicit(&found, function, memory_order_relaxed);
    void *(*dlsym_function)(void *, const char *);
    memcpy(&dlsym_function, &function, sizeof function);
    return dlsym_function;
}

static void find_all(const struct hook *hooks, int count, void *const handles[2])
{
    void *(*find)(void *, const char *) = driver_real_dlsym();
    for (int i = 0; find != NULL && i < count; i++) {
        void *handle = handles[hooks[i].library];
        void *function = handle == NULL ? NULL : find(handle, hooks[i].name);
        void *unknown = NULL;
        if (function != NULL)
            __atomic_compare_exchange_n(hooks[i].function, &unknown, function, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
    }
}

/* A library that the program has not loaded yet is loaded for NVML only if it is there already: a preload adds nothing. */
void driver_load(void)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    void *handles[2] = {dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL),
                        dlopen("libnvidia-ml.so.1", RTLD_LAZY | RTLD_LOCAL | RTLD_NOLOAD)};
    find_all(HOOKS, HOOK_COUNT, handles);
    find_all(USES, USE_COUNT, handles);
    atomic_store_explicit(&driver_loaded, handles[CUDA] != NULL || handles[NVML] != NULL, memory_order_release);
    pthread_mutex_unlock(&lock);
}

static void *remember(const struct hook *hook, void *function)
{
    void *unknown = NULL;
    __atomic_compare_exchange_n(hook->function, &unknown, function, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
    return hook->wrapper;
}

/* ---- look-ups that nothing stands for; never on the launch path ---- */

static bool is_launch_like(const char *name)
{
    for (size_t i = 0; i < sizeof LAUNCH_LIKE_NAMES / sizeof *LAUNCH_LIKE_NAMES; i++)
        if (strncmp(name, LAUNCH_LIKE_NAMES[i], strlen(LAUNCH_LIKE_NAMES[i])) == 0)
            return true;
    return false;
}

/* Whether an exported name is a version or a default-stream variant of a base: cuMemcpy2D_v2_ptds of cuMemcpy2D. */
static bool is_variant(const char *name, const char *base)
{
    size_t length = strlen(base);
    if (strncmp(name, base, length) != 0)
        return false;
    const char *rest = name + length;
    if (rest[0] == '_' && rest[1] == 'v' && rest[2] >= '1' && rest[2] <= '9')
        rest += 3;
    return rest[0] == '\0' || strcmp(rest, "_ptsz") == 0 || strcmp(rest, "_ptds") == 0;
}

static void count_unless_passed(const char *name, bool base)
{
    if (!is_launch_like(name))
        return;
    for (size_t i = 0; i < sizeof PASSES / sizeof *PASSES; i++)
        if (base ? is_variant(PASSES[i], name) : strcmp(PASSES[i], name) == 0)
            return;
    link_count_missed(name);
}

/* ---- look-ups ---- */

void *driver_wrapper_of_symbol(const char *symbol, void *function)
{
    if (strncmp(symbol, "cu", 2) != 0 && strncmp(symbol, "nvml", 4) != 0)
        return NULL;
    for (int i = 0; i < HOOK_COUNT; i++)
        if (strcmp(HOOKS[i].name, symbol) == 0)
            return function == HOOKS[i].wrapper ? function : remember(&HOOKS[i], function);
    count_unless_passed(symbol, false);
    return NULL;
}

void *driver_wrapper_of_base(const char *base, int version, cuuint64_t flags, void *function)
{
    for (int i = 0; i < HOOK_COUNT; i++) /* whatever was asked for: this is what was given */
        if (HOOKS[i].library == CUDA && __atomic_load_n(HOOKS[i].function, __ATOMIC_ACQUIRE) == function)
            return HOOKS[i].wrapper;
    bool per_thread = (flags & CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM) != 0;
    const struct hook *best = NULL;
    for (int i = 0; i < HOOK_COUNT; i++) {
        const struct hook *hook = &HOOKS[i];
        if (hook->library != CUDA || hook->since > version || strcmp(hook->base, base) != 0 ||
            (hook->stream == PTSZ && !per_thread) || (hook->stream == LEGACY && per_thread))
            continue;
        if (best == NULL || hook->since > best->since)
            best = hook;
    }
    if (best == NULL) {
        count_unless_passed(base, true);
        return NULL;
    }
    void *known = __atomic_load_n(best->function, __ATOMIC_ACQUIRE);
    if (version > KNOWN_VERSION && known != NULL && known != function && function != best->wrapper) {
        if (is_launch_like(base)) /* a variant that is newer than its hooks: its parameters are not ours */
            link_count_missed(base);
        return NULL;
    }
    return remember(best, function);
}
