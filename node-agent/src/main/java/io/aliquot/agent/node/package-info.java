/** The node library (C) by the FFM API. It owns shared pages, socket, arbiter and memory ledger; here are its calls. */
@NullMarked
package io.aliquot.agent.node;

import org.jspecify.annotations.NullMarked;
