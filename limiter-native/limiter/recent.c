#include "recent.h"

#include "aliquot_page.h"

static void keep(struct recent *recent, int moment, uint64_t now_ns, uint64_t gpu_ns)
{
    recent->at_ns[moment] = now_ns;
    recent->gpu_ns[moment] = gpu_ns;
}

uint32_t recent_update(struct recent *recent, uint64_t now_ns, uint64_t gpu_ns)
{
    if (now_ns - recent->at_ns[1] > RECENT_NS || gpu_ns < recent->gpu_ns[1]) {
        keep(recent, 0, now_ns, gpu_ns);
        keep(recent, 1, now_ns, gpu_ns);
    } else if (now_ns - recent->at_ns[1] >= RECENT_NS / 2) {
        keep(recent, 0, recent->at_ns[1], recent->gpu_ns[1]);
        keep(recent, 1, now_ns, gpu_ns);
    }
    uint64_t span_ns = now_ns - recent->at_ns[0], used_ns = gpu_ns - recent->gpu_ns[0];
    if (used_ns > span_ns) /* what ended now began before */
        used_ns = span_ns;
    uint64_t permille = span_ns == 0 ? 0 : used_ns * 1000 / span_ns;
    return (uint32_t)(now_ns >> ALIQUOT_RECENT_UNIT_SHIFT) << ALIQUOT_RECENT_WHEN_SHIFT | (uint32_t)permille;
}

uint32_t recent_permille(uint32_t word, uint64_t now_ns)
{
    uint32_t now = (uint32_t)(now_ns >> ALIQUOT_RECENT_UNIT_SHIFT), when = word >> ALIQUOT_RECENT_WHEN_SHIFT;
    uint32_t age = (now - when) & ((1u << ALIQUOT_RECENT_WHEN_BITS) - 1), permille = word & ALIQUOT_RECENT_MASK;
    return age > RECENT_NS >> ALIQUOT_RECENT_UNIT_SHIFT ? 0 : permille < 1000 ? permille : 1000;
}
