/** The load bench of the bus: bench/bus.sh. */
@NullMarked
package io.aliquot.cli.bus;

import org.jspecify.annotations.NullMarked;
