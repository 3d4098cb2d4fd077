package io.aliquot.cli.bus;

import io.aliquot.controller.ingest.Replication;
import io.aliquot.controller.ingest.TopicSetup;
import io.aliquot.schema.Topics;
import io.aliquot.schema.kafka.KafkaAccess;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;

/**
 * Plays a cluster at a real broker and a real controller, each a process of its own. Says on stderr how it goes, second by second, and
 * on stdout one line of CSV: see {@link #HEAD}. Started by bench/bus.sh.
 */
public final class BusBench {
    static final String HEAD =
            "nodes,hz,tenants,partitions,seconds,telemetry_per_s,decisions_per_s,decision_bytes,answered,p50_ms,p99_ms,"
                    + "max_ms,links_p50_ms,links_p99_ms,lag_first,lag_last,dropped_per_s,tick_ms,ticks_per_s,controller_cpu,broker_cpu,load_cpu,"
                    + "controller_heap_mb,controller_live_mb,controller_rss_mb";
    private static final int LOOK_SECONDS = 5;
    private static final PrintStream SAY = System.err;

    private BusBench() {}

    public static void main(String[] args) throws Exception {
        if (args.length == 1 && args[0].equals("--head")) {
            System.out.println(HEAD);
            return;
        }
        Load load = Load.of(args);
        Path dir = Files.createDirectories(load.dir());
        try (BusProcess broker = BusProcess.start(
                "broker",
                dir,
                List.of("-Xmx1g"),
                "broker",
                "--state",
                dir.resolve("state").toString(),
                "--port",
                "0")) {
            String bootstrap = broker.ready();
            topics(load, bootstrap);
            try (BusProcess controller = BusProcess.start(
                    "controller", dir, controllerFlags(), "controller", "--kafka", bootstrap, "--http-port", "0")) {
                String url = controller.ready();
                for (int t = 0; t < load.tenants(); t++) {
                    Meters.put(
                            url,
                            "/v1/tenants/" + Load.tenant(t),
                            "{\"weight\":" + (1 + t % 5) + ",\"floorPermille\":10}");
                }
                try (SimulatedNodes nodes = new SimulatedNodes(load, bootstrap);
                        SimulatedAppliers appliers = new SimulatedAppliers(bootstrap, nodes);
                        RealLinks links = new RealLinks(load, bootstrap)) {
                    new BusBench.Run(load, url, broker, controller, nodes, appliers, links).play();
                }
            }
        }
        System.exit(0);
    }

    /** The launcher's, and those that the environment adds, such as a recording of Flight Recorder. */
    private static List<String> controllerFlags() {
        List<String> flags = new ArrayList<>(List.of("-Xmx1g"));
        String more = System.getenv("ALIQUOT_JAVA_OPTS");
        if (more != null && !more.isBlank()) {
            flags.addAll(List.of(more.strip().split("\\s+")));
        }
        return flags;
    }

