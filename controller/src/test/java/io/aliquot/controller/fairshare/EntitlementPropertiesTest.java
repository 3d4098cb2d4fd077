package io.aliquot.controller.fairshare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** The properties of fair shares on random trees; each says with which features it holds. */
class EntitlementPropertiesTest {
    private static final double ROUNDING = 1e-9;

    /** With every feature: nobody gets what is not there, what it can't use, or what a hard ceiling forbids. */
    @Property
    void isFeasible(@ForAll("worlds") World world) {
        Entitlements e = world.solve();
        PolicyTree tree = e.tree();
        for (int node = 0; node < tree.size(); node++) {
            double children = 0;
            for (int child = tree.firstChild(node); child < tree.endChild(node); child++) {
                children += e.entitlement().get(child);
            }
            assertThat(e.entitlement().get(node)).isBetween(0.0, e.wanted().get(node) + ROUNDING);
            assertThat(children).isLessThanOrEqualTo(e.entitlement().get(node) + ROUNDING);
            if (tree.policy(node).hardCeiling()) {
                double most = tree.policy(node).ceiling().of(world.capacity());
                assertThat(e.entitlement().get(node)).isLessThanOrEqualTo(most + ROUNDING);
            }
        }
    }

    /** With every feature: what a parent has is used up, or all its children have all they want and may have. */
    @Property
    void isParetoEfficient(@ForAll("worlds") World world) {
        Entitlements e = world.solve();
        PolicyTree tree = e.tree();
        for (int node = 0; node < tree.size(); node++) {
            double given = 0;
            double wanted = 0;
            for (int child = tree.firstChild(node); child < tree.endChild(node); child++) {
                given += e.entitlement().get(child);
                wanted += e.wanted().get(child);
            }
            if (!tree.isLeaf(node)) {
                assertThat(given).isGreaterThan(Math.min(e.budget(node), wanted) - ROUNDING);
            }
        }
    }

    /** With every feature: a floor is met as far as it is used, or it is reported. */
    @Property
    void meetsEveryFloorOrSaysWhichNot(@ForAll("worlds") World world) {
        Entitlements e = world.solve();
        List<String> unmet = e.unmet().stream().map(Unmet::path).toList();
        for (TenantPolicy tenant : world.tenants()) {
            int node = e.tree().index(tenant.path());
            double budget = e.budget(e.tree().parent(node));
            double used = Math.min(tenant.floor().of(budget), e.capped().get(node));
            assertThat(e.floor().get(node)).isGreaterThanOrEqualTo(used - ROUNDING);
            assertThat(unmet.contains(tenant.path()))
                    .isEqualTo(e.entitlement().get(node) < e.floor().get(node) - EntitlementSolver.UNMET_GPUS);
        }
    }

    /** With every feature: no floor is reported as unmet when the floors of its siblings and its own fit. */
    @Property
    void reportsOnlyFloorsThatDoNotFit(@ForAll("worlds") World world) {
        Entitlements e = world.solve();
        for (Unmet unmet : e.unmet()) {
            int parent = e.tree().parent(e.tree().index(unmet.path()));
            double floors = 0;
            for (int child = e.tree().firstChild(parent); child < e.tree().endChild(parent); child++) {
                floors += e.floor().get(child);
            }
            assertThat(floors).isGreaterThan(e.budget(parent));
        }
    }

    /** With every feature: of floors that can't all be met, none is cut while one of a lower class gets anything. */
    @Property
    void cutsFloorsOfLowerClassesFirst(@ForAll("worlds") World world) {
        Entitlements e = world.solve();
        for (Unmet unmet : e.unmet()) {
            int node = e.tree().index(unmet.path());
            int parent = e.tree().parent(node);
            for (int other = e.tree().firstChild(parent); other < e.tree().endChild(parent); other++) {
                int rank = e.tree().policy(other).priority().rank();
                if (rank > e.tree().policy(node).priority().rank()) {
                    assertThat(e.entitlement().get(other)).isLessThan(ROUNDING);
                }
            }
        }
    }

    /** With every feature: below a class that has not all it wants within its ceilings, there are floors and the reserve. */
    @Property
    void givesHigherClassesTheSurplusButTheReserve(@ForAll("worlds") World world) {
        Entitlements e = world.solve();
        world.groups().forEach((parent, children) -> {
            double surplus = e.budget(e.tree().index(parent));
            for (TenantPolicy child : children) {
                surplus -= e.floor().get(child.path());
            }
            for (TenantPolicy child : children) {
                if (e.of(child.path()) < e.capped().get(child.path()) - ROUNDING) {
                    double below = 0;
                    for (TenantPolicy other : children) {
                        boolean lower =
                                other.priority().rank() > child.priority().rank();
                        below += lower ? e.of(other.path()) - e.floor().get(other.path()) : 0;
                    }
                    assertThat(below).isLessThanOrEqualTo(2 * SiblingSplit.RESERVE * Math.max(0, surplus) + ROUNDING);
                }
            }
        });
    }

