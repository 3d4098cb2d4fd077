/** {@code aliquot replay}: what was decided, decided again. */
@NullMarked
package io.aliquot.cli.replay;

import org.jspecify.annotations.NullMarked;
