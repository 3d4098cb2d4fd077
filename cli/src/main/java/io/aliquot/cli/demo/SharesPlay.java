package io.aliquot.cli.demo;

import io.aliquot.cli.stack.InForce;
import java.util.List;

/** Three tenants on one GPU: shares by weight, lending, and a change through Kafka. */
final class SharesPlay implements Play {
    private static final long MEMORY_LIMIT_BYTES = 4L << 30;

    private final DemoScript script;

    SharesPlay(DemoScript script) {
        this.script = script;
    }

    @Override
    public boolean fits(int gpus) {
        return gpus > 0;
    }

    @Override
    public String fix() {
        return "use --gpu sim";
    }

    @Override
    public String cast() {
        return "three tenants";
    }

    @Override
    public List<Program> programs() {
        return tenants().stream().map(tenant -> Program.on(tenant, 0, "200us")).toList();
    }

    @Override
    public void grant(DemoStage stage) {
        script.phases()
                .get(0)
                .weights()
                .forEach((tenant, weight) -> stage.quotas().weightAndMemory(tenant, weight, MEMORY_LIMIT_BYTES));
        InForce inForce = new InForce(stage.stack().agent());
        tenants().forEach(tenant -> inForce.awaitNewer(tenant, 0));
    }

    @Override
    public Outcome play(DemoStage stage, LiveTable table) throws InterruptedException {
        return new DemoPlay(stage, script, table).play();
    }

    private List<String> tenants() {
        return List.copyOf(script.phases().get(0).weights().keySet());
    }
}
