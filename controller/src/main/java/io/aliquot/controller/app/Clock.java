package io.aliquot.controller.app;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Where time comes in: everything below the app layer is told it.
 *
 * @param unixMs wall clock, milliseconds since 1970; for people
 * @param monotonicMs never goes back; for ages
 */
record Clock(LongSupplier unixMs, LongSupplier monotonicMs) {
    static Clock system() {
        return new Clock(System::currentTimeMillis, () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
    }
}
