package io.aliquot.cli.simulation;

import io.aliquot.controller.keeper.KeeperDoor;
import io.aliquot.controller.lease.Candidate;
import io.aliquot.controller.lease.LeaseEntry;
import io.aliquot.controller.lease.LeaseReading;
import io.aliquot.controller.lease.LeaseTiming;
import io.aliquot.controller.lease.Standing;
import io.aliquot.controller.state.ClusterState;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A controller: the real candidate for the lease, and a duty while it is the active one. Around them a model of their threads. */
final class ControllerProgram extends Program {
    private static final int LOOK_BACK = 1000;
    private static final long NO_TERM = -1;

    final Watch watch;
    private final Requester requester;
    private Candidate candidate = candidate();
    private Broker.Log lease;
    private String leaseTopicId = "";
    private long position;
    private LeaseReading reading = new LeaseReading(0);
    private long givenUpTerm;
    private long takingOver;
    private ClusterState atStart = ClusterState.EMPTY;
    private @Nullable ActiveModel active;

    ControllerProgram(World world, Broker broker, Watch watch, Requester requester, String name) {
        super(world, broker, name);
        this.watch = watch;
        this.requester = requester;
        this.lease = broker.lease;
    }

    /** One start of it; no two have the same. */
    String instance() {
        return name + "#" + life();
    }

    @Override
    protected void begin() {
        active = null;
        candidate = candidate();
        givenUpTerm = NO_TERM;
        takingOver = NO_TERM;
        lease = broker.lease;
        leaseTopicId = lease.id;
        reading = new LeaseReading(lease.end());
        position = Math.max(0, lease.end() - LOOK_BACK);
        atStart = Histories.quotas(broker);
        later(world.between(1, 60), this::turn);
    }

    private Candidate candidate() {
        return new Candidate(instance(), name, LeaseTiming.STANDARD);
    }

    /** Whether it may act as the active one of a term. */
    boolean holds(long term) {
        boolean inTime = world.broken == Broken.LEADER_IGNORES_EXPIRY
                || candidate.standing().holds(term, nowNs());
        return term > givenUpTerm && inTime;
    }

    /** The term that it acts under now; -1: none. */
    long actsUnder() {
        ActiveModel now = active;
        return running() && now != null && holds(now.term()) ? now.term() : NO_TERM;
    }

    /** One turn of the lease keeper, and what follows for its role. */
    private void turn() {
        later(world.between(5, 60), this::turn);
        candidate.giveUp(givenUpTerm);
        if (reaches() && !read()) {
            return;
        }
        if (reading.caughtUp(position, lag())) {
            for (var due = candidate.due(nowNs()); due.isPresent(); due = candidate.due(nowNs())) {
                say(due.get());
            }
        }
        takeRole(candidate.standing());
    }

    /** @return false when it ended, because the topic begins anew */
    private boolean read() {
        if (lease != broker.lease) {
            lease = broker.lease;
            if (position > lease.end()) {
                position = world.chance(0.5) ? 0 : lease.end();
            }
        }
        for (Broker.Entry entry : lease.from(position, 100)) {
            position = entry.offset() + 1;
            if (!reading.goesOn(entry.offset())) {
                crash("the lease topic was created again", world.between(300, 3000));
                return false;
            }
            try {
                candidate.read(entry.offset(), entry.atMs(), KeeperDoor.decode(entry.value()), nowNs());
            } catch (IllegalArgumentException poison) {
                watch.poison();
            }
        }
        return true;
    }

    private OptionalLong lag() {
        return reaches() ? OptionalLong.of(lease.end() - position) : OptionalLong.empty();
    }

    private void say(LeaseEntry entry) {
        byte[] record = KeeperDoor.encode(entry, name, wallMs());
        String author = instance();
        send(() -> broker.append(broker.lease, "cluster", record, author), () -> {}, () -> candidate.failed(entry));
    }

    private void takeRole(Standing standing) {
        long term = standing.term().orElse(NO_TERM);
        if (active != null && (active.term() != term || !holds(term))) {
            world.say(instance(), "is active with term " + active.term() + " no longer");
            active = null;
        }
        if (term != NO_TERM && holds(term) && active == null && takingOver != term) {
            takeOver(term);
        }
    }

    private void takeOver(long term) {
        takingOver = term;
        int[] epoch = new int[1];
        String[] seenId = {leaseTopicId};
        send(
                () -> {
                    epoch[0] = broker.openTransactions();
                    seenId[0] = broker.lease.id;
                },
                () -> opened(term, epoch[0], seenId[0]),
                () -> giveUp(term, "its ledger does not open"));
    }

    private void opened(long term, int epoch, String seenId) {
        if (!seenId.equals(leaseTopicId) && world.broken != Broken.LEADER_TRUSTS_AN_OLD_TOPIC_ID) {
            crash("the lease topic was created again", world.between(300, 3000));
            return;
        }
        if (!reaches()) {
            giveUp(term, "it can't read what is in force");
            return;
        }
        ClusterState initial = world.broken == Broken.LEADER_READS_NO_HISTORY ? atStart : Histories.quotas(broker);
        watch.rebuilt(this, initial);
        long firstRequest = Histories.firstUnanswered(broker);
        later(world.between(1, 200), () -> begin(term, epoch, initial, firstRequest));
    }

    private void begin(long term, int epoch, ClusterState initial, long firstRequest) {
        if (!holds(term)) {
            return;
        }
        long counted = world.broken == Broken.LEADER_TAKES_AN_OLDER_TERM && term > 0 ? term / 2 : term;
        world.say(instance(), "is active with term " + term + " of " + leaseTopicId);
        long claimedAtMs = candidate.standing().claimedAtMs();
        active = new ActiveModel(
                this,
                requester,
                term,
                new ActiveModel.Begin(leaseTopicId, counted, claimedAtMs, epoch, initial, firstRequest));
        active.start();
    }

    void giveUp(long term, String why) {
        world.say(instance(), "gives term " + term + " up: " + why);
        givenUpTerm = Math.max(givenUpTerm, term);
        if (active != null && active.term() == term) {
            active = null;
        }
    }

    /** Whether this is what it does now. */
    boolean does(ActiveModel duty) {
        return active == duty;
    }
}
