package io.aliquot.cli.controller;

import static io.aliquot.cli.controller.Lab.follows;
import static io.aliquot.cli.controller.Lab.request;
import static io.aliquot.cli.controller.Lab.share;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aliquot.cli.broker.AnyBroker;
import io.aliquot.cli.controller.Lab.Answer;
import io.aliquot.controller.app.Controller;
import io.aliquot.schema.Topics;
import io.aliquot.schema.v1.Decision;
import io.aliquot.schema.v1.GpuLabels;
import io.aliquot.schema.v1.GpuSpeeds;
import io.aliquot.schema.v1.QuotaAudit;
import io.aliquot.schema.v1.ServiceClass;
import io.aliquot.schema.v1.TenantQuota;
import io.aliquot.schema.v1.TenantShare;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The controller against a real broker. Tests share the broker, each takes tenants and nodes of its own. */
@AnyBroker
class ControllerIT {
    @TempDir
    static Path dir;

    private static Lab lab;
    private Controller controller;

    @BeforeAll
    static void startBroker() throws Exception {
        lab = new Lab(dir);
    }

    @AfterAll
    static void stopBroker() {
        lab.close();
    }

    @BeforeEach
    void startController() throws Exception {
        controller = lab.controller();
    }

    @AfterEach
    void stopController() throws Exception {
        for (String name : tenants().reversed()) { // what is in a tenant goes before it
            assertThat(lab.call(controller, "DELETE", "/v1/tenants/" + name, "").status())
                    .isEqualTo(200);
        }
        controller.close();
    }

    @Test
    void aPutReachesTheNodesDecisionWithFenceAndFallback() throws Exception {
        Answer a = lab.put(controller, "put-a", "{\"weight\":1}");
        Answer b1 =
                lab.put(controller, "put-b", "{\"weight\":3,\"floorPermille\":100,\"memoryLimitBytes\":1073741824}");
        assertThat(a.status()).isEqualTo(200);
        assertThat(a.json().getInteger("ceilingPermille")).isEqualTo(1000);
        assertThat(a.json().getBoolean("hardCeiling")).isFalse();
        assertThat(a.json().getString("serviceClass")).isEqualTo("standard");

        lab.telemetry("put-node", Map.of("put-a", 250, "put-b", 750));
        Decision first = lab.awaitDecision("put-node", d -> follows(d, b1));
        TenantShare b = share(first, "put-b").orElseThrow();
        assertThat(List.of(b.getTargetPermille(), b.getFallbackPermille(), b.getFloorPermille()))
                .containsExactly(750, 750, 100);
        assertThat(b.getMemoryLimitBytes()).isEqualTo(1L << 30);
        assertThat(first.getTimeToLiveMs()).isEqualTo(10_000);
        assertThat(first.getFence().getLeaseTopicId()).isNotEmpty();
        assertThat(first.getInputOffsetsMap()).containsKeys(Topics.QUOTA_REQUEST, Topics.TELEMETRY);

        Answer b2 = lab.put(controller, "put-b", "{\"weight\":4}");
        assertThat(b2.json().getLong("version")).isEqualTo(b1.json().getLong("version") + 1);
        Decision second = lab.awaitDecision("put-node", d -> follows(d, b2));
        assertThat(second.getFence().getTerm()).isEqualTo(first.getFence().getTerm());
        assertThat(second.getFence().getSequence())
                .isGreaterThan(first.getFence().getSequence());
    }

    @Test
    void aChangeOfNothingButAHardCeilingIsDecidedAndAudited() throws Exception {
        lab.put(controller, "hard-a", "{\"ceilingPermille\":500}");
        lab.telemetry("hard-node", Map.of("hard-a", 500));
        Decision soft = lab.awaitDecision("hard-node", d -> share(d, "hard-a").isPresent());
        assertThat(share(soft, "hard-a").orElseThrow().getHardCeiling()).isFalse();

        lab.put(controller, "hard-a", "{\"hardCeiling\":true}");
        Decision hard = lab.awaitDecision(
                "hard-node",
                d -> share(d, "hard-a").map(TenantShare::getHardCeiling).orElse(false));
        assertThat(share(hard, "hard-a").orElseThrow().getCeilingPermille()).isEqualTo(500);
        QuotaAudit audit = lab.audits("hard-a").getLast();
        assertThat(audit.getBefore().getHardCeiling()).isFalse();
        assertThat(audit.getAfter().getHardCeiling()).isTrue();
    }

