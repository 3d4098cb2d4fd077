package io.aliquot.controller.api;

import io.aliquot.controller.state.Quota;
import io.aliquot.controller.state.QuotaChange;
import io.aliquot.controller.state.QuotaRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the body of a PUT of a tenant, or of the cluster. Strict: what is not understood is an error. Pure. */
final class QuotaBody {
    private static final String REASON = "reason";
    private static final String SPEED = "gpuSpeed";
    private static final long UINT32_MAX = 0xffff_ffffL;
    private static final long MAX_GPUS = 10_000_000;
    private static final List<String> OF_TENANT = List.of(
            "weight",
            "floorPermille",
            "floorGpus",
            "ceilingPermille",
            "ceilingGpus",
            "hardCeiling",
            "serviceClass",
            "memoryLimitBytes",
            "historyHalfLifeSeconds",
            "burstCreditGpuSeconds",
            "gang",
            "gpus",
            REASON);
    private static final String TENANT_EXAMPLE = "send {\"weight\":4,\"floorPermille\":100}";
    private static final String SPEED_EXAMPLE = "{\"model=NVIDIA A100\":0.4}";
    private static final String CLUSTER_EXAMPLE = "send {\"gpuSpeed\":" + SPEED_EXAMPLE + "}";
    private static final String GPUS = "a number of GPUs, 0 to " + MAX_GPUS + " with at most three decimals";

    private QuotaBody() {}

    /** @throws ApiError 400 when it is no such object or a field has another type, 422 when a value can't be what the field means */
    static QuotaRequest parse(String tenant, String requestedBy, @Nullable String body) {
        Fields fields = Fields.of(body, OF_TENANT, TENANT_EXAMPLE);
        String permille = "a whole number, 0 to 1000";
        String ceilingPermille = "a whole number, 1 to 1000";
        QuotaChange change = new QuotaChange.Builder()
                .weight(fields.number("weight", UINT32_MAX, "a whole number, 1 to 1000000"))
                .floorPermille(fields.number("floorPermille", UINT32_MAX, permille))
                .floorMilligpus(fields.thousandths("floorGpus", MAX_GPUS, GPUS))
                .ceilingPermille(fields.number("ceilingPermille", UINT32_MAX, ceilingPermille))
                .ceilingMilligpus(fields.thousandths("ceilingGpus", MAX_GPUS, GPUS))
                .hardCeiling(fields.truth("hardCeiling"))
                .serviceClass(fields.serviceClass("serviceClass"))
                .memoryLimitBytes(
                        fields.number("memoryLimitBytes", Long.MAX_VALUE, "a whole number of bytes, 0 for no limit"))
                .historyHalfLifeSeconds(fields.number(
                        "historyHalfLifeSeconds", UINT32_MAX, "a whole number of seconds up to 7776000, 0 for none"))
                .burstCreditGpuSeconds(fields.number(
                        "burstCreditGpuSeconds",
                        Long.MAX_VALUE,
                        "a whole number of GPUs times seconds up to 1000000000, 0 for none"))
                .gang(fields.truth("gang"))
                .gpuLabels(fields.labels("gpus"))
                .build();
        return QuotaRequest.change(tenant, requestedBy, change, fields.text(REASON));
    }

    /** The factors of the whole cluster, which replace those that it has; errors as those of a tenant. */
    static QuotaRequest parseCluster(String requestedBy, @Nullable String body) {
        Fields fields = Fields.of(body, List.of(SPEED, REASON), CLUSTER_EXAMPLE);
        if (!fields.has(SPEED)) {
            throw new ApiError(400, SPEED + " is not there", CLUSTER_EXAMPLE);
        }
        String expected = "a number, 0.001 to 1000 with at most three decimals";
        QuotaChange change = new QuotaChange.Builder()
                .gpuSpeedPermille(fields.thousandthsByKey(SPEED, 1000, expected, SPEED_EXAMPLE))
                .build();
        return QuotaRequest.change(Quota.CLUSTER, requestedBy, change, fields.text(REASON));
    }
}
