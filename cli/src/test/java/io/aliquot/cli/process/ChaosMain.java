package io.aliquot.cli.process;

import io.aliquot.schema.Topics;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** What {@code bench/chaos.sh} runs: parts by their names, each at a site of its own. */
final class ChaosMain {
    private static final int NODES = 3;
    private static final int ROUNDS = 20;
    private static final Duration PAUSE = Duration.ofSeconds(8);
    private static final Map<String, Play> PLAYS = new LinkedHashMap<>();

    /** What is done at a site. */
    private interface Play {
        void at(Site site, Chaos chaos) throws Exception;
    }

    static {
        PLAYS.put("failover", (site, chaos) -> chaos.failovers(ROUNDS));
        PLAYS.put("processes", ChaosMain::processes);
        PLAYS.put("brokers", ChaosMain::brokers);
        PLAYS.put("network", ChaosMain::network);
        PLAYS.put("disk", ChaosMain::disk);
        PLAYS.put("clock", ChaosMain::clock);
        PLAYS.put("log", ChaosMain::log);
    }

    private ChaosMain() {}

    public static void main(String[] arguments) throws Exception {
        Set<String> wanted = arguments.length == 0 ? PLAYS.keySet() : Set.of(arguments);
        for (String name : wanted) {
            if (!PLAYS.containsKey(name)) {
                System.err.println("chaos: no part '" + name + "': give some of " + String.join(", ", PLAYS.keySet()));
                System.exit(2);
            }
        }
        boolean sound = true;
        for (Map.Entry<String, Play> play : PLAYS.entrySet()) {
            if (wanted.contains(play.getKey())) {
                sound &= play(play.getKey(), play.getValue());
            }
        }
        System.exit(sound ? 0 : 1);
    }

    private static boolean play(String name, Play play) throws Exception {
        Network network = Network.best();
        Chaos.say("\n## " + name + (network.real() ? "" : " (all on the loopback: no network namespaces here)"));
        try (Site site = new Site(network)) {
            Path mounted = name.equals("disk") ? mount(site.folder(Site.BROKERS - 1)) : null;
            try {
                site.start(NODES);
                try (Chaos chaos = new Chaos(site)) {
                    chaos.settle();
                    play.at(site, chaos);
                    chaos.settle();
                    chaos.judge(true);
                    return true;
                }
            } catch (Exception | AssertionError e) {
                e.printStackTrace();
                System.err.println(site);
                return false;
            } finally {
                if (mounted != null) {
                    site.brokers().getLast().proc().close();
                    new ProcessBuilder("umount", mounted.toString()).start().waitFor();
                }
            }
        }
    }

    private static void processes(Site site, Chaos chaos) throws Exception {
        chaos.fault("standby controller: SIGKILL", () -> {
            Site.Part standby = chaos.standby();
            standby.proc().sigkill();
            site.startController(standby);
            standby.proc().awaitOut(Cluster.READY);
        });
        chaos.fault("standby controller: SIGSTOP, 8 s", () -> Chaos.stopped(chaos.standby(), PAUSE));
        Site.Part agent = site.agents().getFirst();
        chaos.fault("agent: SIGKILL, 8 s", () -> {
            agent.proc().sigkill();
            Thread.sleep(PAUSE);
            site.startAgent(agent);
        });
        chaos.fault("agent: SIGSTOP, 8 s", () -> Chaos.stopped(agent, PAUSE));
        chaos.fault("active controller and an agent: SIGKILL", () -> {
            Site.Part active = site.awaitActive();
            active.proc().sigkill();
            agent.proc().sigkill();
            site.startAgent(agent);
            site.startController(active);
            active.proc().awaitOut(Cluster.READY);
        });
    }

