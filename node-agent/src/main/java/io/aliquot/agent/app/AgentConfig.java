package io.aliquot.agent.app;

import io.aliquot.agent.model.NodeLabels;
import io.aliquot.schema.http.HttpGuard;
import io.aliquot.schema.kafka.KafkaAccess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;

/**
 * How an agent runs. Each wrong value is an {@link IllegalArgumentException} that names it and what would be right.
 *
 * @param node name of this node, unique in the cluster: 1 to 249 letters, digits, '.', '_' or '-'
 * @param kafka host:port of one or more brokers, separated by commas, and how to log in
 * @param runDir absolute; gets the socket and the tokens, and is gone after a reboot
 * @param stateDir absolute; keeps the last decision over restarts
 * @param nativeDir absolute; has libaliquot-node.so, and sim/ for simulated GPUs
 * @param interval of the agent's loop and of telemetry, 10 ms to 10 s
 * @param httpPort 0 takes a free one
 * @param simulatedGpus how many a simulation is to have, 1 to {@value #SIMULATED_MOST}; nothing: $ALIQUOT_SIM_GPUS, or 1. Given,
 *     it is an error when the GPUs are real
 * @param labels what the operator says of this node, for placement
 * @param guard what keeps strangers from its HTTP; it may be {@link HttpGuard#NONE} on the loopback address alone
 */
public record AgentConfig(
        String node,
        KafkaAccess kafka,
        Path runDir,
        Path stateDir,
        GpuMode gpu,
        OptionalInt simulatedGpus,
        Path nativeDir,
        Duration interval,
        String httpHost,
        int httpPort,
        NodeLabels labels,
        HttpGuard guard) {
    /** The interval where none is given. */
    public static final Duration INTERVAL = Duration.ofMillis(100);

    public static final int SIMULATED_MOST = 8;

    public AgentConfig {
        check(node.matches("[A-Za-z0-9._-]{1,249}"), "node", node, "1 to 249 letters, digits, '.', '_' or '-'");
        check(
                kafka.bootstrapServers().matches("[^\\s,]+:\\d{1,5}(,[^\\s,]+:\\d{1,5})*"),
                "bootstrapServers",
                kafka.bootstrapServers(),
                "host:port, more separated by commas");
        check(runDir.isAbsolute(), "runDir", runDir, "an absolute path");
        check(stateDir.isAbsolute(), "stateDir", stateDir, "an absolute path");
        check(nativeDir.isAbsolute(), "nativeDir", nativeDir, "an absolute path");
        check(
                interval.toMillis() >= 10 && interval.toMillis() <= 10_000,
                "interval",
                interval.toMillis() + " ms",
                "between 10 ms and 10 s");
        check(!httpHost.isBlank(), "httpHost", httpHost, "an address, such as 127.0.0.1");
        if (simulatedGpus.isPresent()) {
            int count = simulatedGpus.getAsInt();
            check(count >= 1 && count <= SIMULATED_MOST, "simulatedGpus", count, "between 1 and " + SIMULATED_MOST);
        }
        check(httpPort >= 0 && httpPort <= 65535, "httpPort", httpPort, "between 0 and 65535");
        guard.check(httpHost);
    }

    /** Automatic GPU, interval {@link #INTERVAL}, HTTP on a free port of 127.0.0.1, no labels. */
    public static AgentConfig of(String node, String bootstrapServers, Path runDir, Path stateDir, Path nativeDir) {
        return new AgentConfig(
                node,
                KafkaAccess.open(bootstrapServers),
                runDir,
                stateDir,
                GpuMode.AUTO,
                OptionalInt.empty(),
                nativeDir,
                INTERVAL,
                "127.0.0.1",
                0,
                NodeLabels.NONE,
                HttpGuard.NONE);
    }

    public AgentConfig withGpu(GpuMode mode) {
        return with(kafka, mode, simulatedGpus, interval, httpHost, httpPort, labels, guard);
    }

    public AgentConfig withSimulatedGpus(OptionalInt count) {
        return with(kafka, gpu, count, interval, httpHost, httpPort, labels, guard);
    }

    public AgentConfig withInterval(Duration length) {
        return with(kafka, gpu, simulatedGpus, length, httpHost, httpPort, labels, guard);
    }

    public AgentConfig withHttp(String host, int port) {
        return with(kafka, gpu, simulatedGpus, interval, host, port, labels, guard);
    }

    /** The same with HTTP there, and this to keep strangers from it. */
    public AgentConfig withHttp(String host, int port, HttpGuard keeper) {
        return with(kafka, gpu, simulatedGpus, interval, host, port, labels, keeper);
    }

    public AgentConfig withLabels(NodeLabels said) {
        return with(kafka, gpu, simulatedGpus, interval, httpHost, httpPort, said, guard);
    }

    /** The same with another way to Kafka. */
    public AgentConfig withKafka(KafkaAccess access) {
        return with(access, gpu, simulatedGpus, interval, httpHost, httpPort, labels, guard);
    }

    /** Kafka's addresses. */
    public String bootstrapServers() {
        return kafka.bootstrapServers();
    }

    private AgentConfig with(
            KafkaAccess access,
            GpuMode mode,
            OptionalInt simulated,
            Duration length,
            String host,
            int port,
            NodeLabels said,
            HttpGuard keeper) {
        return new AgentConfig(
                node, access, runDir, stateDir, mode, simulated, nativeDir, length, host, port, said, keeper);
    }

    private static void check(boolean right, String name, Object value, String wanted) {
        if (!right) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be " + wanted);
        }
    }
}
