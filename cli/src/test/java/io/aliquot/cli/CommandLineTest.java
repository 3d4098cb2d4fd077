package io.aliquot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.cli.base.ExitCode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CommandLineTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TestFactory
    Stream<DynamicTest> everyHelpTeachesWithAnExample() {
        return commands(Main.commandLine())
                .filter(command -> command.getSubcommands().isEmpty() || command.getParent() != null)
                .map(command -> DynamicTest.dynamicTest(command.getCommandSpec().qualifiedName(), () -> {
                    String help = command.getUsageMessage(CommandLine.Help.Ansi.OFF);
                    assertThat(help)
                            .contains("Example", command.getCommandSpec().qualifiedName());
                    assertThat(help.lines()).allMatch(line -> line.length() <= 100);
                }));
    }

    @Test
    void aWrongSizeIsNamedWithTheValidForms() {
        assertThat(run("tenants", "set", "a", "--memory", "10XB")).isEqualTo(2);
        assertThat(err.toString()).contains("'--memory'", "'10XB'", "10GiB").hasLineCount(1);
    }

    @Test
    void aWeightBelowOneIsNamed() {
        assertThat(run("tenants", "set", "a", "--weight", "0")).isEqualTo(2);
        assertThat(err.toString()).contains("'0'", "1 to 1000000").hasLineCount(1);
        assertThat(run("tenants", "set", "a", "--weight", "-1")).isEqualTo(2);
        assertThat(err.toString()).contains("'-1'");
        assertThat(run("tenants", "set", "a", "--weight=1000001")).isEqualTo(2);
    }

    @Test
    void aShareWithoutItsSignIsNamed() {
        assertThat(run("tenants", "set", "a", "--floor", "10")).isEqualTo(2);
        assertThat(err.toString()).contains("'10'", "10%").hasLineCount(1);
    }

    @Test
    void settingNothingIsNamed() {
        assertThat(run("tenants", "set", "a")).isEqualTo(2);
        assertThat(err.toString()).contains("'a'", "--weight").hasLineCount(1);
    }

    @Test
    void aCeilingIsHardOrSoft() {
        assertThat(run("tenants", "set", "a", "--ceiling", "50%", "--hard", "--soft"))
                .isEqualTo(2);
        assertThat(err.toString())
                .startsWith("aliquot: --hard, --soft are mutually exclusive")
                .hasLineCount(1);
        assertThat(run("tenants", "set", "a", "--soft", "--controller", "http://127.0.0.1:9"))
                .isEqualTo(4);
        assertThat(help("tenants", "set").replaceAll("\\s+", " "))
                .contains("[--hard | --soft]", "nobody else wants the time");
    }

    @Test
    void aReplayNamesWhatIsWrongWithItsFileFormAndWindow() {
        assertThat(run("replay", "--file", "/nowhere/a.replay")).isEqualTo(2);
        assertThat(err.toString())
                .contains("/nowhere/a.replay", "made by --save")
                .hasLineCount(1);
        assertThat(run("replay", "--file", "/dev/null", "--output", "xml")).isEqualTo(2);
        assertThat(err.toString()).contains("'xml'", "table, json or csv");
        assertThat(run("replay", "--file", "/dev/null", "--from", "noon")).isEqualTo(2);
        assertThat(err.toString()).contains("'noon'", "90s", "2026-11-22T10:15:00Z");
        assertThat(run("replay", "--file", "/dev/null", "--kafka", "h:1")).isEqualTo(2);
        assertThat(err.toString()).contains("mutually exclusive");
        assertThat(run("replay", "--file", "/dev/null", "--policy", "/nowhere/policy.json"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("policy file /nowhere/policy.json");
        assertThat(run("replay", "--kafka", "no-port")).isEqualTo(2);
        assertThat(err.toString()).contains("'no-port'", "HOST:PORT");
    }

    @Test
    void aclsPrintsWhatANodeMayAndNoMore() {
        assertThat(run("acls", "--node", "gpu-17", "--kafka", "k:9093", "--admin-config", "my admin.properties"))
                .isZero();
        String start = "kafka-acls.sh --bootstrap-server k:9093 --command-config 'my admin.properties' --add"
                + " --allow-principal User:gpu-17 --operation ";
        assertThat(out.toString().lines())
                .containsExactly(
                        start + "Write --topic aliquot.telemetry.v1",
                        start + "Write --topic aliquot.inventory.v1",
                        start + "Write --topic aliquot.ack.v1",
                        start + "Read --topic aliquot.decision.v1",
                        start + "Write --topic aliquot.poison.v1");
    }

    @Test
    void aclsPrintsTransactionalIdsForTheShell() {
        assertThat(run("acls", "--controller", "CN=o'hara,O=x y")).isZero();
        assertThat(out.toString())
                .contains(
                        " --allow-principal 'User:CN=o'\\''hara,O=x y' --operation Describe --operation Write"
                                + " --transactional-id aliquot-controller",
                        " --operation DescribeConfigs --operation AlterConfigs --topic aliquot.lease.v1");
        assertThat(run("acls")).isEqualTo(2);
        assertThat(err.toString()).contains("nobody is named", "--node").hasLineCount(1);
    }

    @Test
    void aKafkaConfigIsReadBeforeAnythingStarts(@TempDir Path dir) throws Exception {
        Path file = Files.writeString(dir.resolve("c.properties"), "acks=1");
        for (String command : new String[] {"agent", "controller", "replay"}) {
            assertThat(run(command, "--kafka", "127.0.0.1:9", "--kafka-config", file.toString()))
                    .isEqualTo(2);
            assertThat(err.toString()).contains(file + ": 'acks' is Aliquot's to set");
        }
        assertThat(run("replay", "--file", "/dev/null", "--kafka-config", file.toString()))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--kafka-config has no use with --file");
    }

    @Test
    void aClassIsOneOfThree() {
        assertThat(run("tenants", "set", "a", "--class", "gold")).isEqualTo(2);
        assertThat(err.toString())
                .contains("'--class'", "'gold'", "give standard, latency-critical or best-effort")
                .hasLineCount(1);
        assertThat(run("tenants", "set", "a", "--class", "best-effort", "--controller", "http://127.0.0.1:9"))
                .isEqualTo(4);
        assertThat(help("tenants", "set")).contains("--class=CLASS", "floors hold over a second");
    }

    @Test
    void anAmountIsAPartOrGpus() {
        for (String right : new String[] {"30%", "1.5gpus", "2 GPUs"}) {
            assertThat(run("tenants", "set", "a", "--ceiling", right, "--controller", "http://127.0.0.1:9"))
                    .as(right)
                    .isEqualTo(4);
        }
        assertThat(run("tenants", "set", "a", "--ceiling", "1.5")).isEqualTo(2);
        assertThat(err.toString()).contains("'--ceiling'", "'1.5' is not an amount", "1.5gpus");
    }

    @Test
    void historyCreditGangAndGpusAreReadOrNamed() {
        assertThat(run(
                        "tenants",
                        "set",
                        "org/a",
                        "--history=off",
                        "--burst-credit=2h",
                        "--no-gang",
                        "--gpus=pool=a,model=NVIDIA A100",
                        "--controller=http://127.0.0.1:9"))
                .isEqualTo(4);
        assertThat(run("tenants", "set", "a", "--history", "soon")).isEqualTo(2);
        assertThat(err.toString()).contains("'--history'", "'soon' is not a span of time", "30m");
        assertThat(run("tenants", "set", "a", "--gpus", "pool")).isEqualTo(2);
        assertThat(err.toString()).contains("'--gpus'", "'pool' is not a label", "pool=a");
        assertThat(run("tenants", "set", "a", "--gang", "--no-gang")).isEqualTo(2);
        assertThat(err.toString()).contains("--gang, --no-gang are mutually exclusive");
    }

    @Test
    void aSpeedHasALabel() {
        assertThat(run("tenants", "speed", "A100=40%")).isEqualTo(2);
        assertThat(err.toString()).contains("'A100=40%'", "model=NVIDIA A100").hasLineCount(1);
        assertThat(run("tenants", "speed", "model=A=0%")).isEqualTo(2);
        assertThat(run("tenants", "speed", "model=A=1%", "model=A=2%")).isEqualTo(2);
        assertThat(run("tenants", "speed", "model=A=1%", "--none")).isEqualTo(2);
        assertThat(run("tenants", "speed", "model=A=1%", "--controller", "http://127.0.0.1:9"))
                .isEqualTo(4);
    }

    @Test
    void everyProblemOfAPolicyFileIsToldBeforeTheControllerIsAsked(@TempDir Path dir) throws Exception {
        Path file = Files.writeString(
                dir.resolve("policy.json"),
                "{\"tenants\":[{\"tenant\":\"a\",\"weight\":NaN},{\"tenant\":\"b/c\",\"wieght\":1}]}");
        assertThat(run("tenants", "apply", file.toString(), "--controller", "http://127.0.0.1:9"))
                .isEqualTo(2);
        assertThat(err.toString().lines())
                .hasSize(3)
                .anySatisfy(line -> assertThat(line).contains("tenant 'a': weight NaN: expected a whole number"))
                .anySatisfy(line -> assertThat(line).contains("tenant 'b/c': unknown field 'wieght': use"))
                .last()
                .isEqualTo("aliquot: 2 problems in " + file + "; nothing was changed: correct the file");
        assertThat(run("tenants", "apply", dir.resolve("none.json").toString())).isEqualTo(2);
        assertThat(err.toString()).contains("none.json can't be read");
    }

    @Test
    void aWrongAddressIsNamed() {
        assertThat(run("tenants", "list", "--controller", "somewhere")).isEqualTo(2);
        assertThat(err.toString())
                .contains("'somewhere'", "http://127.0.0.1:7070")
                .hasLineCount(1);
    }

    @Test
    void noControllerSaysHowToStartOne() {
        assertThat(run("tenants", "list", "--controller", "http://127.0.0.1:9")).isEqualTo(4);
        assertThat(err.toString()).contains("http://127.0.0.1:9", "aliquot up").hasLineCount(1);
    }

    @Test
    void anUnknownCommandPortOrGpuIsNamed() {
        assertThat(run("frobnicate")).isEqualTo(2);
        assertThat(err.toString()).contains("frobnicate");
        assertThat(run("up", "--http-port", "70000")).isEqualTo(2);
        assertThat(err.toString()).contains("'70000'");
        assertThat(run("demo", "--gpu", "maybe")).isEqualTo(2);
        assertThat(err.toString()).contains("'maybe'", "auto, sim or real");
        for (String command : List.of("up", "demo", "agent")) {
            assertThat(run(command, "--sim-gpus", "9")).isEqualTo(2);
        }
        assertThat(err.toString()).contains("'--sim-gpus'", "'9'", "give 1 to 8");
    }

    @Test
    void aWrongLabelIsNamed() {
        assertThat(run("up", "--label", "zone")).isEqualTo(2);
        assertThat(run("agent", "--kafka", "127.0.0.1:9", "--label", "uuid=b")).isEqualTo(2);
        assertThat(err.toString())
                .contains("--label: label 'zone' has no '='; give KEY=VALUE", "--label: label 'uuid' is a GPU's own")
                .hasLineCount(2);
    }

    @Test
    void aReportNamesWhatIsWrong() {
        assertThat(run("report", "--from", "soon")).isEqualTo(2);
        assertThat(err.toString()).contains("--from 'soon'", "24h", "today").hasLineCount(1);
        assertThat(run("report", "--by", "node")).isEqualTo(2);
        assertThat(err.toString()).contains("'node'", "tenant, team, gpu, hour");
        assertThat(run("report", "--format", "xml")).isEqualTo(2);
        assertThat(err.toString()).contains("'xml'", "table, csv, json");
        assertThat(run("report", "--from", "today", "--to", "yesterday")).isEqualTo(2);
        assertThat(err.toString()).contains("is not before --to");
        assertThat(run("report", "--controller", "http://127.0.0.1:9")).isEqualTo(4);
        assertThat(err.toString()).contains("no controller answers at http://127.0.0.1:9");
    }

    @Test
    void aDemoThatIsTooShortIsNamed() {
        assertThat(run("demo", "--for", "3s")).isEqualTo(2);
        assertThat(err.toString()).contains("3", "8s to 10m").hasLineCount(1);
    }

    @Test
    void anAgentNeedsABroker() {
        assertThat(run("agent")).isEqualTo(2);
        assertThat(err.toString()).contains("--kafka").hasLineCount(1);
    }

    @Test
    void theLaunchersHelpTellsEveryExitCode() throws Exception {
        Process launcher = new ProcessBuilder("../aliquot", "--help").start();
        String help = new String(launcher.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(launcher.waitFor()).isZero();
        for (Field code : ExitCode.class.getFields()) {
            assertThat(help).as(code.getName()).containsPattern("(?m)^  " + code.getInt(null) + " ");
        }
        assertThat(help).contains("125", "126", "127");
        assertThat(help.lines()).allMatch(line -> line.length() <= 120);
    }

    private static String help(String... names) {
        CommandLine command = Main.commandLine();
        for (String name : names) {
            command = command.getSubcommands().get(name);
        }
        return command.getUsageMessage(CommandLine.Help.Ansi.OFF);
    }

    private int run(String... args) {
        return Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
    }

    private static Stream<CommandLine> commands(CommandLine line) {
        return Stream.concat(
                Stream.of(line), line.getSubcommands().values().stream().flatMap(CommandLineTest::commands));
    }
}
