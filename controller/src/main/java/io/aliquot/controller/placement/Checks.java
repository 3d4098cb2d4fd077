package io.aliquot.controller.placement;

/** Says what is wrong with a number, with the value and the range. */
final class Checks {
    /** GPU-equivalents; far more than any cluster has, and squares of it are far inside a double. */
    static final double LARGEST = 1e9;

    /** The slowest GPU, in GPU-equivalents: below, a share would be lost in rounding. */
    static final double SMALLEST_CAPACITY = 1e-6;

    private Checks() {}

    static void range(double value, double least, double most, String what, int index, String field) {
        if (!(value >= least && value <= most)) {
            throw new IllegalArgumentException(
                    what + " " + index + ": " + field + " " + value + ": expected " + least + " to " + most);
        }
    }

    static void index(int index, int size, String what) {
        if (index < 0 || index >= size) {
            throw new IllegalArgumentException(what + " " + index + ": expected one of the " + size + " added before");
        }
    }

    static String edge(int tenant, int gpu) {
        return "tenant " + tenant + " on GPU " + gpu + ": ";
    }
}
