package io.aliquot.controller.app;

import io.aliquot.controller.ingest.RequestReader;
import io.aliquot.controller.ledger.QuotaLedger;
import io.aliquot.controller.state.ClusterEvent;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.Docket;
import io.aliquot.controller.state.Ruled;
import io.aliquot.controller.state.Ruling;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ObjLongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rules on requests in the order of their offsets: judges them against the quotas in force, writes quota and audit in one
 * transaction, and only then tells the control loop and who waits. Owned by the thread that reads requests.
 */
final class QuotaDesk {
    private static final Logger LOG = LoggerFactory.getLogger(QuotaDesk.class);

    private final QuotaLedger ledger;
    private final Clock clock;
    private final MeterRegistry meters;
    private final ObjLongConsumer<List<ClusterEvent>> changed;
    private final Map<String, CompletableFuture<Ruling>> waiting = new ConcurrentHashMap<>();
    private ClusterState quotas;

    /**
     * @param quotas in force
     * @param changed told what was committed, and the offset of the first request that is not in it
     */
    QuotaDesk(
            ClusterState quotas,
            QuotaLedger ledger,
            Clock clock,
            MeterRegistry meters,
            ObjLongConsumer<List<ClusterEvent>> changed) {
        this.quotas = quotas;
        this.ledger = ledger;
        this.clock = clock;
        this.meters = meters;
        this.changed = changed;
    }

    /** Completes with the ruling on a request once that is committed. Any thread; before the request is sent. */
    CompletableFuture<Ruling> await(String requestId) {
        CompletableFuture<Ruling> answer = new CompletableFuture<>();
        waiting.put(requestId, answer);
        answer.whenComplete((ruling, error) -> waiting.remove(requestId));
        return answer;
    }

    /** Rules on a batch and returns when it is committed. */
    void rule(RequestReader.Batch batch) {
        Docket docket = new Docket(quotas, clock.unixMs().getAsLong());
        for (RequestReader.Numbered numbered : batch.requests()) {
            if (docket.rule(numbered.request(), numbered.offset()) instanceof Ruling.Refused(var reason)) {
                LOG.info("refused the request at offset {}: {}", numbered.offset(), reason);
            }
        }
        if (!ledger.commit(docket.ruled(), docket.nowUnixMs())) {
            return;
        }
        quotas = docket.quotas();
        changed.accept(docket.events(), batch.nextOffset());
        docket.ruled().forEach(this::answer);
    }

    private void answer(Ruled ruled) {
        String result = ruled.ruling() instanceof Ruling.Refused ? "refused" : "accepted";
        meters.counter("aliquot.controller.quota.requests", "result", result).increment();
        CompletableFuture<Ruling> answer = waiting.get(ruled.request().requestId());
        if (answer != null) {
            answer.complete(ruled.ruling());
        }
    }
}
