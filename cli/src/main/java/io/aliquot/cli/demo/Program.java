package io.aliquot.cli.demo;

import java.util.List;
import java.util.stream.IntStream;

/**
 * A program of the demo: the tenant program, and which GPUs it works on.
 *
 * @param tenant a tenant may have several programs
 * @param gpus their indices; several for a gang, which does the same on each
 * @param options of the tenant program
 */
record Program(String tenant, List<Integer> gpus, List<String> options) {
    Program {
        gpus = List.copyOf(gpus);
        options = List.copyOf(options);
    }

    /** Many kernels on one GPU, one after another. */
    static Program on(String tenant, int gpu, String kernel) {
        return new Program(
                tenant, List.of(gpu), List.of("--gpu", Integer.toString(gpu), "--kernel", kernel, "--depth", "16"));
    }

    /** A gang: a kernel on each of the first GPUs, wait for all, again. */
    static Program gang(String tenant, int gpus, String kernel) {
        return new Program(tenant, IntStream.range(0, gpus).boxed().toList(), List.of("--gang", "--kernel", kernel));
    }

    /** Tells a witness of a line. */
    void note(TenantLine line, ShareWitness witness) {
        for (int i = 0; i < gpus.size(); i++) {
            long gpuNs = gpus.size() == 1 ? line.gpuNs() : line.workNs().get(i);
            witness.note(series(tenant, gpus.get(i)), line.atNs(), gpuNs);
        }
    }

    /** The witness's name for what a tenant does on a GPU. */
    static String series(String tenant, int gpu) {
        return tenant + "@" + gpu;
    }
}
