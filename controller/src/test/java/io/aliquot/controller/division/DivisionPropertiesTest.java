package io.aliquot.controller.division;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.controller.fairshare.Amount;
import io.aliquot.controller.fairshare.PolicyTree;
import io.aliquot.controller.fairshare.TenantPolicy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

/** What holds of every tick of any cluster: trees, gangs, parts, speeds, hard and soft ceilings, work that comes and goes. */
class DivisionPropertiesTest {
    private static final double ROUNDING = 1e-6;
    private static final int TICKS = 5;

    /** A cluster and its history, all from one seed, so that it shrinks and repeats. */
    private static final class Story {
        private final Random random;
        final GpuPolicy policy;
        final List<String> leaves = new ArrayList<>();
        private final int gpus;

        Story(long seed) {
            random = new Random(seed);
            List<TenantPolicy> tenants = new ArrayList<>();
            Set<String> gangs = new HashSet<>();
            Map<String, Map<String, String>> parts = new HashMap<>();
            int orgs = 1 + random.nextInt(3);
            for (int o = 0; o < orgs; o++) {
                tenants.add(tenant("o" + o));
                int projects = random.nextInt(4);
                for (int p = 0; p < projects; p++) {
                    leaf("o" + o + "/p" + p, tenants, gangs, parts);
                }
                if (projects == 0) {
                    leaves.add("o" + o);
                }
            }
            Map<String, Double> speeds = random.nextBoolean() ? Map.of("kind=fast", 2.5) : Map.of();
            policy = new GpuPolicy(PolicyTree.of(tenants), gangs, parts, speeds);
            gpus = 1 + random.nextInt(6);
        }

        private void leaf(
                String path, List<TenantPolicy> tenants, Set<String> gangs, Map<String, Map<String, String>> parts) {
            tenants.add(tenant(path));
            leaves.add(path);
            if (random.nextInt(5) == 0) {
                gangs.add(path);
            }
            if (random.nextInt(5) == 0) {
                parts.put(path, Map.of("kind", "fast"));
            }
        }

        private TenantPolicy tenant(String path) {
            TenantPolicy tenant = TenantPolicy.of(path).withWeight(1 + random.nextInt(5));
            tenant = random.nextInt(4) == 0 ? tenant.withFloor(new Amount.Percent(random.nextInt(25))) : tenant;
            return switch (random.nextInt(5)) {
                case 0 -> tenant.withHardCeiling(new Amount.Percent(25 + random.nextInt(70)));
                case 1 -> tenant.withSoftCeiling(new Amount.Percent(25 + random.nextInt(70)));
                default -> tenant;
            };
        }

        /** Work on each GPU; in half of the ticks the tenants there are others. */
        List<Gpu> tick() {
            List<Gpu> cluster = new ArrayList<>();
            for (int g = 0; g < gpus; g++) {
                List<Gpu.Work> work = new ArrayList<>();
                for (String leaf : leaves) {
                    if (random.nextInt(3) > 0) {
                        double demand = random.nextInt(3) == 0 ? 0.005 : random.nextDouble();
                        work.add(new Gpu.Work(leaf, demand, demand * random.nextDouble()));
                    }
                }
                cluster.add(new Gpu("n" + g / 2, "g" + g, Map.of("kind", g % 2 == 0 ? "fast" : "slow"), work));
            }
            return cluster;
        }
    }

    private static List<Division> play(long seed) {
        Story story = new Story(seed);
        List<Division> ticks = new ArrayList<>();
        for (int i = 0; i < TICKS; i++) {
            ticks.add(Divider.next(ticks.isEmpty() ? null : ticks.getLast(), story.policy, story.tick(), 0.1));
        }
        return ticks;
    }

    @Property
    void everyGpuIsDividedAtMostOnce(@ForAll @LongRange(min = 0, max = 1_000_000_000) long seed) {
        for (Division division : play(seed)) {
            for (int g = 0; g < division.gpus().size(); g++) {
                List<Share> shares = division.shares(g);
                assertThat(shares.stream().mapToDouble(Share::share).sum()).isLessThanOrEqualTo(1 + ROUNDING);
                assertThat(shares.stream().mapToDouble(Share::guaranteed).sum()).isLessThanOrEqualTo(1 + ROUNDING);
                assertThat(shares.stream().mapToDouble(Share::floor).sum()).isLessThanOrEqualTo(1 + ROUNDING);
                assertThat(shares).allSatisfy(share -> {
                    assertThat(share.share()).isBetween(0.0, share.demand() + ROUNDING);
                    assertThat(share.floor()).isBetween(0.0, share.ceiling() + ROUNDING);
                    assertThat(share.ceiling()).isBetween(share.share() - ROUNDING, 1.0);
                    assertThat(share.weight()).isBetween(0.0, 1 + ROUNDING);
                });
            }
        }
    }

    @Property
    void noTenantExceedsItsHardCeiling(@ForAll @LongRange(min = 0, max = 1_000_000_000) long seed) {
        for (Division division : play(seed)) {
            double capacity = 0;
            Map<String, Double> shared = new HashMap<>();
            Map<String, Double> ceilings = new HashMap<>();
            for (int g = 0; g < division.gpus().size(); g++) {
                double speed = division.speed(g);
                capacity += speed;
                for (Share share : division.shares(g)) {
                    for (String path = share.tenant();
                            !path.isEmpty();
                            path = path.substring(0, Math.max(0, path.lastIndexOf('/')))) {
                        shared.merge(path, share.share() * speed, Double::sum);
                        ceilings.merge(path, share.ceiling() * speed, Double::sum);
                    }
                }
            }
            PolicyTree tree = division.policy().tree();
            for (TenantPolicy tenant : tree.tenants()) {
                double above = tenant.parent().isEmpty()
                        ? capacity
                        : Math.min(
                                capacity,
                                tree.policy(tree.index(tenant.parent()))
                                        .ceiling()
                                        .of(capacity));
                if (tenant.hardCeiling()) {
                    double most = Math.min(above, tenant.ceiling().of(above));
                    assertThat(shared.getOrDefault(tenant.path(), 0.0))
                            .as(tenant.path())
                            .isLessThanOrEqualTo(most + ROUNDING);
                    if (tree.isLeaf(tree.index(tenant.path()))) {
                        assertThat(ceilings.getOrDefault(tenant.path(), 0.0)).isLessThanOrEqualTo(most + ROUNDING);
                    }
                }
            }
        }
    }

    /** Gangs are bound by their other GPUs, and hard ceilings by others. */
    @Property
    void nothingIsIdleWhileSomebodyWantsIt(@ForAll @LongRange(min = 0, max = 1_000_000_000) long seed) {
        for (Division division : play(seed)) {
            for (int g = 0; g < division.gpus().size(); g++) {
                List<Share> shares = division.shares(g);
                if (shares.stream().mapToDouble(Share::share).sum() < 1 - 1e-4) {
                    assertThat(shares)
                            .filteredOn(share -> !share.hardCeiling()
                                    && !division.policy().gangs().contains(share.tenant()))
                            .allSatisfy(share -> assertThat(share.share()).isGreaterThan(share.demand() - 1e-4));
                }
            }
        }
    }

    @Property(tries = 200)
    void theSameTicksGiveTheSameBits(@ForAll @LongRange(min = 0, max = 1_000_000_000) long seed) {
        List<Division> one = play(seed);
        List<Division> two = play(seed);
        for (int i = 0; i < TICKS; i++) {
            for (int g = 0; g < one.get(i).gpus().size(); g++) {
                assertThat(one.get(i).shares(g)).isEqualTo(two.get(i).shares(g));
            }
        }
    }
}
