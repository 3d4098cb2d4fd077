package io.aliquot.controller.api;

import io.aliquot.controller.account.Report;
import io.aliquot.controller.account.Statement;
import io.aliquot.controller.state.ClusterView;
import io.aliquot.controller.state.QuotaRequest;
import io.aliquot.controller.state.Ruling;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** What the API needs of the controller. Its methods may be called from any thread and don't block. */
public interface ControllerPort {
    /** The newest state and plans. */
    ClusterView view();

    /** The controller's monotonic clock, milliseconds. */
    long nowMs();

    /** The brokers' addresses, for people. */
    String brokers();

    /** Whether it can do its work now. */
    Readiness readiness();

    /**
     * Sends a request through the request topic. Id and time are filled in.
     *
     * @return the ruling that was audited; fails when there was none in time
     */
    CompletionStage<Ruling> request(QuotaRequest request);

    /** The wall clock, milliseconds since 1970. */
    long nowUnixMs();

    /**
     * Adds up the usage ledger.
     *
     * @return empty while the ledger is still being read
     */
    CompletionStage<Optional<Statement>> report(Report.Query query);

    /** All meters in Prometheus' text format. */
    String scrape();

    /**
     * What must be true to be ready.
     *
     * @param broker the broker answered within the last seconds
     * @param rebuilt quotas were read to the end
     * @param claim the claim to be the active controller is held
     */
    record Readiness(boolean broker, boolean rebuilt, boolean claim) {
        /** All of it. */
        public boolean ready() {
            return broker && rebuilt && claim;
        }
    }
}
