package io.aliquot.controller.app;

import io.aliquot.controller.ingest.History;
import io.aliquot.controller.ingest.QuotaFollower;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.ClusterView;
import java.util.function.Consumer;

/**
 * Follows quotas and telemetry and divides the cluster by them as the active controller would, for those who look at it, and tells
 * nobody. So what it shows is its own estimate: it has not seen the past that the active one has.
 */
final class StandbyDuty implements Duty {
    private final Parts parts = new Parts();
    private final ControlLoop loop;
    private final QuotaFollower follower;
    private final long nextQuota;

    /**
     * Reads the quotas in force.
     *
     * @param onFailure told when a thread of it ended by an error
     */
    StandbyDuty(Shared shared, Consumer<Throwable> onFailure) {
        try {
            ClusterState initial;
            try (History history = new History(shared.kafka(), shared.malformed())) {
                initial = history.quotas();
                nextQuota = history.nextQuota();
            }
            loop = parts.add(new ControlLoop(
                    shared.clock(),
                    shared.config().tick(),
                    initial,
                    0,
                    shared.telemetry().take().nextOffsets(),
                    shared.telemetry()::take,
                    call -> {},
                    TickMeters.of(shared.meters()),
                    onFailure));
            follower = parts.add(new QuotaFollower(
                    shared.kafka(), shared.malformed(), initial, events -> loop.post(events, 0), onFailure));
        } catch (RuntimeException e) {
            parts.close();
            throw e;
        }
    }

    @Override
    public void start() {
        loop.start();
        follower.start(nextQuota);
    }

    @Override
    public ClusterView view() {
        return loop.view();
    }

    /** Leaves telemetry to the next duty; to close the rest may take half a second. */
    void yieldTelemetry() {
        loop.close();
    }

    @Override
    public void close() {
        parts.close();
    }
}
