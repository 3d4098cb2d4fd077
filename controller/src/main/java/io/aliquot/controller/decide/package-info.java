/** What is decided, call by call: the same calls give the same plans, so what was recorded can be replayed. No clock, no I/O. */
@NullMarked
package io.aliquot.controller.decide;

import org.jspecify.annotations.NullMarked;
