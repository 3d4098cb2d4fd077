package io.aliquot.cli.demo;

import io.aliquot.cli.tenants.ControllerClient;
import java.util.List;

/** Four tenants of two teams on two GPUs: lending, a ceiling, a floor and a gang in a tree. */
final class TreeCast implements Play {
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
        return new TreePlay(stage, script, table).play();
    }
}
