package io.aliquot.controller.account;

/**
 * A report, and what it rests on. Immutable.
 *
 * @param untilUnixMs time of the newest telemetry in it, milliseconds since 1970; 0 when there is none
 * @param missedRecords records of telemetry that were deleted before they were read, since the ledger began
 */
public record Statement(Report report, long untilUnixMs, long missedRecords) {}
