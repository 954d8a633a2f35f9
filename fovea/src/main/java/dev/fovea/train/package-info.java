/** The one training loop, its losses, run folders and reports. */
@NullMarked
package dev.fovea.train;

import org.jspecify.annotations.NullMarked;
