/* Modules, functions and launches. */
#include "driver.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* The keys of cuLaunchKernel's extra argument. */
#define EXTRA_END ((void *)0)
#define EXTRA_BUFFER ((void *)1)
#define EXTRA_SIZE ((void *)2)

enum { FUNCTIONS = 256 };

struct module {
    void *handle;
    struct context *ctx;
    char *ptx; /* NULL: a binary, whose functions are not known */
    unsigned count;
    struct function *function[FUNCTIONS];
};

/* ---- modules ---- */

static bool is_binary(const unsigned char *image)
{
    static const unsigned char elf[] = {0x7f, 'E', 'L', 'F'}, fat[] = {0x50, 0xed, 0x55, 0xba},
                               wrapper[] = {0xb1, 0x43, 0x62, 0x46};
    return memcmp(image, elf, 4) == 0 || memcmp(image, fat, 4) == 0 || memcmp(image, wrapper, 4) == 0;
}

static CUresult load(CUmodule *out, const void *image)
{
    struct context *ctx;
    CUresult result = driver_enter_current(&ctx);
    if (result)
        return result;
    if (!out || !image)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    result = capture_check_unsafe();
    if (result)
        return driver_return(result);
    bool binary = is_binary(image);
    if (!binary && !strstr(image, ".version"))
        return driver_return(CUDA_ERROR_INVALID_IMAGE);
    struct module *m = calloc(1, sizeof *m);
    if (m && !binary)
        m->ptx = strdup(image);
    if (m && (binary || m->ptx))
        m->handle = handle_new(HANDLE_MODULE, m);
    if (!m || !m->handle) {
        free(m ? m->ptx : NULL);
        free(m);
        return driver_return(CUDA_ERROR_OUT_OF_MEMORY);
    }
    m->ctx = ctx;
    *out = m->handle;
    return driver_return(CUDA_SUCCESS);
}

CUresult cuModuleLoadData(CUmodule *module, const void *image)
{
    return load(module, image);
}

CUresult cuModuleLoadDataEx(CUmodule *module, const void *image, unsigned int numOptions, CUjit_option *options,
                            void **optionValues)
{
    if (numOptions && (!options || !optionValues))
        return CUDA_ERROR_INVALID_VALUE;
    return load(module, image);
}

CUresult cuModuleUnload(CUmodule hmod)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct module *m = handle_get(HANDLE_MODULE, hmod);
    if (!m)
        return driver_return(CUDA_ERROR_INVALID_HANDLE);
    for (unsigned i = 0; i < m->count; i++) {
        handle_free(m->function[i]->handle);
        free(m->function[i]);
    }
    free(m->ptx);
    handle_free(hmod);
    free(m);
    return driver_return(CUDA_SUCCESS);
}

/* The end of ".entry NAME" in PTX, or NULL. */
static const char *find_entry(const char *ptx, const char *name)
{
    size_t length = strlen(name);
    for (const char *p = ptx; (p = strstr(p, ".entry")) != NULL;) {
        p += strlen(".entry");
        while (isspace((unsigned char)*p))
            p++;
        if (strncmp(p, name, length) == 0 && !isalnum((unsigned char)p[length]) && p[length] != '_' && p[length] != '$')
            return p + length;
    }
    return NULL;
}

/* Bytes of one PTX parameter, such as ".param .align 8 .b8 a[32]" after its ".param". */
static unsigned param_bytes(const char *p, const char *end)
{
    unsigned bytes = 8;
    for (; p < end && *p != ','; p++) {
        if (*p == '.' && strchr("busf", p[1]) && isdigit((unsigned char)p[2]))
            bytes = (unsigned)strtoul(p + 2, NULL, 10) / 8;
        if (*p == '[')
            bytes *= (unsigned)strtoul(p + 1, NULL, 10);
    }
    return bytes > 255 ? 255 : bytes;
}

static void read_params(struct function *f, const char *after_name)
{
    const char *open = after_name + strspn(after_name, " \t\r\n");
    const char *close = strchr(after_name, ')');
    if (*open != '(' || !close)
        return;
    for (const char *p = open; (p = strstr(p, ".param")) != NULL && p < close && f->params < 16;) {
        p += strlen(".param");
        f->param_bytes[f->params++] = (unsigned char)param_bytes(p, close);
    }
}

static struct function *new_function(struct module *m, const char *name, const char *after_name)
{
    struct function *f = m->count < FUNCTIONS ? calloc(1, sizeof *f) : NULL;
    if (f)
        f->handle = handle_new(HANDLE_FUNCTION, f);
    if (!f || !f->handle) {
        free(f);
        return NULL;
    }
    strncpy(f->name, name, sizeof f->name - 1);
    f->spin = strncmp(name, "aliquot_spin", strlen("aliquot_spin")) == 0;
    if (after_name)
        read_params(f, after_name);
    m->function[m->count++] = f;
    return f;
}

