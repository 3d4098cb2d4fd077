/** {@code aliquot poison}: records that could not be read. */
@NullMarked
package io.aliquot.cli.poison;

import org.jspecify.annotations.NullMarked;
