package io.aliquot.cli.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.aliquot.cli.Alone;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Each process of a cluster dies by SIGKILL, and a tenant turns hostile. Two tenants are at work: a with weight 1, b with
 * weight 3. Shares are parts of what both got, by their own measure, and have wide margins: bench/ shows how exact they are.
 */
@Alone
class SurvivalIT {
    private static final Duration SPAN = Duration.ofSeconds(3);
    private static final long MEMORY = 256L << 20;

    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    private Tenant a;
    private Tenant b;

    @BeforeEach
    void putTwoTenantsToWork() {
        CLUSTER.endTenants();
        CLUSTER.start();
        CLUSTER.ask().set("a", "{\"weight\":1}");
        CLUSTER.ask().set("b", "{\"weight\":3}");
        CLUSTER.ask().awaitWeight("a", 1);
        CLUSTER.ask().awaitWeight("b", 3);
        a = CLUSTER.tenant("a", "--memory", "256MiB");
        b = CLUSTER.tenant("b", "--memory", "256MiB");
    }

    @Test
    void aTenantsDeathFreesItsMemoryAndItsShareAtOnce() {
        awaitMemory("b");
        expectPart("both alive", 250);

        b.proc().sigkill();
        long killedNs = System.nanoTime();

        await().atMost(Proc.PATIENCE).pollInterval(Duration.ofMillis(10)).untilAsserted(() -> {
            assertThat(CLUSTER.ask().usage("b").path("memoryUsedBytes").asLong())
                    .isZero();
            assertThat(CLUSTER.ask().usage("b").path("processes").asInt()).isZero();
        });
        Duration freed = Duration.ofNanos(System.nanoTime() - killedNs);
        say("memory freed, as the agent tells, after " + freed.toMillis() + " ms");
        assertThat(freed).isLessThan(Duration.ofSeconds(5));
        assertThat(CLUSTER.ask().metric("aliquot_tenant_memory_used_bytes", "b"))
                .isZero();
        assertThat(CLUSTER.ask().metric("aliquot_tenant_processes", "b")).isZero();
        assertThat(CLUSTER.ask().metric("aliquot_tenant_processes", "a")).isOne();
        expectTheWholeGpu("after the other's death");
    }

    @Test
    void anAgentsDeathLeavesTenantsAtTheirFallbackSharesUntilTheNextPicksThemUp() {
        CLUSTER.agent().sigkill();

        b.pause();
        a.permilleOver(Duration.ofSeconds(1)); // until its heartbeat is stale and what was in flight is done
        double alone = a.permilleOver(SPAN);
        say("a alone, without an agent: " + alone + " permille of 250");
        assertThat(alone).isBetween(60.0, 400.0);
        b.resume();
        b.permilleOver(Duration.ofSeconds(1));
        List<Double> both = Tenant.permilles(SPAN, a, b);
        say("a and b, without an agent: " + both + " permille of 250 and 750");
        assertThat(both.getFirst()).isBetween(60.0, 400.0);
        assertThat(both.getLast()).isBetween(200.0, 900.0);

        CLUSTER.startAgent();
        expectPickedUp();
    }

    @Test
    void anAgentThatStartsWithoutABrokerGoesOnWithTheLastDecision() {
        JsonNode before = CLUSTER.ask().quotas();
        CLUSTER.controller().sigkill();
        CLUSTER.broker().sigkill();
        CLUSTER.agent().sigkill();

        Proc next = CLUSTER.startAgent();

        expectPickedUp();
        next.awaitOut(Cluster.READY);
        assertThat(next.err()).contains("no broker answered at " + CLUSTER.kafka(), "going on with the last decision");
        CLUSTER.start();
        assertThat(CLUSTER.ask().quotas()).isEqualTo(before);
    }

    @Test
    void aControllersDeathLosesNoQuotaAndWhatIsAskedMeanwhileIsAppliedByTheNext() throws Exception {
        CLUSTER.ask()
                .set(
                        "idle",
                        "{\"weight\":7,\"floorPermille\":100,\"ceilingPermille\":900,\"memoryLimitBytes\":1073741824}");
        JsonNode before = CLUSTER.ask().quotas();
        assertThat(before.path("tenants").size()).isGreaterThanOrEqualTo(3);

        CLUSTER.controller().sigkill();
        expectPart("without a controller", 250);
        CLUSTER.ask().changeThroughKafka("b", 1);
        expectPart("with a request that nobody reads", 250);

        CLUSTER.startController();
        CLUSTER.ask().awaitWeight("b", 1);
        assertThat(CLUSTER.ask().quotas().path("tenants")).hasSameSizeAs(before.path("tenants"));
        for (JsonNode quota : before.path("tenants")) {
            String tenant = quota.path("tenant").asText();
            if (!tenant.equals("b")) {
                assertThat(CLUSTER.ask().quota(tenant)).isEqualTo(quota);
            }
        }
        expectPart("with the next controller", 500);
        expectAlive();
    }