    @Test
    void aChangeOfNothingButAClassIsDecidedAndAudited() throws Exception {
        lab.put(controller, "class-a", "{\"weight\":1}");
        lab.telemetry("class-node", Map.of("class-a", 500));
        Decision standard =
                lab.awaitDecision("class-node", d -> share(d, "class-a").isPresent());
        assertThat(share(standard, "class-a").orElseThrow().getServiceClass())
                .isEqualTo(ServiceClass.SERVICE_CLASS_STANDARD);

        lab.put(controller, "class-a", "{\"serviceClass\":\"latency-critical\"}");
        lab.awaitDecision(
                "class-node",
                d -> share(d, "class-a")
                        .filter(s -> s.getServiceClass() == ServiceClass.SERVICE_CLASS_LATENCY_CRITICAL)
                        .isPresent());
        QuotaAudit audit = lab.audits("class-a").getLast();
        assertThat(audit.getBefore().getServiceClass()).isEqualTo(ServiceClass.SERVICE_CLASS_STANDARD);
        assertThat(audit.getAfter().getServiceClass()).isEqualTo(ServiceClass.SERVICE_CLASS_LATENCY_CRITICAL);
    }

    @Test
    void aClassThatNobodyKnowsIsRefusedByNumberAndByWord() throws Exception {
        lab.send(request("class-7", "class-b").setServiceClassValue(7).build());
        Answer gold = lab.put(controller, "class-b", "{\"serviceClass\":\"gold\"}");
        assertThat(gold.status()).isEqualTo(422);
        assertThat(gold.json().getString("error"))
                .isEqualTo("serviceClass gold: expected standard, latency-critical or best-effort");

        lab.put(controller, "class-b", "{\"weight\":1}"); // answered after the request before it
        QuotaAudit audit = lab.audits("class-b").getFirst();
        assertThat(audit.getRefusal())
                .isEqualTo(
                        "tenant 'class-b': serviceClass 7: expected 0 (standard), 1 (latency-critical) or 2 (best-effort)");
        assertThat(audit.getRequest().getServiceClassValue()).isEqualTo(7);
    }

    @Test
    void aRestartKeepsQuotasAndRaisesTheTerm() throws Exception {
        Answer a = lab.put(
                controller,
                "keep-a",
                "{\"weight\":7,\"ceilingPermille\":500,\"hardCeiling\":true," + "\"serviceClass\":\"best-effort\"}");
        lab.put(controller, "keep-b", "{\"weight\":1}");
        lab.call(controller, "DELETE", "/v1/tenants/keep-b", "");
        lab.telemetry("keep-node", Map.of());
        Decision before = lab.awaitDecision("keep-node", d -> follows(d, a));
        controller.close();
        controller = lab.controller();
        Answer kept = lab.get(controller, "/v1/tenants/keep-a");
        assertThat(kept.json().getInteger("weight")).isEqualTo(7);
        assertThat(kept.json().getBoolean("hardCeiling")).isTrue();
        assertThat(kept.json().getString("serviceClass")).isEqualTo("best-effort");
        assertThat(kept.json().getInteger("version")).isEqualTo(1);
        assertThat(lab.get(controller, "/v1/tenants/keep-b").status()).isEqualTo(404);
        lab.telemetry("keep-node", Map.of());
        lab.awaitDecision(
                "keep-node", d -> d.getFence().getTerm() > before.getFence().getTerm());
    }

