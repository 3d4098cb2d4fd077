#include "helper.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "driver.h"
#include "gate.h"
#include "link.h"
#include "meter.h"

#define LINGER_NS 100000000u /* it looks this long after the last work before it sleeps without a deadline */
#define LINGER_STEP_NS 1000000u
#define TEND_NS 20000000u /* the heartbeat and the socket are looked at this often while there is work */

static _Atomic bool stopping, parked;

/* Nothing of ours may call the driver while it is being torn down. */
static void stop(void)
{
    if (link_mode() == LINK_OFF)
        return; /* a child of a raw clone(): there is no helper */
    atomic_store(&stopping, true);
    link_open_gates();
    link_wake_helper();
    for (int i = 0; i < 100 && !atomic_load(&parked); i++)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static void sleep_until(uint64_t until_ns)
{
    struct pollfd fds[2] = {{.events = 0}, {.events = POLLIN}};
    uint64_t now_ns = link_now_ns(), ignored;
    link_descriptors(&fds[0].fd, &fds[1].fd);
    uint64_t ns = until_ns > now_ns ? until_ns - now_ns : 0;
    const struct seat *gated = meter_gated();
    if (gated != NULL && gate_await_turn(gated, ns < TEND_NS ? ns : TEND_NS)) /* its turn is what comes next */
        return;
    struct timespec limit = {(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)};
    if (ppoll(fds, 2, until_ns == UINT64_MAX ? NULL : &limit, NULL) > 0 && (fds[1].revents & POLLIN) != 0)
        (void)!read(fds[1].fd, &ignored, sizeof ignored);
}

static uint64_t look(uint64_t *tend_ns, uint64_t *tend_again_ns)
{
    uint64_t now_ns = link_now_ns();
    if (now_ns >= *tend_ns) {
        *tend_again_ns = link_tend(now_ns);
        *tend_ns = now_ns + TEND_NS;
    }
    return meter_poll(now_ns);
}

/* Before this thread asks the driver anything: its questions must not invalidate another thread's capture. */
static bool relax_capture_mode(void)
{
    CUstreamCaptureMode mode = CU_STREAM_CAPTURE_MODE_RELAXED;
    return real()->cuThreadExchangeStreamCaptureMode == NULL ||
           real()->cuThreadExchangeStreamCaptureMode(&mode) == CUDA_SUCCESS; /* no: CUDA is not initialised yet */
}

static void *help(void *unused)
{
    (void)unused;
    uint64_t tend_ns = 0, tend_again_ns = UINT64_MAX, busy_ns = link_now_ns();
    bool relaxed = false;
    prctl(PR_SET_NAME, "aliquot");
    prctl(PR_SET_TIMERSLACK, 1000);
    while (!atomic_load(&stopping)) {
        relaxed = relaxed || relax_capture_mode();
        uint64_t again_ns = look(&tend_ns, &tend_again_ns), now_ns = link_now_ns();
        if (again_ns != UINT64_MAX) {
            busy_ns = now_ns;
            sleep_until(again_ns < tend_ns ? again_ns : tend_ns);
        } else if (now_ns < busy_ns + LINGER_NS) {
            sleep_until(now_ns + LINGER_STEP_NS);
        } else {
            link_helper_sleeps(true);
            tend_ns = 0;
            if (look(&tend_ns, &tend_again_ns) == UINT64_MAX && !atomic_load(&stopping)) {
                sleep_until(tend_again_ns);
                tend_ns = 0;
                busy_ns = tend_again_ns == UINT64_MAX ? link_now_ns() : busy_ns;
            }
            link_helper_sleeps(false);
        }
    }
    atomic_store(&parked, true);
    return NULL;
}

bool helper_is_there(void)
{
    return !atomic_load_explicit(&parked, memory_order_relaxed) && !atomic_load_explicit(&stopping, memory_order_relaxed);
}

void helper_start(void)
{
    pthread_t thread;
    pthread_attr_t attributes;
    sigset_t all, before;
    static bool registered;
    atomic_store(&stopping, false);
    atomic_store(&parked, false);
    sigfillset(&all);
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&thread, &attributes, help, NULL) != 0)
        atomic_store(&parked, true); /* launching threads reap for themselves when they wait */
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    if (!registered)
        registered = atexit(stop) == 0;
}

void helper_forget(void)
{
    atomic_store(&parked, true);
    meter_reset();
}
