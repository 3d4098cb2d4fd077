/* A gang: one kernel on every GPU, wait for all, again, as a collective job does. Each GPU has a thread. */
#include "tenant.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static struct gang gang;
static pthread_barrier_t everyone;
static bool go_on; /* the first thread's word to the others, between two barriers */

static bool decide(void)
{
    if (atomic_load(&tenant.paused) && !atomic_load(&tenant.stop)) {
        engine_stay_paused();
        engine_enter(0); /* its report asked every GPU for its memory */
    }
    return !atomic_load(&tenant.stop);
}

static void *work(void *index)
{
    unsigned gpu = (unsigned)(uintptr_t)index;
    uint64_t kernel_ns = engine_enter(gpu);
    for (;;) {
        if (gpu == 0)
            go_on = decide();
        pthread_barrier_wait(&everyone);
        if (!go_on)
            return NULL;
        int64_t begin = now_ns();
        engine_step(gpu);
        atomic_fetch_add(&gang.gpu[gpu].step_ns, (unsigned long long)(now_ns() - begin));
        atomic_fetch_add(&gang.gpu[gpu].gpu_ns, kernel_ns);
        pthread_barrier_wait(&everyone);
        if (gpu == 0)
            atomic_fetch_add(&gang.steps, 1);
    }
}

void gang_prepare(unsigned gpus)
{
    gang.gpus = gpus;
    tenant.gang = &gang;
}

void gang_run(void)
{
    pthread_t thread[GPUS];
    pthread_barrier_init(&everyone, NULL, gang.gpus);
    for (unsigned gpu = 1; gpu < gang.gpus; gpu++)
        if (pthread_create(&thread[gpu], NULL, work, (void *)(uintptr_t)gpu) != 0) {
            fputs("aliquot-tenant: pthread_create (gang): no thread to be had: raise the limit on threads (ulimit -u)\n", stderr);
            exit(EXIT_CUDA);
        }
    work(NULL);
    for (unsigned gpu = 1; gpu < gang.gpus; gpu++)
        pthread_join(thread[gpu], NULL);
    pthread_barrier_destroy(&everyone);
}
