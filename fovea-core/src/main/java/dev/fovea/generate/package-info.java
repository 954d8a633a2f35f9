/**
 * From logits to tokens, in plain Java: what is taken away from the logits ({@link dev.fovea.generate.LogitsProcessor}),
 * the choice among what is left ({@link dev.fovea.generate.Sampler}), and how likely it was
 * ({@link dev.fovea.generate.Logprobs}). Everything takes one row of logits {@code [V]} as a {@code float[]}; nothing here
 * knows a model or the engine.
 */
@NullMarked
package dev.fovea.generate;

import org.jspecify.annotations.NullMarked;
