package io.aliquot.cli.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many seeds (docs/adr/0016-simulation.md). More of them: {@code -Daliquot.seeds=10000}, from {@code -Daliquot.first-seed=300};
 * one again: {@code -Daliquot.seed=7}.
 */
class SimulationTest {
    private static final long SEEDS = Long.getLong("aliquot.seeds", 300);
    private static final long FIRST = Long.getLong("aliquot.first-seed", 0);
    private static final Long ONE = Long.getLong("aliquot.seed");

    @BeforeAll
    static void quiet() {
        QuietLogs.set();
    }

    @Test
    @Timeout(3600)
    void holdsWhateverFails() {
        long startNs = System.nanoTime();
        Watch.Counts all = new Watch.Counts();
        LongStream seeds = ONE != null ? LongStream.of(ONE) : LongStream.range(FIRST, FIRST + SEEDS);
        seeds.forEach(seed -> all.add(Simulation.run(seed, Broken.NOTHING).counts()));
        System.out.println(
                all + " in " + Duration.ofNanos(System.nanoTime() - startNs).toMillis() + " ms");
        if (ONE == null) {
            all.assertThatMuchHappened();
        }
    }

    @Test
    void aSeedIsTheSameEachTime() {
        Simulation.Result first = Simulation.run(4, Broken.NOTHING);
        assertThat(Simulation.run(4, Broken.NOTHING).digest()).isEqualTo(first.digest());
        assertThat(Simulation.run(5, Broken.NOTHING).digest()).isNotEqualTo(first.digest());
    }
}
