package io.aliquot.agent.model;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the controller decided for a node: a full set, so that what is not in it is no longer granted.
 *
 * @param decidedAtUnixMs the controller's wall clock, for people; age is measured on the agent's own clock
 * @param timeToLiveMs how long it counts as fresh, 1 to {@value #TIME_TO_LIVE_LONGEST_MS}
 * @param answers the sample that it answers; nothing when the controller had no new one, or doesn't say
 */
public record Decision(
        String node,
        FenceStamp fence,
        long decidedAtUnixMs,
        int timeToLiveMs,
        List<GpuShares> gpus,
        Optional<SampleMark> answers) {
    public static final int TIME_TO_LIVE_LONGEST_MS = 86_400_000;

    public Decision {
        Require.text("node", node, 249);
        Require.range("timeToLiveMs", timeToLiveMs, 1, TIME_TO_LIVE_LONGEST_MS);
        gpus = List.copyOf(gpus);
        Set<String> seen = new HashSet<>();
        for (GpuShares gpu : gpus) {
            if (!seen.add(gpu.gpuUuid())) {
                throw new IllegalArgumentException("GPU " + gpu.gpuUuid() + " is named twice");
            }
        }
    }

    /** One that answers no sample. */
    public Decision(String node, FenceStamp fence, long decidedAtUnixMs, int timeToLiveMs, List<GpuShares> gpus) {
        this(node, fence, decidedAtUnixMs, timeToLiveMs, gpus, Optional.empty());
    }

    /** @return the same order and limits with every tenant at its fallback share */
    public Decision atFallback() {
        List<GpuShares> fallback = gpus.stream()
                .map(gpu -> new GpuShares(
                        gpu.gpuUuid(),
                        gpu.tenants().stream().map(TenantShare::atFallback).toList()))
                .toList();
        return new Decision(node, fence, decidedAtUnixMs, timeToLiveMs, fallback);
    }

    /** @return the part of the decision that is about the given GPUs */
    public Decision onGpus(Set<String> gpuUuids) {
        List<GpuShares> known =
                gpus.stream().filter(gpu -> gpuUuids.contains(gpu.gpuUuid())).toList();
        return new Decision(node, fence, decidedAtUnixMs, timeToLiveMs, known);
    }

    /** @return each tenant's part of a GPU, by tenant; nothing for a GPU that is not in the decision */
    public Map<String, TenantShare> shares(String gpuUuid) {
        return gpus.stream()
                .filter(gpu -> gpu.gpuUuid().equals(gpuUuid))
                .flatMap(gpu -> gpu.tenants().stream())
                .collect(Collectors.toUnmodifiableMap(TenantShare::tenant, share -> share));
    }
}
