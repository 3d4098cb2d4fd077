/** A recording through the code that decided it, under the recorded policy or another one. Pure: no topic, file or clock. */
@NullMarked
package io.aliquot.controller.replay;

import org.jspecify.annotations.NullMarked;
