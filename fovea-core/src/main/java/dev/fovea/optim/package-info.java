/**
 * What moves the parameters: learning rates by step ({@link dev.fovea.optim.Schedule}), update rules over groups of
 * parameters ({@link dev.fovea.optim.Optimizer}) and moving averages ({@link dev.fovea.optim.Ema}).
 *
 * <p>One update of the parameter θ with gradient g at step t, with the rule's direction u(g) (Adam's, say), the schedule
 * s(t) between 0 and 1, the base rate lr, the group's multiplier m, the decay wd and the decay's multiplier w:
 *
 * <pre>
 *   g ← g · min(1, clipNorm / ‖g‖)                     ‖g‖ over all parameters that are not frozen
 *   θ ← θ − s(t) · (lr · m · u(g) + wd · w · θ)        decay: schedule   (big_vision)
 *   θ ← θ − s(t) · lr · m · (u(g) + wd · w · θ)        decay: rate       (PyTorch's AdamW, V-MoE)
 * </pre>
 *
 * <p>The two conventions are not interchangeable: {@code wd} 1e-4 in the first is {@code wd} 0.1 in the second at
 * {@code lr} 1e-3. The first update has step 0, and so rate 0 where there is a warm-up.
 */
@NullMarked
package dev.fovea.optim;

import org.jspecify.annotations.NullMarked;
