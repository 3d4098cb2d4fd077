package io.aliquot.cli.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The agent dies by SIGKILL, and another takes its place: with the broker there, and without one. */
class AgentDeathIT {
    private static final long MEMORY = 256L << 20;
    private static final Duration SPAN = Duration.ofSeconds(3);

    @RegisterExtension
    final Cluster cluster = new Cluster();

    @Test
    void leavesTenantsAtTheirFallbackSharesAndItsSuccessorPicksThemUp() {
        Proc broker = cluster.startBroker();
        Proc controller = cluster.startController();
        Proc agent = cluster.startAgent();
        cluster.set("a", "{\"weight\":1}");
        cluster.set("b", "{\"weight\":3}");
        cluster.awaitWeight("a", 1);
        cluster.awaitWeight("b", 3);
        Tenant a = cluster.tenant("a", "--memory", "256MiB");
        Tenant b = cluster.tenant("b");

        agent.sigkill();
        expectFallback(a, b);
        Proc second = cluster.startAgent();
        expectPickedUp(a, b);

        // Nobody but the agent is left: it goes on with the last decision.
        controller.sigkill();
        broker.sigkill();
        second.sigkill();
        a.awaitProgress(a.gpuNs());
        b.awaitProgress(b.gpuNs());
        Proc third = cluster.startAgent();
        expectPickedUp(a, b);
        assertThat(third.awaitOut(java.util.regex.Pattern.compile("agent ready: .*\n")))
                .isNotNull();
        assertThat(third.err()).contains(cluster.kafka(), "going on with the last decision");
    }

    /** Both go on; one that is busy alone keeps to its own share. */
    private static void expectFallback(Tenant a, Tenant b) {
        b.pause();
        Tenant.permilles(Duration.ofSeconds(1), a); // until its heartbeat is stale and what it had in flight is done
        double alone = a.permilleOver(SPAN);
        System.out.println("a alone, without an agent: " + alone + " permille of 250");
        assertThat(alone).isBetween(60.0, 400.0);
        b.resume();
        Tenant.permilles(Duration.ofSeconds(1), b);
        List<Double> both = Tenant.permilles(SPAN, a, b);
        System.out.println("a and b, without an agent: " + both + " permille of 250 and 750");
        assertThat(both.getFirst()).isBetween(60.0, 400.0);
        assertThat(both.getLast()).isBetween(250.0, 900.0);
    }

    /** The same processes, by themselves: known, with their memory, and lent to again. */
    private void expectPickedUp(Tenant a, Tenant b) {
        await().atMost(Proc.PATIENCE).untilAsserted(() -> {
            assertThat(cluster.usage("a").path("processes").asInt()).isOne();
            assertThat(cluster.usage("b").path("processes").asInt()).isOne();
            assertThat(cluster.usage("a").path("memoryUsedBytes").asLong()).isGreaterThanOrEqualTo(MEMORY);
        });
        assertThat(a.proc().alive()).isTrue();
        assertThat(b.proc().alive()).isTrue();
        double part = Tenant.partOf(SPAN, a, b);
        System.out.println("a beside b, with the next agent: " + part + " permille of 250");
        assertThat(part).isBetween(170.0, 330.0);
        b.pause();
        double alone = a.permilleOver(Duration.ofSeconds(2));
        System.out.println("a alone, with the next agent: " + alone + " permille");
        assertThat(alone).isGreaterThan(600);
        b.resume();
    }
}
