/** Decisions out to the nodes, through newest-value slots and a thread of their own. */
@NullMarked
package io.aliquot.controller.publish;

import org.jspecify.annotations.NullMarked;
