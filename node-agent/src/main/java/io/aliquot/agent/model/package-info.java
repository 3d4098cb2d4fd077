/** The values that the agent works with: immutable, validated, units in their names. Imports the JDK alone. */
@NullMarked
package io.aliquot.agent.model;

import org.jspecify.annotations.NullMarked;
