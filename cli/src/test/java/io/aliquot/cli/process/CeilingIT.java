package io.aliquot.cli.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aliquot.cli.Alone;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A ceiling as an operator sets it, on a tenant that is alone. Margins are wide: bench/ shows how exact shares are. */
@Alone
class CeilingIT {
    private static final Duration SPAN = Duration.ofSeconds(3);

    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    @Test
    void aHardCeilingHoldsAloneAndASoftOneLetsGo() {
        CLUSTER.start();
        CLUSTER.tenants("set", "a", "--ceiling", "50%");
        await("the agent knows a")
                .atMost(Proc.PATIENCE)
                .until(() -> !CLUSTER.ask().usage("a").isMissingNode());
        Tenant a = CLUSTER.tenant("a");

        CLUSTER.tenants("set", "a", "--hard");

        Tenant.expect("a alone under a hard ceiling of 500", 400, 580, () -> a.permilleOver(SPAN));
        for (String counted : List.of("gpu_seconds", "waited_seconds", "blocked_seconds", "launches")) {
            assertThat(CLUSTER.ask().metric("aliquot_tenant_" + counted + "_total", "a"))
                    .as(counted)
                    .isPositive();
        }
        assertThat(CLUSTER.tenants("list")).contains("50% hard");
        assertThat(CLUSTER.tenants("get", "a")).contains("ceiling 50% hard");

        CLUSTER.tenants("set", "a", "--soft");

        Tenant.expect("a alone under a soft ceiling of 500", 750, 1100, () -> a.permilleOver(SPAN));
        assertThat(CLUSTER.tenants("get", "a")).contains("ceiling 50%,");
    }
}
