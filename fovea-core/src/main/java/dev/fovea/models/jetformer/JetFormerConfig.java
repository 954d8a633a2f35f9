package dev.fovea.models.jetformer;

import dev.fovea.config.Default;
import dev.fovea.models.jet.JetConfig;
import dev.fovea.models.vit.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sizes and choices of a JetFormer.
 *
 * @param image rows and columns of the pictures
 * @param channels values a pixel
 * @param patch side of a patch
 * @param pca principal components in the patches' place, or before the flow; null for none
 * @param flow the flow from patches to latents; null for none
 * @param softDims d, values of a token that the decoder models; the rest has a standard normal prior
 * @param width D
 * @param depth number of blocks
 * @param mlpDim F
 * @param numHeads query heads
 * @param numKvHeads key and value heads, which divide the query heads
 * @param headDim Dh
 * @param dropout share of a branch's outputs that training drops
 * @param numMixtures components of the density of a soft token
 * @param fullCovariance one Gaussian with a triangular scale instead; then {@code numMixtures} is 1
 * @param scaleFloor least standard deviation of a component
 * @param vocabSize V, special ids included; 0, and no ids, where {@link #withVocabulary} is to say
 * @param bosId id that begins a text
 * @param boiId id that begins a picture; null for none, then {@code bosId} begins every sequence
 * @param nolabelId id in the place of a dropped text
 * @param vocabRepeats times that the text is embedded, each time with a table of its own
 * @param textLength L
 * @param causalPrefix whether elements of the first part see only those before them, or all of it
 * @param untiedVocab whether text logits have a matrix of their own
 * @param normPerModality a final norm for text and one for pictures
 */
public record JetFormerConfig(
        Size image,
        @Default("3") int channels,
        int patch,
        @Nullable PcaConfig pca,
        @Nullable FlowConfig flow,
        int softDims,
        int width,
        int depth,
        int mlpDim,
        int numHeads,
        @Default("1") int numKvHeads,
        int headDim,
        @Default("0.1") double dropout,
        int numMixtures,
        @Default("false") boolean fullCovariance,
        @Default("1e-6") double scaleFloor,
        @Default("0") int vocabSize,
        @Default("0") int bosId,
        @Nullable Integer boiId,
        @Default("0") int nolabelId,
        @Default("1") int vocabRepeats,
        @Default("1") int textLength,
        @Default("true") boolean causalPrefix,
        @Default("false") boolean untiedVocab,
        @Default("false") boolean normPerModality) {

    /** θ of the rotary positions. */
    static final double ROPE_THETA = 10_000;

    static final double NORM_EPS = 1e-6;

    public JetFormerConfig {
        if (patch < 1 || image.height() % patch != 0 || image.width() % patch != 0) {
            throw new IllegalArgumentException("image %s is not a multiple of patch %d".formatted(image, patch));
        }
        for (int size :
                List.of(softDims, width, depth, mlpDim, numHeads, numKvHeads, headDim, numMixtures, vocabRepeats)) {
            if (size < 1) {
                throw new IllegalArgumentException(
                        "softDims %d, width %d, depth %d, mlpDim %d, numHeads %d, numKvHeads %d, headDim %d, numMixtures %d, vocabRepeats %d: wanted at least 1"
                                .formatted(
                                        softDims,
                                        width,
                                        depth,
                                        mlpDim,
                                        numHeads,
                                        numKvHeads,
                                        headDim,
                                        numMixtures,
                                        vocabRepeats));
            }
        }
        if (numHeads % numKvHeads != 0) {
            throw new IllegalArgumentException(
                    "numHeads %d is not a multiple of numKvHeads %d".formatted(numHeads, numKvHeads));
        }
        if (fullCovariance && numMixtures != 1) {
            throw new IllegalArgumentException("fullCovariance takes numMixtures 1, found %d".formatted(numMixtures));
        }
        if (untiedVocab && vocabRepeats > 1) {
            throw new IllegalArgumentException("untiedVocab takes vocabRepeats 1, found %d".formatted(vocabRepeats));
        }
        if (!(dropout >= 0 && dropout < 1) || !(scaleFloor > 0)) {
            throw new IllegalArgumentException("dropout %s, scaleFloor %s: wanted 0 or more and below 1, and above 0"
                    .formatted(dropout, scaleFloor));
        }
        for (int id : new int[] {bosId, boiId == null ? bosId : boiId, nolabelId}) {
            if (id < 0 || (vocabSize > 0 && id >= vocabSize)) {
                throw new IllegalArgumentException("id %d is not in a vocabulary of %d".formatted(id, vocabSize));
            }
        }
        int tokenWidth = tokenWidth(channels, patch, pca);
        if (softDims > tokenWidth) {
            throw new IllegalArgumentException(
                    "softDims %d: a token has only %d values".formatted(softDims, tokenWidth));
        }
    }

    /** The same model for a vocabulary of so many entries; the special ids follow them. */
    public JetFormerConfig withVocabulary(int entries) {
        return new JetFormerConfig(
                image,
                channels,
                patch,
                pca,
                flow,
                softDims,
                width,
                depth,
                mlpDim,
                numHeads,
                numKvHeads,
                headDim,
                dropout,
                numMixtures,
                fullCovariance,
                scaleFloor,
                entries + 3,
                entries,
                entries + 1,
                entries + 2,
                vocabRepeats,
                textLength,
                causalPrefix,
                untiedVocab,
                normPerModality);
    }

    /** Rows and columns of the grid of patches. */
    public Size grid() {
        return new Size(image.height() / patch, image.width() / patch);
    }

    /** N, number of soft tokens. */
    public int numTokens() {
        return grid().height() * grid().width() * (pca == null ? 1 : pca.depthToSeq());
    }

    /** Values of a token, modelled and factored out. */
    public int tokenWidth() {
        return tokenWidth(channels, patch, pca);
    }

    /** Values of a token that are factored out. */
    public int noiseDims() {
        return tokenWidth() - softDims;
    }

    /** D of bits per sub-pixel: values of a picture. */
    public long subPixels() {
        return (long) image.height() * image.width() * channels;
    }

    /** What the head gives for a soft token. */
    int headWidth() {
        return fullCovariance ? softDims * softDims + softDims : numMixtures * (1 + 2 * softDims);
    }

    /** The flow's sizes, or null. */
    @Nullable
    JetConfig jet() {
        if (flow == null) {
            return null;
        }
        // As the reference, tokens of a split sequence lie on a square grid of their own.
        int side = (int) Math.round(Math.sqrt(numTokens()));
        Size tokens = pca == null || pca.depthToSeq() == 1 ? grid() : Size.of(side);
        return flow.toJet(tokens, tokenWidth());
    }

    private static int tokenWidth(int channels, int patch, @Nullable PcaConfig pca) {
        return pca == null ? channels * patch * patch : pca.components() / pca.depthToSeq();
    }
}
