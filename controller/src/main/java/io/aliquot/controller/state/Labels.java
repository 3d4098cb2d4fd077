package io.aliquot.controller.state;

import java.util.Map;
import java.util.regex.Pattern;

/** What labels of GPUs, and speed factors by label, may be. Pure; any thread. */
final class Labels {
    static final int MAX_LABELS = 16;
    static final int MAX_SPEEDS = 64;
    private static final int MAX_SPEED_PERMILLE = 1_000_000;
    private static final Pattern TEXT = Pattern.compile("[A-Za-z0-9 ._/-]{1,63}");
    private static final String RIGHT = "expected 1 to 63 of A-Z, a-z, 0-9, space, '.', '_', '/' and '-'";

    private Labels() {}

    /** @throws IllegalArgumentException naming the tenant, the label and what would be right */
    static void check(String tenant, Map<String, String> labels) {
        if (labels.size() > MAX_LABELS) {
            throw QuotaFields.refused(tenant, labels.size() + " GPU labels", "expected at most " + MAX_LABELS);
        }
        labels.forEach((key, value) -> {
            if (!TEXT.matcher(key).matches()) {
                throw QuotaFields.refused(tenant, "key '" + QuotaFields.shown(key) + "' of a GPU label", RIGHT);
            }
            if (!TEXT.matcher(value).matches()) {
                throw QuotaFields.refused(tenant, "GPU label " + key + " '" + QuotaFields.shown(value) + "'", RIGHT);
            }
        });
    }

    /** @throws IllegalArgumentException naming the label, the factor and what would be right */
    static void checkSpeeds(Map<String, Integer> permille) {
        if (permille.size() > MAX_SPEEDS) {
            String many = permille.size() + " speed factors";
            throw QuotaFields.refused(Quota.CLUSTER, many, "expected at most " + MAX_SPEEDS);
        }
        permille.forEach(Labels::checkSpeed);
    }

    static void checkSpeed(String label, long permille) {
        int sign = label.indexOf('=');
        boolean right = sign > 0
                && TEXT.matcher(label.substring(0, sign)).matches()
                && TEXT.matcher(label.substring(sign + 1)).matches();
        String shown = "gpuSpeed '" + QuotaFields.shown(label) + "'";
        if (!right) {
            String form = "expected a label such as model=NVIDIA A100, on each side of '=' ";
            throw QuotaFields.refused(Quota.CLUSTER, shown, form + RIGHT.substring("expected ".length()));
        }
        if (permille < 1 || permille > MAX_SPEED_PERMILLE) {
            throw QuotaFields.refused(
                    Quota.CLUSTER,
                    shown + " " + permille + " permille",
                    "expected 1 to " + MAX_SPEED_PERMILLE + " (1000 is speed factor 1)");
        }
    }
}
