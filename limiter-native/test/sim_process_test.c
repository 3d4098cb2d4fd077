/* Several real processes on one simulated GPU. What is asserted are simulated times, not the machine's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "aliquot_cuda.h"
#include "state.h"

static const char ptx[] = ".version 7.0\n.target sm_70\n.address_size 64\n"
                          ".visible .entry aliquot_spin(.param .u64 ns, .param .u64 counters) { ret; }\n";

static struct state_view view;

/* ---- what the children do ---- */

static CUfunction spin;

static void must(bool good)
{
    if (!good)
        _exit(99);
}

static void open_gpu(void)
{
    CUcontext context;
    CUmodule module;
    must(cuInit(0) == CUDA_SUCCESS);
    must(cuCtxCreate_v2(&context, 0, 0) == CUDA_SUCCESS);
    must(cuModuleLoadData(&module, ptx) == CUDA_SUCCESS);
    must(cuModuleGetFunction(&spin, module, "aliquot_spin") == CUDA_SUCCESS);
}

static void launch(uint64_t ns)
{
    CUdeviceptr counters = 0;
    void *params[] = {&ns, &counters};
    must(cuLaunchKernel(spin, 1, 1, 1, 1, 1, 1, 0, NULL, params, NULL) == CUDA_SUCCESS);
}

/* Fills its queue with five seconds of work, and stays. */
static void be_busy(int out)
{
    open_gpu();
    for (int i = 0; i < 1000; i++)
        launch(5000000);
    must(write(out, "", 1) == 1);
    pause();
}

static void time_a_kernel(int out)
{
    CUevent a, b;
    float ms;
    open_gpu();
    must(cuEventCreate(&a, 0) == CUDA_SUCCESS && cuEventCreate(&b, 0) == CUDA_SUCCESS);
    must(cuEventRecord(a, NULL) == CUDA_SUCCESS);
    launch(20000000);
    must(cuEventRecord(b, NULL) == CUDA_SUCCESS);
    must(cuEventSynchronize(b) == CUDA_SUCCESS);
    must(cuEventElapsedTime(&ms, a, b) == CUDA_SUCCESS);
    must(write(out, &ms, sizeof ms) == sizeof ms);
}

static void take_six_gib(int out)
{
    CUdeviceptr p;
    open_gpu();
    must(cuMemAlloc_v2(&p, (size_t)6 << 30) == CUDA_SUCCESS);
    must(write(out, "", 1) == 1);
    pause();
}

static void die_holding_the_lock(int out)
{
    (void)out;
    struct state_view mine;
    must(state_attach(&mine) == 0);
    state_enter(&mine, 0);
    mine.shared->used_bytes[0] += 12345; /* half-done */
    raise(SIGKILL);
}

/* ---- the parent ---- */

struct child {
    pid_t pid;
    int in;
};

static struct child start(void (*body)(int out))
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct child c = {.pid = fork(), .in = ends[0]};
    assert_true(c.pid >= 0);
    if (c.pid == 0) {
        close(ends[0]);
        body(ends[1]);
        _exit(0);
    }
    close(ends[1]);
    return c;
}

static void await_byte(const struct child *c)
{
    char byte;
    assert_int_equal(read(c->in, &byte, 1), 1);
}

static void finish(const struct child *c)
{
    kill(c->pid, SIGKILL);
    waitpid(c->pid, NULL, 0);
    close(c->in);
}

struct sample {
    int64_t now_ns;
    int64_t busy_ns[2];
    unsigned pending;
    unsigned contexts;
};

static struct sample take_sample(void)
{
    struct sample s = {0};
    struct timeline *t = state_enter(&view, 0);
    s.now_ns = t->cursor.now_ns;
    for (unsigned c = 0; c < t->cursor.contexts; c++) {
        if (!t->context[c].used)
            continue;
        if (s.contexts < 2)
            s.busy_ns[s.contexts] = t->context[c].busy_ns;
        s.contexts++;
        s.pending += timeline_pending(t, (int)c);
    }
    state_leave(&view);
    return s;
}

