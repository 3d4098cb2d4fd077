package io.aliquot.agent.app;

import io.aliquot.agent.api.AgentView;
import io.aliquot.agent.link.AckLink;
import io.aliquot.agent.link.DecisionLink;
import io.aliquot.agent.link.TelemetryLink;
import io.aliquot.agent.model.NodeUsage;
import io.aliquot.agent.node.Node;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Answers the HTTP side's questions from the parts. Any thread; before the parts are there it says "starting". */
final class AgentStatus implements AgentView {
    /** A loop that hasn't turned for so long, or ten intervals, is stuck. */
    private static final Duration STUCK = Duration.ofSeconds(3);

    private static final Duration SILENT = Duration.ofSeconds(5);

    /** What is observed. */
    record Parts(AgentLoop loop, Enforcer enforcer, TelemetryLink telemetry, DecisionLink decisions, AckLink acks) {}

    private final Node node;
    private final Duration stuck;
    private volatile @Nullable Parts parts;

    AgentStatus(AgentConfig config, Node node) {
        this.node = node;
        Duration tenIntervals = config.interval().multipliedBy(10);
        this.stuck = tenIntervals.compareTo(STUCK) > 0 ? tenIntervals : STUCK;
    }

    void observe(Parts started) {
        parts = started;
    }

    @Override
    public Optional<NodeUsage> lastUsage() {
        Parts now = parts;
        return now == null ? Optional.empty() : now.loop().last();
    }

    @Override
    public List<String> notAlive() {
        List<String> reasons = new ArrayList<>();
        if (!node.arbitrating()) {
            reasons.add("the arbiter ended"
                    + node.failure().map(f -> ": " + f.getMessage()).orElse(""));
        }
        Parts now = parts;
        if (now != null && !now.loop().turnedWithin(stuck)) {
            reasons.add("the loop has not turned for " + stuck.toMillis() + " ms");
        }
        return reasons;
    }

    @Override
    public List<String> notReady() {
        List<String> reasons = new ArrayList<>(notAlive());
        Parts now = parts;
        if (now == null) {
            reasons.add("starting");
            return reasons;
        }
        if (!now.decisions().caughtUp()) {
            reasons.add("decisions are not read yet");
        }
        Duration silent = stuck.compareTo(SILENT) > 0 ? stuck : SILENT;
        if (!now.telemetry().acknowledgedWithin(silent, System.nanoTime())) {
            reasons.add("no broker has taken telemetry for " + silent.toMillis() + " ms");
        }
        return reasons;
    }

    @Override
    public OptionalDouble decisionAgeSeconds() {
        return of(p -> p.enforcer().state().ageNs(System.nanoTime()))
                .flatMap(age -> age)
                .map(ageNs -> OptionalDouble.of(ageNs / (double) TimeUnit.SECONDS.toNanos(1)))
                .orElse(OptionalDouble.empty());
    }

    @Override
    public String rung() {
        return of(p -> p.enforcer().state().rung()).orElse("empty");
    }

    @Override
    public long decisionsAccepted() {
        return of(p -> p.enforcer().accepted()).orElse(0L);
    }

    @Override
    public long decisionsRefused() {
        return of(p -> p.enforcer().refused()).orElse(0L);
    }

    @Override
    public long decisionsMalformed() {
        return of(p -> p.decisions().malformed()).orElse(0L);
    }

    @Override
    public long neighbours() {
        return of(p -> p.decisions().neighbours()).orElse(0L);
    }

    @Override
    public long acksSent() {
        return of(p -> p.acks().sent()).orElse(0L);
    }

    @Override
    public long acksDropped() {
        return of(p -> p.acks().dropped()).orElse(0L);
    }

    @Override
    public long acksFailed() {
        return of(p -> p.acks().failed()).orElse(0L);
    }

    @Override
    public long telemetrySent() {
        return of(p -> p.telemetry().sent()).orElse(0L);
    }

    @Override
    public long telemetryDropped() {
        return of(p -> p.telemetry().dropped()).orElse(0L);
    }

    @Override
    public long telemetryFailed() {
        return of(p -> p.telemetry().failed()).orElse(0L);
    }

    @Override
    public long connections() {
        return of(p -> p.loop().connections()).orElse(0L);
    }

    @Override
    public long refusedConnections() {
        return of(p -> p.loop().refusedConnections()).orElse(0L);
    }

    private <T> Optional<T> of(Function<Parts, T> question) {
        return Optional.ofNullable(parts).map(question);
    }
}
