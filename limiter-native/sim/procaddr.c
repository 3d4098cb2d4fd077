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

/* Whether a function has a variant for the per-thread default stream. */
static bool has_thread_variant(const char *base)
{
    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++)
        if (symbols[i].per_thread && strcmp(symbols[i].base, base) == 0)
            return true;
    return false;
}

/* The newest variant that the caller's version may see. A version too old for the per-thread one gets none. */
static const struct symbol *find(const char *base, int version, bool per_thread, bool *known)
{
    const struct symbol *best = NULL;
    *known = false;
    per_thread = per_thread && has_thread_variant(base);
    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        const struct symbol *s = &symbols[i];
        if (s->per_thread != per_thread || strcmp(s->base, base) != 0)
            continue;
        *known = true;
        if (s->since <= version && (!best || s->since > best->since))
            best = s;
    }
    return best;
}

static CUresult look_up(const char *symbol, void *const *pfn, int version, cuuint64_t flags, const struct symbol **found,
                        bool *known)
{
    const cuuint64_t all = CU_GET_PROC_ADDRESS_LEGACY_STREAM | CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM;
    if (!symbol || !*symbol || !pfn || version > STATE_DRIVER_VERSION || (flags & ~all))
        return CUDA_ERROR_INVALID_VALUE;
    *found = find(symbol, version, flags & CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM, known);
    return CUDA_SUCCESS;
}

/* What follows is as driver 580 was seen to do: *pfn is left alone on an error, the newer call has none for "not found". */

CUresult cuGetProcAddress_v2(const char *symbol, void **pfn, int cudaVersion, cuuint64_t flags,
                             CUdriverProcAddressQueryResult *symbolStatus)
{
    const struct symbol *s;
    bool known;
    CUresult result = look_up(symbol, pfn, cudaVersion, flags, &s, &known);
    if (result)
        return result;
    if (symbolStatus)
        *symbolStatus = s       ? CU_GET_PROC_ADDRESS_SUCCESS
                        : known ? CU_GET_PROC_ADDRESS_VERSION_NOT_SUFFICIENT
                                : CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND;
    *pfn = NULL;
    if (s)
        memcpy(pfn, &s->function, sizeof *pfn); /* ISO C has no cast from a function to an object pointer */
    return CUDA_SUCCESS;
}

CUresult cuGetProcAddress(const char *symbol, void **pfn, int cudaVersion, cuuint64_t flags)
{
    const struct symbol *s;
    bool known;
    CUresult result = look_up(symbol, pfn, cudaVersion, flags, &s, &known);
    if (result || !s)
        return result ? result : CUDA_ERROR_NOT_FOUND;
    memcpy(pfn, &s->function, sizeof *pfn);
    return CUDA_SUCCESS;
}
