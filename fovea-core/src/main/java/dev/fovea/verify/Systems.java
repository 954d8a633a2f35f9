package dev.fovea.verify;

import dev.fovea.tensor.Scope;
import dev.fovea.verify.CaseResult.Status;
import dev.fovea.verify.Fixtures.Found;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which check runs a case of which system and kind, and what is not built yet. */
public final class Systems {

    /** Systems that Fovea does not have yet. Shrinks to nothing. */
    public static final Set<String> NOT_BUILT = Set.of("litdecoder", "lora", "paligemma", "paligemma_bv", "transfer");

    private static final Map<String, Map<String, Check>> CHECKS = Map.ofEntries(
            Map.entry("fewshot", Map.of("function", FewShotChecks::run)),
            Map.entry(
                    "gguf",
                    Map.of(
                            "function",
                            GgufChecks::dequantize,
                            "model",
                            GgufChecks::model,
                            "projector",
                            GgufChecks::projector)),
            Map.entry("gemma3-encoder", Map.of("model", GemmaChecks::encoder)),
            Map.entry(
                    "gemma3-multimodal",
                    Map.of("model", GemmaChecks::multimodal, "processor", GemmaProcessorChecks::run)),
            Map.entry("gemma3-text", Map.of("model", GemmaChecks::text)),
            Map.entry("generation", Map.of("decoding", DecodingChecks::run)),
            Map.entry("image-processing", Map.of("images", ImageChecks::processor)),
            Map.entry("jet", Map.of("model", JetChecks::model)),
            Map.entry(
                    "jetformer",
                    Map.of(
                            "loss", JetFormerChecks::loss,
                            "model", JetFormerPartChecks::model,
                            "function", JetFormerPartChecks::function,
                            "sampling", JetFormerPartChecks::sampling)),
            Map.entry("losses", Map.of("function", LossChecks::functions)),
            Map.entry("metrics", Map.of("function", MetricChecks::run)),
            Map.entry("optimizers", Map.of("optimizer", OptimizerChecks::updates)),
            Map.entry("preprocessing", Map.of("images", PreprocessingChecks::run)),
            Map.entry("sampling", Map.of("processors", SamplingChecks::processors)),
            Map.entry("schedules", Map.of("function", ScheduleChecks::functions)),
            Map.entry("siglip", Map.of("model", SiglipChecks::model)),
            Map.entry("tokenizer", Map.of("tokenizer", TokenizerChecks::run)),
            Map.entry("training", Map.of("training", TrainingChecks::adamW)),
            Map.entry(
                    "vit",
                    Map.of(
                            "model", VitChecks::model,
                            "checkpoint", VitChecks::checkpoint,
                            "function", VitChecks::positions)),
            Map.entry(
                    "vmoe",
                    Map.of(
                            "function", VmoeDispatchChecks::function,
                            "router", VmoeLayerChecks::router,
                            "layer", VmoeLayerChecks::layer,
                            "model", VmoeModelChecks::model,
                            "checkpoint", VmoeModelChecks::checkpoint)));

    private Systems() {}

    /** Runs one case; never throws for what the case holds. */
    public static CaseResult run(Found found) {
        if (NOT_BUILT.contains(found.system())) {
            return new CaseResult(found.id(), Status.NOT_BUILT, List.of(), "system not built yet");
        }
        Check check = found.kind() == null
                ? null
                : CHECKS.getOrDefault(found.system(), Map.of()).get(found.kind());
        if (check == null) {
            return new CaseResult(
                    found.id(),
                    Status.FAILED,
                    List.of(),
                    "no check for system %s, kind %s".formatted(found.system(), found.kind()));
        }
        try (var _ = new Scope();
                var c = new Case(found.folder(), found.system(), String.valueOf(found.kind()))) {
            check.run(c);
            List<Comparison> comparisons = c.finish();
            List<String> off = comparisons.stream()
                    .filter(x -> !x.ok())
                    .map(Comparison::toString)
                    .toList();
            return new CaseResult(
                    found.id(), off.isEmpty() ? Status.PASSED : Status.FAILED, comparisons, String.join("\n", off));
        } catch (NotBuiltException e) {
            return new CaseResult(found.id(), Status.NOT_BUILT, List.of(), String.valueOf(e.getMessage()));
        } catch (Exception | LinkageError e) {
            return new CaseResult(found.id(), Status.FAILED, List.of(), e.toString());
        }
    }
}
