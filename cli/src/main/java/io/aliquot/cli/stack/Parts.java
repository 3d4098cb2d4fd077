package io.aliquot.cli.stack;

import io.aliquot.agent.app.Agent;
import io.aliquot.agent.app.AgentConfig;
import io.aliquot.agent.app.AgentException;
import io.aliquot.cli.base.CommandException;
import io.aliquot.cli.broker.BrokerException;
import io.aliquot.cli.broker.EmbeddedBroker;
import io.aliquot.controller.app.Controller;
import io.aliquot.controller.app.ControllerConfig;
import io.aliquot.controller.app.ControllerException;
import java.nio.file.Path;
import java.util.function.Supplier;

/** Starts each part, and turns what can go wrong into one line and an exit code. */
public final class Parts {
    private Parts() {}

    /** @throws CommandException when the port is taken or the folder can't be used */
    public static EmbeddedBroker broker(Path dir, int port) {
        try {
            return EmbeddedBroker.start(dir, port);
        } catch (BrokerException e) {
            throw CommandException.unavailable(String.valueOf(e.getMessage()), e.fix(), e);
        }
    }

    /** @throws CommandException when the broker can't be reached or the port is taken */
    public static Controller controller(Supplier<ControllerConfig> config) {
        try {
            return Controller.start(checked(config));
        } catch (ControllerException e) {
            throw of(e);
        }
    }

    /** @throws CommandException when there is no such GPU, the folder is another agent's, or the port is taken */
    public static Agent agent(Supplier<AgentConfig> config) {
        try {
            return Agent.start(checked(config));
        } catch (AgentException e) {
            throw of(e);
        }
    }

    /** A controller's trouble as a command's. */
    public static CommandException of(ControllerException e) {
        return CommandException.unavailable(String.valueOf(e.getMessage()), e.fix(), e);
    }

    /** An agent's trouble as a command's. */
    public static CommandException of(AgentException e) {
        return CommandException.unavailable(e.problem(), e.fix(), e);
    }

    private static <T> T checked(Supplier<T> config) {
        try {
            return config.get();
        } catch (IllegalArgumentException e) {
            throw CommandException.badInput(String.valueOf(e.getMessage()), "");
        }
    }
}
