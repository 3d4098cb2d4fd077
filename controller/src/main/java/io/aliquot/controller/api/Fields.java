package io.aliquot.controller.api;

import io.aliquot.schema.ServiceClass;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a body, one by one; null for one that is not there. An {@link ApiError} is 400 when a field has another type, 422
 * when its value can't be what it means. Pure.
 */
final class Fields {
    private final JsonObject json;

    private Fields(JsonObject json) {
        this.json = json;
    }

    /** @throws ApiError when it is no object, or has a field that is not in the list: a typing slip must not go unnoticed */
    static Fields of(@Nullable String body, Iterable<String> allowed, String example) {
        if (body == null || body.isBlank()) {
            throw new ApiError(400, "the body is empty", example);
        }
        JsonObject json;
        try {
            json = new JsonObject(body);
        } catch (DecodeException | ClassCastException e) {
            throw new ApiError(400, "the body is no JSON object", example);
        }
        TreeSet<String> unknown = new TreeSet<>(json.fieldNames());
        allowed.forEach(unknown::remove);
        if (!unknown.isEmpty()) {
            throw new ApiError(
                    400, "unknown field '" + unknown.first() + "'", "use only " + String.join(", ", allowed));
        }
        return new Fields(json);
    }

    boolean has(String field) {
        return json.containsKey(field);
    }

    /** A whole number, 0 to most. */
    @Nullable Long number(String field, long most, String expected) {
        if (!has(field)) {
            return null;
        }
        Object value = json.getValue(field);
        if (!(value instanceof Integer || value instanceof Long)) {
            throw new ApiError(
                    400, field + " " + value + ": expected " + expected, "send a number without quotes or fraction");
        }
        long number = ((Number) value).longValue();
        if (number < 0 || number > most) {
            throw new ApiError(422, field + " " + number + ": expected " + expected, "correct " + field);
        }
        return number;
    }

    /** Thousandths of a number from 0 to most that has at most three decimals. */
    @Nullable Long thousandths(String field, long most, String expected) {
        return has(field) ? thousandths(field, json.getValue(field), most, expected) : null;
    }

    @Nullable Boolean truth(String field) {
        if (!has(field)) {
            return null;
        }
        Object value = json.getValue(field);
        if (value instanceof Boolean truth) {
            return truth;
        }
        throw new ApiError(400, field + " " + value + ": expected true or false", "send true or false without quotes");
    }

    @Nullable Integer serviceClass(String field) {
        if (!has(field)) {
            return null;
        }
        Object value = json.getValue(field);
        String expected = field + " " + value + ": expected " + ServiceClass.WORDS;
        if (!(value instanceof String word)) {
            throw new ApiError(400, expected, "send one of them in quotes");
        }
        return ServiceClass.ofWord(word)
                .orElseThrow(() -> new ApiError(422, expected, "correct " + field))
                .number();
    }

    String text(String field) {
        Object value = json.getValue(field, "");
        if (value instanceof String text) {
            return text;
        }
        throw new ApiError(400, field + " " + value + ": expected a text", "send a text in quotes");
    }

    @Nullable SortedMap<String, String> labels(String field) {
        return map(field, "{\"pool\":\"a\"}", (key, value) -> {
            if (value instanceof String text) {
                return text;
            }
            throw new ApiError(400, field + "." + key + " " + value + ": expected a text", "send a text in quotes");
        });
    }

    /** A number with at most three decimals for each key, as thousandths. */
    @Nullable SortedMap<String, Long> thousandthsByKey(String field, long most, String expected, String example) {
        return map(field, example, (key, value) -> thousandths(field + "." + key, value, most, expected));
    }

    private <T> @Nullable SortedMap<String, T> map(
            String field, String example, BiFunction<String, @Nullable Object, T> value) {
        if (!has(field)) {
            return null;
        }
        Object map = json.getValue(field);
        if (!(map instanceof JsonObject object)) {
            throw new ApiError(400, field + " " + map + ": expected an object", "send one such as " + example);
        }
        SortedMap<String, T> values = new TreeMap<>();
        for (Map.Entry<String, Object> entry : object) {
            values.put(entry.getKey(), value.apply(entry.getKey(), entry.getValue()));
        }
        return values;
    }

    private static long thousandths(String field, @Nullable Object value, long most, String expected) {
        String problem = field + " " + value + ": expected " + expected;
        if (!(value instanceof Number number)) {
            throw new ApiError(400, problem, "send a number without quotes");
        }
        if (!Double.isFinite(number.doubleValue()) || number.doubleValue() < 0 || number.doubleValue() > most) {
            throw new ApiError(422, problem, "correct " + field);
        }
        BigDecimal thousandths = new BigDecimal(number.toString()).movePointRight(3);
        try {
            return thousandths.longValueExact();
        } catch (ArithmeticException e) {
            throw new ApiError(422, problem, "round it to three decimals");
        }
    }
}
