import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.ModelParameters;

/**
 * llama.cpp, as {@code de.kherud:llama} ships it, on a file of {@code RandomGguf}: prefill and decoding at the depths that
 * GemmaBench takes. Not part of the build:
 * {@code java -cp llama-4.2.0.jar:annotations-24.1.0.jar LlamaPeer.java FILE DEPTHS [TOKENS] [THREADS]}.
 */
public final class LlamaPeer {

    public static void main(String[] args) {
        int tokens = args.length > 2 ? Integer.parseInt(args[2]) : 128;
        int threads = args.length > 3 ? Integer.parseInt(args[3]) : 2;
        int deepest = 0;
        for (String depth : args[1].split(",")) {
            deepest = Math.max(deepest, Integer.parseInt(depth));
        }
        LlamaModel.setLogger(null, (level, text) -> {
            if (text.contains("system_info") || text.contains("model size") || text.contains("file type")) {
                System.out.print(text);
            }
        });
        try (var model = new LlamaModel(new ModelParameters()
                .setModel(args[0])
                .setThreads(threads)
                .setThreadsBatch(threads)
                .setBatchSize(512)
                .setUbatchSize(512)
                .setCtxSize(deepest + tokens + 64))) {
            complete(model, 8, 8); // warm
            for (String text : args[1].split(",")) {
                int depth = Math.max(1, Integer.parseInt(text));
                double first = complete(model, depth, 1);
                double all = complete(model, depth, 1 + tokens);
                System.out.printf("depth %6d: prefill %8.1f tokens/s, decoding %7.2f tokens/s (%.2f ms)%n",
                        depth, depth / first, tokens / (all - first), 1e3 * (all - first) / tokens);
            }
        }
    }

    /** Seconds of one completion; prompts differ from call to call, so that no prefix is reused. */
    private static double complete(LlamaModel model, int depth, int tokens) {
        var prompt = new StringBuilder();
        var random = new java.util.Random();
        while (prompt.length() < Math.max(1, depth - 1)) { // and the first token of every text
            prompt.append((char) ('a' + random.nextInt(26)));
        }
        var request = new InferenceParameters(prompt.toString())
                .setNPredict(tokens)
                .setIgnoreEos(true)
                .setTemperature(0)
                .setCachePrompt(false);
        long start = System.nanoTime();
        int count = 0;
        for (var piece : model.generate(request)) {
            count++;
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        if (count < tokens) {
            System.out.printf("wrote %d of %d pieces%n", count, tokens);
        }
        return seconds;
    }
}
