package io.aliquot.cli.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A tenant's process dies by SIGKILL. */
class TenantDeathIT {
    private static final long MEMORY = 512L << 20;

    @RegisterExtension
    final Cluster cluster = new Cluster();

    @Test
    void freesItsMemoryAndItsShareAtOnce() {
        cluster.startBroker();
        cluster.startController();
        cluster.startAgent();
        cluster.set("a", "{\"weight\":3}");
        cluster.set("b", "{\"weight\":1}");
        cluster.awaitWeight("a", 3);
        cluster.awaitWeight("b", 1);
        Tenant a = cluster.tenant("a", "--memory", "512MiB");
        Tenant b = cluster.tenant("b");
        await().atMost(Proc.PATIENCE)
                .untilAsserted(() -> assertThat(
                                cluster.usage("a").path("memoryUsedBytes").asLong())
                        .isGreaterThanOrEqualTo(MEMORY));
        assertThat(Tenant.partOf(Duration.ofSeconds(2), b, a)).isBetween(170.0, 330.0);

        a.proc().sigkill();
        long killedNs = System.nanoTime();

        await().atMost(Proc.PATIENCE).pollInterval(Duration.ofMillis(10)).untilAsserted(() -> {
            assertThat(cluster.usage("a").path("memoryUsedBytes").asLong()).isZero();
            assertThat(cluster.usage("a").path("processes").asInt()).isZero();
        });
        Duration freed = Duration.ofNanos(System.nanoTime() - killedNs);
        System.out.println("memory freed, as the agent tells, after " + freed.toMillis() + " ms");
        assertThat(freed).isLessThan(Duration.ofSeconds(3));
        assertThat(cluster.metric("aliquot_tenant_memory_used_bytes", "a")).isZero();
        assertThat(cluster.metric("aliquot_tenant_processes", "a")).isZero();
        assertThat(cluster.metric("aliquot_tenant_processes", "b")).isOne();
        double alone = b.permilleOver(Duration.ofSeconds(2));
        System.out.println("b alone: " + alone + " permille");
        assertThat(alone).isGreaterThan(600);
        assertThat(cluster.agentHealthy()).isTrue();
    }
}
