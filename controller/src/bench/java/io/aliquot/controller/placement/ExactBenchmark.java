package io.aliquot.controller.placement;

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

/** Up to which size the exact solver will do: tenants near each other, 4 on each GPU. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(
        value = 1,
        jvmArgs = {"-Xmx512m", "-XX:+UseSerialGC"})
public class ExactBenchmark {
    @Param({"200", "2000", "5000"})
    int gpus;

    @Param({"50", "200"})
    int tenants;

    private final ExactPlacement solver = new ExactPlacement();
    private PlacementProblem problem = new PlacementBuilder().build();

    @Setup(Level.Trial)
    public void start() {
        problem = LargeCluster.of(tenants, gpus, true);
    }

    @Benchmark
    public Placement solve() {
        return solver.solve(problem);
    }
}