    @Test
    void aBrokersDeathLeavesTheLastDecisionAndItsReturnPutsANewOneInForce() {
        Proc controller = CLUSTER.controller();
        Proc agent = CLUSTER.agent();
        JsonNode before = CLUSTER.ask().quotas();

        CLUSTER.broker().sigkill();
        expectPart("without a broker", 250);
        b.pause();
        expectTheWholeGpu("without a broker");
        b.resume();
        assertThat(CLUSTER.ask().agentHealthy()).isTrue();
        expectNoChangeWithoutABroker();
        assertThat(CLUSTER.ask().quotas()).isEqualTo(before);

        CLUSTER.startBroker();
        CLUSTER.ask().set("b", "{\"weight\":1}");
        CLUSTER.ask().awaitWeight("b", 1);
        expectPart("with the broker again", 500);
        assertThat(CLUSTER.ask().quotas().path("tenants")).hasSameSizeAs(before.path("tenants"));
        assertThat(controller.alive()).isTrue();
        assertThat(agent.alive()).isTrue();
        expectAlive();
    }

    @Test
    void tenThousandConnectionsAndGarbageHarmNobodyAndAreReported() {
        String hostile = Compiled.hostile(CLUSTER);
        CLUSTER.ask().set("mallory", "{\"weight\":1}");
        CLUSTER.ask().awaitWeight("mallory", 1);

        Proc attack = CLUSTER.under("mallory", "attack", hostile);
        AtomicInteger worst = new AtomicInteger();
        await("the agent's last interval tells of it").atMost(Proc.PATIENCE).until(() -> {
            worst.accumulateAndGet(
                    CLUSTER.ask().usage("mallory").path("anomalies").asInt(), Math::max);
            return worst.get() > 0;
        });
        expectPart("under attack", 250);
        attack.awaitOut(Pattern.compile("round 1 done\n"));
        Proc newcomer = CLUSTER.under("a", "newcomer", "true");
        assertThat(newcomer.awaitEnd().code()).as(newcomer.toString()).isZero();

        assertThat(attack.alive()).isTrue();
        assertThat(attack.out()).contains("hello: welcome");
        assertThat(CLUSTER.ask().agentHealthy()).isTrue();
        double refused = CLUSTER.ask().metric("aliquot_connections_refused_total", "");
        double anomalies = CLUSTER.ask().metric("aliquot_tenant_anomalies_total", "mallory");
        say("refused connections: " + refused + ", anomalies of the attacker: " + anomalies);
        assertThat(refused).isGreaterThan(1000);
        assertThat(anomalies).isGreaterThan(0);
        assertThat(CLUSTER.ask().metric("aliquot_tenant_anomalies_total", "a")).isZero();
        assertThat(CLUSTER.ask().metric("aliquot_tenant_anomalies_total", "b")).isZero();
        expectAlive();
    }

    private static void expectNoChangeWithoutABroker() {
        await("the controller has noticed")
                .atMost(Proc.PATIENCE)
                .until(() -> !CLUSTER.ask().controllerReady());
        Proc set = CLUSTER.java("set", "tenants", "set", "b", "--weight", "9", "--controller", CLUSTER.controllerUrl());
        Proc.Result result = set.awaitEnd();
        assertThat(result.code()).as(set.toString()).isEqualTo(4);
        assertThat(result.err())
                .contains("no broker answers at " + CLUSTER.kafka(), "nothing was changed", "--kafka")
                .hasLineCount(1);
    }

    /** The same processes, by themselves: known, with their memory, and lent to again. */
    private void expectPickedUp() {
        awaitMemory("a");
        awaitMemory("b");
        expectAlive();
        expectPart("with the next agent", 250);
        b.pause();
        expectTheWholeGpu("with the next agent");
        b.resume();
    }

    private static void awaitMemory(String tenant) {
        await().atMost(Proc.PATIENCE).untilAsserted(() -> {
            JsonNode usage = CLUSTER.ask().usage(tenant);
            assertThat(usage.path("processes").asInt()).isOne();
            assertThat(usage.path("memoryUsedBytes").asLong()).isGreaterThanOrEqualTo(MEMORY);
        });
    }

    private void expectPart(String when, double permille) {
        Tenant.expect("a's part beside b, " + when, permille - 100, permille + 100, () -> Tenant.partOf(SPAN, a, b));
    }

    private void expectTheWholeGpu(String when) {
        Tenant.expect("a alone, " + when, 550, 1100, () -> a.permilleOver(Duration.ofSeconds(2)));
    }

    private void expectAlive() {
        assertThat(a.proc().alive()).as("a lives").isTrue();
        assertThat(b.proc().alive()).as("b lives").isTrue();
    }

    private static void say(String figure) {
        System.out.println(figure);
    }
}
