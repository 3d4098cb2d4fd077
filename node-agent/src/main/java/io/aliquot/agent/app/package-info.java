/** The agent itself: starts the parts, connects them and ends them. */
@NullMarked
package io.aliquot.agent.app;

import org.jspecify.annotations.NullMarked;
