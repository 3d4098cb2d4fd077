/** Which controller is the active one: the rule over the records of the lease topic. Pure. */
@NullMarked
package io.aliquot.controller.lease;

import org.jspecify.annotations.NullMarked;
