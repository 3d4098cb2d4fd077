package io.aliquot.cli.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.aliquot.agent.app.Agent;
import io.aliquot.agent.model.NodeSnapshot;
import io.aliquot.agent.model.TenantSnapshot;
import io.aliquot.cli.demo.TreeReport.PartResult;
import io.aliquot.cli.demo.TreeReport.PhaseResult;
import io.aliquot.cli.demo.TreeReport.TenantResult;
import io.aliquot.cli.demo.TreeScript.Part;
import io.aliquot.cli.stack.InForce;
import io.aliquot.cli.tenants.ControllerClient;
import io.aliquot.cli.text.Percent;
import io.aliquot.cli.text.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/** Acts the tree script on a stage: makes each phase's changes, and asks the witness and the controller. One thread. */
final class TreePlay implements PhaseLoop.Acts<TreeScript.Phase, PhaseResult> {
    /** In which a floor must be seen to be back; turns last 10 ms. */
    static final Duration RECLAIM_WINDOW = Duration.ofMillis(100);

    private static final Duration IDLE_PATIENCE = Duration.ofSeconds(10);
    /** What was metered in the last interval, and carried from it, is in the telemetry by then. */
    private static final long AFTER_REST_MS = 1000;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final DemoStage stage;
    private final TreeScript script;
    private final LiveTable table;
    private final Agent agent;
    private final ShareWitness witness;
    private final ControllerClient controller;
    private final PhaseLoop<TreeScript.Phase, PhaseResult> loop;
    private Answers answers = new Answers();
    private OptionalDouble reclaimMs = OptionalDouble.empty();

    TreePlay(DemoStage stage, TreeScript script, LiveTable table) {
        this.stage = stage;
        this.script = script;
        this.table = table;
        this.agent = stage.stack().agent();
        this.witness = stage.witness();
        this.controller = new ControllerClient(stage.stack().where().controller());
        this.loop = new PhaseLoop<>(this::watch, script.phaseLength(), TreeScript.SETTLE);
    }

    TreeReport play() throws InterruptedException {
        List<PhaseResult> results = loop.play(script.phases(), this);
        table.draw(List.of("All rest; waiting for the ledger's report", ""));
        table.keep();
        for (String tenant : tenants()) {
            rest(tenant);
        }
        List<Account> accounts =
                Auditor.audit(controller, TreeScript.PROGRAMS, witness, System.currentTimeMillis() + AFTER_REST_MS);
        return new TreeReport(
                agent.simulated(),
                results,
                reclaimMs,
                accounts,
                script.phaseLength().multipliedBy(TreeScript.PHASES).toNanos() / 1e9);
    }

    private static List<String> tenants() {
        return TreeScript.PROGRAMS.stream().map(Program::tenant).distinct().toList();
    }

    private void rest(String tenant) throws InterruptedException {
        stage.programs(tenant).forEach(TenantProcess::pause);
        for (TenantProcess program : stage.programs(tenant)) {
            program.await("idle", IDLE_PATIENCE, TenantLine::idle);
        }
    }

    /** Sets a quota; who runs programs has it in force when it returns. */
    static void set(DemoStage stage, ControllerClient controller, TreeScript.Quota quota) {
        InForce inForce = new InForce(stage.stack().agent());
        long before = inForce.version(quota.tenant());
        controller.set(quota.tenant(), JSON.valueToTree(quota.fields()));
        if (TreeScript.PROGRAMS.stream().anyMatch(program -> program.tenant().equals(quota.tenant()))) {
            inForce.awaitNewer(quota.tenant(), before);
        }
    }

    @Override
    public long change(TreeScript.Phase phase, long endNs) throws InterruptedException {
        long changedNs = System.nanoTime();
        for (TreeScript.Change change : phase.changes()) {
            switch (change) {
                case TreeScript.Rest rest -> {
                    rest(rest.tenant());
                    changedNs = System.nanoTime();
                }
                case TreeScript.Work work -> {
                    changedNs = System.nanoTime();
                    stage.programs(work.tenant()).forEach(TenantProcess::resume);
                }
                case TreeScript.Quota quota -> {
                    set(stage, controller, quota);
                    changedNs = System.nanoTime();
                }
            }
        }
        return changedNs;
    }

