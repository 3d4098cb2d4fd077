/** Pure: which decisions are taken, and what holds when none come. Time is an argument. */
@NullMarked
package io.aliquot.agent.guard;

import org.jspecify.annotations.NullMarked;
