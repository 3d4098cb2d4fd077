package io.aliquot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.cli.broker.EmbeddedBroker;
import io.aliquot.controller.app.Controller;
import io.aliquot.controller.app.ControllerConfig;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code aliquot tenants} against a controller and a real broker. */
class TenantsIT {
    @TempDir
    Path dir;

    private EmbeddedBroker broker;
    private Controller controller;

    private record Result(int code, String out, String err) {}

    @BeforeEach
    void start() throws Exception {
        broker = EmbeddedBroker.start(dir.resolve("broker"), 0);
        controller = Controller.start(ControllerConfig.local(broker.bootstrapServers(), 0));
    }

    @AfterEach
    void stop() {
        controller.close();
        broker.close();
    }

    @Test
    void setsAndShowsATree() {
        assertThat(tenants("set", "org", "--weight", "2", "--ceiling", "4 GPUs").out())
                .isEqualTo("tenant org: class standard, weight 2, floor 0%, ceiling 4 GPUs, memory limit none\n");
        assertThat(tenants(
                                "set",
                                "org/team",
                                "--floor=1.5gpus",
                                "--history=1h",
                                "--burst-credit=90s",
                                "--gang",
                                "--gpus=pool=a")
                        .out())
                .isEqualTo("tenant org/team: class standard, weight 1, floor 1.5 GPUs, ceiling 100%, memory limit none,"
                        + " history 1h, burst credit 90s of a GPU, gang, GPUs pool=a\n");
        assertThat(tenants(
                                "set",
                                "org/team",
                                "--floor=30%",
                                "--history=off",
                                "--burst-credit=off",
                                "--no-gang",
                                "--gpus=any")
                        .out())
                .isEqualTo("tenant org/team: class standard, weight 1, floor 30%, ceiling 100%, memory limit none\n");
        assertThat(tenants("list").out().lines()).anyMatch(line -> line.startsWith("  team "));
        assertThat(tenants("list", "--output", "json").out()).contains("\"tenant\":\"org/team\",\"parent\":\"org\"");
        Result taken = tenants("set", "org/b", "--floor", "80%");
        assertThat(taken.code()).isEqualTo(2);
        assertThat(taken.err()).contains("tenant 'org/b': floor 80 %", "at most 70 %");
        assertThat(tenants("remove", "org").err()).contains("it has 1 tenant in it, such as org/team");
        assertThat(tenants("set", "no/x", "--weight", "1").err()).contains("parent 'no' is unknown");

        assertThat(tenants("speed").out()).isEqualTo("Every GPU has speed 100%.\n");
        assertThat(tenants("speed", "model=NVIDIA A100=40%", "k=v=250%").out())
                .isEqualTo("k=v   250%\nmodel=NVIDIA A100   40%\n");
        assertThat(tenants("speed", "k=v w=1%").code()).isZero();
        assertThat(tenants("speed", "k=ä=1%").err()).contains("gpuSpeed", "expected a label");
        assertThat(tenants("speed").out()).isEqualTo("k=v w   1%\n");
        assertThat(tenants("speed", "--none").out()).isEqualTo("Every GPU has speed 100%.\n");
    }

    @Test
    void appliesAFileWholeOrNotAtAll() throws Exception {
        tenants("set", "old", "--floor", "60%");
        Path file = Files.writeString(dir.resolve("policy.json"), """
                {"tenants":[
                  {"tenant":"org/b","floor":"70%"},
                  {"tenant":"org","ceiling":"4gpus"},
                  {"tenant":"org/a","floor":"30%","history":"1h","gpus":{"pool":"a"}},
                  {"tenant":"next","floor":"50%"}],
                 "gpuSpeed":{"model=NVIDIA A100":0.4}}""");
        Result over = tenants("apply", file.toString());
        assertThat(over.code()).isEqualTo(2);
        assertThat(over.err()).contains("come to 110 %", "1 problem in " + file + "; nothing was changed");
        assertThat(tenants("get", "org").code()).isEqualTo(2);

        Result applied = tenants("apply", file.toString(), "--prune", "--reason", "new year");
        assertThat(applied.err()).isEmpty();
        assertThat(applied.out()).isEqualTo("""
                        speed of GPUs is set
                        tenant org is set
                        tenant org/a is set
                        tenant org/b is set
                        tenant old is removed
                        tenant next is set
                        0 of 4 tenants in the file were as it says
                        """);
        assertThat(tenants("apply", file.toString(), "--prune", "--output=json").out())
                .isEqualTo("{\"set\":[],\"removed\":[]}\n");

        Files.writeString(
                file,
                "{\"tenants\":[{\"tenant\":\"org/a\",\"floor\":\"60%\"},{\"tenant\":\"org/b\",\"floor\":\"40%\"}]}");
        assertThat(tenants("apply", file.toString()).out().lines().limit(2))
                .containsExactly("tenant org/b is set", "tenant org/a is set");
        assertThat(tenants("get", "org/a").out()).contains("floor 60%").doesNotContain("history");
        assertThat(tenants("get", "next").code()).isZero();
    }

    private Result tenants(String... arguments) {
        List<String> all = new ArrayList<>(List.of("tenants"));
        all.addAll(List.of(arguments));
        all.add("--controller=http://127.0.0.1:" + controller.httpPort());
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all.toArray(String[]::new));
        return new Result(code, out.toString(), err.toString());
    }
}
