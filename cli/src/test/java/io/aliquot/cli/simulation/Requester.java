package io.aliquot.cli.simulation;

import io.aliquot.controller.ledger.LedgerDoor;
import io.aliquot.controller.state.QuotaChange;
import io.aliquot.controller.state.QuotaRequest;
import io.aliquot.controller.state.Ruling;
import java.util.List;

/** Asks for quotas all the time, some of which can't be. Never dies. */
final class Requester extends Program {
    static final List<String> TENANTS = List.of("a", "b", "c", "d");

    private final Watch watch;
    private int asked;

    Requester(World world, Broker broker, Watch watch) {
        super(world, broker, "requester");
        this.watch = watch;
    }

    @Override
    protected void begin() {
        for (String tenant : TENANTS) {
            ask(tenant, false);
        }
        later(1000, this::turn);
    }

    private void turn() {
        if (!world.calm) {
            ask(TENANTS.get((int) world.between(0, TENANTS.size())), world.chance(0.1));
            later(world.between(200, 3000), this::turn);
        }
    }

    private void ask(String tenant, boolean remove) {
        QuotaChange change = remove
                ? QuotaChange.NONE
                : new QuotaChange.Builder()
                        .weight(world.between(1, 10))
                        .floorPermille(100 * world.between(0, 5))
                        .ceilingPermille(world.chance(0.2) ? 600 : 1000L)
                        .memoryLimitBytes(world.between(1, 100) << 30)
                        .build();
        String id = "request-" + asked++;
        QuotaRequest request = new QuotaRequest(id, tenant, name, wallMs(), change, remove, "");
        byte[] record = world.fault(0.05) ? noise() : LedgerDoor.request(request);
        send(() -> broker.append(broker.requests, tenant, record, name), () -> {}, () -> {});
    }

    private byte[] noise() {
        byte[] noise = new byte[20];
        world.random.nextBytes(noise);
        return noise;
    }

    /** A controller's answer has come. */
    void answered(String requestId, Ruling ruling) {
        watch.acknowledged(requestId, ruling);
    }
}
