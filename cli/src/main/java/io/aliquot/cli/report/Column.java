package io.aliquot.cli.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.List;

/** A column of numbers in a report. */
enum Column {
    USED("USED", "usedGpuSeconds", "used_gpu_seconds"),
    IDLE("IDLE", "idleGpuSeconds", "idle_gpu_seconds"),
    WALL("WALL", "wallGpuSeconds", "wall_gpu_seconds"),
    UNOBSERVED("UNOBSERVED", "unobservedGpuSeconds", "unobserved_gpu_seconds"),
    GUARANTEED("GUARANTEED", "guaranteedGpuSeconds", "guaranteed_gpu_seconds"),
    LENT("LENT", "lentGpuSeconds", "lent_gpu_seconds"),
    BORROWED("BORROWED", "borrowedGpuSeconds", "borrowed_gpu_seconds"),
    WAITING("WAITING", "waitingSeconds", "waiting_seconds"),
    MEMORY("MEMORY GiB·s", "memoryByteSeconds", "memory_byte_seconds");

    /** Idle time is nobody's: it has a line of its own. */
    static final List<Column> OF_TENANTS = List.of(USED, GUARANTEED, LENT, BORROWED, WAITING, MEMORY);

    /** GPUs and hours have idle time of their own. */
    static final List<Column> OF_GPUS = List.of(values());

    private final String head;
    private final String field;
    private final String csv;

    /**
     * @param head in the table
     * @param field in the controller's answer
     * @param csv in CSV
     */
    Column(String head, String field, String csv) {
        this.head = head;
        this.field = field;
        this.csv = csv;
    }

    String head() {
        return head;
    }

    String csv() {
        return csv;
    }

    /** As the controller said: seconds, and of memory byte-seconds; 0 when it is not there. */
    BigDecimal in(JsonNode row) {
        return row.path(field).decimalValue();
    }
}
