/** Keeps the lease: reads and writes the lease topic on a thread of its own. */
@NullMarked
package io.aliquot.controller.keeper;

import org.jspecify.annotations.NullMarked;
