package io.aliquot.controller.api;

import io.aliquot.controller.state.QuotaChange;
import io.aliquot.controller.state.QuotaRequest;
import io.aliquot.schema.ServiceClass;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads the body of a PUT. Strict: an unknown field is an error, not a typing slip that goes unnoticed. Pure. */
final class QuotaBody {
    private static final String HARD = "hardCeiling";
    private static final String CLASS = "serviceClass";
    private static final String REASON = "reason";
    private static final long UINT32_MAX = 0xffff_ffffL;
    private static final Map<String, String> NUMBERS = Map.of(
            "weight", "a whole number, 1 to 1000000",
            "floorPermille", "a whole number, 0 to 1000",
            "ceilingPermille", "a whole number, 1 to 1000",
            "memoryLimitBytes", "a whole number of bytes, 0 for no limit");
    private static final List<String> ALLOWED =
            List.of("weight", "floorPermille", "ceilingPermille", HARD, CLASS, "memoryLimitBytes", REASON);
    private static final String EXAMPLE = "send {\"weight\":4,\"floorPermille\":100}";

    private QuotaBody() {}

    /** @throws ApiError 400 when it is no such object or a field has another type, 422 when a value can't be what the field means */
    static QuotaRequest parse(String tenant, String requestedBy, @Nullable String body) {
        JsonObject json = object(body);
        TreeSet<String> unknown = new TreeSet<>(json.fieldNames());
        ALLOWED.forEach(unknown::remove);
        if (!unknown.isEmpty()) {
            throw new ApiError(
                    400, "unknown field '" + unknown.first() + "'", "use only " + String.join(", ", ALLOWED));
        }
        QuotaChange change = new QuotaChange.Builder()
                .weight(number(json, "weight", UINT32_MAX))
                .floorPermille(number(json, "floorPermille", UINT32_MAX))
                .ceilingPermille(number(json, "ceilingPermille", UINT32_MAX))
                .hardCeiling(hardCeiling(json))
                .serviceClass(serviceClass(json))
                .memoryLimitBytes(number(json, "memoryLimitBytes", Long.MAX_VALUE))
                .build();
        return QuotaRequest.change(tenant, requestedBy, change, reason(json));
    }

    private static JsonObject object(@Nullable String body) {
        if (body == null || body.isBlank()) {
            throw new ApiError(400, "the body is empty", EXAMPLE);
        }
        try {
            return new JsonObject(body);
        } catch (DecodeException | ClassCastException e) {
            throw new ApiError(400, "the body is no JSON object", EXAMPLE);
        }
    }

    private static @Nullable Long number(JsonObject json, String field, long most) {
        if (!json.containsKey(field)) {
            return null;
        }
        Object value = json.getValue(field);
        String expected = "expected " + NUMBERS.get(field);
        if (!(value instanceof Integer || value instanceof Long)) {
            throw new ApiError(400, field + " " + value + ": " + expected, "send a number without quotes or fraction");
        }
        long number = ((Number) value).longValue();
        if (number < 0 || number > most) {
            throw new ApiError(422, field + " " + number + ": " + expected, "correct " + field);
        }
        return number;
    }

    private static @Nullable Boolean hardCeiling(JsonObject json) {
        if (!json.containsKey(HARD)) {
            return null;
        }
        Object value = json.getValue(HARD);
        if (value instanceof Boolean hard) {
            return hard;
        }
        throw new ApiError(400, HARD + " " + value + ": expected true or false", "send true or false without quotes");
    }

    private static @Nullable Integer serviceClass(JsonObject json) {
        if (!json.containsKey(CLASS)) {
            return null;
        }
        Object value = json.getValue(CLASS);
        String expected = CLASS + " " + value + ": expected " + ServiceClass.WORDS;
        if (!(value instanceof String word)) {
            throw new ApiError(400, expected, "send one of them in quotes");
        }
        return ServiceClass.ofWord(word)
                .orElseThrow(() -> new ApiError(422, expected, "correct " + CLASS))
                .number();
    }

    private static String reason(JsonObject json) {
        Object value = json.getValue(REASON, "");
        if (value instanceof String text) {
            return text;
        }
        throw new ApiError(400, "reason " + value + ": expected a text", "send a text in quotes");
    }
}
