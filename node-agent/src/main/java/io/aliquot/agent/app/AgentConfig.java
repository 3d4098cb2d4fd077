package io.aliquot.agent.app;

import io.aliquot.agent.model.NodeLabels;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How an agent runs. Each wrong value is an {@link IllegalArgumentException} that names it and what would be right.
 *
 * @param node name of this node, unique in the cluster: 1 to 249 letters, digits, '.', '_' or '-'
 * @param bootstrapServers host:port of one or more brokers, separated by commas
 * @param runDir absolute; gets the socket and the tokens, and is gone after a reboot
 * @param stateDir absolute; keeps the last decision over restarts
 * @param nativeDir absolute; has libaliquot-node.so, and sim/ for simulated GPUs
 * @param interval of the agent's loop and of telemetry, 10 ms to 10 s
 * @param httpPort 0 takes a free one
 * @param labels what the operator says of this node, for placement
 */
public record AgentConfig(
        String node,
        String bootstrapServers,
        Path runDir,
        Path stateDir,
        GpuMode gpu,
        Path nativeDir,
        Duration interval,
        String httpHost,
        int httpPort,
        NodeLabels labels) {
    /** The interval where none is given. */
    public static final Duration INTERVAL = Duration.ofMillis(100);

    public AgentConfig {
        check(node.matches("[A-Za-z0-9._-]{1,249}"), "node", node, "1 to 249 letters, digits, '.', '_' or '-'");
        check(
                bootstrapServers.matches("[^\\s,]+:\\d{1,5}(,[^\\s,]+:\\d{1,5})*"),
                "bootstrapServers",
                bootstrapServers,
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
        check(httpPort >= 0 && httpPort <= 65535, "httpPort", httpPort, "between 0 and 65535");
    }

    /** Automatic GPU, interval {@link #INTERVAL}, HTTP on a free port of 127.0.0.1. */
    public static AgentConfig of(String node, String bootstrapServers, Path runDir, Path stateDir, Path nativeDir) {
        return new AgentConfig(
                node,
                bootstrapServers,
                runDir,
                stateDir,
                GpuMode.AUTO,
                nativeDir,
                INTERVAL,
                "127.0.0.1",
                0,
                NodeLabels.NONE);
    }

    public AgentConfig withGpu(GpuMode mode) {
        return new AgentConfig(
                node, bootstrapServers, runDir, stateDir, mode, nativeDir, interval, httpHost, httpPort, labels);
    }

    public AgentConfig withInterval(Duration length) {
        return new AgentConfig(
                node, bootstrapServers, runDir, stateDir, gpu, nativeDir, length, httpHost, httpPort, labels);
    }

    public AgentConfig withHttp(String host, int port) {
        return new AgentConfig(node, bootstrapServers, runDir, stateDir, gpu, nativeDir, interval, host, port, labels);
    }

    public AgentConfig withLabels(NodeLabels said) {
        return new AgentConfig(
                node, bootstrapServers, runDir, stateDir, gpu, nativeDir, interval, httpHost, httpPort, said);
    }

    private static void check(boolean right, String name, Object value, String wanted) {
        if (!right) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be " + wanted);
        }
    }
}
