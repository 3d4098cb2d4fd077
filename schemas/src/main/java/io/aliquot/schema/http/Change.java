package io.aliquot.schema.http;

/**
 * What came of looking at a file again.
 *
 * @param taken whether it is in force now, or to be put in force
 * @param words for the log, without a secret
 */
public record Change(boolean taken, String words) {}
