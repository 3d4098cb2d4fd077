package io.aliquot.controller.api;

import io.aliquot.controller.state.ClusterView;
import io.aliquot.controller.state.Delivery;
import io.aliquot.controller.state.Fence;
import io.aliquot.controller.state.Fleet;
import io.aliquot.controller.state.NodeAck;
import io.aliquot.controller.state.NodeInventory;
import io.aliquot.controller.state.NodeReport;
import io.aliquot.controller.state.NodeState;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Nodes to JSON: what they have, what they were told, and what of it is in force. Pure. */
final class NodesView {
    private NodesView() {}

    /**
     * Every node that reports or has said what it has, by name.
     *
     * @param nowMs on the view's clock
     */
    static JsonObject of(ClusterView view, Fleet fleet, long nowMs) {
        TreeSet<String> names = new TreeSet<>(fleet.inventories().keySet());
        names.addAll(view.state().nodes().keySet());
        JsonArray nodes = new JsonArray();
        for (String name : names) {
            nodes.add(node(
                    name,
                    view.state().nodes().get(name),
                    fleet.inventories().get(name),
                    fleet.deliveries().getOrDefault(name, Delivery.NONE),
                    nowMs));
        }
        return new JsonObject().put("nodes", nodes);
    }

    private static JsonObject node(
            String name, @Nullable NodeState state, @Nullable NodeInventory inventory, Delivery delivery, long nowMs) {
        JsonObject json = new JsonObject().put("node", name).put("reports", state != null && !state.silent());
        if (state != null) {
            json.put("lastTelemetryAgeMs", nowMs - state.receivedAtMs());
        }
        if (inventory != null) {
            json.put("agentVersion", inventory.agentVersion())
                    .put("driverVersion", inventory.driverVersion())
                    .put("agentStartedAtUnixMs", inventory.agentStartedAtUnixMs())
                    .put("labels", new JsonObject(new java.util.TreeMap<>(inventory.labels())))
                    .put("gpus", inventoried(inventory));
        } else if (state != null) {
            json.put(
                            "labels",
                            new JsonObject(
                                    new java.util.TreeMap<>(state.report().labels())))
                    .put("gpus", reported(state));
        }
        Optional<Fence> reported =
                state == null ? Optional.empty() : state.report().applied();
        delivery(json, delivery, reported, nowMs);
        return json;
    }

    private static void delivery(JsonObject json, Delivery delivery, Optional<Fence> reported, long nowMs) {
        delivery.sent()
                .ifPresent(sent -> json.put("decided", fence(sent.fence()).put("ageMs", nowMs - sent.atMs())));
        Optional<NodeAck> ack = delivery.acknowledged();
        boolean newer =
                reported.isPresent() && (ack.isEmpty() || !ack.get().applied().reaches(reported.get()));
        if (newer) {
            json.put("applied", fence(reported.get()).put("by", "telemetry"));
        } else {
            ack.ifPresent(said -> json.put("applied", acknowledged(said, nowMs - delivery.acknowledgedAtMs())));
        }
        List<Delivery.Sent> waiting = delivery.notInForce(reported);
        json.put("decisionsBehind", waiting.size())
                .put(
                        "behindMs",
                        waiting.isEmpty() ? 0 : nowMs - waiting.getFirst().atMs());
    }

    private static JsonObject acknowledged(NodeAck ack, long ageMs) {
        JsonObject json = fence(ack.applied())
                .put("by", "acknowledgement")
                .put("ageMs", ageMs)
                .put("appliedAtUnixMs", ack.appliedAtUnixMs())
                .put("readToAppliedUs", ack.readToAppliedUs());
        if (ack.sampleSequence() > 0) {
            json.put("sampleSequence", ack.sampleSequence());
        }
        ack.sampleToAppliedUs().ifPresent(us -> json.put("sampleToAppliedUs", us));
        return json;
    }

    private static JsonObject fence(Fence fence) {
        return new JsonObject().put("term", fence.term()).put("sequence", fence.sequence());
    }

    private static JsonArray inventoried(NodeInventory inventory) {
        JsonArray gpus = new JsonArray();
        for (NodeInventory.Gpu gpu : inventory.gpus()) {
            JsonObject json = gpu(gpu.uuid(), gpu.name(), gpu.memoryTotalBytes(), gpu.simulated());
            gpus.add(gpu.fault().isEmpty() ? json : json.put("fault", gpu.fault()));
        }
        return gpus;
    }

    /** Of an agent that sends no inventory. */
    private static JsonArray reported(NodeState state) {
        JsonArray gpus = new JsonArray();
        for (NodeReport.Gpu gpu : state.report().gpus()) {
            gpus.add(gpu(gpu.uuid(), gpu.name(), gpu.memoryTotalBytes(), gpu.simulated()));
        }
        return gpus;
    }

    private static JsonObject gpu(String uuid, String name, long memoryTotalBytes, boolean simulated) {
        return new JsonObject()
                .put("gpu", uuid)
                .put("name", name)
                .put("memoryTotalBytes", memoryTotalBytes)
                .put("simulated", simulated);
    }
}
