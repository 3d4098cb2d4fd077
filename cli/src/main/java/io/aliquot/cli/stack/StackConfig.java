package io.aliquot.cli.stack;

import io.aliquot.agent.app.AgentConfig;
import io.aliquot.agent.app.GpuMode;
import io.aliquot.agent.model.NodeLabels;
import io.aliquot.cli.base.Places;
import io.aliquot.controller.app.ControllerConfig;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * How broker, controller and agent run in one process. Ports: 0 takes a free one.
 *
 * @param stateDir absolute; keeps the broker's records and the agent's last decision
 * @param runDir absolute; the agent's socket and tokens
 * @param simulatedGpus how many a simulation is to have; nothing when it was not said
 * @param labels of the node
 * @param simulatorFile the simulated GPU's state
 */
public record StackConfig(
        GpuMode gpu,
        OptionalInt simulatedGpus,
        NodeLabels labels,
        Path stateDir,
        Path runDir,
        Path nativeDir,
        Path simulatorFile,
        int controllerPort,
        int agentPort,
        int kafkaPort) {
    private static final String HOST = "127.0.0.1";

    Path brokerDir() {
        return stateDir.resolve("kafka");
    }

    AgentConfig agent(String bootstrapServers) {
        return AgentConfig.of(Places.nodeName(), bootstrapServers, runDir, stateDir.resolve("agent"), nativeDir)
                .withGpu(gpu)
                .withSimulatedGpus(simulatedGpus)
                .withLabels(labels)
                .withHttp(HOST, agentPort);
    }

    ControllerConfig controller(String bootstrapServers) {
        return ControllerConfig.local(bootstrapServers, controllerPort);
    }
}
