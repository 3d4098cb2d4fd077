package io.aliquot.cli.simulation;

import io.aliquot.agent.link.LinkDoor;
import io.aliquot.agent.model.FenceStamp;
import io.aliquot.controller.app.OutboxDoor;
import io.aliquot.controller.decide.CallKind;
import io.aliquot.controller.decide.Decider;
import io.aliquot.controller.ingest.FromProto;
import io.aliquot.controller.ingest.IngestDoor;
import io.aliquot.controller.publish.PlannedDecision;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.Docket;
import io.aliquot.controller.state.NodePlan;
import io.aliquot.controller.state.NodeReport;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** What the active controller does for one term: the real decider, outbox and rulings, between modelled queues. */
final class ActiveModel {
    static final int TIME_TO_LIVE_MS = 5000;
    private static final int TICK_MS = 200;
    private static final int MOST_REQUESTS = 4;

    private final ControllerProgram self;
    private final World world;
    private final Broker broker;
    private final Requester requester;
    private final long term;
    private final Begin begin;
    private final Decider decider;
    private final OutboxDoor outbox;
    private final Map<String, PlannedDecision> slots = new LinkedHashMap<>();
    private final Set<String> underWay = new HashSet<>();
    private ClusterState quotas;
    private long nextRequest;
    private boolean committing;
    private long nextTelemetry;

    /** With what a term begins. */
    record Begin(String leaseTopicId, long term, long claimedAtMs, int epoch, ClusterState quotas, long firstRequest) {}

    ActiveModel(ControllerProgram self, Requester requester, long term, Begin begin) {
        this.self = self;
        this.world = self.world;
        this.broker = self.broker;
        this.requester = requester;
        this.term = term;
        this.begin = begin;
        this.quotas = begin.quotas();
        this.nextRequest = begin.firstRequest();
        this.nextTelemetry = broker.telemetry.end();
        this.decider = new Decider(begin.quotas(), nowMs());
        this.outbox = new OutboxDoor(
                begin.leaseTopicId(), begin.term(), begin.claimedAtMs(), TIME_TO_LIVE_MS, self::wallMs, this::offer);
    }

    long term() {
        return term;
    }

    void start() {
        self.later(world.between(1, TICK_MS), this::tick);
        self.later(world.between(1, 50), this::read);
    }

    private long nowMs() {
        return self.nowNs() / 1_000_000;
    }

    private void tick() {
        if (!self.does(this)) {
            return;
        }
        self.later(TICK_MS, this::tick);
        long nowMs = nowMs();
        tell(CallKind.TICK, nowMs, decider.tick(reports(), nowMs));
    }

    private void tell(CallKind kind, long nowMs, List<NodePlan> plans) {
        if (self.holds(term)) {
            outbox.decided(kind, nowMs, plans);
            pump();
        }
    }

    private List<NodeReport> reports() {
        SortedMap<String, NodeReport> newest = new TreeMap<>();
        if (self.reaches()) {
            for (Broker.Entry entry : broker.telemetry.from(nextTelemetry, Integer.MAX_VALUE)) {
                nextTelemetry = entry.offset() + 1;
                try {
                    NodeReport report = FromProto.telemetry(entry.value());
                    newest.put(report.node(), report);
                } catch (IllegalArgumentException poison) {
                    self.watch.poison();
                }
            }
        }
        return List.copyOf(newest.values());
    }

    private void offer(PlannedDecision decision) {
        slots.put(decision.plan().node(), decision);
    }

    /** Sends what may be sent: one under way for each node. It is asked just before whether it may. */
    private void pump() {
        List<PlannedDecision> ready = new ArrayList<>();
        slots.values().removeIf(decision -> underWay.add(decision.plan().node()) && ready.add(decision));
        for (PlannedDecision decision : ready) {
            self.later(world.fault(0.02) ? world.between(0, 3000) : 0, () -> send(decision));
        }
    }

    private void send(PlannedDecision decision) {
        String node = decision.plan().node();
        if (!self.holds(term)) {
            done(node);
            return;
        }
        byte[] record = decision.toBytes();
        String author = self.instance();
        FenceStamp stamp = LinkDoor.decode(record).fence();
        self.send(
                () -> {
                    self.watch.published(author, stamp);
                    broker.append(broker.decisions, node, record, author);
                },
                () -> done(node),
                () -> done(node));
    }

    private void done(String node) {
        underWay.remove(node);
        pump();
    }

    private void read() {
        if (!self.does(this)) {
            return;
        }
        self.later(world.between(5, 50), this::read);
        if (committing || !self.reaches()) {
            return;
        }
        Docket docket = new Docket(quotas, self.wallMs());
        long next = nextRequest;
        for (Broker.Entry entry : broker.requests.from(nextRequest, MOST_REQUESTS)) {
            next = entry.offset() + 1;
            try {
                docket.rule(IngestDoor.request(entry.value()), entry.offset());
            } catch (IllegalArgumentException poison) {
                self.watch.poison();
            }
        }
        if (docket.ruled().isEmpty()) {
            nextRequest = next;
        } else {
            committing = true;
            commit(docket, next, new boolean[2]);
        }
    }

    /** As the ledger does it, a commit of which nobody knows is asked for again until its end is known. */
    private void commit(Docket docket, long next, boolean[] fencedAndDone) {
        String author = self.instance();
        self.send(
                () -> {
                    if (!fencedAndDone[1]) {
                        fencedAndDone[1] = broker.commit(begin.epoch(), docket.ruled(), docket.nowUnixMs(), author);
                        fencedAndDone[0] = !fencedAndDone[1];
                        if (fencedAndDone[1]) {
                            self.watch.committed(docket);
                        } else {
                            self.watch.refusedTransaction();
                        }
                    }
                },
                () -> committed(docket, next, fencedAndDone[0]),
                () -> {
                    if (self.does(this)) {
                        commit(docket, next, fencedAndDone);
                    }
                });
    }

    private void committed(Docket docket, long next, boolean fenced) {
        if (!self.does(this)) {
            return;
        }
        if (fenced) {
            self.giveUp(term, "the broker refuses its transactions");
            return;
        }
        committing = false;
        nextRequest = next;
        quotas = docket.quotas();
        long nowMs = nowMs();
        tell(CallKind.QUOTAS, nowMs, decider.changed(docket.events(), nowMs));
        docket.ruled().forEach(one -> requester.answered(one.request().requestId(), one.ruling()));
    }
}
