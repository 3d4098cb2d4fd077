/** Who gets how much of one GPU: pure functions over numbers, and the JDK alone. */
@NullMarked
package io.aliquot.controller.fairshare;

import org.jspecify.annotations.NullMarked;
