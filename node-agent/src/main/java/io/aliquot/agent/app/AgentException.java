package io.aliquot.agent.app;

/** Why an agent can't start, and what to do about it: one line for people. */
public final class AgentException extends Exception {
    private static final long serialVersionUID = 1;
    private final String problem;
    private final String fix;

    AgentException(String problem, String fix) {
        super(problem + "; " + fix);
        this.problem = problem;
        this.fix = fix;
    }

    AgentException(String problem, String fix, Throwable cause) {
        super(problem + "; " + fix, cause);
        this.problem = problem;
        this.fix = fix;
    }

    /** @return what is wrong, with the value */
    public String problem() {
        return problem;
    }

    /** @return what would be right */
    public String fix() {
        return fix;
    }
}
