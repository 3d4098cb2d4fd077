/* Calls of the CUDA driver as a program makes them that opens it itself. */
#ifndef ALIQUOT_CUDA_CALLS_H
#define ALIQUOT_CUDA_CALLS_H

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aliquot_cuda.h"

static void *cuda;

static void *find(const char *name)
{
    void *function = dlsym(cuda, name);
    if (function == NULL) {
        fprintf(stderr, "no %s\n", name);
        exit(1);
    }
    return function;
}

/* The result of a call by name. */
#define RESULT(result, name, ...)                   \
    do {                                            \
        __typeof__(&name) function_;                \
        void *found_ = find(#name);                 \
        memcpy(&function_, &found_, sizeof found_); \
        (result) = function_(__VA_ARGS__);          \
    } while (0)

/* A call that must succeed. */
#define CALL(name, ...)                                                          \
    do {                                                                         \
        CUresult result_;                                                        \
        RESULT(result_, name, __VA_ARGS__);                                      \
        if (result_ != CUDA_SUCCESS) {                                           \
            fprintf(stderr, "%s: error %d\n", #name, (int)result_);              \
            exit(1);                                                             \
        }                                                                        \
    } while (0)

static void open_cuda(void)
{
    cuda = dlopen("libcuda.so.1", RTLD_NOW);
    if (cuda == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
}

static void start(void)
{
    CUcontext context;
    CALL(cuInit, 0);
    CALL(cuDevicePrimaryCtxRetain, &context, 0);
    CALL(cuCtxSetCurrent, context);
}

#endif
