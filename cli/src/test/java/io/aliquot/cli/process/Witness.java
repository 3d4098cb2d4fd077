package io.aliquot.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.aliquot.controller.ledger.LedgerTruth;
import io.aliquot.schema.Topics;
import io.aliquot.schema.kafka.KafkaAccess;
import io.aliquot.schema.v1.Fence;
import io.aliquot.schema.v1.QuotaAudit;
import io.aliquot.schema.v1.Telemetry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Keeps a site busy with changes of quotas, looks who is active, and judges at the end what must hold whatever happened. Two
 * threads of its own; the others' methods are one thread's.
 */
final class Witness implements AutoCloseable {
    private static final int TENANTS = 5;
    private static final Duration SPAN = Duration.ofSeconds(3);
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final Duration LOOK = Duration.ofMillis(20);

    private final Site site;
    private final List<Attempt> attempts = Collections.synchronizedList(new ArrayList<>());
    private final Thread asking =
            Thread.ofPlatform().daemon(true).name("asking").unstarted(this::ask);
    private final Thread looking =
            Thread.ofPlatform().daemon(true).name("looking").unstarted(this::look);
    private final long startedNs = System.nanoTime();
    private volatile boolean closed;
    private long lastActiveNs = System.nanoTime();
    private long longestNs;
    private int most;

    /** A wish; a version of 0: nobody answered that it is in force. */
    private record Attempt(String tenant, long memory, long version) {}

    Witness(Site site) {
        this.site = site;
    }

    Witness start() {
        asking.start();
        looking.start();
        return this;
    }

    private void ask() {
        for (int i = 1; !closed; i++) {
            Site.Part controller =
                    site.controllers().get(i / TENANTS % site.controllers().size());
            String tenant = "q" + i % TENANTS;
            long memory = (1L << 30) + ((long) i << 20); // a greater weight would take from the others' fallback shares
            String body = "{\"memoryLimitBytes\":" + memory + "}";
            Site.Answer answer = site.call(controller, "PUT", "/v1/tenants/" + tenant, body, Duration.ofSeconds(5));
            attempts.add(new Attempt(
                    tenant,
                    memory,
                    answer.status() == 200 ? answer.json().path("version").asLong() : 0));
            pause(PAUSE);
        }
    }

