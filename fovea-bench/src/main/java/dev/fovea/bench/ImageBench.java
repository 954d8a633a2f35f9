package dev.fovea.bench;

import com.sun.management.ThreadMXBean;
import dev.fovea.image.Image;
import dev.fovea.image.ImageDecoder;
import dev.fovea.image.ImageEncoder;
import dev.fovea.image.Preprocess;
import java.lang.management.ManagementFactory;
import java.util.Random;
import java.util.random.RandomGenerator;

/**
 * JPEG files of 500x375 to batches of 224x224, images a second of CPU time of one thread, so that what else the machine
 * does counts little: {@code ImageBench [seconds a line]}.
 */
public final class ImageBench {

    private static final int FILES = 16;
    private static final int SIDE = 224;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private ImageBench() {}

    public static void main(String[] args) {
        double seconds = args.length > 0 ? Double.parseDouble(args[0]) : 3;
        var random = new Random(0);
        var images = new Image[FILES];
        var files = new byte[FILES][];
        long bytes = 0;
        for (int i = 0; i < FILES; i++) {
            images[i] = photograph(375, 500, random);
            files[i] = ImageEncoder.jpeg(images[i], 0.9f);
            bytes += files[i].length;
        }
        System.out.printf("%d JPEG files of 500x375, %d bytes each on average%n", FILES, bytes / FILES);
        var batch = new float[FILES * SIDE * SIDE * 3];
        measure("decode", seconds, i -> ImageDecoder.decode(files[i], "bench"));
        String[] pipelines = {
            "[{op: resize, size: 224}, valueRange]",
            "[{op: resize, size: 224, antialias: true}, valueRange]",
            "[{op: resizeSmall, size: 256}, {op: centralCrop, size: 224}, valueRange]",
            "[{op: pillowResize, size: 224}, normalize]",
            "[{op: inceptionCrop, size: 224}, flipLeftRight, valueRange]",
            "[{op: inceptionCrop, size: 224}, flipLeftRight, randAugment, valueRange]"
        };
        for (String steps : pipelines) {
            Preprocess preprocess = Preprocess.parse(steps);
            measure(steps, seconds, i -> write(preprocess, images[i], random, batch, i));
            measure("decode, " + steps, seconds, i -> {
                write(preprocess, ImageDecoder.decode(files[i], "bench"), random, batch, i);
            });
        }
    }

    private static void write(Preprocess preprocess, Image x, RandomGenerator random, float[] batch, int i) {
        preprocess.apply(x, random, batch, i * SIDE * SIDE * 3, SIDE, SIDE);
    }

    private interface Work {
        void run(int file);
    }

    private static void measure(String what, double seconds, Work work) {
        time(seconds / 2, work);
        double[] result = time(seconds, work);
        System.out.printf("%8.0f images/s %7.0f KiB garbage an image  %s%n", result[0], result[1], what);
    }

    /** Images a second of CPU time, and KiB allocated an image. */
    private static double[] time(double seconds, Work work) {
        long start = THREADS.getCurrentThreadCpuTime();
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        long count = 0;
        while (THREADS.getCurrentThreadCpuTime() - start < seconds * 1e9) {
            for (int i = 0; i < FILES; i++) {
                work.run(i);
            }
            count += FILES;
        }
        double spent = (THREADS.getCurrentThreadCpuTime() - start) / 1e9;
        double garbage = (THREADS.getCurrentThreadAllocatedBytes() - allocated) / 1024.0;
        return new double[] {count / spent, garbage / count};
    }

    /** Soft shapes and grain, which compress about as a photograph does. */
    private static Image photograph(int height, int width, Random random) {
        var rgb = new byte[height * width * 3];
        double[] waves = random.doubles(12, 0.01, 0.12).toArray();
        for (int y = 0, k = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < 3; c++, k++) {
                    double v = 128
                            + 50 * Math.sin(waves[c] * x + waves[c + 3] * y)
                            + 40 * Math.cos(waves[c + 6] * x - waves[c + 9] * y)
                            + 8 * random.nextGaussian();
                    rgb[k] = (byte) Math.clamp(Math.round(v), 0, 255);
                }
            }
        }
        return new Image(height, width, rgb);
    }
}
