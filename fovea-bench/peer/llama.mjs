// llama.cpp, as node-llama-cpp ships it (npm install node-llama-cpp), on a file of RandomGguf: prefill and decoding at the
// depths that GemmaBench takes. Not part of the build: node llama.mjs FILE DEPTHS [TOKENS] [THREADS]
import {getLlama, LlamaLogLevel} from "node-llama-cpp";

const [file, depths, tokens = "128", threads = "2"] = process.argv.slice(2);
const count = Number(tokens);
const all = depths.split(",").map(Number);
const start = performance.now();
const llama = await getLlama({gpu: false, build: "never", logLevel: LlamaLogLevel.error, maxThreads: Number(threads)});
const model = await llama.loadModel({modelPath: file, gpuLayers: 0});
const context = await model.createContext({
    contextSize: Math.max(...all) + count + 64,
    threads: {ideal: Number(threads), min: Number(threads)},
    batchSize: 512,
    flashAttention: process.env.FLASH === "1",
    ignoreMemorySafetyChecks: true,
});
console.log(`llama.cpp ${llama.llamaCppRelease.release}, ${llama.cpuMathCores} cores, opened in ${((performance.now() - start) / 1e3).toFixed(2)} s`);
const sequence = context.getSequence();

/** Milliseconds of prefill and of decoding; token ids are drawn anew, so that no prefix is reused. */
async function run(depth, tokens) {
    await sequence.clearHistory();
    const prompt = Array.from({length: Math.max(1, depth)}, () => 10 + Math.floor(Math.random() * 200));
    const begin = performance.now();
    let first = 0;
    let written = 0;
    for await (const _ of sequence.evaluate(prompt, {temperature: 0, yieldEogToken: true})) {
        written += 1;
        if (written === 1) {
            first = performance.now();
        }
        if (written === tokens + 1) {
            break;
        }
    }
    if (written <= tokens) {
        throw new Error(`wrote ${written} of ${tokens + 1} tokens`);
    }
    return [first - begin, performance.now() - first];
}

await run(8, 8);
for (const depth of all) {
    const [prefill, decoding] = await run(depth, count);
    console.log(`depth ${depth}: prefill ${(1e3 * Math.max(1, depth) / prefill).toFixed(1)} tokens/s, `
        + `decoding ${(1e3 * count / decoding).toFixed(2)} tokens/s (${(decoding / count).toFixed(2)} ms)`);
}
console.log(`peak memory ${(process.resourceUsage().maxRSS / 1e6).toFixed(2)} GB`);
process.exit(0);
