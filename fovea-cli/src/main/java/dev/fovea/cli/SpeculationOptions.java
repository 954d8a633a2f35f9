package dev.fovea.cli;

import dev.fovea.generate.Draft;
import dev.fovea.generate.LookupDraft;
import dev.fovea.generate.SamplingConfig;
import dev.fovea.generate.Speculation;
import dev.fovea.kernel.Matrix;
import dev.fovea.models.gemma.GemmaDraft;
import dev.fovea.models.gemma.GemmaModel;
import dev.fovea.models.gemma.PictureDecoding;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether tokens are proposed before the model sees them, and by what. */
final class SpeculationOptions {

    /** Where proposals come from. */
    enum Source {
        /** The text itself: what followed the same tokens before. */
        LOOKUP,
        /** A smaller model. */
        DRAFT
    }

    /** Tokens of the longest run that is looked up. */
    private static final int RUN = 3;

    private static final int PROPOSALS = 4;

    @Option(
            names = "--speculate",
            paramLabel = "SOURCE",
            description =
                    "write faster where several tokens can be foreseen: lookup (from the text itself) or draft (by a"
                            + " smaller model, --draft); answers stay what they are")
    private @Nullable Source source;

    @Option(names = "--draft", paramLabel = "MODEL", description = "the smaller model's folder")
    private @Nullable Path draft;

    @Option(
            names = "--proposals",
            paramLabel = "N",
            description =
                    "tokens proposed at a time; 4 unless given, with the fast kernels 3: with the text's last token"
                            + " these are as many as one reading of the weights serves")
    private @Nullable Integer proposals;

    /**
     * What proposes tokens, closed after the texts it served.
     *
     * @param speculation null where nothing does
     */
    record Speculating(
            @Nullable Speculation speculation, @Nullable GemmaModel small) implements AutoCloseable {

        /** A text of the model, such that proposals can be taken back. */
        PictureDecoding open(LanguageModelOption.Decodings decodings) {
            return speculation == null ? decodings.open() : decodings.rewindable(speculation.most());
        }

        @Override
        public void close() {
            if (speculation != null) {
                speculation.draft().close();
            }
            if (small != null) {
                small.close();
            }
        }
    }

    /** Refuses it for what does without. */
    void requireNone(String option) {
        if (source != null) {
            throw new Failure("--speculate is for single texts; found %s".formatted(option));
        }
    }

    Speculating open(LanguageModelOption.Decodings decodings, SamplingConfig sampling) {
        if (source != Source.DRAFT && draft != null) {
            throw new Failure("--draft goes with --speculate draft");
        }
        if (source == null) {
            return new Speculating(null, null);
        }
        int most = proposals != null ? proposals : decodings.kernels() == null ? PROPOSALS : Matrix.TOGETHER - 1;
        if (source == Source.LOOKUP) {
            return new Speculating(new Speculation(new LookupDraft(RUN), most), null);
        }
        if (draft == null || !Files.isDirectory(draft)) {
            throw new Failure(
                    draft == null
                            ? "--speculate draft: wanted --draft MODEL, the folder of a smaller Gemma 3"
                            : "--draft %s: no such folder; wanted that of a smaller Gemma 3".formatted(draft));
        }
        GemmaModel small = GemmaModel.open(draft, null);
        try {
            Draft proposing = GemmaDraft.of(decodings.model(), small, sampling, most);
            return new Speculating(new Speculation(proposing, most), small);
        } catch (RuntimeException e) {
            small.close();
            throw e;
        }
    }
}
