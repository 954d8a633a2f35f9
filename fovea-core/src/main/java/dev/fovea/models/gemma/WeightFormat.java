package dev.fovea.models.gemma;

/** How {@link KernelDecoding} holds weights. */
public enum WeightFormat {
    /** As the published files have them; a mapped file is multiplied where it lies. */
    BF16,
    /** 8 bits, one scale a row. */
    INT8,
    /** 4 bits in blocks of 32; the head, whose errors go straight into the logits, 8 bits. */
    INT4
}