    @Test
    void aTreeSetThroughTheTopicIsKeptAuditedAndGuarded() throws Exception {
        lab.send(request("tree-1", "org").setCeilingMilligpus(4000).build());
        lab.send(request("tree-2", "org/a")
                .setFloorMilligpus(1500)
                .setHistoryHalfLifeS(3600)
                .setBurstCreditGpuS(7200)
                .setGang(true)
                .setGpuLabels(GpuLabels.newBuilder().putLabels("pool", "a"))
                .build());
        lab.send(request("tree-3", "org/a").setFloorPermille(250).build());
        lab.send(request("tree-4", "org/b").setFloorMilligpus(4001).build());
        lab.send(request("tree-5", "team/x").setWeight(2).build());
        lab.send(request("tree-6", "org").setRemove(true).build());
        lab.send(request("tree-7", "/")
                .setGpuSpeeds(GpuSpeeds.newBuilder().putPermille("model=NVIDIA A100", 400))
                .build());
        await().atMost(Duration.ofSeconds(10)).until(() -> !lab.audits("/").isEmpty());

        assertThat(lab.audits("org/a")).hasSize(2);
        TenantQuota before = lab.audits("org/a").getLast().getBefore();
        TenantQuota after = lab.audits("org/a").getLast().getAfter();
        assertThat(before.getFloorMilligpus()).isEqualTo(1500);
        assertThat(before.getVersion()).isEqualTo(1);
        assertThat(after)
                .isEqualTo(before.toBuilder()
                        .setFloorMilligpus(0)
                        .setFloorPermille(250)
                        .setVersion(2)
                        .setChangedAtUnixMs(after.getChangedAtUnixMs())
                        .build());
        assertThat(lab.audits("org/b").getFirst().getRefusal()).contains("org/b", "ceiling 4 GPUs", "raise it");
        assertThat(lab.audits("team/x").getFirst().getRefusal())
                .isEqualTo("tenant 'team/x': parent 'team' is unknown: add it, or correct the path");
        assertThat(lab.audits("org").getLast().getRefusal())
                .isEqualTo("tenant 'org': it has 1 tenant in it, such as org/a: remove what is in it first");

        controller.close();
        controller = lab.controller();
        assertThat(tenants()).containsExactly("org", "org/a");
        var kept = lab.get(controller, "/v1/tenants/org/a").json();
        assertThat(kept.getInteger("floorPermille")).isEqualTo(250);
        assertThat(kept.getInteger("historyHalfLifeSeconds")).isEqualTo(3600);
        assertThat(kept.getInteger("burstCreditGpuSeconds")).isEqualTo(7200);
        assertThat(kept.getBoolean("gang")).isTrue();
        assertThat(kept.getJsonObject("gpus").getMap()).containsExactly(Map.entry("pool", "a"));
        assertThat(lab.get(controller, "/v1/cluster")
                        .json()
                        .getJsonObject("gpuSpeed")
                        .getMap())
                .containsExactly(Map.entry("model=NVIDIA A100", 0.4));
    }

    @Test
    void aTenantInATenantAndTheClusterAreSetOverHttp() throws Exception {
        assertThat(lab.put(controller, "web", "{\"ceilingGpus\":2.5}").json().getDouble("ceilingGpus"))
                .isEqualTo(2.5);
        assertThat(lab.put(controller, "web/a", "{\"floorGpus\":0.5}").status()).isEqualTo(200);
        assertThat(lab.put(controller, "web%2Fb", "{\"weight\":2}").json().getString("tenant"))
                .isEqualTo("web/b");
        assertThat(lab.put(controller, "web/b/c", "{\"weight\":2}").json().getString("parent"))
                .isEqualTo("web/b");
        assertThat(tenants()).containsExactly("web", "web/a", "web/b", "web/b/c");
        Answer refused = lab.call(controller, "DELETE", "/v1/tenants/web/b", "");
        assertThat(refused.json().getString("error")).startsWith("tenant 'web/b': it has 1 tenant in it");
        assertThat(lab.call(controller, "DELETE", "/v1/tenants/web%2Fb/c", "").status())
                .isEqualTo(200);
        assertThat(lab.get(controller, "/v1/tenants/web/b/c").status()).isEqualTo(404);
        for (String bad : List.of("web%2F%2Fc", "web/c/", "web/%41", "%2F", "web/c%00", "web/+")) {
            assertThat(lab.put(controller, bad, "{\"weight\":2}").status())
                    .as(bad)
                    .isEqualTo(422);
        }
        assertThat(tenants()).containsExactly("web", "web/a", "web/b");

        Answer speeds = lab.call(controller, "PUT", "/v1/cluster", "{\"gpuSpeed\":{\"k=v\":0.25}}");
        assertThat(speeds.json().getJsonObject("gpuSpeed").getDouble("k=v")).isEqualTo(0.25);
        Answer bad = lab.call(controller, "PUT", "/v1/cluster", "{\"gpuSpeed\":{\"k\":0.25}}");
        assertThat(bad.status()).isEqualTo(422);
        assertThat(bad.json().getString("error")).startsWith("tenant '/': gpuSpeed 'k'");
        assertThat(lab.get(controller, "/v1/cluster")
                        .json()
                        .getJsonObject("gpuSpeed")
                        .getMap())
                .containsExactly(Map.entry("k=v", 0.25));
    }

