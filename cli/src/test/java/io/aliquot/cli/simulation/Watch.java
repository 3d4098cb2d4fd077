package io.aliquot.cli.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.agent.guard.GuardState;
import io.aliquot.agent.model.Decision;
import io.aliquot.agent.model.FenceStamp;
import io.aliquot.agent.model.GpuShares;
import io.aliquot.agent.model.TenantShare;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.Docket;
import io.aliquot.controller.state.Quota;
import io.aliquot.controller.state.Ruled;
import io.aliquot.controller.state.Ruling;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Sees all that happens and throws a {@link Violation} at what must never be. It knows what no program knows. */
final class Watch {
    private final World world;
    private final Broker broker;
    private final List<ControllerProgram> controllers = new ArrayList<>();
    private final Map<FenceStamp, Set<String>> authors = new HashMap<>();
    private final Map<String, String> leaders = new HashMap<>();
    private final Map<AgentProgram, Accepted> accepted = new HashMap<>();
    private final SortedMap<String, Quota> inForce = new TreeMap<>();
    private final Map<String, List<Quota>> everInForce = new HashMap<>();
    private final Map<String, Ruling> rulings = new HashMap<>();
    private long lastAnswered = -1;
    final Counts counts = new Counts();

    /** What one run came to; a run in which nothing happens proves nothing. */
    static final class Counts {
        int runs;
        int applied;
        int terms;
        int refusedTransactions;
        int staticRungs;
        int acknowledged;
        int poison;
        int newLeaseTopics;

        void add(Counts run) {
            runs++;
            applied += run.applied;
            terms += run.terms;
            refusedTransactions += run.refusedTransactions;
            staticRungs += run.staticRungs;
            acknowledged += run.acknowledged;
            poison += run.poison;
            newLeaseTopics += run.newLeaseTopics;
        }

        /** In a few hundred runs all of it happens again and again. */
        void assertThatMuchHappened() {
            assertThat(applied).as("decisions applied").isGreaterThan(20 * runs);
            assertThat(terms).as("terms").isGreaterThan(2 * runs);
            assertThat(acknowledged).as("quotas acknowledged").isGreaterThan(5 * runs);
            assertThat(staticRungs).as("turns on the static rung").isGreaterThan(runs);
            assertThat(poison).as("records that can't be read").isGreaterThan(runs);
            assertThat(refusedTransactions).as("transactions refused").isGreaterThan(runs / 50);
            assertThat(newLeaseTopics).as("agents that met a new lease topic").isGreaterThan(runs / 10);
        }

        @Override
        public String toString() {
            return runs + " runs: " + applied + " decisions applied, " + terms + " terms, " + refusedTransactions
                    + " transactions refused, " + staticRungs + " turns on the static rung, " + acknowledged
                    + " quotas acknowledged, " + poison + " poison records, " + newLeaseTopics + " new lease topics";
        }
    }

    /** What an agent took, over all its lives. */
    private static final class Accepted {
        final Set<FenceStamp> all = new HashSet<>();
        FenceStamp last;
        boolean restarted;
    }

    Watch(World world, Broker broker) {
        this.world = world;
        this.broker = broker;
    }

    void watch(ControllerProgram controller) {
        controllers.add(controller);
    }

    /** After every step: of those that act, there is one. */
    void afterStep() {
        if (world.nowMs < broker.disturbedUntilMs) {
            return;
        }
        String first = "";
        for (ControllerProgram controller : controllers) {
            if (controller.actsUnder() >= 0) {
                require(first.isEmpty(), "two controllers act at once: %s and %s", first, controller.name);
                first = controller.name;
            }
        }
    }

    void poison() {
        counts.poison++;
    }

    void published(String author, FenceStamp stamp) {
        authors.computeIfAbsent(stamp, s -> new HashSet<>()).add(author);
    }

    void refusedTransaction() {
        counts.refusedTransactions++;
    }

    /** A controller has read what is in force, to begin a term. */
    void rebuilt(ControllerProgram controller, ClusterState quotas) {
        counts.terms++;
        require(
                quotas.quotas().equals(inForce),
                "%s begins with quotas %s, in force are %s",
                controller.name,
                quotas.quotas(),
                inForce);
    }

    /** Quotas and audits were appended. */
    void committed(Docket docket) {
        for (Ruled one : docket.ruled()) {
            String tenant = one.request().tenant();
            require(
                    one.requestOffset() > lastAnswered,
                    "request %s is answered after request %s was",
                    one.requestOffset(),
                    lastAnswered);
            lastAnswered = one.requestOffset();
            Quota before = one.before();
            require(
                    before == null ? !inForce.containsKey(tenant) : before.equals(inForce.get(tenant)),
                    "a quota is lost: %s was ruled on over %s, in force is %s",
                    one.request(),
                    before,
                    inForce.get(tenant));
            rulings.put(one.request().requestId(), one.ruling());
            if (one.ruling() instanceof Ruling.Accepted(Quota quota)) {
                inForce.put(tenant, quota);
                everInForce.computeIfAbsent(tenant, t -> new ArrayList<>()).add(quota);
            } else if (one.ruling() instanceof Ruling.Removed) {
                inForce.remove(tenant);
            }
        }
    }

