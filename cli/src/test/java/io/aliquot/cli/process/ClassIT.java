package io.aliquot.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A class as an operator sets it, until the tenant's own process reads it in its control page (aliquot_page.h). */
class ClassIT {
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    @Test
    void aClassReachesTheTenantsControlPageBesideItsCeiling() {
        CLUSTER.start();
        CLUSTER.tenants("set", "a", "--class", "latency-critical");
        CLUSTER.ask().awaitWeight("a", 1);
        Proc page = CLUSTER.under("a", "flags", Compiled.flags(CLUSTER));

        page.awaitOut(Pattern.compile("^flags 2\n"));
        assertThat(CLUSTER.tenants("list")).containsPattern("a +latency-critical");
        assertThat(CLUSTER.tenants("get", "a")).startsWith("tenant a: class latency-critical, weight 1");
        assertThat(CLUSTER.ask().usage("a").path("serviceClass").asText()).isEqualTo("latency-critical");

        CLUSTER.tenants("set", "a", "--ceiling", "50%", "--hard");
        page.awaitOut(Pattern.compile("flags 3\n"));

        CLUSTER.tenants("set", "a", "--class", "best-effort");
        page.awaitOut(Pattern.compile("flags 5\n"));

        CLUSTER.tenants("set", "a", "--class", "standard", "--soft");
        page.awaitOut(Pattern.compile("flags 0\n"));
    }
}
