/** A whole policy as an operator writes it in a file: read, checked, and put into an order in which it can be set. Pure. */
@NullMarked
package io.aliquot.controller.policyfile;

import org.jspecify.annotations.NullMarked;
