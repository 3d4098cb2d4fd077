/* cuGetProcAddress: by base name, CUDA version and default stream. */
#include "driver.h"

#include <string.h>

struct symbol {
    const char *base;
    void (*function)(void);
    int since;
    bool per_thread;
};

#define PLAIN(base, name, since) {#base, (void (*)(void))name, since, false},
#define THREAD(base, name, since) {#base, (void (*)(void))name, since, true},
static const struct symbol symbols[] = {
#include "symbols.def"
};

/* Newest variant that the caller's version may see; a per-thread one is preferred where asked for. */
static const struct symbol *find(const char *base, int version, bool per_thread, bool *known)
{
    const struct symbol *best = NULL;
    *known = false;
    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        const struct symbol *s = &symbols[i];
        if (strcmp(s->base, base) != 0 || (s->per_thread && !per_thread))
            continue;
        *known = true;
        if (s->since > version)
            continue;
        if (!best || s->since > best->since || (s->since == best->since && s->per_thread))
            best = s;
    }
    return best;
}

CUresult cuGetProcAddress_v2(const char *symbol, void **pfn, int cudaVersion, cuuint64_t flags,
                             CUdriverProcAddressQueryResult *symbolStatus)
{
    if (pfn)
        *pfn = NULL;
    const cuuint64_t both = CU_GET_PROC_ADDRESS_LEGACY_STREAM | CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM;
    if (!symbol || !*symbol || !pfn || cudaVersion > STATE_DRIVER_VERSION || (flags & ~both) || (flags & both) == both)
        return CUDA_ERROR_INVALID_VALUE;
    bool known;
    const struct symbol *s = find(symbol, cudaVersion, flags & CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM, &known);
    if (symbolStatus)
        *symbolStatus = s       ? CU_GET_PROC_ADDRESS_SUCCESS
                        : known ? CU_GET_PROC_ADDRESS_VERSION_NOT_SUFFICIENT
                                : CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND;
    if (s) {
        memcpy(pfn, &s->function, sizeof *pfn); /* ISO C has no cast from a function to an object pointer */
        return CUDA_SUCCESS;
    }
    return symbolStatus ? CUDA_SUCCESS : CUDA_ERROR_NOT_FOUND;
}

CUresult cuGetProcAddress(const char *symbol, void **pfn, int cudaVersion, cuuint64_t flags)
{
    return cuGetProcAddress_v2(symbol, pfn, cudaVersion, flags, NULL);
}
