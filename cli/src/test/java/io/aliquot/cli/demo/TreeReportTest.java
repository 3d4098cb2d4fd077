package io.aliquot.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.cli.demo.TreeReport.PartResult;
import io.aliquot.cli.demo.TreeReport.PhaseResult;
import io.aliquot.cli.demo.TreeReport.TenantResult;
import io.aliquot.cli.demo.TreeScript.Part;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

class TreeReportTest {
    private static final TreeScript.Phase PHASE =
            TreeScript.of(TreeScript.USUAL).phases().getFirst();

    @Test
    void missesByMoreThanTwoPointsOfAGpuOnly() {
        assertThat(report(270, 0.5, 0.45).missed()).isFalse();
        assertThat(report(230, 0.5, 0.45).missed()).isFalse();
        assertThat(report(270.1, 0.5, 0.45).missed()).isTrue();
        assertThat(report(229.9, 0.5, 0.45).missed()).isTrue();
    }

    @Test
    void missesWhenExplainSaysSomethingElse() {
        assertThat(report(250, 0.539, 0.45).missed()).isFalse();
        assertThat(report(250, 0.541, 0.45).missed())
                .as("shared, over two GPUs")
                .isTrue();
        assertThat(report(250, 0.5, 0.489).missed()).isFalse();
        assertThat(report(250, 0.5, 0.491).missed()).as("used").isTrue();
    }

    @Test
    void missesWhenAFloorNeverCameBack() {
        TreeReport never = new TreeReport(false, List.of(), OptionalDouble.empty(), List.of(), 90);
        assertThat(never.missed()).isTrue();
        assertThat(never.json()).contains("\"gpu\":\"real\"", "\"reclaimMs\":null", "\"missed\":true");
        assertThat(never.summary()).anyMatch(line -> line.startsWith("MISSED: a floor was never"));
    }

    @Test
    void endsWithOneLineForScripts() {
        assertThat(report(251, 0.5, 0.45).json())
                .isEqualTo(
                        "{\"play\":\"tree\",\"gpu\":\"sim\",\"tolerancePermille\":20.0,\"phases\":[{\"name\":\"busy\","
                                + "\"seconds\":6.0,\"gpuBusyPermille\":[900,880],"
                                + "\"parts\":[{\"tenant\":\"shop/nccl\",\"gpu\":1,\"expectedPermille\":250.0,"
                                + "\"targetPermille\":245.0,\"measuredPermille\":251.0,\"workedPermille\":225.0,\"missed\":false}],"
                                + "\"tenants\":[{\"tenant\":\"shop/nccl\",\"measuredGpus\":0.5,\"workedGpus\":0.45,\"meteredGpus\":0.46,"
                                + "\"explainSharedGpus\":0.5,\"explainUsedGpus\":0.45,\"missed\":false,\"words\":[\"why\"]}]}],"
                                + "\"report\":[{\"tenant\":\"shop/nccl\",\"workedGpuSeconds\":50.0,\"reportedGpuSeconds\":50.5,"
                                + "\"missed\":false}],"
                                + "\"reclaimMs\":120.0,\"missed\":false}");
    }

    @Test
    void theSummaryMarksMissesAndSimulatedGpus() {
        assertThat(report(250, 0.5, 0.45).summary())
                .anyMatch(line -> line.startsWith("Summary") && line.contains("simulated"))
                .anyMatch(line -> line.startsWith("What explain says") && line.contains("simulated"))
                .anyMatch(line -> line.contains("within 120 ms"))
                .noneMatch(line -> line.contains("!"));
        assertThat(report(300, 0.5, 0.55).summary())
                .anyMatch(line -> line.contains("+5.0 !"))
                .anyMatch(line -> line.contains("+0.100 !"))
                .anyMatch(line -> line.startsWith("MISSED"));
    }

    @Test
    void missesWhenTheReportSaysSomethingElse() {
        assertThat(report(250, 0.5, 0.45, 53.9).missed()).isFalse();
        assertThat(report(250, 0.5, 0.45, 46.1).missed()).isFalse();
        assertThat(report(250, 0.5, 0.45, 54.1).missed()).isTrue();
        assertThat(report(250, 0.5, 0.45, 45.9).summary()).anyMatch(line -> line.contains("-4.100 !"));
    }

    private static TreeReport report(double measuredPermille, double sharedGpus, double usedGpus) {
        return report(measuredPermille, sharedGpus, usedGpus, 50.5);
    }

    private static TreeReport report(
            double measuredPermille, double sharedGpus, double usedGpus, double reportedGpuSeconds) {
        SequencedMap<Source, Double> said = new LinkedHashMap<>();
        said.put(Source.EXPLAIN_SHARED, sharedGpus);
        said.put(Source.EXPLAIN_USED, usedGpus);
        PhaseResult phase = new PhaseResult(
                PHASE,
                6,
                List.of(new PartResult(new Part(TreeScript.GANG, 1), 250, 245, measuredPermille, 225)),
                List.of(900.0, 880.0),
                List.of(new TenantResult(TreeScript.GANG, 2, 0.5, 0.45, 0.46, said, List.of("why"))));
        return new TreeReport(
                true,
                List.of(phase),
                OptionalDouble.of(120),
                List.of(new Account(TreeScript.GANG, 2, 50, reportedGpuSeconds)),
                100);
    }
}
