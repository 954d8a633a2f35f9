/**
 * Training. A system brings an {@link dev.fovea.train.Objective}; {@link dev.fovea.train.Trainer} is the loop, written
 * once: data, forward, backward, update, log, evaluate, save.
 *
 * <p>A run lives in a folder ({@link dev.fovea.train.RunFolder}). It resumes from its newest checkpoint bit for bit:
 * what is random in a step is drawn from a generator seeded by the run's seed and the step, and the batch of a step is a
 * function of the step, so neither needs a state to be saved.
 */
@NullMarked
package dev.fovea.train;

import org.jspecify.annotations.NullMarked;
