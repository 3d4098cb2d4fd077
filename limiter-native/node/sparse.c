#include "arbiter_parts.h"

/* Has it fared well, handing over whenever it has drained? A program that waits for its work launches nothing meanwhile. */
static void judge(const struct arbiter *arbiter, struct arbiter_seat *seat, uint64_t now_ns)
{
    double due = seat->sparse_use < seat->rate ? seat->sparse_use : seat->rate;
    double used_ns = (double)(seat->queued_ns - seat->sparse_queued_ns);
    bool well = used_ns >= arbiter->times.sparse_least * due * (double)(now_ns - seat->sparse_from_ns);
    uint64_t longer_ns = seat->sparse_retry_ns < arbiter->times.retry_ns ? 2 * seat->sparse_retry_ns : seat->sparse_retry_ns;
    seat->sparse_retry_ns = well || seat->sparse_retry_ns == 0 ? arbiter->times.sparse_retry_ns : longer_ns;
    if (!well)
        seat->sparse_not_before_ns = now_ns + seat->sparse_retry_ns;
    seat->sparse_until_ns = 0;
}

static void begin(const struct arbiter *arbiter, struct arbiter_seat *seat, double use, uint64_t now_ns)
{
    seat->sparse_use = seat->sparse_use == 0 ? use : (3 * seat->sparse_use + use) / 4; /* a step of a training has its parts */
    seat->sparse_from_ns = now_ns;
    seat->sparse_queued_ns = seat->queued_ns;
    seat->sparse_until_ns = now_ns + arbiter->times.sparse_again_ns;
}

bool sparse_is_enough(const struct arbiter *arbiter, const struct arbiter_seat *seat, uint64_t now_ns)
{
    return seat->sparse_from_ns != 0 && now_ns >= seat->sparse_not_before_ns &&
           now_ns < seat->sparse_from_ns + 4 * arbiter->times.sparse_again_ns;
}

uint64_t sparse_from_ns(const struct arbiter *arbiter, struct arbiter_seat *seat, uint64_t now_ns)
{
    /* what it has just launched counts for nothing: by the time that is seen here, a program that goes on has launched more */
    bool drained = !seat->waiting && seat->inflight_ns <= arbiter->times.early_ns;
    uint64_t held_ns = arbiter->held_ns + arbiter->times.hold_ns; /* two that are sparse do not throw it to and fro */
    if (seat->sparse_until_ns != 0 && now_ns >= seat->sparse_until_ns)
        judge(arbiter, seat, now_ns);
    if (now_ns < seat->sparse_not_before_ns)
        return UINT64_MAX;
    if (seat->sparse_until_ns != 0)
        return !drained ? UINT64_MAX : now_ns < held_ns ? held_ns : now_ns;
    if (drained && seat->drained_ns == 0) {
        seat->drained_ns = now_ns;
        seat->drained_queued_ns = seat->queued_ns;
    }
    if (seat->drained_ns == 0)
        return UINT64_MAX;
    uint64_t since_ns = now_ns - seat->drained_ns;
    if (since_ns < arbiter->times.sparse_ns)
        return seat->drained_ns + arbiter->times.sparse_ns;
    seat->drained_ns = 0; /* looked at again when it drains again */
    double use = (double)(seat->queued_ns - seat->drained_queued_ns) / (double)since_ns;
    if (use >= arbiter->times.sparse)
        return UINT64_MAX;
    begin(arbiter, seat, use, now_ns);
    return now_ns;
}
