package io.aliquot.cli.simulation;

import io.aliquot.agent.guard.GuardState;
import io.aliquot.agent.model.Decision;
import io.aliquot.agent.model.TenantShare;
import io.aliquot.controller.fairshare.Damping;
import io.aliquot.controller.ingest.IngestDoor;
import io.aliquot.controller.state.Quota;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.ToIntFunction;

/** What must be some time after the last fault: one leader, every request answered, and the exact shares on every node. */
final class Convergence {
    /** A share is rounded to a whole permille on each node. */
    private static final double ROUNDING_PERMILLE = 1;

    private final Watch watch;

    Convergence(Watch watch) {
        this.watch = watch;
    }

    void check(Broker broker, List<ControllerProgram> controllers, List<AgentProgram> agents) {
        long active = controllers.stream().filter(c -> c.actsUnder() >= 0).count();
        watch.require(active == 1, "%s controllers are active after the last fault", active);
        for (Broker.Entry entry : broker.requests.from(Histories.firstUnanswered(broker), Integer.MAX_VALUE)) {
            watch.require(unreadable(entry), "the request at offset %s is not answered", entry.offset());
        }
        Map<String, Double> exact = exactPermille(watch.quotasInForce());
        Map<String, List<TenantShare>> shares = new HashMap<>();
        for (AgentProgram agent : agents) {
            shares(agent, exact)
                    .forEach(share -> shares.computeIfAbsent(share.tenant(), t -> new ArrayList<>())
                            .add(share));
        }
        for (Quota quota : watch.quotasInForce().values()) {
            check(quota, shares.getOrDefault(quota.tenant(), List.of()), exact.getOrDefault(quota.tenant(), 0.0));
        }
    }

    /** The fair part is exact; the target is, but for changes that are too small to be told (fairshare.Damping). */
    private void check(Quota quota, List<TenantShare> shares, double exact) {
        double fair = mean(shares, TenantShare::guaranteedPermille);
        watch.require(Math.abs(fair - exact) <= ROUNDING_PERMILLE, "%s has %s, exact is %s", quota, fair, exact);
        double untold = Math.max(1000 * Damping.POINT_GPUS / shares.size(), Damping.RELATIVE * exact);
        double target = mean(shares, TenantShare::targetPermille);
        watch.require(
                Math.abs(target - exact) <= untold + ROUNDING_PERMILLE,
                "%s has a target of %s, exact is %s",
                quota,
                target,
                exact);
        double floor = mean(shares, TenantShare::floorPermille);
        watch.require(floor >= quota.floorPermille() - ROUNDING_PERMILLE, "%s has a floor of %s", quota, floor);
    }

    private static double mean(List<TenantShare> shares, ToIntFunction<TenantShare> permille) {
        return shares.stream().mapToInt(permille).average().orElse(0);
    }

    /** On each node, shares of the cluster may lie otherwise; all of the GPU is given away. */
    private Collection<TenantShare> shares(AgentProgram agent, Map<String, Double> exact) {
        GuardState state = agent.enforcing().state();
        watch.require(state instanceof GuardState.Fresh, "%s is %s after the last fault", agent.name, state.rung());
        Decision decision = state.last().orElseThrow();
        Map<String, TenantShare> shares = decision.shares(agent.gpu);
        watch.require(
                shares.keySet().equals(exact.keySet()), "%s has %s, expected %s", agent.name, shares.keySet(), exact);
        for (TenantShare share : shares.values()) {
            Quota quota = watch.quotasInForce().get(share.tenant());
            watch.require(
                    share.quotaVersion() == quota.version() && share.memoryLimitBytes() == quota.memoryLimitBytes(),
                    "%s has %s, in force is %s",
                    agent.name,
                    share,
                    quota);
        }
        return shares.values();
    }

    /** All want all: a share is the weight times one factor for all, between floor and ceiling, and they sum to a GPU. */
    static Map<String, Double> exactPermille(SortedMap<String, Quota> quotas) {
        if (quotas.size() == 1) { // a ceiling that is not hard does not hold while nobody else wants the time
            return Map.of(quotas.firstKey(), 1000.0);
        }
        double low = 0;
        double high = 1000;
        for (int i = 0; i < 60; i++) {
            double factor = (low + high) / 2;
            double sum = quotas.values().stream()
                    .mapToDouble(q -> permille(q, factor))
                    .sum();
            if (sum > 1000) {
                high = factor;
            } else {
                low = factor;
            }
        }
        Map<String, Double> exact = new HashMap<>();
        for (Quota quota : quotas.values()) {
            exact.put(quota.tenant(), permille(quota, low));
        }
        return exact;
    }

    private static double permille(Quota quota, double factor) {
        return Math.clamp(factor * quota.weight(), quota.floorPermille(), quota.ceilingPermille());
    }

    private static boolean unreadable(Broker.Entry entry) {
        try {
            IngestDoor.request(entry.value());
            return false;
        } catch (IllegalArgumentException poison) {
            return true;
        }
    }
}