    /**
     * With one class, without history and credit, when floors can be met: no less than if everyone were busy, or than
     * wanted. With classes, an idle floor adds to what is kept for lower classes, so a higher one can lose that part of it.
     */
    @Property
    void givesEachItsStaticSplitOrItsDemand(@ForAll("oneClass") World world) {
        Entitlements e = world.solve();
        Entitlements busy = world.allBusy().solve();
        Assume.that(e.unmet().isEmpty() && busy.unmet().isEmpty());
        for (String leaf : world.leaves()) {
            double part = Math.min(busy.of(leaf), e.wanted().get(leaf));
            assertThat(e.of(leaf)).as(leaf).isGreaterThanOrEqualTo(part - ROUNDING);
        }
    }

    /** With weights alone the static split is the product of the weights' parts down the tree. */
    @Property
    void splitsStaticallyByTheProductOfWeights(@ForAll("weightsOnly") World world) {
        Entitlements busy = world.allBusy().solve();
        Map<String, List<TenantPolicy>> groups = world.groups();
        for (TenantPolicy tenant : world.tenants()) {
            double weights = groups.get(tenant.parent()).stream()
                    .mapToDouble(TenantPolicy::weight)
                    .sum();
            double part = busy.budget(busy.tree().index(tenant.parent())) * tenant.weight() / weights;
            assertThat(busy.of(tenant.path())).isBetween(part - ROUNDING, part + ROUNDING);
        }
    }

    /** With weights alone: no sibling below its demand would rather have another's share, scaled by their weights. */
    @Property
    void leavesNobodyEnvious(@ForAll("weightsOnly") World world) {
        Entitlements e = world.solve();
        world.groups().values().forEach(children -> {
            for (TenantPolicy me : children) {
                for (TenantPolicy other : children) {
                    double theirs = e.of(other.path()) * me.weight() / other.weight();
                    double useful = Math.min(theirs, e.wanted().get(me.path()));
                    assertThat(e.of(me.path())).isGreaterThanOrEqualTo(useful - ROUNDING);
                }
            }
        });
    }

    /**
     * With every feature but history and credit, when floors can be met: asking for more than one can use gains nothing that
     * one can use.
     */
    @Property
    void overstatingDemandGainsNothingUseful(
            @ForAll("worlds") World world, @ForAll @IntRange(min = 1, max = 80) int more) {
        Entitlements honest = world.solve();
        Assume.that(honest.unmet().isEmpty());
        for (String leaf : world.leaves()) {
            double demand = world.demand().get(leaf);
            double gained = world.withDemand(leaf, demand + more / 4.0).solve().of(leaf);
            assertThat(Math.min(gained, demand)).as(leaf).isLessThanOrEqualTo(honest.of(leaf) + ROUNDING);
        }
    }

    /**
     * With every feature but history, credit and ceilings in percent: more GPUs shrink no share. A ceiling in percent of a
     * cluster that grows lets its tenant have more of what its parent has, which may be a floor that does not grow.
     */
    @Property
    void aGrowingClusterShrinksNoShare(@ForAll("worlds") World any, @ForAll @IntRange(min = 1, max = 40) int more) {
        World world = any.mapTenants(
                t -> t.ceiling() instanceof Amount.Percent ? t.withSoftCeiling(TenantPolicy.NO_CEILING) : t);
        Entitlements before = world.solve();
        Entitlements after = world.withCapacity(world.capacity() + more / 4.0).solve();
        for (String leaf : world.leaves()) {
            assertThat(after.of(leaf)).as(leaf).isGreaterThanOrEqualTo(before.of(leaf) - ROUNDING);
        }
    }

    /**
     * With one class, without history and credit, when floors can be met: who leaves takes nothing from anyone. With classes
     * a floor that leaves adds to what is kept for lower classes, so a higher one can lose that part of it.
     */
    @Property
    void aLeavingTenantShrinksNoShare(@ForAll("oneClass") World world, @ForAll @IntRange(max = 63) int who) {
        Entitlements before = world.solve();
        Assume.that(before.unmet().isEmpty());
        String leaf = world.leaves().get(who % world.leaves().size());
        Assume.that(world.groups().get(TenantPolicy.of(leaf).parent()).size() > 1);
        Entitlements after = world.without(leaf).solve();
        for (String other : world.leaves()) {
            if (!other.equals(leaf)) {
                assertThat(after.of(other)).as(other).isGreaterThanOrEqualTo(before.of(other) - ROUNDING);
            }
        }
    }

