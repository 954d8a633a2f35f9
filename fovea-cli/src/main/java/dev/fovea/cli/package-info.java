/** The program: commands over the library, one class a command. */
@NullMarked
package dev.fovea.cli;

import org.jspecify.annotations.NullMarked;