    /** As an operator would for so many nodes. */
    private static void topics(Load load, String bootstrap) throws Exception {
        try (TopicSetup setup = TopicSetup.connect(KafkaAccess.open(bootstrap), Duration.ofSeconds(60))) {
            setup.prepare(Replication.DEFAULT);
        }
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            if (load.partitions() > 64) {
                admin.createPartitions(Map.of(Topics.DECISION, NewPartitions.increaseTo(load.partitions())))
                        .all()
                        .get();
            }
        }
    }

    private record Run(
            Load load,
            String url,
            BusProcess broker,
            BusProcess controller,
            SimulatedNodes nodes,
            SimulatedAppliers appliers,
            RealLinks links) {
        void play() throws Exception {
            SAY.printf(
                    Locale.ROOT,
                    "%d nodes of 8 GPUs at %.1f Hz, %d tenants, %d partitions%n",
                    load.nodes(),
                    load.hz(),
                    load.tenants(),
                    load.partitions());
            SAY.println(
                    "   s  telemetry/s  lag   dropped/s  decisions/s    p50 ms    p99 ms  controller  broker  heap MB");
            Look start = look();
            Look before = start;
            long heapMb = 0;
            List<Double> lags = new ArrayList<>();
            for (int second = 0; second < load.warmUp() + load.seconds(); second += LOOK_SECONDS) {
                if (second >= load.warmUp() && start.second < load.warmUp()) {
                    appliers.latencies().clear();
                    links.latencies().clear();
                    start = before;
                    start.second = load.warmUp();
                    lags.clear();
                }
                Thread.sleep(Duration.ofSeconds(LOOK_SECONDS));
                Look now = look();
                long heap = controller.heapMb();
                heapMb = Math.max(heapMb, heap);
                lags.add(now.meters.value("lag_records{topic=\"" + Topics.TELEMETRY + "\"}"));
                SAY.printf(
                        Locale.ROOT,
                        "%4d  %11.0f %5.0f  %9.0f  %11.0f  %8.1f  %8.1f  %9.0f%% %6.0f%%  %7d%n",
                        second + LOOK_SECONDS,
                        now.per(before, l -> l.telemetry),
                        lags.getLast(),
                        now.per(before, l -> l.meters.value("telemetry_dropped_total")),
                        now.per(before, l -> l.decisions),
                        appliers.latencies().ms(0.5),
                        appliers.latencies().ms(0.99),
                        100 * now.per(before, l -> l.controllerCpu),
                        100 * now.per(before, l -> l.brokerCpu),
                        heap);
                before = now;
            }
            report(start, before, lags, heapMb);
        }

        private void report(Look start, Look end, List<Double> lags, long heapMb) throws Exception {
            hop(start, end, "sample, until the broker has it", "telemetry_age", "{at=\"broker\"}");
            hop(start, end, "sample, until the controller has read it", "telemetry_age", "{at=\"controller\"}");
            hop(start, end, "read, until a tick takes it", "telemetry_wait", "");
            hop(start, end, "tick late", "tick_delay", "");
            hop(start, end, "tick decides", "decide", "{for=\"tick\"}");
            hop(start, end, "decided, until the broker has it", "decision_send", "");
            hop(start, end, "the broker has it, until acknowledged", "decision_delivery", "");
            hop(start, end, "all of it, as acknowledged", "decision_latency", "");
            SAY.println("simulated nodes, sample to applied: " + appliers.latencies());
            SAY.println("real links, sample to applied:      " + links.latencies() + "; they skipped "
                    + links.neighbours() + " records of neighbours");
            SAY.println("telemetry that could not be sent: " + nodes.failed());
            Latencies all = appliers.latencies();
            int third = Math.max(1, lags.size() / 3);
            System.out.printf(
                    Locale.ROOT,
                    "%d,%.1f,%d,%d,%.0f,%.0f,%.0f,%.0f,%d,%.1f,%.1f,%.1f,%.1f,%.1f,%.0f,%.0f,%.0f,%.1f,%.1f,%.2f,%.2f,%.2f,%d,%d,%d%n",
                    load.nodes(),
                    load.hz(),
                    load.tenants(),
                    load.partitions(),
                    (end.atNs - start.atNs) / 1e9,
                    end.per(start, l -> l.telemetry),
                    end.per(start, l -> l.decisions),
                    (double) appliers.bytes() / Math.max(1, appliers.decisions()),
                    all.count(),
                    all.ms(0.5),
                    all.ms(0.99),
                    all.ms(1),
                    links.latencies().ms(0.5),
                    links.latencies().ms(0.99),
                    mean(lags.subList(0, third)),
                    mean(lags.subList(lags.size() - third, lags.size())),
                    end.per(start, l -> l.meters.value("telemetry_dropped_total")),
                    end.meters.meanMs(start.meters, "decide", "{for=\"tick\"}"),
                    end.per(start, l -> l.meters.value("decide_seconds_count{for=\"tick\"}")),
                    end.per(start, l -> l.controllerCpu),
                    end.per(start, l -> l.brokerCpu),
                    end.per(start, l -> l.loadCpu),
                    heapMb,
                    controller.liveMb(),
                    controller.residentMb());
        }

        private static void hop(Look start, Look end, String what, String timer, String labels) {
            SAY.printf(
                    Locale.ROOT, "%-42s %8.1f ms on average%n", what, end.meters.meanMs(start.meters, timer, labels));
        }

        private static double mean(List<Double> values) {
            return values.stream().mapToDouble(value -> value).average().orElse(0);
        }

        private Look look() throws Exception {
            Look look = new Look();
            look.atNs = System.nanoTime();
            look.meters = Meters.of(url);
            look.telemetry = nodes.sent();
            look.decisions = appliers.decisions();
            look.controllerCpu = controller.cpuSeconds();
            look.brokerCpu = broker.cpuSeconds();
            look.loadCpu = BusProcess.cpuSeconds(ProcessHandle.current().pid());
            return look;
        }
    }

    private static final class Look {
        private int second;
        private long atNs;
        private Meters meters = new Meters(Map.of());
        private long telemetry;
        private long decisions;
        private double controllerCpu;
        private double brokerCpu;
        private double loadCpu;

        double per(Look before, java.util.function.ToDoubleFunction<Look> value) {
            return (value.applyAsDouble(this) - value.applyAsDouble(before)) / ((atNs - before.atNs) / 1e9);
        }
    }
}
