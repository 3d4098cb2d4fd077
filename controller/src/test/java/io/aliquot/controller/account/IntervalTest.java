package io.aliquot.controller.account;

import static io.aliquot.controller.account.Telemetries.gpu;
import static io.aliquot.controller.account.Telemetries.tenant;
import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.controller.state.NodeReport;
import org.junit.jupiter.api.Test;

class IntervalTest {
    private static final long MICROS = 100_000;

    @Test
    void whatOneLeavesAndAnotherUsesIsLentAndBorrowed() {
        GpuTime time = of(tenant("a", 70_000_000, 500), tenant("b", 10_000_000, 500));
        assertThat(time.idleNs()).isEqualTo(20_000_000);
        assertThat(time.tenants().get("a"))
                .isEqualTo(new TenantTime(70_000_000, 50_000_000, 0, 20_000_000, 0, ByteTime.NONE));
        assertThat(time.tenants().get("b"))
                .isEqualTo(new TenantTime(10_000_000, 50_000_000, 20_000_000, 0, 0, ByteTime.NONE));
    }

    @Test
    void timeThatIsGuaranteedToNobodyIsUsedBeforeAnybodysOwn() {
        GpuTime time = of(tenant("a", 70_000_000, 300), tenant("b", 0, 300), tenant("c", 0, 200));
        assertThat(time.tenants().get("a").borrowedNs()).isEqualTo(40_000_000);
        // 20 ms of the 40 were nobody's; b and c left 30 and 20 ms and lend in proportion.
        assertThat(time.tenants().get("b").lentNs()).isEqualTo(12_000_000);
        assertThat(time.tenants().get("c").lentNs()).isEqualTo(8_000_000);
    }

    @Test
    void nothingIsLentThatNobodyUsed() {
        GpuTime time = of(tenant("a", 20_000_000, 500), tenant("b", 10_000_000, 500));
        assertThat(time.tenants().values()).allMatch(t -> t.lentNs() == 0 && t.borrowedNs() == 0);
        assertThat(time.idleNs()).isEqualTo(70_000_000);
    }

    @Test
    void waitingAndMemoryAreOfTheInterval() {
        GpuTime time = of(tenant("a", 0, 0, 250, 3_000_000_001L));
        assertThat(time.tenants().get("a").waitingNs()).isEqualTo(25_000_000);
        assertThat(time.tenants().get("a").memory()).isEqualTo(new ByteTime(300_000_000, 100_000));
    }

    @Test
    void aTenantThatLiesTakesNoMoreThanOneThatWasBusyThroughout() {
        GpuTime time = of(tenant("liar", Long.MAX_VALUE, 500), tenant("honest", 50_000_000, 500));
        assertThat(time.tenants().get("liar").usedNs()).isEqualTo(66_666_667);
        assertThat(time.tenants().get("honest").usedNs()).isEqualTo(33_333_333);
        assertThat(time.idleNs()).isZero();
    }

    @Test
    void negativeValuesCountAsNothing() {
        GpuTime time = of(tenant("a", -1, -5, -7, -9));
        assertThat(time.tenants()).isEmpty();
        assertThat(time.idleNs()).isEqualTo(time.wallNs()).isEqualTo(100_000_000);
    }

    @Test
    void guaranteesOfMoreThanTheGpuDontUnbalanceIt() {
        GpuTime time = of(tenant("a", 100_000_000, 900), tenant("b", 0, 900));
        assertThat(time.tenants().get("a").borrowedNs()).isEqualTo(10_000_000);
        assertThat(time.tenants().get("b").lentNs()).isEqualTo(10_000_000);
    }

    @Test
    void memoryOverAnHourFitsALong() {
        ByteTime most = ByteTime.of(Long.MAX_VALUE, GpuHour.MICROS);
        assertThat(most.byteSeconds()).isEqualTo((1L << 50) * 3600).isPositive();
        assertThat(ByteTime.of(1, 999_999)).isEqualTo(new ByteTime(0, 999_999));
        assertThat(ByteTime.of(1, 999_999).plus(ByteTime.of(1, 1))).isEqualTo(new ByteTime(1, 0));
        assertThat(ByteTime.of(1_234_567_890_123L, 1_234_567).byteMicros())
                .isEqualTo(new java.math.BigInteger("1234567890123").multiply(java.math.BigInteger.valueOf(1_234_567)));
    }

    private static GpuTime of(NodeReport.Tenant... tenants) {
        return new Interval(gpu("g", tenants), MICROS).all();
    }
}