    private void look() {
        while (!closed) {
            int active = site.active().size();
            synchronized (this) {
                long nowNs = System.nanoTime();
                longestNs = Math.max(longestNs, nowNs - lastActiveNs);
                most = Math.max(most, active);
                if (active > 0) {
                    lastActiveNs = nowNs;
                }
            }
            pause(LOOK);
        }
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The longest time in which nobody was active, since this was last asked. */
    synchronized Duration gap() {
        Duration gap = Duration.ofNanos(longestNs);
        longestNs = 0;
        lastActiveNs = System.nanoTime();
        return gap;
    }

    /**
     * Ends the agents and judges.
     *
     * @param telemetryKept whether all of it is still there, to compare the ledger with
     * @return what was judged, in words
     */
    String judge(boolean telemetryKept) {
        closed = true;
        join(asking);
        join(looking);
        String tenants = neitherUnlimitedNorStopped();
        int acknowledged = noQuotaLost();
        site.agents().forEach(agent -> {
            agent.proc().signal("TERM");
            agent.proc().awaitEnd();
        });
        int fences = noFencedDecisionApplied();
        String ledger = telemetryKept
                ? "ledger exact over " + LedgerTruth.assertExact(KafkaAccess.open(site.kafka())) + " ns; "
                : "";
        return acknowledged + " acknowledged changes of quotas kept, of " + attempts.size() + " tried; " + fences
                + " fences of applied decisions in order; at most " + most + " active at once; " + ledger + tenants;
    }

    private int noQuotaLost() {
        Map<String, List<Attempt>> last = new HashMap<>(); // the last acknowledged one, and what was tried since
        for (Attempt attempt : attempts) {
            if (attempt.version() > 0) {
                last.put(attempt.tenant(), new ArrayList<>());
            }
            last.computeIfAbsent(attempt.tenant(), tenant -> new ArrayList<>()).add(attempt);
        }
        Site.Part active = site.awaitActive();
        last.forEach((tenant, tries) -> {
            var quota = site.get(active, "/v1/tenants/" + tenant).json();
            assertThat(tries.stream().map(Attempt::memory))
                    .as(tenant + " is " + quota)
                    .contains(quota.path("memoryLimitBytes").asLong());
            assertThat(quota.path("version").asLong())
                    .isGreaterThanOrEqualTo(tries.getFirst().version());
        });
        Map<String, Long> audited = new HashMap<>();
        read(Topics.QUOTA_AUDIT, record -> {
            QuotaAudit audit = parse(record.value(), QuotaAudit::parseFrom);
            if (audit.getAccepted()) {
                String change =
                        audit.getAfter().getTenant() + " " + audit.getAfter().getVersion();
                assertThat(audited.put(change, audit.getAfter().getMemoryLimitBytes()))
                        .as("accepted twice: " + change)
                        .isNull();
            }
        });
        List<Attempt> acknowledged =
                attempts.stream().filter(attempt -> attempt.version() > 0).toList();
        for (Attempt attempt : acknowledged) {
            assertThat(audited).containsEntry(attempt.tenant() + " " + attempt.version(), attempt.memory());
        }
        assertThat(acknowledged).isNotEmpty();
        return acknowledged.size();
    }

    /** Every node's telemetry tells the fence of the decision in force: it never goes back. */
    private int noFencedDecisionApplied() {
        Map<String, Fence> highest = new HashMap<>();
        List<String> applied = new ArrayList<>();
        read(Topics.TELEMETRY, record -> {
            Telemetry telemetry = parse(record.value(), Telemetry::parseFrom);
            if (!telemetry.hasApplied()) {
                return;
            }
            Fence fence = telemetry.getApplied();
            Fence before = highest.put(telemetry.getNode(), fence);
            if (before != null && !before.equals(fence)) {
                assertThat(fence.getLeaseTopicId()).isEqualTo(before.getLeaseTopicId());
                assertThat(Arrays.compare(order(fence), order(before)))
                        .as(telemetry.getNode() + " went back from " + before + " to " + fence)
                        .isPositive();
                applied.add(telemetry.getNode());
            }
        });
        assertThat(highest).hasSize(site.agents().size());
        return applied.size();
    }

    private static long[] order(Fence fence) {
        return new long[] {fence.getTerm(), fence.getSequence()};
    }

    /** A hard ceiling holds whatever is dead, and everybody has GPU time in every span. */
    private String neitherUnlimitedNorStopped() {
        List<String> said = new ArrayList<>();
        for (Tenant tenant : site.tenants()) {
            assertThat(tenant.proc().alive()).as(tenant.proc().toString()).isTrue();
            List<Double> spans = tenant.spans(SPAN, startedNs);
            double least = Collections.min(spans);
            double most = Collections.max(spans);
            said.add("%s %.0f to %.0f".formatted(tenant.name(), least, most));
            assertThat(least).as(tenant.name() + " was stopped: " + spans).isGreaterThan(20);
            assertThat(most)
                    .as(tenant.name() + " was unlimited: " + spans)
                    .isLessThan(tenant.name().endsWith("a") ? Site.CEILING_PERMILLE + 60 : 1000);
        }
        return "permille in spans of 3 s: " + String.join(", ", said);
    }

    private void read(String topic, Consumer<ConsumerRecord<String, byte[]>> each) {
        try (var consumer = new KafkaConsumer<>(
                Map.<String, Object>of("bootstrap.servers", site.kafka(), "isolation.level", "read_committed"),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                consumer.poll(Duration.ofMillis(100)).forEach(each);
            }
        }
    }

    private interface Parser<T> {
        T parse(byte[] bytes) throws InvalidProtocolBufferException;
    }

    private static <T> T parse(byte[] bytes, Parser<T> parser) {
        try {
            return parser.parse(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join(Duration.ofSeconds(30));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
