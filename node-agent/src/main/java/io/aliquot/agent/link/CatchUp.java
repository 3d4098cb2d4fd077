package io.aliquot.agent.link;

import io.aliquot.agent.model.Decision;
import java.util.Optional;

/**
 * Reads what is already in the log and keeps the one decision that matters: the newest under the lease topic that came
 * last. So a restart applies one decision and not a day of them, and an old order doesn't come back even for a moment.
 */
final class CatchUp {
    private Optional<Decision> newest = Optional.empty();

    void add(Decision decision) {
        if (newest.isEmpty() || decision.fence().supersedes(newest.get().fence())) {
            newest = Optional.of(decision);
        }
    }

    Optional<Decision> newest() {
        return newest;
    }
}
