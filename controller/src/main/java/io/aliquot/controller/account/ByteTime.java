package io.aliquot.controller.account;

import java.math.BigInteger;

/**
 * Memory held over time, exact: so many byte-seconds and a rest below one. Immutable.
 *
 * @param byteSeconds 0 or more
 * @param restByteMicros millionths of a byte-second, 0 to 999999
 */
public record ByteTime(long byteSeconds, int restByteMicros) {
    /** Nothing. */
    public static final ByteTime NONE = new ByteTime(0, 0);

    /** The most memory of one GPU that is counted, a pebibyte: an hour of it is far from what a long can hold. */
    public static final long MOST_BYTES = 1L << 50;

    private static final int MICROS = 1_000_000;

    /** @throws IllegalArgumentException when a part is out of its range */
    public ByteTime {
        if (byteSeconds < 0 || restByteMicros < 0 || restByteMicros >= MICROS) {
            throw new IllegalArgumentException("memory over time " + byteSeconds + " + " + restByteMicros
                    + "/1000000 byte-seconds: expected 0 or more and 0 to 999999");
        }
    }

    /**
     * So many bytes for so long.
     *
     * @param bytes counted as 0 to {@link #MOST_BYTES}
     * @param micros 0 to an hour
     */
    static ByteTime of(long bytes, long micros) {
        long held = Math.clamp(bytes, 0, MOST_BYTES);
        // Whole seconds and the rest apart: 2^50 bytes times a rest below a second fits, times an hour of them does
        // not.
        long rest = micros % MICROS;
        long restHigh = held / MICROS * rest;
        long restLow = held % MICROS * rest;
        return new ByteTime(held * (micros / MICROS) + restHigh + restLow / MICROS, (int) (restLow % MICROS));
    }

    ByteTime plus(ByteTime other) {
        int rest = restByteMicros + other.restByteMicros;
        return new ByteTime(Math.addExact(byteSeconds, other.byteSeconds) + rest / MICROS, rest % MICROS);
    }

    /** All of it in millionths of a byte-second. */
    BigInteger byteMicros() {
        return BigInteger.valueOf(byteSeconds)
                .multiply(BigInteger.valueOf(MICROS))
                .add(BigInteger.valueOf(restByteMicros));
    }
}
