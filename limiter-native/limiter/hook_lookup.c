/* Look-ups: whoever asks for a hooked function, by whatever way, gets its wrapper. */
#include <dlfcn.h>

#include "driver.h"

/*
 * Every library that embeds the CUDA runtime comes this way. Exported unversioned: a versioned export interposes nothing.
 * RTLD_NEXT and RTLD_DEFAULT mean something only to their caller, and glibc knows the caller by its return address: those
 * are answered by a jump (a sibling call), never by a call of ours.
 */
__attribute__((visibility("default"), optimize("O2", "omit-frame-pointer"))) void *dlsym(void *restrict handle,
                                                                                        const char *restrict name)
{
    void *(*find)(void *, const char *) = driver_real_dlsym();
    if (handle == RTLD_NEXT || handle == RTLD_DEFAULT || (name[0] != 'c' && name[0] != 'n'))
        return find(handle, name);
    void *function = find(handle, name);
    void *wrapper = function == NULL ? NULL : driver_wrapper_of_symbol(name, function);
    return wrapper == NULL ? function : wrapper;
}

CUresult cuGetProcAddress(const char *symbol, void **pfn, int cudaVersion, cuuint64_t flags)
{
    if (real()->cuGetProcAddress == NULL)
        return CUDA_ERROR_NOT_FOUND;
    CUresult result = real()->cuGetProcAddress(symbol, pfn, cudaVersion, flags);
    if (result == CUDA_SUCCESS && symbol != NULL && pfn != NULL && *pfn != NULL) {
        void *wrapper = driver_wrapper_of_base(symbol, cudaVersion, flags, *pfn);
        *pfn = wrapper == NULL ? *pfn : wrapper;
    }
    return result;
}

CUresult cuGetProcAddress_v2(const char *symbol, void **pfn, int cudaVersion, cuuint64_t flags,
                             CUdriverProcAddressQueryResult *symbolStatus)
{
    if (real()->cuGetProcAddress_v2 == NULL)
        return CUDA_ERROR_NOT_FOUND;
    CUresult result = real()->cuGetProcAddress_v2(symbol, pfn, cudaVersion, flags, symbolStatus);
    if (result == CUDA_SUCCESS && symbol != NULL && pfn != NULL && *pfn != NULL) {
        void *wrapper = driver_wrapper_of_base(symbol, cudaVersion, flags, *pfn);
        *pfn = wrapper == NULL ? *pfn : wrapper;
    }
    return result;
}
