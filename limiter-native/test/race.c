/*
 * Processes of one tenant that race for its memory, two threads in each: race LIMIT PROCESSES [SECONDS]. Run it under a
 * limit of LIMIT bytes with nothing else in the tenant. It fails when a request that fits is refused, and when more than the
 * limit is ever held; the witness is the simulated GPU, which the limiter can't tell what to say.
 *   fill   every thread takes blocks until it is refused: together they have the limit to the byte, and nobody gets one more
 *   hand   blocks go from thread to thread while all of the memory is in use: each request fits, so none is refused
 *   greed  every thread takes and frees what it likes, and asks for more than there is
 */
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../sim/state.h"
#include "aliquot_cuda.h"

enum { THREADS = 2, ROUNDS = 10, BLOCKS = 64, HANDED = 8, KEPT = 16 };

static struct {
    pthread_barrier_t barrier;
    sem_t handed;
    _Atomic uint64_t granted, refused; /* blocks in a round; spurious refusals */
    uint64_t limit;
    double seconds;
} *shared;

static __typeof__(&cuMemAlloc_v2) allocate;
static __typeof__(&cuMemFree_v2) release;
static CUcontext context;

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "race: %s\n", what);
    _exit(1);
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static CUdeviceptr take(uint64_t bytes)
{
    CUdeviceptr address = 0;
    CUresult result = allocate(&address, bytes);
    must(result == CUDA_SUCCESS || result == CUDA_ERROR_OUT_OF_MEMORY, "an allocation failed for another reason");
    return result == CUDA_SUCCESS ? address : 0;
}

static void give(CUdeviceptr address)
{
    must(release(address) == CUDA_SUCCESS, "a free failed");
}

static void fill(void)
{
    CUdeviceptr mine[BLOCKS + 1];
    int count = 0;
    while ((mine[count] = take(shared->limit / BLOCKS)) != 0)
        must(++count <= BLOCKS, "more was granted than there is");
    atomic_fetch_add(&shared->granted, (uint64_t)count);
    pthread_barrier_wait(&shared->barrier);
    must(atomic_load(&shared->granted) == BLOCKS, "all were refused, and the limit was not reached");
    must(take(1) == 0, "a byte over the limit was granted");
    if (pthread_barrier_wait(&shared->barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
        atomic_store(&shared->granted, 0);
    while (count > 0)
        give(mine[--count]);
    pthread_barrier_wait(&shared->barrier);
}

static void hand(double until_s)
{
    while (now_s() < until_s) {
        sem_wait(&shared->handed);
        CUdeviceptr block = take(shared->limit / HANDED);
        if (block == 0)
            atomic_fetch_add(&shared->refused, 1);
        else
            give(block);
        sem_post(&shared->handed);
    }
    pthread_barrier_wait(&shared->barrier);
}

static void greed(double until_s, unsigned seed)
{
    CUdeviceptr mine[KEPT] = {0};
    while (now_s() < until_s) {
        CUdeviceptr *place = &mine[rand_r(&seed) % KEPT];
        if (*place != 0)
            give(*place);
        *place = take(((uint64_t)rand_r(&seed) % (shared->limit / 32) / 512 + 1) * 512); /* the simulator's unit */
    }
    for (int i = 0; i < KEPT; i++)
        if (mine[i] != 0)
            give(mine[i]);
    pthread_barrier_wait(&shared->barrier);
}

static void *race(void *argument)
{
    must(((__typeof__(&cuCtxSetCurrent))(uintptr_t)argument)(context) == CUDA_SUCCESS, "no context");
    pthread_barrier_wait(&shared->barrier);
    for (int i = 0; i < ROUNDS; i++)
        fill();
    hand(now_s() + shared->seconds);
    greed(now_s() + shared->seconds, (unsigned)getpid() * 31 + (unsigned)(uintptr_t)&argument);
    if (pthread_barrier_wait(&shared->barrier) == PTHREAD_BARRIER_SERIAL_THREAD) {
        CUdeviceptr all = take(shared->limit);
        must(all != 0, "all was freed, and the limit could not be had");
        give(all);
    }
    return NULL;
}

static void run(void)
{
    void *cuda = dlopen("libcuda.so.1", RTLD_NOW), *names[] = {NULL, NULL, NULL, NULL, NULL};
    const char *const wanted[] = {"cuInit", "cuDevicePrimaryCtxRetain", "cuCtxSetCurrent", "cuMemAlloc_v2", "cuMemFree_v2"};
    for (int i = 0; i < 5; i++)
        must(cuda != NULL && (names[i] = dlsym(cuda, wanted[i])) != NULL, "no libcuda.so.1");
    memcpy(&allocate, &names[3], sizeof allocate);
    memcpy(&release, &names[4], sizeof release);
    must(((__typeof__(&cuInit))(uintptr_t)names[0])(0) == CUDA_SUCCESS, "cuInit");
    must(((__typeof__(&cuDevicePrimaryCtxRetain))(uintptr_t)names[1])(&context, 0) == CUDA_SUCCESS, "no context");
    pthread_t thread[THREADS];
    for (int i = 0; i < THREADS; i++)
        pthread_create(&thread[i], NULL, race, names[2]);
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
}

int main(int count, char **argument)
{
    struct state_view view;
    if (count < 3)
        return 2;
    int processes = atoi(argument[2]), failed = 0, status;
    must(state_attach(&view) == 0, "no simulated GPU");
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    shared->limit = strtoull(argument[1], NULL, 10);
    shared->seconds = count > 3 ? atof(argument[3]) : 1;
    pthread_barrierattr_t attributes;
    pthread_barrierattr_init(&attributes);
    pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_barrier_init(&shared->barrier, &attributes, (unsigned)(processes * THREADS));
    sem_init(&shared->handed, 1, HANDED);
    for (int i = 0; i < processes; i++)
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            run();
            exit(0);
        }
    for (int i = 0; i < processes && failed == 0; i++) { /* the others wait for one that failed: they end with us */
        wait(&status);
        failed = status;
    }
    uint64_t most = view.shared->peak_bytes[0];
    printf("refused=%llu most=%llu limit=%llu\n", (unsigned long long)atomic_load(&shared->refused), (unsigned long long)most,
           (unsigned long long)shared->limit);
    return failed != 0 || atomic_load(&shared->refused) != 0 || most != shared->limit;
}
