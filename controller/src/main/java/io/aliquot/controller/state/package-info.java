/** What the controller knows and wants, as values: {@code apply(event)} gives the next state. */
@NullMarked
package io.aliquot.controller.state;

import org.jspecify.annotations.NullMarked;