CUresult cuModuleGetFunction(CUfunction *hfunc, CUmodule hmod, const char *name)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct module *m = handle_get(HANDLE_MODULE, hmod);
    if (!hfunc || !name || !m || strlen(name) >= sizeof m->function[0]->name)
        return driver_return(!m && hfunc && name ? CUDA_ERROR_INVALID_HANDLE : CUDA_ERROR_INVALID_VALUE);
    struct function *f = NULL;
    for (unsigned i = 0; i < m->count && !f; i++)
        if (strcmp(m->function[i]->name, name) == 0)
            f = m->function[i];
    if (!f) {
        const char *after = m->ptx ? find_entry(m->ptx, name) : NULL;
        if (m->ptx && !after)
            return driver_return(CUDA_ERROR_NOT_FOUND);
        f = new_function(m, name, after);
        if (!f)
            return driver_return(CUDA_ERROR_OUT_OF_MEMORY);
    }
    *hfunc = f->handle;
    return driver_return(CUDA_SUCCESS);
}

CUresult cuFuncGetName(const char **name, CUfunction hfunc)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct function *f = handle_get(HANDLE_FUNCTION, hfunc);
    if (!name || !f)
        return driver_return(name ? CUDA_ERROR_INVALID_HANDLE : CUDA_ERROR_INVALID_VALUE);
    *name = f->name;
    return driver_return(CUDA_SUCCESS);
}

/* ---- launches ---- */

CUresult kernel_read(const struct function *f, void **params, void **extra, struct kernel_work *work)
{
    *work = (struct kernel_work){.ns = driver_default_kernel_ns()};
    if (params && extra)
        return CUDA_ERROR_INVALID_VALUE;
    if (!f->spin)
        return CUDA_SUCCESS;
    const unsigned char *buffer = NULL;
    size_t size = 0;
    for (void **p = extra; p && p[0] != EXTRA_END; p += 2) {
        if (p[0] == EXTRA_BUFFER)
            buffer = p[1];
        else if (p[0] == EXTRA_SIZE)
            size = *(size_t *)p[1];
        else
            return CUDA_ERROR_INVALID_VALUE;
    }
    uint64_t value[2] = {0, 0};
    unsigned wanted = f->params < 2 ? f->params : 2;
    for (unsigned i = 0; i < wanted; i++) {
        if (params && !params[i])
            return CUDA_ERROR_INVALID_VALUE;
        if (params)
            memcpy(&value[i], params[i], sizeof value[i]);
        else if (buffer && size >= (i + 1) * sizeof value[i])
            memcpy(&value[i], buffer + i * sizeof value[i], sizeof value[i]);
        else
            return CUDA_ERROR_INVALID_VALUE;
    }
    if (value[0] > INT64_MAX / 4)
        return CUDA_ERROR_INVALID_VALUE;
    work->ns = (int64_t)value[0];
    work->counters = value[1];
    return CUDA_SUCCESS;
}

static CUresult launch(const CUDA_KERNEL_NODE_PARAMS_v2 *p, CUstream stream, bool per_thread)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    const struct function *f = handle_get(HANDLE_FUNCTION, p->func);
    if (!f)
        return driver_return(CUDA_ERROR_INVALID_HANDLE);
    uint64_t threads = (uint64_t)p->blockDimX * p->blockDimY * p->blockDimZ;
    if (p->gridDimX == 0 || p->gridDimY == 0 || p->gridDimZ == 0 || threads == 0 || threads > 1024)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    struct stream *s;
    struct kernel_work work;
    result = stream_find_for_work(stream, per_thread, &s);
    if (!result)
        result = kernel_read(f, p->kernelParams, p->extra, &work);
    if (result)
        return driver_return(result);
    if (capture_active(s, &result))
        return driver_return(result ? result : capture_kernel(s, p));
    return driver_return(work_push_stream(s, work.ns, WORK_KERNEL, work.counters));
}

#define SHAPE                                                                                                  \
    .gridDimX = gridDimX, .gridDimY = gridDimY, .gridDimZ = gridDimZ, .blockDimX = blockDimX,                  \
    .blockDimY = blockDimY, .blockDimZ = blockDimZ, .sharedMemBytes = sharedMemBytes, .kernelParams = kernelParams

CUresult cuLaunchKernel(CUfunction f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ,
                        unsigned int blockDimX, unsigned int blockDimY, unsigned int blockDimZ,
                        unsigned int sharedMemBytes, CUstream hStream, void **kernelParams, void **extra)
{
    return launch(&(CUDA_KERNEL_NODE_PARAMS_v2){.func = f, SHAPE, .extra = extra}, hStream, false);
}

CUresult cuLaunchKernel_ptsz(CUfunction f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ,
                             unsigned int blockDimX, unsigned int blockDimY, unsigned int blockDimZ,
                             unsigned int sharedMemBytes, CUstream hStream, void **kernelParams, void **extra)
{
    return launch(&(CUDA_KERNEL_NODE_PARAMS_v2){.func = f, SHAPE, .extra = extra}, hStream, true);
}

CUresult cuLaunchCooperativeKernel(CUfunction f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ,
                                   unsigned int blockDimX, unsigned int blockDimY, unsigned int blockDimZ,
                                   unsigned int sharedMemBytes, CUstream hStream, void **kernelParams)
{
    return launch(&(CUDA_KERNEL_NODE_PARAMS_v2){.func = f, SHAPE}, hStream, false);
}

