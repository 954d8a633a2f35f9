package dev.fovea.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * The loops of this package, run until they are compiled, on threads of their own while a model is opened. Interpreted, a loop is a
 * thousand times slower. It first runs over a few columns, where it is called often enough in little time, and pauses to leave the
 * processors to the compiler; then over as many as it is for. It reads the model's own memory: a mapped file is of another class
 * than memory from an arena, and a loop that was compiled for one of them would be thrown away at the other.
 */
public final class WarmUp {

    /** After so many calls that are not compiled yet it pauses between them. */
    private static final int CALLS = 2000;
    /** Calls after a pause that are not timed, for caches are cold then. */
    private static final int AFTER_PAUSE = 4;
    /** Columns of a product to begin with. */
    private static final int FEW = 16;

    private static final int SLOTS = 16;
    /** Calls over all columns. */
    private static final int WHOLE = 10;
    /** What no product takes whose loops are compiled (2 to 5 µs, up to 20 on busy cores), and nearly every one of which one is not (50 and more). */
    private static final long PRODUCT_NANOS = 30_000;
    /** The same of a token's attention: 11 to 19 µs, and 80 and more. */
    private static final long ATTENTION_NANOS = 40_000;
    /** So long a compiler may take that has other things to do. */
    private static final long LIMIT_NANOS = 2_000_000_000;

    private final List<CompletableFuture<Void>> parts = new ArrayList<>();

    private WarmUp(Runnable... parts) {
        for (Runnable part : Kernels.isVectorised() ? parts : new Runnable[0]) { // plain loops compile as they run
            String name = "fovea-warm-up-" + (this.parts.size() + 1);
            this.parts.add(CompletableFuture.runAsync(
                    part, task -> Thread.ofPlatform().daemon().name(name).start(task)));
        }
    }

    /**
     * Begins with products and with attention.
     *
     * @param many matrices of every kind that is multiplied with one vector and with several; they must stay until {@link #await}
     * @param one the same of a kind that is multiplied with one alone
     * @param group heads of queries to one of keys
     */
    public static WarmUp start(List<Matrix> many, Matrix one, KvRows.Format format, int group, int headDim) {
        List<Matrix> kinds = kinds(many);
        return new WarmUp(
                () -> {
                    kinds.forEach(x -> products(x, Loops.TOGETHER + 1));
                    if (kinds.stream().noneMatch(x -> x.kind().equals(one.kind()))) {
                        products(one, 1);
                    }
                },
                () -> attention(format, group, headDim));
    }

    /** Begins with what widens matrices for the products of a long prompt; nothing where they need not be. */
    public static WarmUp startUnpacking(List<Matrix> own) {
        return new WarmUp(kinds(own).stream()
                .filter(WidenedMatrix.class::isInstance)
                .<Runnable>map(x -> () -> unpack((WidenedMatrix) x))
                .toArray(Runnable[]::new));
    }

    /** The first matrix of each kind. */
    private static List<Matrix> kinds(List<Matrix> matrices) {
        var found = new LinkedHashMap<Object, Matrix>();
        matrices.forEach(x -> found.putIfAbsent(x.kind(), x));
        return List.copyOf(found.values());
    }

    /** Begins with attention alone. */
    public static WarmUp start(KvRows.Format format, int group, int headDim) {
        return new WarmUp(() -> attention(format, group, headDim));
    }

    /** Begins with every loop. */
    public static WarmUp startAll() {
        return new WarmUp(
                () -> {
                    try (Arena arena = Arena.ofShared()) {
                        var weights = new float[128 * FEW];
                        products(Bf16Matrix.of(weights, 4 * FEW, arena), Loops.TOGETHER + 1);
                        products(Int8Matrix.of(weights, 4 * FEW, arena), Loops.TOGETHER + 1);
                        products(Int4Matrix.of(weights, 4 * FEW, arena), Loops.TOGETHER + 1);
                        unpack(Int8Matrix.of(weights, 4 * FEW, arena));
                        unpack(Int4Matrix.of(weights, 4 * FEW, arena));
                    }
                },
                () -> {
                    for (KvRows.Format format : KvRows.Format.values()) {
                        attention(format, 1, 4 * FEW);
                        attention(format, Loops.TOGETHER, 4 * FEW);
                    }
                });
    }