    void acknowledged(String requestId, Ruling ruling) {
        counts.acknowledged++;
        require(ruling.equals(rulings.get(requestId)), "%s was acknowledged and not committed", requestId);
    }

    void restarted(AgentProgram agent) {
        accepted.computeIfAbsent(agent, a -> new Accepted()).restarted = true;
    }

    /** An agent has put a decision in force. */
    void applied(AgentProgram agent, Decision decision, boolean atFallback, boolean restored) {
        counts.applied++;
        FenceStamp stamp = decision.fence();
        world.say(agent.name, "applies " + stamp + (atFallback ? " at fallback" : restored ? " restored" : ""));
        Accepted before = accepted.computeIfAbsent(agent, a -> new Accepted());
        oneLeader(stamp);
        if (restored) {
            require(before.all.contains(stamp), "%s restores %s, which it never had", agent.name, stamp);
        } else if (!atFallback) {
            inOrder(agent, before, stamp);
        }
        decision.gpus().forEach(gpu -> limited(agent, gpu));
    }

    private void oneLeader(FenceStamp stamp) {
        for (String author : authors.getOrDefault(stamp, Set.of("nobody"))) {
            String leader = leaders.computeIfAbsent(stamp.leaseTopicId() + "/" + stamp.term(), t -> author);
            require(leader.equals(author), "decisions of %s and %s are applied in one term: %s", leader, author, stamp);
        }
    }

    private void inOrder(AgentProgram agent, Accepted before, FenceStamp stamp) {
        FenceStamp last = before.last;
        if (last != null && last.leaseTopicId().equals(stamp.leaseTopicId())) {
            int compared = stamp.compareTo(last);
            require(
                    compared > 0 || (compared == 0 && before.restarted),
                    "%s applies %s after it had accepted %s",
                    agent.name,
                    stamp,
                    last);
        } else if (last != null) {
            counts.newLeaseTopics++;
            require(
                    olderFirst(last, stamp) || agent.enforcing().state() instanceof GuardState.Static,
                    "%s applies %s of an older lease topic than %s",
                    agent.name,
                    stamp,
                    last);
        }
        before.last = stamp;
        before.all.add(stamp);
        before.restarted = false;
    }

    private static boolean olderFirst(FenceStamp last, FenceStamp stamp) {
        return topicNumber(last) < topicNumber(stamp);
    }

    /** The model counts the topics that it makes. */
    private static int topicNumber(FenceStamp stamp) {
        return Integer.parseInt(stamp.leaseTopicId().substring("topic-".length()));
    }

    /** Neither unlimited nor zero, and by a quota that was in force. */
    private void limited(AgentProgram agent, GpuShares gpu) {
        int fallback = 0;
        for (TenantShare share : gpu.tenants()) {
            require(share.weight() > 0 && share.ceilingPermille() > 0, "%s: nothing for %s", agent.name, share);
            require(share.fallbackPermille() > 0, "%s: no fallback for %s", agent.name, share);
            fallback += share.fallbackPermille();
            Quota quota = everInForce.getOrDefault(share.tenant(), List.of()).stream()
                    .filter(q -> q.version() == share.quotaVersion())
                    .filter(q -> q.memoryLimitBytes() == share.memoryLimitBytes())
                    .findFirst()
                    .orElse(null);
            require(quota != null, "%s: %s follows from no quota that was ever in force", agent.name, share);
        }
        require(fallback <= 1000, "%s: the fallback shares come to %s", agent.name, fallback);
    }

    /** An agent's loop has turned: it stands on the rung that its own clock says. */
    void turned(AgentProgram agent) {
        GuardState state = agent.enforcing().state();
        Decision inForceThere = agent.node().inForce().orElse(null);
        long ageMs = state.ageNs(agent.nowNs()).orElse(0L) / 1_000_000;
        switch (state) {
            case GuardState.Empty empty ->
                require(inForceThere == null, "%s has %s in force and knows of none", agent.name, inForceThere);
            case GuardState.Fresh(Decision decision, long at) -> {
                require(ageMs <= ActiveModel.TIME_TO_LIVE_MS, "%s is fresh after %s ms", agent.name, ageMs);
                require(decision.equals(inForceThere), "%s is fresh, in force is %s", agent.name, inForceThere);
            }
            case GuardState.Held(Decision decision, long at) -> {
                require(ageMs <= AgentProgram.STATIC_AFTER.toMillis(), "%s holds after %s ms", agent.name, ageMs);
                require(decision.equals(inForceThere), "%s holds, in force is %s", agent.name, inForceThere);
            }
            case GuardState.Static(Decision decision, long at) -> {
                counts.staticRungs++;
                require(
                        decision.atFallback().equals(inForceThere),
                        "%s is static, in force is %s",
                        agent.name,
                        inForceThere);
            }
        }
    }

    SortedMap<String, Quota> quotasInForce() {
        return inForce;
    }

    void require(boolean right, String otherwise, Object... values) {
        if (!right) {
            throw new Violation(otherwise.formatted(values));
        }
    }
}
