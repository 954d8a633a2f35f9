/**
 * The Inception network (arXiv 1512.00567) in whose features the published Fréchet inception distance is taken (arXiv 1706.08500). For
 * evaluation alone: it is loaded, not trained.
 *
 * <p>Letters: B batch; C channels; H, W height and width.
 */
@NullMarked
package dev.fovea.models.inception;

import org.jspecify.annotations.NullMarked;
