package io.aliquot.controller.state;

import java.util.ArrayList;
import java.util.List;

/**
 * Requests that are ruled on together, in the order of their offsets, and what is in force once that is committed. Until then
 * nothing is. Pure: the time is an argument. One thread.
 */
public final class Docket {
    private final long nowUnixMs;
    private final List<Ruled> ruled = new ArrayList<>();
    private final List<ClusterEvent> events = new ArrayList<>();
    private ClusterState quotas;

    /**
     * @param quotas in force
     * @param nowUnixMs when all of them are ruled on
     */
    public Docket(ClusterState quotas, long nowUnixMs) {
        this.quotas = quotas;
        this.nowUnixMs = nowUnixMs;
    }

    /** Rules on the next request, with those before it as if they were in force. */
    public Ruling rule(QuotaRequest request, long offset) {
        Ruling ruling = QuotaPolicy.validate(request, quotas, nowUnixMs);
        ruled.add(new Ruled(request, offset, quotas.quotas().get(request.tenant()), ruling));
        switch (ruling) {
            case Ruling.Accepted(var quota) -> change(new ClusterEvent.QuotaChanged(quota));
            case Ruling.Removed(var tenant) -> change(new ClusterEvent.QuotaRemoved(tenant));
            case Ruling.Refused(var reason) -> {
                // Nothing changes.
            }
        }
        return ruling;
    }

    /** All answers so far, in the order of their requests. */
    public List<Ruled> ruled() {
        return List.copyOf(ruled);
    }

    /** What the answers change, in their order. */
    public List<ClusterEvent> events() {
        return List.copyOf(events);
    }

    /** The quotas with all changes. */
    public ClusterState quotas() {
        return quotas;
    }

    public long nowUnixMs() {
        return nowUnixMs;
    }

    private void change(ClusterEvent event) {
        events.add(event);
        quotas = quotas.apply(event);
    }
}
