package io.aliquot.cli.replay;

/** How a report is printed. */
enum Form {
    /** For people. */
    TABLE,
    /** For scripts. */
    JSON,
    /** For spreadsheets: the tenants alone. */
    CSV
}
