package io.aliquot.controller.placement;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What a tick costs: cold, and warm with 1 % of the demands changed. One thread, 512 MiB of heap. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(
        value = 1,
        jvmArgs = {"-Xmx512m", "-XX:+UseSerialGC"})
public class PlacementBenchmark {
    @Param({"1000", "5000", "20000", "80000"})
    int gpus;

    @Param({"false", "true"})
    boolean local;

    /** Of 1000 tenants, how many have a gang of 8. */
    @Param({"0"})
    int gangs;

    private final IterativePlacement solver = new IterativePlacement();
    private final Random random = new Random(2);
    private PlacementProblem problem = new PlacementBuilder().build();
    private Placement placement = solver.solve(problem);

    @Setup(Level.Trial)
    public void start() {
        problem = LargeCluster.of(1000, gpus, local, gangs);
        placement = solver.solve(problem);
    }

    @Benchmark
    public Placement cold() {
        return solver.solve(problem);
    }

    /** With the copy of the demands, as the caller has it every tick. */
    @Benchmark
    public Placement warm() {
        problem = LargeCluster.tick(problem, random, 100);
        placement = solver.solve(problem, placement);
        return placement;
    }
}
