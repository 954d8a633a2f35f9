package dev.fovea.verify;

import dev.fovea.checkpoint.GgufFile;
import dev.fovea.checkpoint.GgufTensor;

/** GGUF files against gguf-py and transformers. */
final class GgufChecks {

    private GgufChecks() {}

    /** The values that blocks of every type stand for. */
    static void dequantize(Case c) {
        GgufFile file = open(c);
        for (GgufTensor x : file.tensors().values()) {
            c.compare(x.name(), x.toFloats(), x.shape());
        }
    }

    /** Forward passes need a network of the file's architecture. */
    @SuppressWarnings("DoNotCallSuggester") // it is built with the first network
    static void network(Case c) {
        throw new NotBuiltException("no network of architecture " + open(c).architecture() + " yet");
    }

    private static GgufFile open(Case c) {
        return GgufFile.open(c.folder().resolve(c.config().required("file").asString()));
    }
}
