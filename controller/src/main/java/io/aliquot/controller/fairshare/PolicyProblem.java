package io.aliquot.controller.fairshare;

/**
 * One thing that is wrong with a policy. Immutable.
 *
 * @param path of the tenant, as given but shortened; empty for the cluster as a whole
 * @param what the field and its value, or what was found
 * @param fix what would be right
 */
public record PolicyProblem(String path, String what, String fix) {
    @Override
    public String toString() {
        return "tenant '" + path + "': " + what + ": " + fix;
    }
}