static void equalProcessesGetTheMeasuredShare(void **state)
{
    (void)state;
    struct child a = start(be_busy), b = start(be_busy);
    await_byte(&a);
    await_byte(&b);
    struct sample from = take_sample();
    nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
    struct sample to = take_sample();
    finish(&a);
    finish(&b);
    assert_int_equal(from.contexts, 2);
    assert_int_equal(to.pending, 2);
    for (int i = 0; i < 2; i++) {
        int64_t permille = (to.busy_ns[i] - from.busy_ns[i]) * 1000 / (to.now_ns - from.now_ns);
        print_message("share %lld permille of %lld simulated ms\n", (long long)permille,
                      (long long)(to.now_ns - from.now_ns) / 1000000);
        assert_in_range(permille, 455, 475);
    }
}

static void eventsIncludeTheNeighboursSlices(void **state)
{
    (void)state;
    struct child a = start(be_busy);
    await_byte(&a);
    struct child b = start(time_a_kernel);
    float ms;
    assert_int_equal(read(b.in, &ms, sizeof ms), sizeof ms);
    finish(&a);
    finish(&b);
    print_message("20 ms of work took %.3f ms beside a busy neighbour\n", (double)ms);
    assert_true(ms > 38 && ms < 48); /* 20 / 0.465 = 43 */
}

/* Waits for something that a dead process's removal brings; a second is far more than it takes. */
static bool soon(bool (*holds)(void))
{
    for (int i = 0; i < 500; i++) {
        if (holds())
            return true;
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    return false;
}

static bool nothing_used(void)
{
    state_enter(&view, 0);
    bool nothing = view.shared->used_bytes[0] == 0;
    state_leave(&view);
    return nothing && take_sample().contexts == 0;
}

static void killedProcessLeavesNothing(void **state)
{
    (void)state;
    struct child a = start(take_six_gib);
    await_byte(&a);
    assert_false(nothing_used());
    kill(a.pid, SIGKILL);
    assert_true(soon(nothing_used)); /* though it is a zombie still */
    finish(&a);
}

static void capacityHoldsForAllProcessesTogether(void **state)
{
    (void)state;
    struct child a = start(take_six_gib);
    await_byte(&a);
    struct child b = start(take_six_gib); /* of eight */
    int status;
    waitpid(b.pid, &status, 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 99);
    close(b.in);
    kill(a.pid, SIGKILL);
    waitpid(a.pid, NULL, 0);
    close(a.in);
    struct child c = start(take_six_gib); /* an allocation that fails looks for the dead first */
    await_byte(&c);
    finish(&c);
}

static void lockOutlivesItsHolder(void **state)
{
    (void)state;
    if (getenv("ALIQUOT_EMULATED") != NULL) /* qemu-user tells nobody of a dead thread's locks */
        skip();
    assert_true(soon(nothing_used));
    struct child a = start(die_holding_the_lock);
    waitpid(a.pid, NULL, 0);
    close(a.in);
    assert_true(soon(nothing_used)); /* the half-done sum was put right */
}

static void childOfAForkMustNotActAsItsParent(void **state)
{
    (void)state;
    pid_t pid = fork();
    if (pid == 0) {
        open_gpu();
        pid_t inner = fork();
        if (inner == 0)
            _exit(cuCtxSynchronize() == CUDA_ERROR_NOT_INITIALIZED && cuInit(0) == CUDA_ERROR_NOT_INITIALIZED ? 0 : 1);
        int status;
        waitpid(inner, &status, 0);
        _exit(WIFEXITED(status) && WEXITSTATUS(status) == 0 && cuCtxSynchronize() == CUDA_SUCCESS ? 0 : 1);
    }
    int status;
    waitpid(pid, &status, 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void)
{
    setenv("ALIQUOT_SIM_MEMORY", "8GiB", 1);
    unlink(getenv("ALIQUOT_SIM") ? getenv("ALIQUOT_SIM") : "");
    if (state_attach(&view))
        return EXIT_FAILURE;
    const struct CMUnitTest tests[] = {cmocka_unit_test(equalProcessesGetTheMeasuredShare),
                                       cmocka_unit_test(eventsIncludeTheNeighboursSlices),
                                       cmocka_unit_test(killedProcessLeavesNothing),
                                       cmocka_unit_test(capacityHoldsForAllProcessesTogether),
                                       cmocka_unit_test(lockOutlivesItsHolder),
                                       cmocka_unit_test(childOfAForkMustNotActAsItsParent)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
