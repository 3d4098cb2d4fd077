/** Who used how much of which GPU, by the hour: telemetry to entries and entries to reports. Pure; any thread. */
@NullMarked
package io.aliquot.controller.account;

import org.jspecify.annotations.NullMarked;
