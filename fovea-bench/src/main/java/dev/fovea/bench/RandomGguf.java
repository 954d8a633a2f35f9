package dev.fovea.bench;

import dev.fovea.models.gemma.DecoderConfig;
import dev.fovea.models.gemma.GemmaConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * A full-size text model of Gemma 3 with random weights as one GGUF file, for llama.cpp ({@code peer/llama.mjs}): {@code
 * RandomGguf gemma3-1b bf16|q8_0|q4_0|q4_k_m FILE}. As in our own formats, {@code q4_0} keeps the tied head in 8 bits; {@code q4_k_m}
 * is the mixture that llama.cpp makes, Q5_0 and Q8_0 in rows that are no whole blocks of 256. The
 * vocabulary knows bytes alone, so that a prompt has as many tokens as bytes.
 */
public final class RandomGguf {

    private static final int ALIGNMENT = 32;
    private static final int BLOCK = 32;
    private static final int SUPER_BLOCK = 256;
    private static final float SCALE = 0.002f;
    private static final int NORMAL = 1;
    private static final float SUPER_SCALE = 0.00006f;
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int BYTE = 6;

    private enum Type {
        F32(0, 1, 4),
        BF16(30, 1, 2),
        Q8_0(8, BLOCK, 2 + BLOCK),
        Q4_0(2, BLOCK, 2 + BLOCK / 2),
        Q5_0(6, BLOCK, 6 + BLOCK / 2),
        Q4_K(12, SUPER_BLOCK, 144),
        Q6_K(14, SUPER_BLOCK, 210);

        private final int code;
        private final int values;
        private final int bytes;

        Type(int code, int values, int bytes) {
            this.code = code;
            this.values = values;
            this.bytes = bytes;
        }
    }

    /** A matrix of {@code rows} times {@code columns}; a vector has one row. */
    private record Entry(String name, int rows, int columns, Type type) {

        long bytes() {
            return (long) rows * columns / type.values * type.bytes;
        }
    }

    private RandomGguf() {}

