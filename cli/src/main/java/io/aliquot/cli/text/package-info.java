/** What people type and read: sizes, percentages, durations, tables. */
@NullMarked
package io.aliquot.cli.text;

import org.jspecify.annotations.NullMarked;
