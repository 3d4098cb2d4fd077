package io.aliquot.agent.model;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;

/** Every tenant's part of one GPU. Floors, and fallback shares, each sum to at most 1000; a tenant is named once. */
public record GpuShares(String gpuUuid, List<TenantShare> tenants) {
    public GpuShares {
        Require.text("GPU uuid", gpuUuid, GpuInfo.UUID_LONGEST);
        tenants = List.copyOf(tenants);
        Set<String> seen = new HashSet<>();
        for (TenantShare share : tenants) {
            if (!seen.add(share.tenant())) {
                throw new IllegalArgumentException("tenant " + share.tenant() + " is named twice on " + gpuUuid);
            }
        }
        sumWithinGpu("floorPermille", gpuUuid, tenants, TenantShare::floorPermille);
        sumWithinGpu("fallbackPermille", gpuUuid, tenants, TenantShare::fallbackPermille);
    }

    private static void sumWithinGpu(
            String name, String gpuUuid, List<TenantShare> tenants, ToIntFunction<TenantShare> permille) {
        long sum = tenants.stream().mapToLong(permille::applyAsInt).sum();
        Require.range("sum of " + name + " on " + gpuUuid, sum, 0, 1000);
    }
}
