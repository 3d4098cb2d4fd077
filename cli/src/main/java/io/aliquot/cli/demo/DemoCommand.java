package io.aliquot.cli.demo;

import io.aliquot.cli.base.ExitCode;
import io.aliquot.cli.base.Lifetime;
import io.aliquot.cli.base.Output;
import io.aliquot.cli.base.Terminal;
import io.aliquot.cli.stack.GpuOptions;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code aliquot demo}: the whole product on this machine, and a witness that it holds. */
@Command(
        name = "demo",
        description = {
            "See it work: a broker, a controller, an agent and three tenants with weights 1 : 2 : 5 on one GPU.",
            "",
            "Four phases: all three are busy; the biggest goes idle and the others use its share; it returns; a weight is"
                    + " changed through Kafka. Shares are measured by the tenants themselves, as their GPU time over the sum"
                    + " of all three's, leaving out the first half second of each phase. Everything runs in a folder of its"
                    + " own, which goes with it.",
            "",
            "With --play tree: two GPUs, and two teams of two tenants each, one of them a gang. Seven phases: lending to a"
                    + " sibling and then to others, a floor taken back, a hard ceiling, and the gang beside neighbours. What"
                    + " the tenants measured is compared with what follows from the policy, on each GPU, and with what"
                    + " `explain` says; the first four seconds of each phase are left out.",
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            " 0:every tenant was within 3 points of its target in every phase; in the tree within 2 points of a GPU",
            " 1:one was not",
            " 2:wrong input",
            " 4:something needed is not there, such as a GPU with --gpu real",
        },
        footer = {
            "",
            "Examples:",
            "  aliquot demo",
            "  aliquot demo --play tree --gpu sim",
            "  aliquot demo --gpu real --for 2m --output json > result.json"
        })
public final class DemoCommand implements Callable<Integer> {
    private static final int INTERRUPTED = 130;
    private static final Duration CTRL_C = Duration.ofMillis(500);

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--play",
            paramLabel = "NAME",
            defaultValue = "shares",
            converter = PlayName.Converter.class,
            description =
                    "shares: three tenants with weights 1 : 2 : 5 on one GPU; tree: two teams of tenants on two GPUs"
                            + " (default: shares).")
    private PlayName name;

    @Option(
            names = "--for",
            paramLabel = "TIME",
            description = "How long all phases take together: 8s to 10m (default: 45s); of the tree 56s to 20m"
                    + " (default: 98s).")
    private @Nullable Duration length;

    @Mixin
    private GpuOptions gpu;

    @Option(
            names = "--output",
            paramLabel = "FORM",
            defaultValue = "text",
            description = "text, or json: progress on standard error, one line of JSON at the end (default: text).")
    private Output output;

    @Override
    public Integer call() throws InterruptedException {
        Play play = name.play(length);
        PrintWriter out = spec.commandLine().getOut();
        boolean json = output == Output.JSON;
        PrintWriter progress = json ? spec.commandLine().getErr() : out;
        LiveTable table = new LiveTable(progress, json ? Terminal.errIsLive() : Terminal.outIsLive());
        try (Lifetime life = Lifetime.ofTask()) {
            try {
                DemoStage stage =
                        DemoStage.build(play, gpu.mode(), name.simulatedGpus(gpu.simulated()), progress, life);
                Play.Outcome outcome = play.play(stage, table);
                outcome.summary().forEach(progress::println);
                progress.flush();
                if (json) {
                    out.println(outcome.json());
                    out.flush();
                }
                return outcome.missed() ? ExitCode.MISSED : ExitCode.OK;
            } catch (RuntimeException e) {
                if (life.endsWithin(CTRL_C)) {
                    return INTERRUPTED; // what failed did so because Ctrl-C ended it
                }
                throw e;
            }
        }
    }
}
