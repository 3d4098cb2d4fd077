/** Why shares are as they are, and what other policies would make of them. */
@NullMarked
package io.aliquot.cli.explain;

import org.jspecify.annotations.NullMarked;