CUresult cuLaunchCooperativeKernel_ptsz(CUfunction f, unsigned int gridDimX, unsigned int gridDimY,
                                        unsigned int gridDimZ, unsigned int blockDimX, unsigned int blockDimY,
                                        unsigned int blockDimZ, unsigned int sharedMemBytes, CUstream hStream,
                                        void **kernelParams)
{
    return launch(&(CUDA_KERNEL_NODE_PARAMS_v2){.func = f, SHAPE}, hStream, true);
}

static CUresult launch_ex(const CUlaunchConfig *c, CUfunction f, void **params, void **extra, bool per_thread)
{
    if (!c || (c->numAttrs && !c->attrs))
        return CUDA_ERROR_INVALID_VALUE;
    const CUDA_KERNEL_NODE_PARAMS_v2 p = {.func = f,
                                          .gridDimX = c->gridDimX,
                                          .gridDimY = c->gridDimY,
                                          .gridDimZ = c->gridDimZ,
                                          .blockDimX = c->blockDimX,
                                          .blockDimY = c->blockDimY,
                                          .blockDimZ = c->blockDimZ,
                                          .sharedMemBytes = c->sharedMemBytes,
                                          .kernelParams = params,
                                          .extra = extra};
    return launch(&p, c->hStream, per_thread);
}

CUresult cuLaunchKernelEx(const CUlaunchConfig *config, CUfunction f, void **kernelParams, void **extra)
{
    return launch_ex(config, f, kernelParams, extra, false);
}

CUresult cuLaunchKernelEx_ptsz(const CUlaunchConfig *config, CUfunction f, void **kernelParams, void **extra)
{
    return launch_ex(config, f, kernelParams, extra, true);
}

CUresult cuLaunchCooperativeKernelMultiDevice(CUDA_LAUNCH_PARAMS *launchParamsList, unsigned int numDevices,
                                              unsigned int flags)
{
    if (!launchParamsList || numDevices == 0 || flags > 3)
        return CUDA_ERROR_INVALID_VALUE;
    for (unsigned i = 0; i < numDevices; i++) {
        const CUDA_LAUNCH_PARAMS *l = &launchParamsList[i];
        CUresult result = cuLaunchCooperativeKernel(l->function, l->gridDimX, l->gridDimY, l->gridDimZ, l->blockDimX,
                                                    l->blockDimY, l->blockDimZ, l->sharedMemBytes, l->hStream,
                                                    l->kernelParams);
        if (result)
            return result;
    }
    return CUDA_SUCCESS;
}

/* ---- launches as before CUDA 4.0 ---- */

CUresult cuFuncSetBlockShape(CUfunction hfunc, int x, int y, int z)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    if (!handle_get(HANDLE_FUNCTION, hfunc))
        return driver_return(CUDA_ERROR_INVALID_HANDLE);
    return driver_return(x > 0 && y > 0 && z > 0 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE);
}

CUresult cuParamSetv(CUfunction hfunc, int offset, void *ptr, unsigned int numbytes)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct function *f = handle_get(HANDLE_FUNCTION, hfunc);
    if (!f)
        return driver_return(CUDA_ERROR_INVALID_HANDLE);
    if (!ptr || offset < 0 || numbytes > sizeof f->argument || (size_t)offset > sizeof f->argument - numbytes)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    memcpy(f->argument + offset, ptr, numbytes);
    return driver_return(CUDA_SUCCESS);
}

CUresult cuParamSeti(CUfunction hfunc, int offset, unsigned int value)
{
    return cuParamSetv(hfunc, offset, &value, sizeof value);
}

CUresult cuParamSetSize(CUfunction hfunc, unsigned int numbytes)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct function *f = handle_get(HANDLE_FUNCTION, hfunc);
    if (!f)
        return driver_return(CUDA_ERROR_INVALID_HANDLE);
    return driver_return(numbytes <= sizeof f->argument ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE);
}

CUresult cuLaunchGridAsync(CUfunction f, int grid_width, int grid_height, CUstream hStream)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct function *function = handle_get(HANDLE_FUNCTION, f);
    unsigned char argument[sizeof function->argument];
    size_t size = sizeof argument;
    if (function)
        memcpy(argument, function->argument, sizeof argument);
    driver_leave();
    if (!function || grid_width <= 0 || grid_height <= 0)
        return function ? CUDA_ERROR_INVALID_VALUE : CUDA_ERROR_INVALID_HANDLE;
    void *extra[] = {EXTRA_BUFFER, argument, EXTRA_SIZE, &size, EXTRA_END};
    return cuLaunchKernel(f, (unsigned)grid_width, (unsigned)grid_height, 1, 1, 1, 1, 0, hStream, NULL, extra);
}

CUresult cuLaunchGrid(CUfunction f, int grid_width, int grid_height)
{
    return cuLaunchGridAsync(f, grid_width, grid_height, NULL);
}

CUresult cuLaunchOfTomorrow(CUfunction f)
{
    return cuLaunch(f);
}

CUresult cuLaunch(CUfunction f)
{
    return cuLaunchGridAsync(f, 1, 1, NULL);
}
