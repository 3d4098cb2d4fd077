package io.aliquot.controller.fairshare;

import java.io.Serial;
import java.util.List;
import java.util.stream.Collectors;

/** A policy that can't be; its message has one line a problem, each with the tenant, the value and the fix. */
public final class InvalidPolicyException extends IllegalArgumentException {
    @Serial
    private static final long serialVersionUID = 1;

    private final transient List<PolicyProblem> problems;

    InvalidPolicyException(List<PolicyProblem> problems) {
        super(problems.stream().map(PolicyProblem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** At least one. */
    public List<PolicyProblem> problems() {
        return problems;
    }
}