    /** Returns when all of it is compiled. */
    public void await() {
        try {
            parts.forEach(CompletableFuture::join);
        } catch (CompletionException e) {
            throw new IllegalStateException("the loops of a model failed: " + e.getCause(), e.getCause());
        }
    }

    private static void products(Matrix own, int vectors) {
        try (var workers = new Workers(1)) {
            repeat(product(own.scrap(2 * Loops.GROUP, few(own)), vectors, workers), PRODUCT_NANOS);
            Runnable whole = product(own.scrap(2 * Loops.GROUP, own.columns()), vectors, workers);
            for (int i = 0; i < WHOLE; i++) {
                whole.run();
            }
        }
    }

    private static int few(Matrix own) {
        return switch (own) {
            case Int8Matrix _ -> FEW;
            case Int4Matrix _ -> 4 * FEW; // two blocks
            case Bf16Matrix _ -> 4 * FEW;
            case BlockMatrix blocks -> Math.max(4 * FEW, blocks.format().size());
        };
    }

    private static void unpack(WidenedMatrix own) {
        int few = few(own);
        var small = (WidenedMatrix) own.scrap(2 * Loops.GROUP, few);
        var whole = (WidenedMatrix) own.scrap(2 * Loops.GROUP, own.columns());
        try (Arena arena = Arena.ofShared()) {
            MemorySegment into = arena.allocate(4L * whole.rows() * whole.paddedColumns(), 64);
            repeat(() -> small.unpackHalves(0, small.groups(), into), PRODUCT_NANOS);
            for (int i = 0; i < WHOLE; i++) {
                whole.unpackHalves(0, whole.groups(), into);
            }
        }
    }

    private static Runnable product(Matrix matrix, int vectors, Workers workers) {
        var xs = new float[vectors][matrix.columns()];
        var ys = new float[vectors][matrix.rows()];
        return () -> matrix.times(xs, ys, workers);
    }

    private static void attention(KvRows.Format format, int group, int headDim) {
        int few = Math.min(headDim, 4 * Kernels.LOOPS.rows().lanes()); // fewer would leave out the loops over registers
        try (var workers = new Workers(1);
                var small = KvRows.full(format, 1, few);
                var whole = KvRows.full(format, 1, headDim)) {
            repeat(token(small, group, workers), ATTENTION_NANOS);
            Runnable token = token(whole, group, workers);
            for (int i = 0; i < 3 * SLOTS; i++) {
                token.run();
            }
        }
    }

    /** A token at one place after the other, so that a loop sees all the numbers of last rows. */
    private static Runnable token(KvRows rows, int group, Workers workers) {
        int headDim = rows.headDim();
        var head = new float[headDim];
        var queries = new float[group * headDim];
        var gates = new float[2 * headDim];
        var gated = new float[headDim];
        var tokens = new AtomicInteger();
        return () -> {
            int position = tokens.getAndIncrement() % SLOTS;
            rows.put(position, head, 0, head, 0);
            rows.attend(queries, position, queries, workers);
            Kernels.gatedGelu(gates, gated, workers);
        };
    }

    private static void repeat(Runnable call, long compiledNanos) {
        long end = System.nanoTime() + LIMIT_NANOS;
        int fast = 0;
        for (int i = 0; fast < 20 && System.nanoTime() < end; i++) {
            long start = System.nanoTime();
            call.run();
            fast = System.nanoTime() - start < compiledNanos ? fast + 1 : 0;
            if (i >= CALLS && fast == 0) {
                LockSupport.parkNanos(2_000_000);
                for (int warm = 0; warm < AFTER_PAUSE; warm++) {
                    call.run();
                }
            }
        }
    }
}
