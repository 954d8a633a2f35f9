package dev.fovea.verify;

/** Evaluation metrics. Which ones a case is about shows in what it records. */
final class MetricChecks {

    private MetricChecks() {}

    static void run(Case c) {
        if (c.expects("bleu") || c.expects("anls") || c.expects("boxes/locations") || c.expects("codes_of_masks")) {
            throw new NotBuiltException("metrics of captions, answers, boxes and mask codes not built yet");
        }
        throw new IllegalArgumentException(
                "no metric here is known: " + c.expected().keySet());
    }
}
