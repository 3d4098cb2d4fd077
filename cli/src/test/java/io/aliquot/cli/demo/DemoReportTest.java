package io.aliquot.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.cli.demo.DemoReport.PhaseResult;
import io.aliquot.cli.demo.DemoReport.TenantResult;
import io.aliquot.cli.text.Samples;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class DemoReportTest {
    private static final DemoScript.Phase BUSY =
            DemoScript.of(Duration.ofSeconds(8)).phases().get(0);

    @Test
    void missesByMoreThanThreePointsOnly() {
        assertThat(report(155).missed()).isFalse();
        assertThat(report(95).missed()).isFalse();
        assertThat(report(155.1).missed()).isTrue();
        assertThat(report(94.9).missed()).isTrue();
    }

    @Test
    void endsWithOneLineForScripts() {
        assertThat(report(130).json())
                .isEqualTo("{\"gpu\":\"sim\",\"phases\":[{\"name\":\"busy\",\"seconds\":1.5,\"busyPermille\":980,"
                        + "\"tenants\":[{\"tenant\":\"a\",\"weight\":1,\"targetPermille\":125.0,"
                        + "\"achievedPermille\":130.0,\"waitedMs\":900}]}],"
                        + "\"apply\":{\"samples\":3,\"p50Ms\":20.0,\"maxMs\":30.0},\"lendMs\":12.0}");
    }

    @Test
    void saysWhenNothingWasLent() {
        DemoReport never = new DemoReport(false, List.of(), new Samples(List.of(1.0)), OptionalDouble.empty());
        assertThat(never.json()).startsWith("{\"gpu\":\"real\"").endsWith("\"lendMs\":null}");
        assertThat(never.summary()).anyMatch(line -> line.contains("never in full use"));
    }

    @Test
    void theSummaryMarksAMissAndASimulatedGpu() {
        assertThat(report(130).summary()).first().asString().contains("simulated GPU");
        assertThat(report(300).summary())
                .anyMatch(line -> line.contains("+17.5 !"))
                .anyMatch(line -> line.startsWith("MISSED"));
    }

    private static DemoReport report(double achieved) {
        TenantResult tenant = new TenantResult("a", 1, 125, achieved, 900);
        return new DemoReport(
                true,
                List.of(new PhaseResult(BUSY, 1.5, 980, List.of(tenant))),
                new Samples(List.of(10.0, 20.0, 30.0)),
                OptionalDouble.of(12));
    }
}
