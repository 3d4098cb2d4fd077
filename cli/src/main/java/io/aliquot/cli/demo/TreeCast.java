package io.aliquot.cli.demo;

import io.aliquot.cli.tenants.ControllerClient;
import java.time.Duration;
import java.util.List;

/** Four tenants of two teams on two GPUs: lending, a ceiling, a floor and a gang in a tree. */
final class TreeCast implements Play {
    /** Broker, controller and agent are compiled as they run: two processors have little left for programs meanwhile. */
    private static final Duration WARM_UP = Duration.ofSeconds(6);

    private final TreeScript script;

    TreeCast(TreeScript script) {
        this.script = script;
    }

    @Override
    public boolean fits(int gpus) {
        return gpus == TreeScript.GPUS;
    }

    @Override
    public String fix() {
        return "it needs two: use --gpu sim, and no --sim-gpus but 2";
    }

    @Override
    public String cast() {
        return "five programs of four tenants, on two GPUs";
    }

    @Override
    public List<Program> programs() {
        return TreeScript.PROGRAMS;
    }

    @Override
    public void grant(DemoStage stage) {
        ControllerClient controller = new ControllerClient(stage.stack().where().controller());
        TreeScript.QUOTAS.forEach(quota -> TreePlay.set(stage, controller, quota));
    }

    @Override
    public Outcome play(DemoStage stage, LiveTable table) throws InterruptedException {
        table.draw(List.of("Warming up for " + WARM_UP.toSeconds() + " s", ""));
        table.keep();
        Thread.sleep(WARM_UP);
        stage.checkAlive();
        return new TreePlay(stage, script, table).play();
    }
}
