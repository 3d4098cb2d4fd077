package io.aliquot.controller.policyfile;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.controller.state.ClusterEvent;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.Quota;
import io.aliquot.controller.state.QuotaChange;
import io.aliquot.controller.state.QuotaPolicy;
import io.aliquot.controller.state.QuotaRequest;
import io.aliquot.controller.state.Ruling;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class PolicyStepsTest {
    private static final String FIRST = """
            {"tenants":[{"tenant":"org/b","floor":"70%"},{"tenant":"org","ceiling":"4gpus"},{"tenant":"org/a","floor":"30%"}],
             "gpuSpeed":{"k=v":0.5}}""";

    @Test
    void parentsComeFirstAndASecondTimeNothingIsToDo() {
        PolicySteps steps = plan(FIRST, ClusterState.EMPTY, false);
        assertThat(steps.requests().stream().map(QuotaRequest::tenant)).containsExactly("/", "org", "org/a", "org/b");
        ClusterState done = played(steps, ClusterState.EMPTY);
        assertThat(plan(FIRST, done, true).requests()).isEmpty();
        assertThat(plan(FIRST, done, true).problems()).isEmpty();
    }

    @Test
    void floorsAreLoweredBeforeOthersRise() {
        ClusterState before = played(plan(FIRST, ClusterState.EMPTY, false), ClusterState.EMPTY);
        PolicySteps steps = plan(
                "{\"tenants\":[{\"tenant\":\"org/a\",\"floor\":\"60%\"},{\"tenant\":\"org/b\",\"floor\":\"40%\"}]}",
                before, false);
        assertThat(steps.requests().stream().map(QuotaRequest::tenant)).containsExactly("org/b", "org/a");
        assertThat(played(steps, before).quotas()).containsKeys("/", "org");
    }

    @Test
    void whatTheFileDoesNotSayOfATenantIsAsForANewOneAndOthersAreLeftAlone() {
        ClusterState before = played(plan(FIRST, ClusterState.EMPTY, false), ClusterState.EMPTY);
        PolicySteps steps = plan("{\"tenants\":[{\"tenant\":\"org\"}]}", before, false);
        assertThat(steps.requests()).hasSize(1);
        ClusterState after = played(steps, before);
        assertThat(after.quotas().get("org").ceilingMilligpus()).isZero();
        assertThat(after.quotas().get("org/b")).isEqualTo(before.quotas().get("org/b"));
    }

    @Test
    void pruningRemovesWhatIsInATenantBeforeItAndKeepsTheFactors() {
        ClusterState before = played(plan(FIRST, ClusterState.EMPTY, false), ClusterState.EMPTY);
        PolicySteps steps = plan("{\"tenants\":[{\"tenant\":\"c\",\"floor\":\"1%\"}]}", before, true);
        assertThat(steps.requests().stream().map(r -> (r.remove() ? "-" : "+") + r.tenant()))
                .containsExactly("+c", "-org/b", "-org/a", "-org");
        assertThat(played(steps, before).quotas().keySet()).containsExactlyInAnyOrder("/", "c");
    }

    @Test
    void allProblemsOfTheFileAndTheTreeAreNamedAndNothingIsPlanned() {
        PolicySteps steps = plan(
                "{\"tenants\":[{\"tenant\":\"x/y\"},{\"tenant\":\"a\",\"weight\":0},{\"tenant\":\"a/b\"}]}",
                ClusterState.EMPTY,
                false);
        assertThat(steps.requests()).isEmpty();
        assertThat(steps.problems())
                .containsExactly(
                        "tenant 'a': weight 0: expected 1 to 1000000",
                        "tenant 'x/y': parent 'x' is unknown: add it, or correct the path");
        assertThat(plan(
                                "{\"tenants\":[{\"tenant\":\"a\",\"floor\":\"60%\"},{\"tenant\":\"b\",\"floor\":\"60%\"}]}",
                                ClusterState.EMPTY, false)
                        .problems())
                .containsExactly(
                        "the tenants at the top: its children's floors come to 120 %: expected at most 100 % in"
                                + " sum: lower one");
    }

    @Test
    void aParentMayBeInForceUnlessItIsPruned() {
        ClusterState before =
                played(plan("{\"tenants\":[{\"tenant\":\"org\"}]}", ClusterState.EMPTY, false), ClusterState.EMPTY);
        String file = "{\"tenants\":[{\"tenant\":\"org/a\"}]}";
        assertThat(plan(file, before, false).problems()).isEmpty();
        assertThat(plan(file, before, true).problems())
                .containsExactly("tenant 'org/a': parent 'org' is unknown: add it, or correct the path");
    }

    /** From any policy that can be to any other there is a way on which every step is accepted. */
    @Property(tries = 300)
    void everyPolicyCanBeReachedFromEveryOther(@ForAll("files") String from, @ForAll("files") String to) {
        PolicySteps first = plan(from, ClusterState.EMPTY, true);
        Assume.that(first.problems().isEmpty()
                && plan(to, ClusterState.EMPTY, true).problems().isEmpty());
        ClusterState before = played(first, ClusterState.EMPTY);
        PolicySteps steps = plan(to, before, true);
        assertThat(steps.problems()).isEmpty();
        ClusterState after = played(steps, before);
        assertThat(plan(to, after, true).requests()).isEmpty();
        assertThat(after.tree())
                .isEqualTo(played(plan(to, ClusterState.EMPTY, true), ClusterState.EMPTY)
                        .tree());
    }

    @Provide
    Arbitrary<String> files() {
        return Arbitraries.randomValue(PolicyStepsTest::file);
    }

    /** Mostly one that can be: parents are there, floors come to at most 100 % or to what the parents have. */
    private static String file(Random random) {
        TreeMap<String, String> tenants = new TreeMap<>();
        for (String top : List.of("a", "b", "c")) {
            boolean gpus = random.nextBoolean();
            if (random.nextInt(4) > 0) {
                tenants.put(top, amounts(random, gpus, 3));
                for (String in : List.of("x", "y")) {
                    if (random.nextBoolean()) {
                        tenants.put(top + "/" + in, amounts(random, random.nextBoolean(), 1));
                    }
                }
            }
        }
        StringBuilder file = new StringBuilder("{\"tenants\":[");
        tenants.forEach((tenant, amounts) -> file.append(file.charAt(file.length() - 1) == '}' ? "," : "")
                .append("{\"tenant\":\"")
                .append(tenant)
                .append("\"")
                .append(amounts)
                .append("}"));
        return file.append("]}").toString();
    }

    private static String amounts(Random random, boolean gpus, int scale) {
        String floor = gpus ? random.nextInt(1 + scale) + "gpus" : random.nextInt(6) * 10 + "%";
        String ceiling = random.nextBoolean() ? "100%" : scale * 2 + random.nextInt(3) + "gpus";
        return ",\"floor\":\"" + floor + "\",\"ceiling\":\"" + ceiling + "\"";
    }

    private static PolicySteps plan(String file, ClusterState inForce, boolean prune) {
        return PolicySteps.plan(PolicyFile.read(file), inForce, prune, "me", "why");
    }

    /** Sends them one after the other, as the controller rules. */
    private static ClusterState played(PolicySteps steps, ClusterState from) {
        assertThat(steps.problems()).isEmpty();
        ClusterState state = from;
        for (QuotaRequest request : steps.requests()) {
            state = switch (QuotaPolicy.validate(request.identified("id", 0), state, 0)) {
                case Ruling.Accepted(Quota quota) -> state.apply(new ClusterEvent.QuotaChanged(quota));
                case Ruling.Removed(String tenant) -> state.apply(new ClusterEvent.QuotaRemoved(tenant));
                case Ruling.Refused(String reason) -> throw new AssertionError(reason);
            };
        }
        return state;
    }

    @Test
    void aRequestSaysTheWholeTenant() {
        QuotaRequest org = plan("{\"tenants\":[{\"tenant\":\"org\",\"weight\":2}]}", ClusterState.EMPTY, false)
                .requests()
                .getFirst();
        assertThat(org.change())
                .isEqualTo(new QuotaChange.Builder()
                        .weight(2L)
                        .build()
                        .over(QuotaChange.of(Quota.of("org", QuotaChange.NEW_TENANT, 1, 0, ""))));
    }
}