    public static void main(String[] args) throws IOException {
        if (args.length != 3) {
            throw new IllegalArgumentException("wanted a size such as gemma3-1b, bf16|q8_0|q4_0|q4_k_m and a file");
        }
        DecoderConfig config = GemmaConfig.of(GemmaConfig.size(args[0])).text();
        boolean isMixed = args[1].equals("q4_k_m");
        Type type = isMixed ? Type.Q4_K : Type.valueOf(args[1].toUpperCase(Locale.ROOT));
        List<Entry> entries = entries(config, type);
        if (isMixed) {
            entries.replaceAll(x -> mixed(x, config.depth()));
        }
        try (var file = FileChannel.open(
                Path.of(args[2]),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
            byte[] header = header(config, entries);
            file.write(ByteBuffer.wrap(header));
            file.write(ByteBuffer.allocate(padding(header.length)));
            var random = new SplittableRandom(0);
            for (Entry entry : entries) {
                write(entry, random, file);
                file.write(ByteBuffer.allocate(padding(entry.bytes())));
            }
        }
    }

    private static List<Entry> entries(DecoderConfig c, Type type) {
        var entries = new ArrayList<Entry>();
        int queries = c.numHeads() * c.headDim();
        int keys = c.numKvHeads() * c.headDim();
        entries.add(new Entry("token_embd.weight", c.vocabSize(), c.width(), type == Type.Q4_0 ? Type.Q8_0 : type));
        entries.add(norm("output_norm", c.width()));
        for (int i = 0; i < c.depth(); i++) {
            String at = "blk.%d.".formatted(i);
            entries.add(norm(at + "attn_norm", c.width()));
            entries.add(new Entry(at + "attn_q.weight", queries, c.width(), type));
            entries.add(new Entry(at + "attn_k.weight", keys, c.width(), type));
            entries.add(new Entry(at + "attn_v.weight", keys, c.width(), type));
            entries.add(new Entry(at + "attn_output.weight", c.width(), queries, type));
            entries.add(norm(at + "attn_q_norm", c.headDim()));
            entries.add(norm(at + "attn_k_norm", c.headDim()));
            entries.add(norm(at + "post_attention_norm", c.width()));
            entries.add(norm(at + "ffn_norm", c.width()));
            entries.add(new Entry(at + "ffn_gate.weight", c.mlpDim(), c.width(), type));
            entries.add(new Entry(at + "ffn_up.weight", c.mlpDim(), c.width(), type));
            entries.add(new Entry(at + "ffn_down.weight", c.width(), c.mlpDim(), type));
            entries.add(norm(at + "post_ffw_norm", c.width()));
        }
        return entries;
    }

    /** Q6_K for the embedding and, in some layers, values and the last matrix of the MLP. */
    private static Entry mixed(Entry x, int depth) {
        if (x.type == Type.F32) {
            return x;
        }
        boolean isFine = x.name.startsWith("token_embd");
        if (x.name.endsWith("attn_v.weight") || x.name.endsWith("ffn_down.weight")) {
            int layer = Integer.parseInt(x.name.substring(4, x.name.indexOf('.', 4)));
            isFine = layer < depth / 8 || layer >= 7 * depth / 8 || (layer - depth / 8) % 3 == 2;
        }
        boolean isWhole = x.columns % SUPER_BLOCK == 0;
        Type type = isFine ? (isWhole ? Type.Q6_K : Type.Q8_0) : isWhole ? Type.Q4_K : Type.Q5_0;
        return new Entry(x.name, x.rows, x.columns, type);
    }

    private static Entry norm(String name, int width) {
        return new Entry(name + ".weight", 1, width, Type.F32);
    }

    private static byte[] header(DecoderConfig c, List<Entry> entries) {
        var keys = new Bytes();
        int count = 0;
        keys.text("general.architecture").int32(8).text("gemma3");
        keys.text("gemma3.context_length").uint(c.contextLength());
        keys.text("gemma3.embedding_length").uint(c.width());
        keys.text("gemma3.block_count").uint(c.depth());
        keys.text("gemma3.feed_forward_length").uint(c.mlpDim());
        keys.text("gemma3.attention.head_count").uint(c.numHeads());
        keys.text("gemma3.attention.head_count_kv").uint(c.numKvHeads());
        keys.text("gemma3.attention.key_length").uint(c.headDim());
        keys.text("gemma3.attention.value_length").uint(c.headDim());
        keys.text("gemma3.attention.sliding_window").uint(c.window());
        keys.text("gemma3.attention.layer_norm_rms_epsilon").float32((float) c.normEps());
        keys.text("gemma3.rope.freq_base").float32((float) c.global().theta());
        count += 12;
        keys.text("tokenizer.ggml.model").int32(8).text("llama");
        keys.text("tokenizer.ggml.bos_token_id").uint(2);
        keys.text("tokenizer.ggml.eos_token_id").uint(1);
        keys.text("tokenizer.ggml.unknown_token_id").uint(3);
        keys.text("tokenizer.ggml.add_bos_token").int32(7).int8(1);
        keys.text("tokenizer.ggml.add_space_prefix").int32(7).int8(0);
        count += 6;
        keys.text("tokenizer.ggml.tokens").array(8, c.vocabSize());
        for (int id = 0; id < c.vocabSize(); id++) {
            keys.text(token(id));
        }
        keys.text("tokenizer.ggml.scores").array(6, c.vocabSize());
        for (int id = 0; id < c.vocabSize(); id++) {
            keys.float4(-id);
        }
        keys.text("tokenizer.ggml.token_type").array(5, c.vocabSize());
        for (int id = 0; id < c.vocabSize(); id++) {
            keys.int32(id == 3 ? UNKNOWN : id < 4 ? CONTROL : id < 260 ? BYTE : NORMAL);
        }
        count += 3;
        var header = new Bytes();
        header.int32(0x46554747).int32(3).int64(entries.size()).int64(count).all(keys);
        long offset = 0;
        for (Entry entry : entries) {
            header.text(entry.name).int32(entry.rows == 1 ? 1 : 2).int64(entry.columns);
            if (entry.rows > 1) {
                header.int64(entry.rows);
            }
            header.int32(entry.type.code).int64(offset);
            offset += entry.bytes() + padding(entry.bytes());
        }
        return header.out.toByteArray();
    }

    private static String token(int id) {
        return switch (id) {
            case 0 -> "<pad>";
            case 1 -> "<eos>";
            case 2 -> "<bos>";
            case 3 -> "<unk>";
            default -> id < 260 ? "<0x%02X>".formatted(id - 4) : "~never-%d".formatted(id);
        };
    }

    private static void write(Entry entry, SplittableRandom random, FileChannel file) throws IOException {
        int rowBytes = Math.toIntExact(entry.bytes() / entry.rows);
        var bytes = new byte[rowBytes];
        var row = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int r = 0; r < entry.rows; r++) {
            row.clear();
            switch (entry.type) {
                case F32 -> {
                    for (int i = 0; i < entry.columns; i++) {
                        row.putFloat(4 * i, 1);
                    }
                }
                case BF16 -> {
                    for (int i = 0; i < entry.columns; i++) {
                        float x = (float) random.nextDouble(-0.05, 0.05);
                        row.putShort(2 * i, (short) (Float.floatToRawIntBits(x) >>> 16));
                    }
                }
                case Q8_0, Q4_0, Q5_0 -> {
                    random.nextBytes(bytes);
                    for (int at = 0; at < rowBytes; at += entry.type.bytes) {
                        row.putShort(at, about(SCALE, random));
                    }
                }
                case Q4_K, Q6_K -> {
                    random.nextBytes(bytes);
                    for (int at = 0; at < rowBytes; at += entry.type.bytes) {
                        if (entry.type == Type.Q6_K) {
                            row.putShort(at + 208, about(SUPER_SCALE, random));
                        } else {
                            row.putShort(at, about(SUPER_SCALE, random)).putShort(at + 2, about(SUPER_SCALE, random));
                        }
                    }
                }
            }
            while (row.hasRemaining()) {
                file.write(row);
            }
        }
    }

    /** Blocks have scales of their own, as in a real file: three quarters of the given one to five quarters. */
    private static short about(float scale, SplittableRandom random) {
        return Float.floatToFloat16((float) (scale * random.nextDouble(0.75, 1.25)));
    }

    private static int padding(long size) {
        return (int) (-size & (ALIGNMENT - 1));
    }

    /** Little-endian values, one after another. */
    private static final class Bytes {

        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Bytes int8(int x) {
            out.write(x);
            return this;
        }

        Bytes int32(int x) {
            return int8(x).int8(x >>> 8).int8(x >>> 16).int8(x >>> 24);
        }

        Bytes int64(long x) {
            return int32((int) x).int32((int) (x >>> 32));
        }

        Bytes float4(float x) {
            return int32(Float.floatToRawIntBits(x));
        }

        Bytes float32(float x) {
            return int32(6).float4(x);
        }

        Bytes uint(int x) {
            return int32(4).int32(x);
        }

        Bytes array(int type, int size) {
            return int32(9).int32(type).int64(size);
        }

        Bytes text(String s) {
            byte[] bytes = s.getBytes(StandardCharsets.UTF_8);
            int64(bytes.length);
            out.writeBytes(bytes);
            return this;
        }

        Bytes all(Bytes other) {
            out.writeBytes(other.out.toByteArray());
            return this;
        }
    }
}