    private static void brokers(Site site, Chaos chaos) throws Exception {
        chaos.fault("leader of the lease: SIGKILL, 8 s", () -> chaos.killed(chaos.leaseLeader(), PAUSE));
        chaos.fault("leader of the lease: SIGSTOP, 8 s", () -> {
            Chaos.stopped(chaos.leaseLeader(), PAUSE);
            chaos.awaitInSync();
        });
        chaos.fault("follower of the lease: SIGSTOP, 8 s", () -> {
            Site.Part leader = chaos.leaseLeader();
            Chaos.stopped(
                    site.brokers().stream().filter(b -> b != leader).findFirst().orElseThrow(), PAUSE);
            chaos.awaitInSync();
        });
        chaos.fault("all brokers one after the other: SIGTERM", chaos::rollBrokers);
        chaos.fault("all brokers at once: SIGKILL, 8 s", () -> {
            site.brokers().forEach(broker -> broker.proc().sigkill());
            Thread.sleep(PAUSE);
            site.brokers().forEach(site::startBroker);
            chaos.awaitInSync();
        });
    }

    private static void network(Site site, Chaos chaos) throws Exception {
        if (!site.network().real()) {
            Chaos.say("skipped: network namespaces need root on Linux, and `ip` of iproute2");
            return;
        }
        cut(site, chaos, "an agent", site.agents().getFirst());
        cut(site, chaos, "the active controller", site.awaitActive());
        cut(site, chaos, "the standby controller", chaos.standby());
        cut(site, chaos, "the leader of the lease", chaos.leaseLeader());
    }

    private static void cut(Site site, Chaos chaos, String what, Site.Part part) throws Exception {
        chaos.fault("cut off for 8 s: " + what, () -> {
            site.network().cut(part.host());
            Thread.sleep(PAUSE);
            site.network().join(part.host());
            chaos.awaitInSync();
        });
    }

    private static Path mount(Path folder) throws Exception {
        Files.createDirectories(folder);
        return new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", folder.toString())
                                .redirectErrorStream(true)
                                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                                .start()
                                .waitFor()
                        == 0
                ? folder
                : null;
    }

    private static void disk(Site site, Chaos chaos) throws Exception {
        Path folder = site.folder(Site.BROKERS - 1);
        FileStore store = Files.getFileStore(folder);
        if (!store.type().equals("tmpfs")) {
            Chaos.say("skipped: a small disk is a mount, which needs root");
            return;
        }
        Site.Part broker = site.brokers().getLast();
        Path filler = folder.resolve("filler");
        chaos.fault("a broker's disk is full", () -> {
            fill(filler);
            Thread.sleep(PAUSE);
            Chaos.say("  its broker " + (broker.proc().alive() ? "lives on" : "has ended"));
            broker.proc().close();
            Files.delete(filler);
            site.startBroker(broker);
            broker.proc().awaitOut(Cluster.READY);
            chaos.awaitInSync();
        });
    }

    private static void fill(Path filler) throws IOException {
        byte[] page = new byte[4096];
        try (var out = Files.newOutputStream(filler)) {
            while (true) {
                out.write(page);
            }
        } catch (IOException full) {
            Chaos.say("  filled with " + Files.size(filler) + " bytes: " + full.getMessage());
        }
    }

    private static void clock(Site site, Chaos chaos) throws Exception {
        Clocks clocks = new Clocks(site);
        for (boolean active : List.of(true, false)) {
            Site.Part controller = active ? site.awaitActive() : chaos.standby();
            controller.proc().sigkill();
            site.startController(controller, clocks.of(controller));
            controller.proc().awaitOut(Cluster.READY);
        }
        Site.Part agent = site.agents().getFirst();
        agent.proc().sigkill();
        site.startAgent(agent, clocks.of(agent));
        Site.Part broker = chaos.leaseLeader();
        broker.proc().sigkill();
        site.startBroker(broker, clocks.of(broker));
        broker.proc().awaitOut(Cluster.READY);
        chaos.awaitInSync();
        while (chaos.leaseLeader() != broker) { // until it leads again
            chaos.killed(chaos.leaseLeader(), Duration.ZERO);
        }
        chaos.settle();
        Site.Part controller = site.awaitActive();
        for (int seconds : List.of(3600, -3600, 0)) {
            step(chaos, clocks, "active controller", controller, seconds);
            expect(
                    seconds,
                    site.put("clock", "{\"weight\":" + (5000 + seconds) + "}")
                            .path("changedAtUnixMs")
                            .asLong());
            step(chaos, clocks, "agent", agent, seconds);
        }
        for (int seconds : List.of(120, 0, -120, 0)) { // telemetry is kept for ten minutes of the broker's clock
            step(chaos, clocks, "leader of the lease", broker, seconds);
            if (seconds > 0) {
                expect(seconds, chaos.newestStamp(Topics.LEASE));
            }
        }
    }

