package io.aliquot.controller.fairshare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class DemandEstimatorTest {
    @Test
    void infersWhatAThrottledTenantWouldUse() {
        assertThat(DemandEstimator.next(0, 125, 875, 0.1)).isEqualTo(1000);
        assertThat(DemandEstimator.next(0, 200, 500, 0.1)).isEqualTo(400);
    }

    @Test
    void growsByAQuarterWhenBarelyHeldBack() {
        assertThat(DemandEstimator.next(0, 400, 100, 0.1)).isEqualTo(500);
    }

    @Test
    void leavesHeadroomToATenantThatIsNotHeldBack() {
        assertThat(DemandEstimator.next(0, 300, 0, 0.1)).isCloseTo(330, within(1e-9));
    }

    @Test
    void takesAFullyBlockedTenantToWantAll() {
        assertThat(DemandEstimator.next(0, 0, 1000, 0.1)).isEqualTo(1000);
    }

    @Test
    void decaysToTheWakeUpReserveInSecondsNotInOneTick() {
        double afterOneTick = DemandEstimator.next(1000, 0, 0, 0.1);
        assertThat(afterOneTick).isBetween(900.0, 910.0);
        double demand = 1000;
        for (int tick = 0; tick < 30; tick++) {
            demand = DemandEstimator.next(demand, 0, 0, 0.1);
        }
        assertThat(demand).isBetween(45.0, 55.0);
        for (int tick = 0; tick < 100; tick++) {
            demand = DemandEstimator.next(demand, 0, 0, 0.1);
        }
        assertThat(demand).isEqualTo(DemandEstimator.WAKE_UP_PERMILLE);
    }
}
