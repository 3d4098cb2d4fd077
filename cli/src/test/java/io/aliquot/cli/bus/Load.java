package io.aliquot.cli.bus;

import java.nio.file.Path;

/**
 * What is played.
 *
 * @param hz reports a second of each node
 * @param tenants in the cluster, four of them on each GPU
 * @param partitions of the decisions
 * @param seconds that are measured, after the warm-up
 * @param links nodes that are real agents' Kafka classes, beside the simulated ones
 * @param dir for the broker's records and the logs
 */
record Load(int nodes, double hz, int tenants, int partitions, int warmUp, int seconds, int links, Path dir) {
    static final int GPUS = 8;
    static final int TENANTS_PER_GPU = 4;

    static Load of(String[] args) {
        int nodes = 1000;
        double hz = 10;
        int tenants = 16;
        int warmUp = 20;
        int seconds = 30;
        int links = 20;
        Path dir = Path.of(System.getProperty("java.io.tmpdir"), "aliquot-bus");
        for (int i = 0; i + 1 < args.length; i += 2) {
            String value = args[i + 1];
            switch (args[i]) {
                case "--nodes" -> nodes = Integer.parseInt(value);
                case "--hz" -> hz = Double.parseDouble(value);
                case "--tenants" -> tenants = Integer.parseInt(value);
                case "--warm-up" -> warmUp = Integer.parseInt(value);
                case "--for" -> seconds = Integer.parseInt(value);
                case "--links" -> links = Integer.parseInt(value);
                case "--dir" -> dir = Path.of(value);
                default ->
                    throw new IllegalArgumentException(
                            "option " + args[i]
                                    + ": expected --nodes, --hz, --tenants, --warm-up, --for, --links or --dir, each with a value");
            }
        }
        if (tenants < TENANTS_PER_GPU) {
            throw new IllegalArgumentException("--tenants " + tenants + ": expected at least " + TENANTS_PER_GPU);
        }
        return new Load(nodes, hz, tenants, Math.max(64, nodes / 8), warmUp, seconds, links, dir);
    }

    static String tenant(int number) {
        return "tenant-" + number;
    }

    static String node(int number) {
        return "sim-" + number;
    }
}
