package io.aliquot.controller.division;

import io.aliquot.controller.fairshare.PolicyTree;
import io.aliquot.controller.fairshare.TenantPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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

/** A whole tick, from demands to shares: tree, damping, placement, floors, ceilings. 1000 tenants, four on each GPU. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(
        value = 1,
        jvmArgs = {"-Xmx512m", "-XX:+UseSerialGC"})
public class TickBenchmark {
    private static final int TENANTS = 1000;
    private static final int PER_GPU = 4;
    private static final double TICK = 0.1;

    @Param({"1000", "5000", "20000", "80000"})
    int gpus;

    private final Random random = new Random(3);
    private final List<Gpu> cluster = new ArrayList<>();
    private GpuPolicy policy = GpuPolicy.of(PolicyTree.of(List.of()));
    private @Nullable Division last;

    private static String name(int tenant) {
        return "org" + tenant % 10 + "/team" + tenant / 10 % 10 + "/p" + tenant / 100;
    }

    @Setup(Level.Trial)
    public void start() {
        Map<String, TenantPolicy> tenants = new TreeMap<>();
        for (int t = 0; t < TENANTS; t++) {
            String path = name(t);
            tenants.put(path, TenantPolicy.of(path).withWeight(1 + t % 5));
            String team = path.substring(0, path.lastIndexOf('/'));
            tenants.putIfAbsent(team, TenantPolicy.of(team));
            tenants.putIfAbsent("org" + t % 10, TenantPolicy.of("org" + t % 10));
        }
        policy = GpuPolicy.of(PolicyTree.of(List.copyOf(tenants.values())));
        for (int g = 0; g < gpus; g++) {
            TreeSet<String> names = new TreeSet<>();
            while (names.size() < PER_GPU) {
                names.add(name(random.nextInt(TENANTS)));
            }
            List<Gpu.Work> work = names.stream()
                    .map(t -> new Gpu.Work(t, random.nextDouble(), 0.2))
                    .toList();
            cluster.add(new Gpu("n" + g / 8, "g" + g, Map.of("model", "m", "node", "n" + g / 8), work));
        }
        for (int i = 0; i < 5; i++) {
            last = Divider.next(last, policy, cluster, TICK);
        }
    }

    @Benchmark
    public Division cold() {
        return Divider.next(null, policy, cluster, TICK);
    }

    /** 1 % of the demands changed. */
    @Benchmark
    public Division warm() {
        for (int i = 0; i < gpus * PER_GPU / 100; i++) {
            int g = random.nextInt(gpus);
            Gpu gpu = cluster.get(g);
            List<Gpu.Work> work = new ArrayList<>(gpu.work());
            int w = random.nextInt(work.size());
            work.set(w, new Gpu.Work(work.get(w).tenant(), random.nextDouble(), 0.2));
            cluster.set(g, new Gpu(gpu.node(), gpu.uuid(), gpu.labels(), work));
        }
        last = Divider.next(last, policy, cluster, TICK);
        return last;
    }
}
