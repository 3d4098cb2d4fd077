/** Puts the controller together: threads, clock, configuration. */
@NullMarked
package io.aliquot.controller.app;

import org.jspecify.annotations.NullMarked;
