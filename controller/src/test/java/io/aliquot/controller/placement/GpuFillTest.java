package io.aliquot.controller.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class GpuFillTest {
    /** Slopes over 12 orders of magnitude, offsets up to 1000 and any guess: one λ explains all amounts, and they fill the GPU. */
    @Property
    void findsTheOneLevelWhateverTheGuess(@ForAll long seed, @ForAll @IntRange(min = 1, max = 12) int size) {
        Random random = new Random(seed);
        GpuFill fill = new GpuFill(size);
        double least = 0;
        double most = 0;
        for (int k = 0; k < size; k++) {
            fill.slope[k] = Math.pow(10, 12 * random.nextDouble() - 6);
            fill.offset[k] = random.nextBoolean() ? 0 : 1000 * random.nextDouble();
            fill.least[k] = random.nextBoolean() ? 0 : random.nextDouble();
            fill.most[k] = fill.least[k] + (random.nextInt(4) == 0 ? 0 : random.nextDouble());
            least += fill.least[k];
            most += fill.most[k];
        }
        double target = least + random.nextDouble() * (most - least);
        double level = fill.fill(size, target, Math.pow(10, 20 * random.nextDouble() - 10));
        double sum = 0;
        for (int k = 0; k < size; k++) {
            double x = Math.clamp(fill.slope[k] * level - fill.offset[k], fill.least[k], fill.most[k]);
            assertThat(fill.amount[k]).isCloseTo(x, within(1e-9)).isBetween(fill.least[k], fill.most[k]);
            sum += fill.amount[k];
        }
        assertThat(sum).isCloseTo(target, within(1e-12 * target));
    }

    @Test
    void givesEachItsMostWhereThatFits() {
        GpuFill fill = new GpuFill(2);
        fill.slope[0] = fill.slope[1] = 1;
        fill.most[0] = 0.25;
        fill.most[1] = 0.5;
        fill.fill(2, 1, 0);
        assertThat(fill.amount).containsExactly(0.25, 0.5);
    }
}