    /** With every feature but history and credit: a growing weight shrinks no share of its own. */
    @Property
    void aGrowingWeightShrinksNoShareOfItsOwn(
            @ForAll("worlds") World world, @ForAll @IntRange(min = 1, max = 100) int more) {
        Entitlements before = world.solve();
        for (TenantPolicy tenant : world.tenants()) {
            World heavier = world.mapTenant(tenant.path(), t -> t.withWeight(t.weight() + more));
            assertThat(heavier.solve().of(tenant.path())).isGreaterThanOrEqualTo(before.of(tenant.path()) - ROUNDING);
        }
    }

    /** With every feature: only the ratio of weights counts. */
    @Property
    void isInvariantToTheScaleOfWeights(
            @ForAll("worlds") World world, @ForAll @IntRange(min = 2, max = 500) int factor) {
        World scaled = world.mapTenants(t -> t.withWeight(t.weight() * factor));
        assertSame(world, world.solve(), scaled.solve(), 1);
    }

    /** With every feature: a cluster and demands twice as large make shares twice as large. */
    @Property
    void isInvariantToTheUnit(@ForAll("worlds") World world, @ForAll @IntRange(min = 2, max = 50) int factor) {
        World scaled = world.mapTenants(t -> new TenantPolicy(
                t.path(),
                t.weight(),
                times(t.floor(), factor),
                times(t.ceiling(), factor),
                t.hardCeiling(),
                t.priority(),
                0,
                0));
        for (String leaf : world.leaves()) {
            scaled = scaled.withDemand(leaf, world.demand().get(leaf) * factor);
        }
        assertSame(
                world,
                world.solve(),
                scaled.withCapacity(world.capacity() * factor).solve(),
                factor);
    }

    /** With every feature: the order in which tenants are written counts for nothing, to the bit. */
    @Property
    void isInvariantToPermutation(@ForAll("worlds") World world, @ForAll Random random) {
        List<TenantPolicy> shuffled = new ArrayList<>(world.tenants());
        Collections.shuffle(shuffled, random);
        Entitlements other = new World(world.capacity(), shuffled, world.demand()).solve();
        assertThat(Arrays.equals(
                        other.entitlement().toBytes(),
                        world.solve().entitlement().toBytes()))
                .isTrue();
    }

    /**
     * With every feature: demands that change within a subtree, but not what it and those above it want and
     * are guaranteed, move nobody outside.
     */
    @Property
    void aSubtreeThatWantsTheSameMovesNobodyOutside(@ForAll("worlds") World world) {
        Entitlements before = world.solve();
        world.groups().forEach((parent, children) -> {
            List<String> leaves = children.stream()
                    .map(TenantPolicy::path)
                    .filter(world.demand()::containsKey)
                    .toList();
            if (!parent.isEmpty() && leaves.size() > 1) {
                World moved = world.withDemand(leaves.get(0), world.demand().get(leaves.get(1)))
                        .withDemand(leaves.get(1), world.demand().get(leaves.get(0)));
                Entitlements after = moved.solve();
                boolean same = true;
                for (int node = before.tree().index(parent);
                        node > PolicyTree.ROOT;
                        node = before.tree().parent(node)) {
                    same &= after.capped().get(node) == before.capped().get(node)
                            && after.wanted().get(node) == before.wanted().get(node)
                            && after.floor().get(node) == before.floor().get(node);
                }
                for (String other : world.leaves()) {
                    if (same && !other.startsWith(parent + "/")) {
                        assertThat(after.of(other)).isBetween(before.of(other) - ROUNDING, before.of(other) + ROUNDING);
                    }
                }
            }
        });
    }

    @Provide
    Arbitrary<World> worlds() {
        return Worlds.all();
    }

    @Provide
    Arbitrary<World> oneClass() {
        return Worlds.oneClass();
    }

    @Provide
    Arbitrary<World> weightsOnly() {
        return Worlds.weightsOnly();
    }

    private static Amount times(Amount amount, double factor) {
        return amount instanceof Amount.Gpus(double gpus) ? new Amount.Gpus(gpus * factor) : amount;
    }

    private static void assertSame(World world, Entitlements before, Entitlements after, double factor) {
        for (TenantPolicy tenant : world.tenants()) {
            double expected = before.of(tenant.path()) * factor;
            assertThat(after.of(tenant.path())).isBetween(expected - ROUNDING * factor, expected + ROUNDING * factor);
        }
    }
}
