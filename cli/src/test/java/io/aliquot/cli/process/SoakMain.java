package io.aliquot.cli.process;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/**
 * What {@code bench/soak.sh} runs: a site at work for long, one of its processes killed now and then, and a table of what each
 * process holds. Arguments: minutes, the table's file, seconds between kills, the seed, how many simulated nodes report once a
 * second beside the agents, and a shell command that makes more load, or nothing; it finds the brokers in ALIQUOT_KAFKA.
 */
final class SoakMain {
    private static final int NODES = 3;
    /** Of a longer run the ledger can't be compared with telemetry, which is gone after ten minutes. */
    private static final Duration TELEMETRY_KEPT = Duration.ofMinutes(8);

    private static final Duration SAMPLE = Duration.ofSeconds(10);

    private final Site site;
    private final long beganNs = System.nanoTime();

    private SoakMain(Site site) {
        this.site = site;
    }

    public static void main(String[] arguments) throws Exception {
        Duration length = Duration.ofSeconds((long) (60 * Double.parseDouble(arguments[0])));
        Duration kills = Duration.ofSeconds(Long.parseLong(arguments[2]));
        Random random = new Random(Long.parseLong(arguments[3]));
        try (Site site = new Site(Network.loopback());
                PrintWriter table = new PrintWriter(Files.newBufferedWriter(Path.of(arguments[1])), true)) {
            site.start(NODES);
            if (!arguments[5].isEmpty()) {
                site.other("load", Map.of("ALIQUOT_KAFKA", site.kafka()), List.of("bash", "-c", arguments[5]));
            }
            try (SoakLoad load = new SoakLoad(site.kafka(), Integer.parseInt(arguments[4]));
                    Chaos chaos = new Chaos(site)) {
                load.start();
                new SoakMain(site).run(length, kills, random, chaos, table);
                load.close();
                chaos.settle();
                chaos.judge(length.compareTo(TELEMETRY_KEPT) < 0);
            } catch (Exception | AssertionError e) {
                e.printStackTrace();
                System.err.println(site);
                System.exit(1);
            }
        }
        System.exit(0);
    }

    private void run(Duration length, Duration kills, Random random, Chaos chaos, PrintWriter table) throws Exception {
        table.println("second,process,pid,rss_kib,heap_kib,threads,files");
        long nextKillNs = kills.toNanos();
        long nextSampleNs = 0;
        while (sinceNs() < length.toNanos()) {
            if (sinceNs() >= nextSampleNs) {
                sample(table);
                nextSampleNs += SAMPLE.toNanos();
            }
            if (sinceNs() >= nextKillNs) {
                kill(random, chaos);
                nextKillNs += kills.toNanos();
            }
            Thread.sleep(100);
        }
    }

    private long sinceNs() {
        return System.nanoTime() - beganNs;
    }

    /** A controller, an agent or a broker, by SIGKILL, and again at once. */
    private void kill(Random random, Chaos chaos) {
        List<Site.Part> all = parts();
        Site.Part part = all.get(random.nextInt(all.size()));
        Chaos.say("%5d s: SIGKILL %s".formatted(Duration.ofNanos(sinceNs()).toSeconds(), part.name()));
        part.proc().sigkill();
        if (site.brokers().contains(part)) {
            site.startBroker(part);
            part.proc().awaitOut(Cluster.READY);
            chaos.awaitInSync(); // with two brokers away nothing can be written
        } else if (site.controllers().contains(part)) {
            site.startController(part);
        } else {
            site.startAgent(part);
        }
    }

    private List<Site.Part> parts() {
        List<Site.Part> all = new ArrayList<>(site.brokers());
        all.addAll(site.controllers());
        all.addAll(site.agents());
        return all;
    }

    private void sample(PrintWriter table) {
        long second = Duration.ofNanos(sinceNs()).toSeconds();
        for (Site.Part part : parts()) {
            row(
                    table,
                    second,
                    part.name(),
                    part.proc().pid(),
                    heapKib(part.proc().pid()));
        }
        for (Tenant tenant : site.tenants()) {
            row(table, second, tenant.name(), tenant.proc().pid(), 0);
        }
    }

    private static void row(PrintWriter table, long second, String name, long pid, long heapKib) {
        try (Stream<Path> files = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            List<String> status = Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"));
            table.println(second + "," + name + "," + pid + "," + number(status, "VmRSS:") + "," + heapKib + ","
                    + number(status, "Threads:") + "," + files.count());
        } catch (IOException ended) {
            Chaos.say("%5d s: %s is not there".formatted(second, name));
        }
    }

    private static long number(List<String> status, String name) {
        return status.stream()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElse(0);
    }

    /** What the JVM says of its heap, in use; 0 when it does not answer. */
    private static long heapKib(long pid) {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        try {
            Process asked = new ProcessBuilder(jcmd.toString(), Long.toString(pid), "GC.heap_info")
                    .redirectErrorStream(true)
                    .start();
            long used = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.startsWith("DefNew") || line.startsWith("Tenured"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll(".*used (\\d+)K.*", "$1")))
                    .sum();
            asked.waitFor();
            return used;
        } catch (IOException | NumberFormatException e) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }
}
