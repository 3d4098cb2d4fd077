package io.aliquot.cli.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.aliquot.agent.link.LinkDoor;
import io.aliquot.agent.model.Decision;
import io.aliquot.controller.account.Books;
import io.aliquot.controller.decide.Decider;
import io.aliquot.controller.ingest.FromProto;
import io.aliquot.controller.ingest.History;
import io.aliquot.controller.ingest.IngestDoor;
import io.aliquot.controller.keeper.KeeperDoor;
import io.aliquot.controller.lease.Candidate;
import io.aliquot.controller.lease.LeaseTiming;
import io.aliquot.controller.ledger.LedgerDoor;
import io.aliquot.controller.recording.ReplayTicks;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.Docket;
import io.aliquot.controller.state.NodeAck;
import io.aliquot.controller.state.NodeInventory;
import io.aliquot.controller.state.NodeReport;
import io.aliquot.controller.state.Quota;
import io.aliquot.controller.state.QuotaRequest;
import io.aliquot.schema.v1.RecordedTick;
import io.aliquot.schema.v1.TenantQuota;
import io.aliquot.schema.v1.Tick;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * What reads each type of record, and what is done with it then. A reader may refuse by an {@link IllegalArgumentException}; what it
 * takes must be sound, and nobody after it may fail.
 */
final class Readers {
    /** What Kafka takes at most, unless told otherwise. */
    private static final int MOST_RECORD = 1 << 20;

    private Readers() {}

    /** By the names of the messages. */
    static Map<String, Consumer<byte[]>> all() {
        return Map.ofEntries(
                Map.entry("Decision", Readers::decision),
                Map.entry("Telemetry", Readers::telemetry),
                Map.entry("DecisionAck", Readers::ack),
                Map.entry("NodeInventory", Readers::inventory),
                Map.entry("QuotaRequest", Readers::request),
                Map.entry("TenantQuota", Readers::quota),
                Map.entry(
                        "QuotaAudit",
                        bytes -> assertThat(IngestDoor.after(bytes, "t")).isNotNegative()),
                Map.entry("LeaseRecord", Readers::lease),
                Map.entry("LedgerEntry", LedgerDoor::entry),
                Map.entry("LedgerMark", LedgerDoor::mark),
                Map.entry("LedgerPosition", LedgerDoor::position),
                Map.entry("Tick", bytes -> tick(bytes, false)),
                Map.entry("RecordedTick", bytes -> tick(bytes, true)));
    }

    private static void decision(byte[] bytes) {
        Decision decision = LinkDoor.decode(bytes);
        decision.gpus()
                .forEach(gpu -> gpu.tenants().forEach(share -> {
                    assertThat(share.weight()).isPositive();
                    assertThat(share.fallbackPermille()).isBetween(1, 1000);
                    assertThat(share.ceilingPermille()).isBetween(1, 1000);
                    assertThat(share.memoryLimitBytes()).isNotNegative();
                }));
        assertThat(decision.atFallback().fence()).isEqualTo(decision.fence());
    }

    private static void telemetry(byte[] bytes) {
        NodeReport report = FromProto.telemetry(bytes);
        assertThat(report.node()).hasSizeBetween(1, 255);
        report.gpus()
                .forEach(gpu -> gpu.tenants().forEach(tenant -> {
                    assertThat(tenant.tenant()).hasSizeBetween(1, 255);
                    assertThat(tenant.gpuNs()).isNotNegative();
                    assertThat(tenant.blockedPermille()).isBetween(0, 1000);
                }));
        Decider decider = new Decider(ClusterState.EMPTY, 0);
        decider.tick(List.of(report), 0);
        decider.tick(List.of(report), 100);
        Books books = new Books(Map.of(), Map.of());
        books.enter(report, 1_700_000_000_000L);
        books.enter(report, 1_700_000_000_100L);
    }

    private static void ack(byte[] bytes) {
        NodeAck ack = IngestDoor.ack(bytes);
        assertThat(ack.node()).hasSizeBetween(1, 255);
        assertThat(ack.applied().reaches(ack.applied())).isTrue();
        assertThat(ack.readToAppliedUs()).isNotNegative();
    }

    private static void inventory(byte[] bytes) {
        NodeInventory inventory = IngestDoor.inventory(bytes);
        assertThat(inventory.node()).hasSizeBetween(1, 255);
        inventory.gpus().forEach(gpu -> assertThat(gpu.memoryTotalBytes()).isNotNegative());
    }

    private static void request(byte[] bytes) {
        QuotaRequest request = IngestDoor.request(bytes);
        Docket docket = new Docket(ClusterState.EMPTY, 0);
        docket.rule(request, 0);
        byte[] audit = LedgerDoor.audit(docket.ruled().getFirst(), "t", 0);
        assertThat(audit).hasSizeLessThan(MOST_RECORD);
        assertThat(IngestDoor.after(audit, "t")).isEqualTo(1);
    }

    private static void quota(byte[] bytes) {
        SortedMap<String, Quota> quotas = new TreeMap<>();
        IngestDoor.replay(name(bytes), bytes, quotas);
        quotas.values()
                .forEach(quota ->
                        assertThat(quota.isCluster() || quota.weight() >= 1).isTrue());
        Decider decider = new Decider(History.state(quotas), 0);
        decider.tick(List.of(), 100);
    }

    /** Its own name, so that not all are refused for another one. */
    private static String name(byte[] quota) {
        try {
            return TenantQuota.parseFrom(quota).getTenant();
        } catch (InvalidProtocolBufferException e) {
            return "none";
        }
    }

    private static void lease(byte[] bytes) {
        Candidate candidate = new Candidate("me", "me", LeaseTiming.STANDARD);
        candidate.due(0);
        candidate.read(7, 1000, KeeperDoor.decode(bytes), 0);
        candidate.read(8, 1001, KeeperDoor.decode(bytes), 1);
        assertThat(candidate.standing().term())
                .as("nobody else's record makes it the active one")
                .isEmpty();
    }

    private static void tick(byte[] bytes, boolean recorded) {
        try {
            ReplayTicks.of(
                    recorded
                            ? RecordedTick.parseFrom(bytes)
                            : RecordedTick.newBuilder()
                                    .setTick(Tick.parseFrom(bytes))
                                    .build());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
