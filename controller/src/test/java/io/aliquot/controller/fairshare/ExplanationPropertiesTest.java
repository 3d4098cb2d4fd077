package io.aliquot.controller.fairshare;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.schema.ServiceClass;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Explanations of random tenants are true: of themselves, of each other, and of what would change. */
class ExplanationPropertiesTest {
    private static final double ROUNDING = 1e-8;

    /** What one says it lends to another, the other says it borrows from the one. */
    @Property
    void lendersAndBorrowersAgree(@ForAll("worlds") World world) {
        Entitlements now = world.solve();
        for (TenantPolicy tenant : world.tenants()) {
            for (Explanation.Flow flow : explain(now, tenant.path()).lendsTo()) {
                assertThat(explain(now, flow.path()).borrowsFrom())
                        .anyMatch(back -> back.path().equals(tenant.path())
                                && Math.abs(back.gpus() - flow.gpus()) < ROUNDING
                                && back.idle() == flow.idle());
            }
        }
    }

    /** The fair share and all that is borrowed are the entitlement. */
    @Property
    void borrowingAccountsForAllAboveTheFairShare(@ForAll("worlds") World world) {
        Entitlements now = world.solve();
        for (TenantPolicy tenant : world.tenants()) {
            Explanation.Level level = explain(now, tenant.path());
            double borrowed = sum(level.borrowsFrom());
            double over = Math.max(0, level.entitledGpus() - level.fairGpus());
            assertThat(borrowed).isBetween(over - ROUNDING * 10, over + ROUNDING);
            assertThat(sum(level.lendsTo()))
                    .isLessThanOrEqualTo(Math.max(0, level.fairGpus() - level.entitledGpus()) + ROUNDING);
        }
    }

    /** Where demand binds, more weight gives nothing; where a hard ceiling does, neither does more demand. */
    @Property
    void whatDoesNotBindChangesNothing(@ForAll("worlds") World world) {
        Entitlements now = world.solve();
        for (String leaf : world.leaves()) {
            Explanation.Level level = explain(now, leaf);
            if (level.binding() == Binding.DEMAND) {
                World heavier = world.mapTenant(leaf, t -> t.withWeight(t.weight() * 10));
                assertThat(heavier.solve().of(leaf)).isLessThanOrEqualTo(now.of(leaf) + ROUNDING);
            } else if (level.binding() == Binding.CEILING && level.hardCeiling()) {
                World busier = world.withDemand(leaf, world.demand().get(leaf) + 7);
                assertThat(busier.solve().of(leaf)).isLessThanOrEqualTo(now.of(leaf) + ROUNDING);
            }
        }
    }

    /** Where weight binds, a little more of it never gives less; where a floor does, the entitlement is the floor. */
    @Property
    void whatBindsIsWhatItSays(@ForAll("worlds") World world) {
        Entitlements now = world.solve();
        for (TenantPolicy tenant : world.tenants()) {
            Explanation.Level level = explain(now, tenant.path());
            double entitled = level.entitledGpus();
            boolean unmet = now.unmet().stream().anyMatch(u -> u.path().equals(tenant.path()));
            switch (level.binding()) {
                case DEMAND -> assertThat(entitled).isGreaterThanOrEqualTo(level.demandGpus() - ROUNDING);
                case CEILING -> assertThat(entitled).isCloseTo(level.ceilingGpus(), within());
                case PARENT -> assertThat(entitled).isCloseTo(level.parentGpus(), within());
                case FLOOR -> assertThat(entitled).isCloseTo(now.floor().get(tenant.path()), within());
                case UNMET_FLOOR -> assertThat(unmet).isTrue();
                case PRIORITY -> assertThat(level.priority()).isNotEqualTo(ServiceClass.LATENCY_CRITICAL);
                case CREDIT -> assertThat(tenant.burstCreditGpuSeconds()).isPositive();
                case WEIGHT -> assertThat(entitled).isLessThan(level.demandGpus());
            }
        }
    }

    @Property
    void wordsAreWholeSentences(@ForAll("worlds") World world) {
        Entitlements now = world.solve();
        for (TenantPolicy tenant : world.tenants()) {
            String words = ExplanationWords.say(Explainer.explain(now, tenant.path()));
            assertThat(words)
                    .startsWith(tenant.path() + " is entitled to ")
                    .endsWith(".")
                    .doesNotContain("NaN", "Infinity");
        }
    }

    @Provide
    Arbitrary<World> worlds() {
        return Worlds.all();
    }

    private static Explanation.Level explain(Entitlements now, String path) {
        return Explainer.explain(now, path).tenant();
    }

    private static org.assertj.core.data.Offset<Double> within() {
        return org.assertj.core.data.Offset.offset(ROUNDING);
    }

    private static double sum(List<Explanation.Flow> flows) {
        return flows.stream().mapToDouble(Explanation.Flow::gpus).sum();
    }
}
