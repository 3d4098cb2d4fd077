package io.aliquot.controller.fairshare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What history and credit keep, on random trees with random tenants that have one, both or none, over random demands. */
class MemoryPropertiesTest {
    private static final double ROUNDING = 1e-8;
    private static final double SECONDS = 2;

    /** A world whose demands change from tick to tick. */
    record Course(World world, List<Integer> phases) {}

    /** One tick of a course. */
    record Tick(Entitlements now, UsageHistory.State history, BurstCredit.State before, BurstCredit.State after) {}

    @Property
    void staysFeasible(@ForAll("courses") Course course) {
        for (Tick tick : run(course)) {
            PolicyTree tree = tick.now.tree();
            for (int node = 1; node < tree.size(); node++) {
                assertThat(tick.now.entitlement().get(node))
                        .isBetween(0.0, tick.now.wanted().get(node) + ROUNDING);
            }
            for (int node = 0; node < tree.size(); node++) {
                assertThat(given(tick.now, node)).isLessThanOrEqualTo(tick.now.budget(node) + ROUNDING);
            }
        }
    }

    @Property
    void staysParetoEfficient(@ForAll("courses") Course course) {
        for (Tick tick : run(course)) {
            PolicyTree tree = tick.now.tree();
            for (int node = 0; node < tree.size(); node++) {
                double wanted = 0;
                for (int child = tree.firstChild(node); child < tree.endChild(node); child++) {
                    wanted += tick.now.wanted().get(child);
                }
                assertThat(given(tick.now, node)).isGreaterThan(Math.min(tick.now.budget(node), wanted) - ROUNDING);
            }
        }
    }

    @Property
    void keepsFloorsThatCanBeMet(@ForAll("courses") Course course) {
        for (Tick tick : run(course)) {
            for (int node = 1; node < tick.now.tree().size() && tick.now.unmet().isEmpty(); node++) {
                assertThat(tick.now.entitlement().get(node))
                        .isGreaterThanOrEqualTo(tick.now.floor().get(node) - ROUNDING);
            }
        }
    }

    @Property
    void boundsTheFactorOnWeights(@ForAll("courses") Course course) {
        for (Tick tick : run(course)) {
            TenantValues weights = UsageHistory.weights(tick.history, tick.now.tree());
            for (int node = 1; node < tick.now.tree().size(); node++) {
                double factor = weights.get(node) / tick.now.tree().policy(node).weight();
                assertThat(factor).isBetween(UsageHistory.LEAST_FACTOR - ROUNDING, UsageHistory.MOST_FACTOR + ROUNDING);
            }
        }
    }

    /** Who lends earns or stays, who borrows pays or stays, and nobody passes its bounds. */
    @Property
    void creditFollowsWhatIsLentAndBorrowed(@ForAll("courses") Course course) {
        for (Tick tick : run(course)) {
            for (int node = 1; node < tick.now.tree().size(); node++) {
                double bound = tick.now.tree().policy(node).burstCreditGpuSeconds();
                double change =
                        tick.after.credit().get(node) - tick.before.credit().get(node);
                double lent = tick.now.fair().get(node) - tick.now.entitlement().get(node);
                assertThat(tick.after.credit().get(node)).isBetween(0.0, bound);
                assertThat(lent > 0 ? change : -change).isGreaterThan(-ROUNDING);
                assertThat(Math.abs(change)).isLessThanOrEqualTo(Math.abs(lent) * SECONDS + ROUNDING);
            }
        }
    }

    /** With credit, weights and ceilings: at least α of what there would be if everyone were busy, or the demand. */
    @Property
    void creditLeavesHalfTheSharingIncentive(@ForAll("creditCourses") Course course) {
        for (Tick tick : run(course)) {
            for (int node = 1; node < tick.now.tree().size() && tick.now.unmet().isEmpty(); node++) {
                double part = CreditSplit.GUARANTEED * tick.now.fair().get(node);
                assertThat(tick.now.entitlement().get(node))
                        .isGreaterThanOrEqualTo(Math.min(part, tick.now.capped().get(node)) - ROUNDING);
            }
        }
    }

    @Property
    void replaysToTheSameBytes(@ForAll("courses") Course course) {
        Tick once = run(course).getLast();
        Tick again = run(course).getLast();
        assertThat(again.now.entitlement().toBytes())
                .isEqualTo(once.now.entitlement().toBytes());
        assertThat(again.history.used().toBytes()).isEqualTo(once.history.used().toBytes());
        assertThat(again.after.credit().toBytes()).isEqualTo(once.after.credit().toBytes());
    }

    @Provide
    Arbitrary<Course> courses() {
        return courses(Worlds.all(), 15);
    }

    @Provide
    Arbitrary<Course> creditCourses() {
        return courses(Worlds.noFloors(), 0);
    }

    private static Arbitrary<Course> courses(Arbitrary<World> worlds, int histories) {
        return Combinators.combine(
                        worlds,
                        Arbitraries.integers().between(0, histories),
                        Arbitraries.integers().between(0, 15),
                        Arbitraries.integers().between(0, 2).list().ofMinSize(1).ofMaxSize(12))
                .as((world, history, credit, phases) -> new Course(remembering(world, history, credit), phases));
    }

    private static World remembering(World world, int history, int credit) {
        return world.mapTenants(t -> {
            int bit = 1 << Math.abs(t.path().hashCode() % 4);
            TenantPolicy remembers = (history & bit) != 0 ? t.withHistory(4) : t;
            return (credit & bit) != 0 ? remembers.withBurstCredit(6) : remembers;
        });
    }

    private static List<Tick> run(Course course) {
        PolicyTree tree = PolicyTree.of(course.world.tenants());
        UsageHistory.State history = UsageHistory.State.none(tree);
        BurstCredit.State credit = BurstCredit.State.start(tree);
        List<Tick> ticks = new ArrayList<>();
        for (int phase : course.phases) {
            World world = course.world;
            for (String leaf : course.world.leaves()) {
                world = world.withDemand(leaf, world.demand().get(leaf) * Math.abs((leaf.hashCode() + phase) % 3));
            }
            Entitlements now = EntitlementSolver.solve(new Situation(
                    world.capacity(),
                    TenantValues.of(tree, world.demand()),
                    UsageHistory.weights(history, tree),
                    BurstCredit.spendable(credit, SECONDS)));
            history = UsageHistory.next(history, now, now.entitlement(), SECONDS);
            BurstCredit.State after = BurstCredit.next(credit, now, SECONDS);
            ticks.add(new Tick(now, history, credit, after));
            credit = after;
        }
        return ticks;
    }

    private static double given(Entitlements now, int node) {
        double given = 0;
        for (int child = now.tree().firstChild(node); child < now.tree().endChild(node); child++) {
            given += now.entitlement().get(child);
        }
        return now.tree().isLeaf(node) ? now.budget(node) : given;
    }
}