    @Override
    public PhaseLoop.Measure<PhaseResult> measure(TreeScript.Phase phase, long changedNs, long fromNs) {
        answers = new Answers();
        NodeSnapshot before = agent.snapshot();
        return toNs -> {
            ask();
            Answers said = answers;
            NodeSnapshot after = agent.snapshot();
            PhaseLoop.awaitLines();
            table.keep();
            if (phase.name().equals(TreeScript.RECLAIM)) {
                reclaimMs = witness.reachedMs(
                        List.of(new Part(TreeScript.SERVE, 0).series()),
                        changedNs,
                        RECLAIM_WINDOW.toNanos(),
                        TreeScript.RECLAIMED_PERMILLE - TreeReport.TOLERANCE_PERMILLE,
                        toNs);
            }
            List<PartResult> parts = phase.expectedPermille().keySet().stream()
                    .map(part -> result(phase, part, said, fromNs, toNs))
                    .toList();
            List<Double> busy = IntStream.range(0, TreeScript.GPUS)
                    .mapToObj(gpu -> witness.busyPermille(phase.series(gpu), fromNs, toNs))
                    .toList();
            List<TenantResult> tenants = TreeScript.QUOTAS.stream()
                    .map(quota -> result(quota.tenant(), parts, meteredGpus(quota.tenant(), before, after), said))
                    .toList();
            return new PhaseResult(phase, (toNs - fromNs) / 1e9, parts, busy, tenants);
        };
    }

    private void watch() {
        stage.checkAlive();
        ask();
    }

    private void ask() {
        for (TreeScript.Quota quota : TreeScript.QUOTAS) {
            answers.add(quota.tenant(), Explain.of(controller.explain(quota.tenant())));
        }
    }

    private PartResult result(TreeScript.Phase phase, Part part, Answers said, long fromNs, long toNs) {
        String uuid = agent.gpus().get(part.gpu()).uuid();
        return new PartResult(
                part,
                phase.expectedPermille().getOrDefault(part, 0.0),
                said.last(part.tenant()).sharePermille().getOrDefault(uuid, 0.0),
                measuredPermille(phase, part, fromNs, toNs),
                witness.busyPermille(List.of(part.series()), fromNs, toNs));
    }

    /** With what is in it, on all GPUs. */
    private static double meteredGpus(String tenant, NodeSnapshot before, NodeSnapshot after) {
        return (double) (gpuNs(tenant, after) - gpuNs(tenant, before)) / (after.takenAtNs() - before.takenAtNs());
    }

    private static long gpuNs(String tenant, NodeSnapshot snapshot) {
        return snapshot.tenants().stream()
                .filter(t -> isWithin(t.tenant(), tenant))
                .mapToLong(TenantSnapshot::gpuNs)
                .sum();
    }

    private static boolean isWithin(String tenant, String above) {
        return (tenant + "/").startsWith(above + "/");
    }

    private static TenantResult result(String tenant, List<PartResult> all, double meteredGpus, Answers said) {
        List<PartResult> own = all.stream()
                .filter(result -> isWithin(result.part().tenant(), tenant))
                .toList();
        SequencedMap<Source, Double> saidGpus = new LinkedHashMap<>();
        saidGpus.put(Source.EXPLAIN_SHARED, said.mean(tenant, Explain::sharedGpus));
        saidGpus.put(Source.EXPLAIN_USED, said.mean(tenant, Explain::usedGpus));
        return new TenantResult(
                tenant,
                (int) own.stream().map(result -> result.part().gpu()).distinct().count(),
                own.stream().mapToDouble(PartResult::measuredPermille).sum() / 1000,
                own.stream().mapToDouble(PartResult::workedPermille).sum() / 1000,
                meteredGpus,
                saidGpus,
                said.last(tenant).words());
    }

    /**
     * Where tenants want all of a GPU, parts of what they got of it together, as the time in which it changes hands or a busy
     * machine keeps the programs waiting is nobody's; elsewhere parts of the wall time. How much of it the GPU worked is shown
     * beside.
     */
    private double measuredPermille(TreeScript.Phase phase, Part part, long fromNs, long toNs) {
        List<String> all = phase.series(part.gpu());
        return phase.isFull(part.gpu())
                ? witness.achievedPermille(part.series(), all, fromNs, toNs)
                : witness.busyPermille(List.of(part.series()), fromNs, toNs);
    }

    @Override
    public Ticker.Drawing drawing(TreeScript.Phase phase) {
        return (fromNs, toNs) -> {
            Table body = new Table("TENANT", "GPU", "EXPECTED", "MEASURED");
            List<Double> bars = new ArrayList<>();
            phase.expectedPermille().forEach((part, expected) -> {
                double measured =
                        measuredPermille(phase, part, fromNs - PhaseLoop.LINES_IN_NS, toNs - PhaseLoop.LINES_IN_NS);
                body.row(part.tenant(), Integer.toString(part.gpu()), Percent.show(expected), Percent.show(measured));
                bars.add(measured);
            });
            table.draw(LiveTable.withBars(title(phase), body, bars));
        };
    }

    private String title(TreeScript.Phase phase) {
        return "%d/%d  %s  (%s, %d s of %d)"
                .formatted(
                        script.phases().indexOf(phase) + 1,
                        script.phases().size(),
                        phase.title(),
                        agent.simulated() ? "simulated GPUs" : "real GPUs",
                        loop.playedSeconds(),
                        script.phaseLength().multipliedBy(TreeScript.PHASES).toSeconds());
    }
}
