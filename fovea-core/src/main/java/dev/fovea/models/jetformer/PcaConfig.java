package dev.fovea.models.jetformer;

import dev.fovea.config.Default;

/**
 * Principal components of patches as a front end. The log-determinant of the projection and the dropped components are
 * not counted, so bits per sub-pixel are no likelihoods then.
 *
 * @param components number of them
 * @param whiten whether they are divided by their standard deviations
 * @param depthToSeq f: each patch becomes f tokens of a f-th of the components
 * @param noiseStd standard deviation of noise added to them in training, 0 for none
 */
public record PcaConfig(
        int components,
        @Default("true") boolean whiten,
        @Default("1") int depthToSeq,
        @Default("0.01") double noiseStd) {

    public PcaConfig {
        if (components < 1 || depthToSeq < 1 || components % depthToSeq != 0) {
            throw new IllegalArgumentException(
                    "components %d do not split into depthToSeq %d parts".formatted(components, depthToSeq));
        }
        if (!(noiseStd >= 0)) {
            throw new IllegalArgumentException("noiseStd: found %s, wanted 0 or more".formatted(noiseStd));
        }
    }
}