    @Test
    void aTenantThatSomebodyLeftWithoutItsParentKeepsNobodyFromStarting() throws Exception {
        lab.put(controller, "sound-a", "{\"weight\":2}");
        TenantQuota orphan = TenantQuota.newBuilder()
                .setTenant("no-parent/x")
                .setWeight(1)
                .setCeilingPermille(1000)
                .build();
        lab.send(Topics.TENANT_QUOTA, "no-parent/x", orphan.toByteArray());
        controller.close();
        controller = lab.controller();
        assertThat(tenants()).containsExactly("sound-a");
        lab.send(Topics.TENANT_QUOTA, "no-parent/x", null);
    }

    @Test
    void aRefusedRequestIsAuditedAndChangesNothing() throws Exception {
        Answer answer = lab.put(controller, "refuse-a", "{\"weight\":0,\"reason\":\"try\"}");
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.json().getString("error")).isEqualTo("tenant 'refuse-a': weight 0: expected 1 to 1000000");
        assertThat(answer.json().getString("fix")).isNotEmpty();
        List<QuotaAudit> audits = lab.audits("refuse-a");
        assertThat(audits).hasSize(1);
        assertThat(audits.getFirst().getAccepted()).isFalse();
        assertThat(audits.getFirst().getRefusal()).startsWith("tenant 'refuse-a': weight 0");
        assertThat(audits.getFirst().getRequest().getReason()).isEqualTo("try");
        assertThat(lab.get(controller, "/v1/tenants/refuse-a").status()).isEqualTo(404);
    }

    @Test
    void aHugeRequestIsRefusedAndBlocksNobody() throws Exception {
        String huge = "x".repeat(1_048_380); // a request that just fits a record; an audit that repeats it would not
        lab.send(request("huge-1", "huge-a").setWeight(2).setReason(huge).build());
        lab.send(Topics.QUOTA_REQUEST, "k", request("huge-2", huge).build().toByteArray());
        assertThat(lab.put(controller, "huge-b", "{\"weight\":2}").status()).isEqualTo(200);
        assertThat(lab.audits("huge-a").getFirst().getRefusal())
                .isEqualTo("reason of 1048380 characters: expected at most 1024");
    }

    @Test
    void recordsThatCantBeReadAreCountedAndSkipped() throws Exception {
        byte[] noise = {(byte) 0xff, 1, 2, 3};
        lab.send(Topics.QUOTA_REQUEST, "bad", noise);
        lab.send(Topics.QUOTA_REQUEST, "bad", null);
        lab.send(Topics.TELEMETRY, "bad", noise);
        lab.send(Topics.TENANT_QUOTA, "bad", noise);
        lab.send(
                Topics.TENANT_QUOTA,
                "bad",
                TenantQuota.newBuilder().setTenant("bad").build().toByteArray());
        Answer good = lab.put(controller, "bad-a", "{\"weight\":2}");
        assertThat(good.status()).isEqualTo(200);
        lab.telemetry("bad-node", Map.of());
        lab.awaitDecision("bad-node", d -> follows(d, good));
        assertThat(lab.get(controller, "/metrics").json().getString("body"))
                .contains("aliquot_controller_malformed_records_total{topic=\"aliquot.quota-request.v1\"} 2.0")
                .contains("aliquot_controller_malformed_records_total{topic=\"aliquot.telemetry.v1\"} 1.0");
        controller.close();
        controller = lab.controller();
        assertThat(lab.get(controller, "/v1/tenants/bad-a").status()).isEqualTo(200);
    }

    @Test
    void ofTwoConcurrentRequestsWhoseFloorsExceedTheGpuExactlyOneIsRefused() throws Exception {
        List<CompletableFuture<Answer>> answers = new ArrayList<>();
        for (String tenant : List.of("race-a", "race-b")) {
            answers.add(CompletableFuture.supplyAsync(() -> {
                try {
                    return lab.put(controller, tenant, "{\"floorPermille\":600}");
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            }));
        }
        assertThat(answers.stream().map(a -> a.join().status())).containsExactlyInAnyOrder(200, 422);
        assertThat(answers.stream().map(a -> a.join().json().getString("error", "")))
                .anyMatch(
                        e -> e.contains("the floors of the others in the cluster come to 60 %, expected at most 40 %"));
    }

    @Test
    void aRequestSentWhileTheControllerWasDownIsAppliedOnce() throws Exception {
        lab.put(controller, "down-a", "{\"weight\":1}");
        controller.close();
        lab.send(request("down-1", "down-a").setWeight(2).build());
        for (int restart = 0; restart < 3; restart++) {
            controller = lab.controller();
            await().atMost(Duration.ofSeconds(10))
                    .until(() ->
                            lab.get(controller, "/v1/tenants/down-a").json().getInteger("weight") == 2);
            assertThat(lab.get(controller, "/v1/tenants/down-a").json().getInteger("version"))
                    .isEqualTo(2);
            controller.close();
        }
        controller = lab.controller();
        assertThat(lab.audits("down-a").stream().map(a -> a.getRequest().getRequestId()))
                .containsOnlyOnce("down-1");
    }

    @Test
    void refusesBodiesThatItCantRead() throws Exception {
        assertThat(lab.put(controller, "body-a", "{\"wieght\":4}").json().getString("error"))
                .isEqualTo("unknown field 'wieght'");
        assertThat(lab.put(controller, "body-a", "{\"weight\":\"4\"}").status()).isEqualTo(400);
        assertThat(lab.put(controller, "body-a", "{\"weight\":1.5}").status()).isEqualTo(400);
        assertThat(lab.put(controller, "body-a", "{\"weight\":-1}").json().getString("error"))
                .isEqualTo("weight -1: expected a whole number, 1 to 1000000");
        assertThat(lab.put(controller, "body-a", "{\"hardCeiling\":\"yes\"}")
                        .json()
                        .getString("error"))
                .isEqualTo("hardCeiling yes: expected true or false");
        assertThat(lab.put(controller, "body-a", "").json().getString("error")).isEqualTo("the body is empty");
        assertThat(lab.put(controller, "body-a", "[1]").json().getString("error"))
                .isEqualTo("the body is no JSON object");
        assertThat(lab.put(controller, "body-a", "{" + " ".repeat(70_000) + "}").status())
                .isEqualTo(413);
        assertThat(lab.put(controller, "Body", "{\"weight\":1}").status()).isEqualTo(422);
        assertThat(lab.get(controller, "/v1/tenants/body-a").status()).isEqualTo(404);
        assertThat(lab.get(controller, "/nowhere").json().getString("fix")).contains("GET /v1/tenants");
        assertThat(lab.call(controller, "POST", "/v1/tenants", "").status()).isEqualTo(405);
        Answer gone = lab.call(controller, "DELETE", "/v1/tenants/body-a", "");
        assertThat(gone.status()).isEqualTo(422);
        assertThat(gone.json().getString("error")).startsWith("tenant 'body-a' does not exist");
    }

    @Test
    void showsAllocationsOfEachNodeGpuAndTenant() throws Exception {
        Answer set = lab.put(controller, "alloc-a", "{\"weight\":2}");
        assertThat(lab.get(controller, "/v1/tenants/alloc-a").json().getInteger("weight"))
                .isEqualTo(2);
        lab.telemetry("alloc-node", Map.of("alloc-a", 400, "stranger", 100));
        await().atMost(Duration.ofSeconds(10))
                .until(() ->
                        lab.get(controller, "/v1/allocations").json().encode().contains("alloc-node"));
        var node = lab.get(controller, "/v1/allocations").json().getJsonArray("nodes").stream()
                .map(n -> (io.vertx.core.json.JsonObject) n)
                .filter(n -> n.getString("node").equals("alloc-node"))
                .findFirst()
                .orElseThrow();
        assertThat(node.getLong("lastTelemetryAgeMs")).isBetween(0L, 10_000L);
        var gpu = node.getJsonArray("gpus").getJsonObject(0);
        assertThat(gpu.getBoolean("simulated")).isTrue();
        var known = gpu.getJsonArray("tenants").getJsonObject(0);
        assertThat(known.getInteger("weight")).isEqualTo(1_000_000); // millionths: nobody else here has a claim
        assertThat(known.getLong("quotaVersion")).isEqualTo(set.json().getLong("version"));
        assertThat(known.getLong("appliedQuotaVersion")).isEqualTo(Lab.VERSION_IN_FORCE);
        assertThat(known.getInteger("achievedPermille")).isEqualTo(400);
        assertThat(known.getInteger("targetPermille")).isEqualTo(1000);
        assertThat(known.getInteger("blockedPermille")).isEqualTo(600);
        assertThat(gpu.getJsonArray("tenants").getJsonObject(1).getBoolean("known"))
                .isFalse();
    }

    private List<String> tenants() throws Exception {
        return lab.get(controller, "/v1/tenants").json().getJsonArray("tenants").stream()
                .map(tenant -> ((io.vertx.core.json.JsonObject) tenant).getString("tenant"))
                .toList();
    }
}
