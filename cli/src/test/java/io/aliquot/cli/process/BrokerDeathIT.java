package io.aliquot.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The broker dies by SIGKILL. */
class BrokerDeathIT {
    private static final Duration SPAN = Duration.ofSeconds(3);

    @RegisterExtension
    final Cluster cluster = new Cluster();

    @Test
    void leavesEverythingAtTheLastDecisionAndItsReturnPutsANewOneInForce() {
        Proc broker = cluster.startBroker();
        Proc controller = cluster.startController();
        Proc agent = cluster.startAgent();
        cluster.set("a", "{\"weight\":1}");
        cluster.set("b", "{\"weight\":3}");
        cluster.awaitWeight("a", 1);
        cluster.awaitWeight("b", 3);
        Tenant a = cluster.tenant("a");
        Tenant b = cluster.tenant("b");

        broker.sigkill();
        expectPart("without a broker", a, b, 250);
        b.pause();
        double alone = a.permilleOver(Duration.ofSeconds(2));
        System.out.println("a alone, without a broker: " + alone + " permille");
        assertThat(alone).isGreaterThan(600);
        b.resume();
        assertThat(cluster.agentHealthy()).isTrue();
        assertThat(cluster.quotas().path("tenants")).hasSize(2);
        assertThat(controller.alive()).isTrue();
        assertThat(agent.alive()).isTrue();

        cluster.startBroker();
        cluster.set("b", "{\"weight\":1}");
        cluster.awaitWeight("b", 1);
        expectPart("with the broker again", a, b, 500);
        assertThat(cluster.quotas().path("tenants")).hasSize(2);
        assertThat(controller.alive()).isTrue();
        assertThat(agent.alive()).isTrue();
    }

    private static void expectPart(String when, Tenant a, Tenant b, double permille) {
        double part = Tenant.partOf(SPAN, a, b);
        System.out.println("a beside b, " + when + ": " + part + " permille of " + permille);
        assertThat(part).as(when).isBetween(permille - 80, permille + 80);
    }
}