    /** That the clock was really set. */
    private static void expect(int seconds, long unixMs) {
        long off = Duration.ofMillis(unixMs - System.currentTimeMillis()).toSeconds();
        if (Math.abs(off - seconds) > PAUSE.toSeconds()) {
            throw new AssertionError("a clock that was set to " + seconds + " s shows " + off + " s");
        }
    }

    private static void step(Chaos chaos, Clocks clocks, String what, Site.Part part, int seconds) throws Exception {
        chaos.fault(what + ": clock set to %+d s".formatted(seconds), () -> clocks.step(part, seconds));
    }

    private static void log(Site site, Chaos chaos) throws Exception {
        for (Site.Part broker : site.brokers()) {
            chaos.fault(broker.name() + ": SIGKILL, the ends of its logs cut off, start", () -> {
                broker.proc().sigkill();
                truncate(site.folder(site.brokers().indexOf(broker)));
                site.startBroker(broker);
                broker.proc().awaitOut(Cluster.READY);
                chaos.awaitInSync();
            });
        }
    }

    /** Takes a part of the last record, or more, from the end of each topic's newest file. */
    private static void truncate(Path folder) throws IOException {
        int cut = 0;
        List<Path> topics;
        try (Stream<Path> files = Files.list(folder)) {
            topics = files.filter(file -> file.getFileName().toString().startsWith("aliquot."))
                    .toList();
        }
        for (Path topic : topics) {
            try (Stream<Path> files = Files.list(topic)) {
                Path newest = files.filter(file -> file.toString().endsWith(".log"))
                        .sorted()
                        .reduce((earlier, later) -> later)
                        .orElseThrow();
                try (RandomAccessFile file = new RandomAccessFile(newest.toFile(), "rw")) {
                    long length = file.length();
                    file.setLength(Math.max(0, length - Math.min(length / 2, 777)));
                    cut += length > 0 ? 1 : 0;
                }
            }
        }
        Chaos.say("  cut " + cut + " files");
    }

    /** Wall clocks of single processes, by a library that is preloaded: libfaketime can't step a JVM that runs. */
    private static final class Clocks {
        private final Site site;
        private final Path library;

        Clocks(Site site) throws Exception {
            this.site = site;
            this.library = site.dir().resolve("step.so");
            int code = new ProcessBuilder(
                            "cc", "-shared", "-fPIC", "-O1", "-o", library.toString(), System.getProperty("lab.clock"))
                    .inheritIO()
                    .start()
                    .waitFor();
            if (code != 0) {
                throw new AssertionError("the clock was not compiled");
            }
        }

        Map<String, String> of(Site.Part part) throws IOException {
            step(part, 0);
            return Map.of(
                    "LD_PRELOAD", library.toString(), "CLOCK_STEP", file(part).toString());
        }

        void step(Site.Part part, int seconds) throws IOException {
            byte[] text = "%-15d\n".formatted(seconds).getBytes(StandardCharsets.US_ASCII);
            try (RandomAccessFile file = new RandomAccessFile(file(part).toFile(), "rw")) {
                file.write(text); // in place: it is mapped
            }
        }

        private Path file(Site.Part part) {
            return site.dir().resolve(part.name() + ".step");
        }
    }
}
