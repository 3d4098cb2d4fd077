/** Broker, controller and agent, together or apart. */
@NullMarked
package io.aliquot.cli.stack;

import org.jspecify.annotations.NullMarked;
