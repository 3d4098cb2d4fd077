package io.aliquot.cli.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code aliquot up} dies by SIGKILL: broker, controller and agent at once. */
class UpDeathIT {
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    @Test
    void keepsEveryQuotaAndItsTenantsGoOn() {
        Proc first = up();
        set("a", "--weight", "4", "--floor", "10%", "--ceiling", "80%", "--memory", "1GiB");
        set("b", "--weight", "2");
        CLUSTER.ask().awaitWeight("a", 4);
        JsonNode before = CLUSTER.ask().quotas();
        assertThat(before.path("tenants")).hasSize(2);
        Tenant a = CLUSTER.tenant("a", "--memory", "256MiB");

        first.sigkill();
        a.awaitProgress(a.gpuNs());

        Proc second = up();
        assertThat(CLUSTER.ask().quotas()).isEqualTo(before);
        await("a's program is known again").atMost(Proc.PATIENCE).untilAsserted(() -> {
            assertThat(CLUSTER.ask().usage("a").path("processes").asInt()).isOne();
            assertThat(CLUSTER.ask().usage("a").path("memoryUsedBytes").asLong())
                    .isGreaterThanOrEqualTo(256L << 20);
        });
        set("a", "--weight", "3");
        CLUSTER.ask().awaitWeight("a", 3);
        a.awaitProgress(a.gpuNs());
        assertThat(second.alive()).isTrue();
    }

    private static Proc up() {
        Proc up = CLUSTER.java(
                "up",
                "up",
                "--gpu=sim",
                "--state=" + CLUSTER.dir().resolve("state"),
                "--run-dir=" + CLUSTER.runDir(),
                "--http-port=" + CLUSTER.controllerPort(),
                "--agent-port=" + CLUSTER.agentPort(),
                "--kafka-port=" + CLUSTER.brokerPort());
        up.awaitOut(Pattern.compile("Ctrl-C ends it\\.\n"));
        return up;
    }

    /** As a person does: it finds the controller through the run folder. */
    private static void set(String tenant, String... options) {
        List<String> words = new ArrayList<>(List.of("tenants", "set", tenant, "--run-dir=" + CLUSTER.runDir()));
        words.addAll(List.of(options));
        Proc set = CLUSTER.java("set", words.toArray(String[]::new));
        assertThat(set.awaitEnd().code()).as(set.toString()).isZero();
    }
}
