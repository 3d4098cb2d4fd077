package io.aliquot.controller.app;

import io.aliquot.controller.ingest.History;
import io.aliquot.controller.ingest.RequestReader;
import io.aliquot.controller.ingest.TelemetryReader;
import io.aliquot.controller.ledger.QuotaLedger;
import io.aliquot.controller.ledger.RequestSender;
import io.aliquot.controller.ledger.UsageLedger;
import io.aliquot.controller.publish.DecisionSender;
import io.aliquot.controller.publish.JournalSender;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.ClusterView;
import io.aliquot.controller.state.FatalFailure;
import io.aliquot.schema.Topics;
import io.aliquot.schema.kafka.KafkaAccess;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Rules on requests, decides for the nodes, and keeps the ledgers, for one term. */
final class ActiveDuty implements Duty {
    static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(ActiveDuty.class);

    private final Shared shared;
    private final long term;
    private final long claimedAtMs;
    private final BooleanSupplier holds;
    private final Consumer<Throwable> onFailure;
    private final Parts parts = new Parts();
    private final QuotaLedger ledger;
    private final ClusterState initial;
    private final long firstRequest;
    private volatile @Nullable Working working;

    /** What is there once it was started. */
    private record Working(ControlLoop loop, QuotaDesk desk, RequestSender requests, UsageLedger usage) {}

    /**
     * Shuts out every earlier controller, and reads what they committed.
     *
     * @param claimedAtMs when the broker appended the claim of the term
     * @param holds whether the term is still this controller's; what it decides after that is told to nobody
     * @param onFailure told when a thread of it ended by an error
     * @throws io.aliquot.controller.lease.LeaseLost when another controller shut this one out
     */
    ActiveDuty(Shared shared, long term, long claimedAtMs, BooleanSupplier holds, Consumer<Throwable> onFailure) {
        this.shared = shared;
        this.term = term;
        this.claimedAtMs = claimedAtMs;
        this.holds = holds;
        this.onFailure = onFailure;
        KafkaAccess kafka = shared.kafka();
        String requestTopicId = shared.cluster().topicId(Topics.QUOTA_REQUEST);
        try {
            ledger = parts.add(new QuotaLedger(kafka, requestTopicId));
            ledger.open();
            requireTheSameLeaseTopic();
            try (History history = new History(kafka, shared.malformed())) {
                initial = history.quotas();
                firstRequest = history.firstUnansweredRequest(requestTopicId);
            }
        } catch (RuntimeException e) {
            parts.close();
            throw e;
        }
    }

    /** The term is an offset in the topic whose id is known from the start: in a topic that was created again it is nobody's. */
    private void requireTheSameLeaseTopic() {
        if (!shared.cluster().isTheSame(Topics.LEASE)) {
            FatalFailure again = new FatalFailure(
                    "topic " + Topics.LEASE + " was created again while this controller ran",
                    "start all controllers again");
            onFailure.accept(again);
            throw again;
        }
    }

    /** To be called when nobody else takes telemetry any more. */
    @Override
    public void start() {
        KafkaAccess kafka = shared.kafka();
        MeterRegistry meters = shared.meters();
        TelemetryReader telemetry = shared.telemetry();
        DecisionSender sender = parts.add(new DecisionSender(
                kafka,
                meters,
                holds,
                decision -> shared.deliveries()
                        .sent(
                                decision.plan().node(),
                                decision.fence(),
                                shared.clock().monotonicMs().getAsLong())));
        JournalSender journal = parts.add(new JournalSender(kafka, meters));
        Outbox outbox = new Outbox(sender::offer, journal::offer, shared.clock(), outboxTerm());
        ControlLoop loop = parts.add(new ControlLoop(
                shared.clock(),
                shared.config().tick(),
                initial,
                firstRequest,
                telemetry.take().nextOffsets(),
                telemetry::take,
                call -> {
                    if (holds.getAsBoolean()) {
                        outbox.decided(call);
                    }
                },
                TickMeters.of(meters),
                onFailure));
        QuotaDesk desk = new QuotaDesk(initial, ledger, shared.clock(), meters, loop::post);
        RequestSender requests = parts.add(new RequestSender(kafka, ANSWER_TIMEOUT));
        RequestReader reader = parts.add(new RequestReader(kafka, shared.malformed(), meters, desk::rule, onFailure));
        UsageLedger usage = parts.add(new UsageLedger(
                kafka,
                shared.cluster().topicId(Topics.TELEMETRY),
                TelemetryReader::parse,
                meters,
                shared.malformed()::keep));
        sender.start();
        journal.start();
        loop.start();
        usage.start();
        reader.start(firstRequest);
        working = new Working(loop, desk, requests, usage);
        LOG.info(
                "active with term {}: {} tenants, requests from offset {}",
                term,
                initial.tree().size() - 1,
                firstRequest);
    }

    private Outbox.Term outboxTerm() {
        return new Outbox.Term(
                shared.cluster().topicId(Topics.LEASE),
                term,
                claimedAtMs,
                shared.cluster().topicId(Topics.QUOTA_REQUEST),
                Math.toIntExact(shared.config().decisionTimeToLive().toMillis()));
    }

    long term() {
        return term;
    }

    /** Whether its term is still this controller's. */
    boolean holds() {
        return holds.getAsBoolean();
    }

    @Override
    public ClusterView view() {
        return working().loop.view();
    }

    QuotaDesk desk() {
        return working().desk;
    }

    RequestSender requests() {
        return working().requests;
    }

    UsageLedger usage() {
        return working().usage;
    }

    private Working working() {
        Working now = working;
        if (now == null) {
            throw new IllegalStateException("term " + term + " has not been started yet");
        }
        return now;
    }

    @Override
    public void close() {
        parts.close();
    }
}
