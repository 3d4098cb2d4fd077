/** {@code aliquot report}: who used how much of the GPUs. */
@NullMarked
package io.aliquot.cli.report;

import org.jspecify.annotations.NullMarked;
