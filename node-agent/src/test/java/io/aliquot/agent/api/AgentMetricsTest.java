package io.aliquot.agent.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.agent.model.GpuInfo;
import io.aliquot.agent.model.GpuReading;
import io.aliquot.agent.model.GpuUsage;
import io.aliquot.agent.model.NodeLabels;
import io.aliquot.agent.model.NodeUsage;
import io.aliquot.agent.model.TenantUsage;
import io.aliquot.schema.ServiceClass;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class AgentMetricsTest {
    private static final GpuInfo GPU = new GpuInfo(0, "GPU-a", "test", 1L << 34, true);
    private static final TenantUsage TENANT = ofClass(ServiceClass.STANDARD);

    private final AgentMetrics metrics = new AgentMetrics("n1", view());

    @Test
    void addsUpWhatTenantsUsed() {
        metrics.record(usage(1, List.of(TENANT)));
        metrics.record(usage(2, List.of(TENANT)));

        String labels = "{gpu=\"GPU-a\",node=\"n1\",simulated=\"true\",tenant=\"a\"} ";
        assertThat(metrics.scrape())
                .contains("aliquot_tenant_gpu_seconds_total" + labels + "0.1\n")
                .contains("aliquot_tenant_waited_seconds_total" + labels + "0.04\n")
                .contains("aliquot_tenant_blocked_seconds_total" + labels + "0.1\n")
                .contains("aliquot_tenant_launches_total" + labels + "6.0\n")
                .contains("aliquot_tenant_anomalies_total" + labels + "2.0\n")
                .contains("aliquot_tenant_unhooked_lookups_total" + labels + "4.0\n")
                .contains("aliquot_tenant_memory_used_bytes" + labels + "1024.0\n")
                .contains("aliquot_tenant_memory_limit_bytes" + labels + "4096.0\n")
                .contains("aliquot_tenant_pinned_bytes" + labels + "77.0\n")
                .contains("aliquot_tenant_memory_overhead_bytes" + labels + "88.0\n")
                .contains("aliquot_tenant_share_target_permille" + labels + "250.0\n")
                .contains("aliquot_tenant_share_guaranteed_permille" + labels + "333.0\n")
                .contains("aliquot_decision_age_seconds{node=\"n1\"} NaN");
    }

    @Test
    void saysTheClassThatATenantHasNow() {
        metrics.record(usage(1, List.of(TENANT)));
        assertThat(classes()).containsExactly("best-effort 0.0", "latency-critical 0.0", "standard 1.0");
        metrics.record(usage(2, List.of(ofClass(ServiceClass.BEST_EFFORT))));
        assertThat(classes()).containsExactly("best-effort 1.0", "latency-critical 0.0", "standard 0.0");
        metrics.record(usage(3, List.of()));
        assertThat(classes()).isEmpty();
    }

    @Test
    void everyMetricIsInTheDocumentAndNoOther() throws Exception {
        metrics.record(usage(1, List.of(TENANT)));
        Set<String> served = found("(?m)^# HELP (aliquot_\\w+) ", metrics.scrape());
        Set<String> told = found("`(aliquot_\\w+)`", Files.readString(Path.of("../docs/metrics.md")));
        assertThat(told).isEqualTo(served).hasSizeGreaterThan(20);
    }

    @Test
    void dropsATenantThatIsGoneAndShowsALostGpu() {
        metrics.record(usage(1, List.of(TENANT)));
        assertThat(metrics.scrape()).contains("aliquot_gpu_up{gpu=\"GPU-a\",node=\"n1\",simulated=\"true\"} 1.0");

        GpuUsage lost = new GpuUsage(GPU, Optional.empty(), List.of(), List.of());
        metrics.record(new NodeUsage("n1", 2, 0, 0, 100_000_000, List.of(lost), NodeLabels.NONE, Optional.empty()));

        assertThat(metrics.scrape())
                .doesNotContain("tenant=\"a\"")
                .contains("aliquot_gpu_up{gpu=\"GPU-a\",node=\"n1\",simulated=\"true\"} 0.0")
                .contains("aliquot_gpu_memory_used_bytes{gpu=\"GPU-a\",node=\"n1\",simulated=\"true\"} NaN");
    }

    private static TenantUsage ofClass(ServiceClass serviceClass) {
        return new TenantUsage(
                "a", 1, 50_000_000, 20_000_000, 500, 3, 1024, 4096, 4, serviceClass, 250, 333, 9, 1, 2, 77, 88);
    }

    private List<String> classes() {
        return metrics.scrape()
                .lines()
                .filter(line -> line.startsWith("aliquot_tenant_class{class=\""))
                .map(line -> line.replaceAll(".*class=\"([^\"]+)\".*\\} ", "$1 "))
                .toList();
    }

    private static Set<String> found(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static NodeUsage usage(long sequence, List<TenantUsage> tenants) {
        GpuReading reading = new GpuReading(0, 2048, 1000, List.of());
        GpuUsage gpu = new GpuUsage(GPU, Optional.of(reading), tenants, List.of());
        return new NodeUsage("n1", sequence, 0, 0, 100_000_000, List.of(gpu), NodeLabels.NONE, Optional.empty());
    }

    private static AgentView view() {
        return (AgentView) Proxy.newProxyInstance(
                AgentView.class.getClassLoader(), new Class<?>[] {AgentView.class}, (proxy, method, arguments) -> {
                    if (method.getReturnType() == OptionalDouble.class) {
                        return OptionalDouble.empty();
                    }
                    return method.getReturnType() == String.class ? "empty" : (Object) 0L;
                });
    }
}
