#include "tenant.h"

#include <unistd.h>

#include "page_alone.h"

/* A process is on a GPU once it has held memory there, or launched: one that only asks NVML is not. */
static void add(struct tenant_use *use, uint32_t pid, bool named, const struct aliquot_usage_device *usage, uint64_t now_ns)
{
    uint64_t bytes = atomic_load_explicit(&usage->memory_bytes, memory_order_relaxed);
    uint32_t permille = recent_permille(atomic_load_explicit(&usage->recent, memory_order_relaxed), now_ns);
    if (pid == 0 || (bytes == 0 && atomic_load_explicit(&usage->queued_ns, memory_order_relaxed) == 0))
        return;
    use->memory_bytes += bytes;
    use->permille = use->permille + permille < 1000 ? use->permille + permille : 1000;
    if (named)
        use->process[use->count++] = (struct tenant_process){pid, permille, bytes};
}

void tenant_look(const struct seat *seat, struct tenant_use *use)
{
    const struct aliquot_usage_page *page = link_usage();
    uint64_t now_ns = link_now_ns(), ours = page_pid_namespace();
    *use = (struct tenant_use){0};
    if (page == NULL) /* this process alone, on no page */
        add(use, (uint32_t)getpid(), true, atomic_load_explicit(&seat->usage, memory_order_acquire), now_ns);
    for (uint32_t s = 0; page != NULL && s < ALIQUOT_PROCESSES; s++) {
        const struct aliquot_usage_slot *slot = &page->slot[s];
        add(use, atomic_load_explicit(&slot->pid, memory_order_relaxed),
            atomic_load_explicit(&slot->pid_namespace, memory_order_relaxed) == ours, &slot->device[seat->index], now_ns);
    }
}
