package io.aliquot.controller.state;

import org.jspecify.annotations.Nullable;

/**
 * A request and its answer. Immutable.
 *
 * @param requestOffset where the request stands in its topic
 * @param before the quota that the request met; null when the tenant did not exist
 */
public record Ruled(
        QuotaRequest request, long requestOffset, @Nullable Quota before, Ruling ruling) {}
