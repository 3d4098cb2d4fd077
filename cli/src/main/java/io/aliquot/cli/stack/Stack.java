package io.aliquot.cli.stack;

import io.aliquot.agent.app.Agent;
import io.aliquot.cli.base.CommandException;
import io.aliquot.cli.base.Lifetime;
import io.aliquot.cli.broker.EmbeddedBroker;
import io.aliquot.controller.app.Controller;
import io.aliquot.controller.app.ControllerException;

/** Broker, controller and agent, running in this process. Whoever owns the {@link Lifetime} ends them. */
public final class Stack {
    private final EmbeddedBroker broker;
    private final Controller controller;
    private final Agent agent;

    private Stack(EmbeddedBroker broker, Controller controller, Agent agent) {
        this.broker = broker;
        this.controller = controller;
        this.agent = agent;
    }

    /**
     * Starts all three and returns when each serves: the broker, the controller, which makes the
     * topics, and the agent.
     *
     * @throws CommandException when one of them can't start; {@code life} ends the others
     */
    public static Stack start(StackConfig config, Lifetime life) {
        EmbeddedBroker broker = life.step(() -> life.add(Parts.broker(config.brokerDir(), config.kafkaPort())));
        String kafka = broker.bootstrapServers();
        Controller controller = life.step(() -> life.add(Parts.controller(() -> config.controller(kafka))));
        Agent agent = life.step(() -> life.add(Parts.agent(() -> config.agent(kafka))));
        Stack stack = new Stack(broker, controller, agent);
        return life.step(() -> stack.announce(config, life));
    }

    private Stack announce(StackConfig config, Lifetime life) {
        RunFolder folder = new RunFolder(config.runDir());
        if (agent.simulated()) {
            folder.useSimulator(
                    config.nativeDir(), config.simulatorFile(), agent.gpus().size(), life);
        } else {
            folder.useRealDriver();
        }
        folder.announce(where(), life);
        return this;
    }

    /** Where everything answers. */
    public RunFolder.Up where() {
        return new RunFolder.Up(
                "http://127.0.0.1:" + controller.httpPort(),
                "http://127.0.0.1:" + agent.httpPort(),
                broker.bootstrapServers(),
                agent.simulated());
    }

    public Agent agent() {
        return agent;
    }

    /** Waits until the controller ends: at the end of the {@link Lifetime}, or by trouble of its own. */
    public void awaitEnd() throws InterruptedException {
        try {
            controller.awaitTermination();
        } catch (ControllerException e) {
            throw Parts.of(e);
        }
    }
}
