package io.aliquot.cli.simulation;

import io.aliquot.controller.ingest.History;
import io.aliquot.controller.ingest.IngestDoor;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.Quota;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a controller that takes over makes of the logs. */
final class Histories {
    private Histories() {}

    static ClusterState quotas(Broker broker) {
        SortedMap<String, Quota> quotas = new TreeMap<>();
        for (Broker.Entry entry : broker.quotas.from(0, Integer.MAX_VALUE)) {
            try {
                IngestDoor.replay(entry.key(), entry.value(), quotas);
            } catch (IllegalArgumentException poison) {
                continue;
            }
        }
        return History.state(quotas);
    }

    static long firstUnanswered(Broker broker) {
        long first = 0;
        for (Broker.Entry entry : broker.audits.from(Math.max(0, broker.audits.end() - 20), 20)) {
            try {
                first = IngestDoor.after(entry.value(), broker.requests.id);
            } catch (IllegalArgumentException poison) {
                continue;
            }
        }
        return first;
    }
}
