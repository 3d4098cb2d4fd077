package io.aliquot.controller.api;

import io.aliquot.controller.account.Report;
import io.aliquot.controller.account.Statement;
import io.aliquot.controller.state.ClusterView;
import io.aliquot.controller.state.Fleet;
import io.aliquot.controller.state.QuotaRequest;
import io.aliquot.controller.state.Ruling;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** What the API needs of the controller. Its methods may be called from any thread and don't block. */
public interface ControllerPort {
    /** The newest state and plans. */
    ClusterView view();

    /** What nodes have, and what became of the decisions for them. */
    Fleet fleet();

    /** The controller's monotonic clock, milliseconds. */
    long nowMs();

    /** The brokers' addresses, for people. */
    String brokers();

    /** Whether it can do its work now. */
    Readiness readiness();

    /** Whether it decides for the cluster, or who does. */
    Role role();

    /**
     * Sends a request through the request topic; the active controller alone does. Id and time are filled in.
     *
     * @return the ruling that was audited; fails when there was none in time
     */
    CompletionStage<Ruling> request(QuotaRequest request);

    /** The wall clock, milliseconds since 1970. */
    long nowUnixMs();

    /**
     * Adds up the usage ledger.
     *
     * @return empty while the ledger is still being read, and when this controller is not the active one
     */
    CompletionStage<Optional<Statement>> report(Report.Query query);

    /** All meters in Prometheus' text format. */
    String scrape();

    /**
     * What must be true to be ready, in either role.
     *
     * @param broker the broker answered within the last seconds
     * @param rebuilt quotas were read to the end
     * @param stopping it was told to end
     */
    record Readiness(boolean broker, boolean rebuilt, boolean stopping) {
        /** All of it. */
        public boolean ready() {
            return broker && rebuilt && !stopping;
        }
    }

    /** What a controller may be. */
    enum RoleName {
        ACTIVE("active"),
        TAKING_OVER("taking over"),
        STANDBY("standby");

        private final String words;

        RoleName(String words) {
            this.words = words;
        }

        /** For people and JSON. */
        public String words() {
            return words;
        }
    }

    /**
     * This controller's role.
     *
     * @param holder name of the controller that holds the lease, as far as is known
     */
    record Role(RoleName name, Optional<String> holder) {
        /** Whether this controller decides and takes requests. */
        public boolean active() {
            return name == RoleName.ACTIVE;
        }
    }
}
