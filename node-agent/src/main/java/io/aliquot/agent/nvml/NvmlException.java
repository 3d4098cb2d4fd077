package io.aliquot.agent.nvml;

/** A call of NVML that did not return 0. Names the function, NVML's code and NVML's text for it. */
public final class NvmlException extends Exception {
    /** NVML_ERROR_NOT_SUPPORTED (nvml.h). */
    public static final int NOT_SUPPORTED = 3;
    /** NVML_ERROR_INSUFFICIENT_SIZE (nvml.h). */
    public static final int INSUFFICIENT_SIZE = 7;

    /** NVML_ERROR_FUNCTION_NOT_FOUND (nvml.h). */
    public static final int FUNCTION_NOT_FOUND = 13;

    private static final long serialVersionUID = 1;
    private final String function;
    private final int code;
    private final String text;

    NvmlException(String function, int code, String text) {
        super(function + " returned " + code + " (" + text + ")");
        this.function = function;
        this.code = code;
        this.text = text;
    }

    public String function() {
        return function;
    }

    public int code() {
        return code;
    }

    public String text() {
        return text;
    }
}
