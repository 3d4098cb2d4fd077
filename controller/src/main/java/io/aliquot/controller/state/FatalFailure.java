package io.aliquot.controller.state;

/** An error that the controller can't pass by waiting: it stops, and says what was wrong and what to do. */
public final class FatalFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String fix;

    /**
     * @param problem what was wrong, with the value
     * @param fix what the operator can do, as an instruction
     */
    public FatalFailure(String problem, String fix) {
        super(problem);
        this.fix = fix;
    }

    /**
     * @param problem what was wrong, with the value
     * @param fix what the operator can do, as an instruction
     * @param cause what it came from
     */
    public FatalFailure(String problem, String fix, Throwable cause) {
        super(problem, cause);
        this.fix = fix;
    }

    /** What the operator can do, as an instruction. */
    public String fix() {
        return fix;
    }
}
