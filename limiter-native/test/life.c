/*
 * What a process may do with itself while it holds GPU memory: life WHAT [ARGUMENT]. Each holds 100 MiB first, prints "held"
 * when all is done and right, and stays until its input ends.
 *   fork     a child that was forked after cuInit uses CUDA in vain, and frees its parent's memory in vain; its parent takes
 *            28 MiB more meanwhile, and pins 7
 *   clone    the same of a child of a raw clone(), of which no handler hears
 *   vfork    a child is vforked and runs "life hold", beside it
 *   exec     becomes "life hold 200"
 *   reopen   closes libcuda.so.1 and opens it again, many times, with memory held
 *   threads  sixteen threads initialise CUDA at once, launch, and take and free memory
 *   hold N   holds N MiB instead
 */
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cuda_calls.h"

#define MIB ((size_t)1 << 20)

static CUdeviceptr mine;

static void stay(void)
{
    puts("held");
    fflush(stdout);
    while (getchar() != EOF)
        continue;
}

static void hold(size_t bytes)
{
    start();
    CALL(cuMemAlloc_v2, &mine, bytes);
}

/*
 * Whatever a child of a process with CUDA tries with it fails, and is no harm to its parent, which by then holds more than it
 * did when the child was made.
 */
static void have_child(bool by_clone)
{
    int ends[2], status;
    char byte;
    CUdeviceptr more;
    void *page;
    CUresult taken, freed, pinned, begun;
    if (pipe(ends) != 0)
        exit(1);
    pid_t child = by_clone ? (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL) : fork();
    if (child == 0) {
        close(ends[1]);
        (void)!read(ends[0], &byte, 1);
        RESULT(taken, cuMemAlloc_v2, &more, MIB);
        RESULT(freed, cuMemFree_v2, mine);
        RESULT(pinned, cuMemAllocHost_v2, &page, MIB);
        RESULT(begun, cuInit, 0);
        exit(taken == CUDA_SUCCESS || freed == CUDA_SUCCESS || pinned == CUDA_SUCCESS || begun == CUDA_SUCCESS);
    }
    CALL(cuMemAlloc_v2, &more, 28 * MIB);
    CALL(cuMemAllocHost_v2, &page, 7 * MIB);
    close(ends[1]);
    if (waitpid(child, &status, 0) != child || status != 0) {
        fprintf(stderr, "life: the child ended with status %#x\n", (unsigned)status);
        exit(1);
    }
}

static void vfork_and_exec(const char *self)
{
    extern char **environ;
    pid_t child;
    char *const arguments[] = {(char *)(uintptr_t)self, "hold", "50", NULL};
    if (posix_spawn(&child, self, NULL, NULL, arguments, environ) != 0) /* glibc's shares its memory until the exec */
        exit(1);
}

static void reopen(void)
{
    for (int i = 0; i < 50; i++) {
        CUdeviceptr more;
        if (dlclose(cuda) != 0)
            exit(1);
        open_cuda();
        CALL(cuInit, 0);
        CALL(cuMemAlloc_v2, &more, 500 * MIB);
        CALL(cuMemFree_v2, more);
    }
}

static pthread_barrier_t barrier;

static void *live(void *unused)
{
    static const char PTX[] = ".version 7.0\n.target sm_70\n.address_size 64\n"
                              ".visible .entry tiny()\n{\nret;\n}\n";
    CUmodule module;
    CUfunction function;
    CUdeviceptr more;
    CUstream stream;
    pthread_barrier_wait(&barrier);
    start();
    CALL(cuModuleLoadData, &module, PTX);
    CALL(cuModuleGetFunction, &function, module, "tiny");
    CALL(cuStreamCreate, &stream, CU_STREAM_NON_BLOCKING);
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < 100; i++) {
        CALL(cuMemAllocAsync, &more, MIB, stream);
        CALL(cuLaunchKernel, function, 1, 1, 1, 1, 1, 1, 0, stream, NULL, NULL);
        CALL(cuMemFreeAsync, more, stream);
        CALL(cuMemAlloc_v2, &more, MIB);
        CALL(cuMemFree_v2, more);
    }
    CALL(cuStreamSynchronize, stream);
    pthread_barrier_wait(&barrier);
    CALL(cuStreamSynchronize, stream); /* now nobody's work is left, and the pool is empty */
    return unused;
}

static void many_threads(void)
{
    enum { THREADS = 16 };
    pthread_t thread[THREADS];
    pthread_barrier_init(&barrier, NULL, THREADS);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&thread[i], NULL, live, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
}

int main(int count, char **argument)
{
    const char *what = count > 1 ? argument[1] : "";
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    open_cuda();
    if (strcmp(what, "threads") == 0)
        many_threads();
    hold(MIB * (strcmp(what, "hold") == 0 ? strtoull(argument[2], NULL, 10) : 100));
    if (strcmp(what, "fork") == 0)
        have_child(false);
    else if (strcmp(what, "clone") == 0)
        have_child(true);
    else if (strcmp(what, "vfork") == 0)
        vfork_and_exec(argument[0]);
    else if (strcmp(what, "exec") == 0)
        execl(argument[0], argument[0], "hold", "200", (char *)NULL);
    else if (strcmp(what, "reopen") == 0)
        reopen();
    stay();
    return 0;
}
