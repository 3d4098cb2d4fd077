package io.aliquot.cli.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aliquot.schema.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;

/** Faults for a site that is at work, and what must be so again after each. One thread. */
final class Chaos implements AutoCloseable {
    /** Of a by its weight beside b. */
    private static final double PART_PERMILLE = 250;
    /** A machine that is busy with other things misses by more now and then. */
    private static final double EXACT_PERMILLE = 40;

    private static final Duration SPAN = Duration.ofSeconds(3);
    private static final int SPANS = 12;
    private static final Duration FAILOVER = Duration.ofSeconds(3);

    private final Site site;
    private final Witness witness;
    private final Admin admin;
    private int settled;

    /** Something that is done to the site. */
    interface Fault {
        void happen() throws Exception;
    }

    Chaos(Site site) {
        this.site = site;
        this.witness = new Witness(site).start();
        this.admin = Admin.create(Map.of("bootstrap.servers", site.kafka()));
    }

    /** Has it happen, and prints for how long nobody was active and when all was as before. */
    void fault(String name, Fault fault) throws Exception {
        witness.gap();
        fault.happen();
        long healedNs = System.nanoTime();
        settle();
        long backMs = Duration.ofNanos(System.nanoTime() - healedNs).toMillis();
        say("| %s | %d ms | %.1f s |".formatted(name, witness.gap().toMillis(), backMs / 1e3));
    }

    /** Waits until one controller is active, a change of quota reaches every node, and shares are exact. */
    void settle() {
        site.awaitActive();
        String quota = "{\"weight\":3,\"memoryLimitBytes\":" + ((1L << 30) + (++settled << 20)) + "}";
        long version = site.put("b", quota).path("version").asLong();
        site.agents()
                .forEach(agent -> await(agent.name() + " has " + quota)
                        .atMost(Proc.PATIENCE)
                        .until(() -> site.inForce(agent, "b") >= version));
        List<List<Double>> tried = new ArrayList<>();
        do {
            tried.add(parts());
        } while (tried.getLast().stream().anyMatch(part -> Math.abs(part - PART_PERMILLE) > EXACT_PERMILLE)
                && tried.size() < SPANS);
        assertThat(tried.getLast())
                .as("parts of a, permille: " + tried)
                .allSatisfy(part ->
                        assertThat(part).isBetween(PART_PERMILLE - EXACT_PERMILLE, PART_PERMILLE + EXACT_PERMILLE));
    }

    private List<Double> parts() {
        List<Double> all = Tenant.permilles(SPAN, site.tenants().toArray(Tenant[]::new));
        List<Double> parts = new ArrayList<>();
        for (int i = 0; i < all.size(); i += 2) {
            parts.add(1000 * all.get(i) / (all.get(i) + all.get(i + 1)));
        }
        return parts;
    }

    /** Kills and stops the active controller in turn. @return how long each took until the other was active, ms */
    List<Long> failovers(int rounds) {
        List<Long> all = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            Site.Part old = site.awaitActive();
            Site.Part other = site.controllers().stream()
                    .filter(controller -> controller != old)
                    .findFirst()
                    .orElseThrow();
            await(other.name() + " stands by")
                    .atMost(Proc.PATIENCE)
                    .until(() -> "standby"
                            .equals(site.get(other, "/readyz")
                                    .json()
                                    .path("role")
                                    .asText()));
            String signal = round % 2 == 0 ? "KILL" : "STOP";
            long beganNs = System.nanoTime();
            old.proc().signal(signal);
            await("a failover")
                    .atMost(Proc.PATIENCE)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> site.isActive(other));
            long ms = Duration.ofNanos(System.nanoTime() - beganNs).toMillis();
            all.add(ms);
            say("| %d | SIG%s | %d ms |".formatted(round + 1, signal, ms));
            if (signal.equals("KILL")) {
                old.proc().awaitEnd();
                site.startController(old);
                old.proc().awaitOut(Cluster.READY);
            } else {
                old.proc().signal("CONT");
            }
        }
        assertThat(Collections.max(all)).as("ms: " + all).isLessThan(FAILOVER.toMillis());
        return all;
    }

    /** The broker that leads a topic's first partition. */
    Site.Part leaderOf(String topic) throws Exception {
        return site.brokers()
                .get(describe(topic).partitions().getFirst().leader().id() - 1);
    }

    /** Of the first partition; milliseconds since 1970. */
    long newestStamp(String topic) throws Exception {
        TopicPartition partition = new TopicPartition(topic, 0);
        return admin.listOffsets(Map.of(partition, OffsetSpec.maxTimestamp()))
                .partitionResult(partition)
                .get()
                .timestamp();
    }

    /** Waits until all topics are on all brokers again. */
    void awaitInSync() {
        await("all replicas are in sync")
                .atMost(Proc.PATIENCE)
                .ignoreExceptions()
                .until(() -> {
                    for (String topic : admin.listTopics().names().get()) {
                        for (var partition : describe(topic).partitions()) {
                            if (partition.isr().size() < Site.BROKERS) {
                                return false;
                            }
                        }
                    }
                    return true;
                });
    }

    private TopicDescription describe(String topic) throws InterruptedException, ExecutionException {
        return admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
    }

    /** By SIGTERM, one after the other. */
    void rollBrokers() {
        for (Site.Part broker : site.brokers()) {
            broker.proc().signal("TERM");
            broker.proc().awaitEnd();
            site.startBroker(broker);
            broker.proc().awaitOut(Cluster.READY);
            awaitInSync();
        }
    }

    void killed(Site.Part broker, Duration away) throws Exception {
        broker.proc().sigkill();
        Thread.sleep(away);
        site.startBroker(broker);
        broker.proc().awaitOut(Cluster.READY);
        awaitInSync();
    }

    static void stopped(Site.Part part, Duration time) throws Exception {
        part.proc().signal("STOP");
        Thread.sleep(time);
        part.proc().signal("CONT");
    }

    Site.Part standby() {
        Site.Part active = site.awaitActive();
        return site.controllers().stream()
                .filter(controller -> controller != active)
                .findFirst()
                .orElseThrow();
    }

    Site.Part leaseLeader() throws Exception {
        return leaderOf(Topics.LEASE);
    }

    /**
     * After the last fault.
     *
     * @param telemetryKept whether all of it is still there, to compare the ledger with
     */
    void judge(boolean telemetryKept) {
        say(witness.judge(telemetryKept));
    }

    static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    @Override
    public void close() {
        witness.close();
        admin.close(Duration.ZERO);
    }
}
