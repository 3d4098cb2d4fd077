/** HTTP: metrics, health and the last usage, on Vert.x. */
@NullMarked
package io.aliquot.agent.api;

import org.jspecify.annotations.NullMarked;
