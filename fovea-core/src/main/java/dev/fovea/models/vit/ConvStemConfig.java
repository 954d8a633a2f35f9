package dev.fovea.models.vit;

import java.util.List;

/**
 * Convolutions before the patches (arXiv 2106.14881). One stage a number: a 3×3 convolution to so many channels with
 * standardised filters, group norm, GELU and, where {@code residual} is set, one residual unit of two more convolutions.
 *
 * @param channels width of each stage
 * @param strides stride of each stage's first convolution
 * @param residual whether each stage ends in a residual unit
 */
public record ConvStemConfig(List<Integer> channels, List<Integer> strides, List<Boolean> residual) {

    public ConvStemConfig {
        if (channels.isEmpty() || channels.size() != strides.size() || channels.size() != residual.size()) {
            throw new IllegalArgumentException(
                    "stem: channels %s, strides %s and residual %s must be as many, and at least one"
                            .formatted(channels, strides, residual));
        }
        channels = List.copyOf(channels);
        strides = List.copyOf(strides);
        residual = List.copyOf(residual);
        for (int c : channels) {
            if (c < 8 || c % 8 != 0) {
                throw new IllegalArgumentException("stem: found %d channels, wanted a multiple of 8".formatted(c));
            }
        }
    }

    /** By how much the stem shrinks each side. */
    public int stride() {
        return strides.stream().reduce(1, Math::multiplyExact);
    }
}
