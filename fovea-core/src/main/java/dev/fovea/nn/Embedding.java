package dev.fovea.nn;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A table of vectors, looked up by id. */
public record Embedding(Tensor weight) { // [V, D]

    public static Embedding of(Params p, long vocabSize, long width, Init init) {
        return new Embedding(p.get("weight", init, vocabSize, width));
    }

    public Tensor forward(Tensor ids) { // [...], int64
        return torch.embedding(weight, ids); // [..., D]
    }
}
