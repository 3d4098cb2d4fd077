/** NVIDIA Management Library by the FFM API: which GPUs there are, and an independent view of who uses them. */
@NullMarked
package io.aliquot.agent.nvml;

import org.jspecify.annotations.NullMarked;
