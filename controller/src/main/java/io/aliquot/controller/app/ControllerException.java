package io.aliquot.controller.app;

/** The controller can't start or can't go on: what was wrong, and what to do about it. */
public final class ControllerException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String fix;

    /**
     * @param problem what was wrong, with the value
     * @param fix what the operator can do, as an instruction
     */
    public ControllerException(String problem, String fix) {
        super(problem);
        this.fix = fix;
    }

    /**
     * @param problem what was wrong, with the value
     * @param fix what the operator can do, as an instruction
     * @param cause what it came from
     */
    public ControllerException(String problem, String fix, Throwable cause) {
        super(problem, cause);
        this.fix = fix;
    }

    /** What the operator can do, as an instruction. */
    public String fix() {
        return fix;
    }
}
