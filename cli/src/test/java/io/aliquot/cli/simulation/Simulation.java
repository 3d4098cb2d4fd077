package io.aliquot.cli.simulation;

import java.util.List;
import java.util.stream.IntStream;

/**
 * One run of three controllers, three nodes and their broker under virtual time: faults for 18 s, then none. Everything in it
 * follows from the seed.
 */
final class Simulation {
    private static final long CALM_MS = 18_000;
    private static final long END_MS = 34_000;

    private final World world;
    private final Broker broker;
    private final Watch watch;
    private final List<ControllerProgram> controllers;
    private final List<AgentProgram> agents;

    private Simulation(long seed, Broken broken) {
        this.world = new World(seed, broken);
        this.broker = new Broker(world);
        this.watch = new Watch(world, broker);
        Requester requester = new Requester(world, broker, watch);
        this.controllers = IntStream.range(0, 3)
                .mapToObj(i -> new ControllerProgram(world, broker, watch, requester, "controller-" + i))
                .toList();
        this.agents = IntStream.range(0, 3)
                .mapToObj(i -> new AgentProgram(world, broker, watch, "node-" + i))
                .toList();
        controllers.forEach(watch::watch);
        requester.start();
        controllers.forEach(controller -> world.after(world.between(0, 500), controller::start));
        agents.forEach(agent -> world.after(world.between(0, 500), agent::start));
        world.after(2000, this::fault);
    }

    /**
     * Runs one seed to its end.
     *
     * @return what happened in it, and a digest that is the same in each run of the seed
     * @throws AssertionError at the first violation: what, when, what led to it and how to run it again
     */
    static Result run(long seed, Broken broken) {
        Simulation simulation = new Simulation(seed, broken);
        try {
            simulation.run();
        } catch (RuntimeException e) {
            throw new AssertionError(simulation.report(e), e);
        }
        return new Result(simulation.watch.counts, simulation.world.digest());
    }

    /** How a run ended. */
    record Result(Watch.Counts counts, long digest) {}

    private void run() {
        runUntil(CALM_MS);
        world.calm = true;
        world.say("world", "all faults end");
        broker.heal();
        controllers.forEach(Program::heal);
        agents.forEach(Program::heal);
        runUntil(END_MS);
        new Convergence(watch).check(broker, controllers, agents);
    }

    private void runUntil(long endMs) {
        while (world.step(endMs)) {
            watch.afterStep();
        }
    }

    private String report(RuntimeException e) {
        return "seed " + world.seed + " at " + world.nowMs + " ms: "
                + (e instanceof Violation ? e.getMessage() : e.toString())
                + "\nrun it again: ./mvnw -pl schemas,controller,node-agent,cli test -Dtest=SimulationTest"
                + " -Dsurefire.failIfNoSpecifiedTests=false -Daliquot.seed=" + world.seed
                + "\nwhat led to it:\n" + world.trace();
    }

    private void fault() {
        if (world.calm) {
            return;
        }
        Program program = world.chance(0.6) ? one(controllers) : one(agents);
        switch ((int) world.between(0, 13)) {
            case 0, 1 -> program.crash("killed", world.between(100, 4000));
            case 2, 3, 4 -> program.stop(world.between(100, 6000));
            case 5, 6 -> program.cutOff(world.between(100, 8000));
            case 7 -> broker.goDown(world.between(100, 4000));
            case 8 -> broker.stepClock(world.between(-5000, 5000));
            case 9 -> program.stepWallClock(world.between(-1_000_000, 1_000_000));
            case 10 -> broker.compact();
            case 11 -> noise();
            default -> rare();
        }
        world.after(world.between(200, 2500), this::fault);
    }

    private void rare() {
        switch ((int) world.between(0, 3)) {
            case 0 -> broker.makeLeaseAgain();
            case 1 -> controllers.forEach(controller -> controller.cutOff(world.between(8000, 13_000)));
            default -> controllers.forEach(controller -> controller.crash("killed with all", world.between(0, 3000)));
        }
    }

    /** Somebody writes what nobody can read. */
    private void noise() {
        byte[] noise = new byte[(int) world.between(0, 40)];
        world.random.nextBytes(noise);
        for (Broker.Log log : List.of(broker.lease, broker.telemetry, broker.requests)) {
            broker.append(log, "cluster", noise, "somebody");
        }
        broker.append(broker.decisions, one(agents).name, noise, "somebody");
    }

    private <T> T one(List<T> of) {
        return of.get((int) world.between(0, of.size()));
    }
}
