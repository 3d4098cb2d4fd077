package io.aliquot.cli.simulation;

import io.aliquot.agent.app.EnforcerDoor;
import io.aliquot.agent.guard.Guard;
import io.aliquot.agent.link.LinkDoor;
import io.aliquot.agent.model.Decision;
import io.aliquot.agent.model.TenantShare;
import io.aliquot.agent.node.NodeException;
import io.aliquot.agent.node.NodeModel;
import io.aliquot.schema.v1.GpuSample;
import io.aliquot.schema.v1.Telemetry;
import io.aliquot.schema.v1.TenantSample;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A node's agent: the real enforcer, guard and reading of decisions. Around them a model of its threads, its disk and its GPU. */
final class AgentProgram extends Program {
    static final Duration STATIC_AFTER = Duration.ofSeconds(9);
    private static final int TURN_MS = 200;

    final String gpu;
    private final Watch watch;
    private NodeModel node = new NodeModel();
    private EnforcerDoor enforcer;
    private byte @Nullable [] disk;
    private long position;
    private long sequence;
    private @Nullable String reading;
    private @Nullable Set<String> idle;

    AgentProgram(World world, Broker broker, Watch watch, String name) {
        super(world, broker, name);
        this.watch = watch;
        this.gpu = "GPU-" + name;
        this.enforcer = enforcer();
    }

    NodeModel node() {
        return node;
    }

    private EnforcerDoor enforcer() {
        return new EnforcerDoor(new Guard(name, Set.of(gpu), STATIC_AFTER), this::apply, this::keep);
    }

    EnforcerDoor enforcing() {
        return enforcer;
    }

    private void apply(Decision decision, boolean atFallback) throws NodeException {
        node.apply(decision, atFallback);
        watch.applied(this, decision, atFallback, reading == null);
    }

    /** The file is written by a thread of its own; it may fail, and then the one before stays. */
    private void keep(Decision decision) {
        if (!world.fault(0.02)) {
            later(world.between(0, 20), () -> disk = LinkDoor.kept(decision));
        }
    }

    @Override
    protected void begin() {
        node = new NodeModel();
        enforcer = enforcer();
        position = -1;
        sequence = 0;
        watch.restarted(this);
        if (disk != null) {
            reading = null;
            enforcer.restore(LinkDoor.restored(disk), nowNs());
        }
        later(world.between(1, TURN_MS), this::turn);
        later(world.between(1, 500), this::follow);
    }

    /** A turn of its loop. */
    private void turn() {
        later(TURN_MS, this::turn);
        reading = "its clock";
        if (world.broken != Broken.AGENT_NEVER_LOOKS_AT_ITS_CLOCK) {
            enforcer.tick(nowNs());
        }
        watch.turned(this);
        byte[] record = telemetry();
        send(() -> broker.append(broker.telemetry, name, record, name), () -> {}, () -> {});
    }

    /** Reads the log: first up to its end, of which the newest decision counts, then what comes. */
    private void follow() {
        later(world.between(5, 60), this::follow);
        if (!reaches()) {
            return;
        }
        boolean live = position >= 0;
        List<Decision> read = new ArrayList<>();
        for (Broker.Entry entry : broker.decisions.from(Math.max(0, position), live ? 50 : Integer.MAX_VALUE)) {
            position = entry.offset() + 1;
            if (name.equals(entry.key())) {
                try {
                    read.add(LinkDoor.decode(entry.value()));
                } catch (IllegalArgumentException poison) {
                    watch.poison();
                }
            }
        }
        position = Math.max(position, 0);
        List<Decision> counts = live ? read : LinkDoor.newest(read).stream().toList();
        if (!counts.isEmpty()) {
            reading = "decisions";
            if (world.broken == Broken.AGENT_FORGETS_ITS_FENCE) {
                node = new NodeModel();
                enforcer = enforcer();
            }
            enforcer.offer(counts, nowNs());
        }
    }

    /** Every tenant works all the time once it is calm; until then some have breaks. */
    private byte[] telemetry() {
        if (world.chance(0.02)) {
            idle = Set.of(Requester.TENANTS.get((int) world.between(0, Requester.TENANTS.size())));
        }
        Map<String, TenantShare> shares = node.inForce().map(d -> d.shares(gpu)).orElse(Map.of());
        GpuSample.Builder sample =
                GpuSample.newBuilder().setUuid(gpu).setName("Simulated").setSimulated(true);
        for (String tenant : Requester.TENANTS) {
            TenantShare share = shares.get(tenant);
            boolean works = share != null && (world.calm || idle == null || !idle.contains(tenant));
            sample.addTenants(TenantSample.newBuilder()
                    .setTenant(tenant)
                    .setProcesses(1)
                    .setGpuNs(works ? share.targetPermille() * 1000L * TURN_MS : 0)
                    .setBlockedPermille(works ? 1000 : 0)
                    .setMemoryUsedBytes(1 << 20));
        }
        return Telemetry.newBuilder()
                .setNode(name)
                .setSequence(++sequence)
                .setSampledAtUnixMs(wallMs())
                .setIntervalUs(TURN_MS * 1000L)
                .addGpus(sample)
                .build()
                .toByteArray();
    }
}
