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

/** What is published, after any history of demands and capacities; holds with every feature. */
class DampingPropertiesTest {
    private static final double ROUNDING = 1e-8;

    /** A world through a few situations, each for some ticks. */
    record Course(World world, List<Integer> capacities, int ticksEach) {
        List<Entitlements> entitlements() {
            List<Entitlements> all = new ArrayList<>();
            for (int i = 0; i < capacities.size(); i++) {
                World next = world.withCapacity(capacities.get(i) / 2.0);
                for (String leaf : world.leaves()) {
                    double demand = world.demand().get(leaf) * ((leaf.hashCode() + i * 7) % 3);
                    next = next.withDemand(leaf, Math.abs(demand));
                }
                Entitlements e = next.solve();
                for (int tick = 0; tick < ticksEach; tick++) {
                    all.add(e);
                }
            }
            return all;
        }
    }

    /** One tick of a course. */
    record Tick(Entitlements now, Damping.State before, Damping.Step step) {}

    @Property
    void neverPublishesMoreThanThereIs(@ForAll("courses") Course course) {
        for (Tick tick : run(course)) {
            assertThat(tick.step.state().published().get(PolicyTree.ROOT))
                    .isLessThanOrEqualTo(tick.now.situation().capacityGpus() + ROUNDING);
        }
    }

    @Property
    void floorOwnersReclaimAtOnce(@ForAll("courses") Course course) {
        for (Tick tick : run(course)) {
            for (String leaf : course.world.leaves()) {
                double floor = Math.min(tick.now.floor().get(leaf), tick.now.of(leaf));
                assertThat(tick.step.state().published().get(leaf)).isGreaterThanOrEqualTo(floor - ROUNDING);
            }
        }
    }

    @Property
    void limitsTheSlewOfGainsAboveTheFloor(@ForAll("courses") Course course) {
        for (Tick tick : run(course)) {
            for (String leaf : course.world.leaves()) {
                double before = tick.before.published().get(leaf);
                double gain = Math.max(Damping.LEAST_GAIN_GPUS, Damping.GAIN * tick.now.of(leaf));
                double most = Math.max(tick.now.floor().get(leaf), before + gain);
                assertThat(tick.step.state().published().get(leaf)).isLessThanOrEqualTo(most + ROUNDING);
            }
        }
    }

    @Property
    void publishesOnlyGainsThatMatterOrThatAFloorNeeds(@ForAll("courses") Course course) {
        for (Tick tick : run(course)) {
            for (int node : tick.step.changed()) {
                double before = tick.before.published().get(node);
                double change = tick.step.state().published().get(node) - before;
                double floor = Math.min(
                        tick.now.floor().get(node), tick.now.entitlement().get(node));
                if (change > 0 && before >= floor) {
                    assertThat(change).isGreaterThan(Math.max(Damping.POINT_GPUS, Damping.RELATIVE * before));
                    assertThat(tick.before.age().get(node)).isGreaterThanOrEqualTo(Damping.DWELL_TICKS);
                }
            }
        }
    }

    /** At constant entitlements: settled after the third tick, near the entitlement, and no word after that. */
    @Property
    void settlesWithinThreeTicksAndThenIsSilent(@ForAll("courses") Course course) {
        List<Tick> ticks = run(course);
        Tick last = ticks.getLast();
        Damping.State state = last.step.state();
        for (int tick = course.ticksEach; tick < 10; tick++) {
            Damping.Step step = Damping.next(state, last.now);
            if (tick > 3) {
                assertThat(step.changed()).isEmpty();
            }
            state = step.state();
        }
        for (String leaf : course.world.leaves()) {
            double published = state.published().get(leaf);
            double near = Math.max(Damping.POINT_GPUS, Damping.RELATIVE * published);
            assertThat(published).isBetween(last.now.of(leaf) - near, last.now.of(leaf) + near);
        }
    }

    @Property
    void replaysToTheSameBytes(@ForAll("courses") Course course) {
        assertThat(run(course).getLast().step).isEqualTo(run(course).getLast().step);
    }

    @Provide
    Arbitrary<Course> courses() {
        return Combinators.combine(
                        Worlds.all(),
                        Arbitraries.integers()
                                .between(0, 40)
                                .list()
                                .ofMinSize(1)
                                .ofMaxSize(4),
                        Arbitraries.integers().between(1, 4))
                .as(Course::new);
    }

    private static List<Tick> run(Course course) {
        List<Tick> ticks = new ArrayList<>();
        Damping.State state = Damping.State.none(PolicyTree.of(course.world.tenants()));
        for (Entitlements now : course.entitlements()) {
            Damping.Step step = Damping.next(state, now);
            ticks.add(new Tick(now, state, step));
            state = step.state();
        }
        return ticks;
    }
}
