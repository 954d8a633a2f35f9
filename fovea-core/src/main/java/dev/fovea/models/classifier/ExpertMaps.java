package dev.fovea.models.classifier;

import dev.fovea.image.Image;
import dev.fovea.models.vit.Size;
import dev.fovea.models.vit.VitConfig.Pool;
import dev.fovea.models.vmoe.Noise;
import dev.fovea.models.vmoe.TokenExperts;
import dev.fovea.models.vmoe.Usage;
import dev.fovea.models.vmoe.Vmoe;
import dev.fovea.models.vmoe.VmoeConfig;
import dev.fovea.report.Gallery;
import dev.fovea.report.TablePage;
import dev.fovea.report.TablePage.Table;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.awt.Color;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Tensor;

/**
 * Which expert saw which patch: each picture once a block with experts, every patch in the colours of its experts and
 * grey where it met none.
 *
 * @param usage of the experts, over all pictures
 * @param pictures by block, in the order of the pictures given
 */
public record ExpertMaps(Usage usage, List<SequencedMap<Integer, Image>> pictures) {

    /** Pictures are drawn at least so large. */
    private static final int SIDE = 224;

    private static final float TINT = 0.5f;

    /** Of pictures that are routed as one batch. */
    public static ExpertMaps of(Classifier model, List<Image> images) {
        if (!(model.model() instanceof Network.Sparse(Vmoe vmoe))) {
            throw new IllegalArgumentException("this model has no experts to show");
        }
        try (var _ = new Scope();
                var _ = new AutoGradMode(false)) {
            Tensor pixels = model.pixels(images); // [B, H, W, 3]
            Vmoe.Output out = vmoe.forward(pixels, Noise.NONE);
            float[] values = Tensors.toFloats(pixels);
            var pictures = new ArrayList<SequencedMap<Integer, Image>>();
            for (int b = 0; b < images.size(); b++) {
                pictures.add(new LinkedHashMap<>());
            }
            out.routings().forEach((block, routings) -> {
                List<List<Integer>> experts = TokenExperts.of(routings);
                for (int b = 0; b < images.size(); b++) {
                    pictures.get(b).put(block, map(vmoe.config(), values, b, experts));
                }
            });
            return new ExpertMaps(Usage.of(images.size(), out.routings()), pictures);
        }
    }

    private static Image map(VmoeConfig c, float[] values, int picture, List<List<Integer>> experts) {
        Size size = c.vit().image();
        Size patch = c.vit().patch();
        int columns = c.vit().grid().width();
        int members = c.moe().router().ensemble();
        int first = c.vit().pool() == Pool.TOK ? 1 : 0; // a class token has no patch
        int zoom = Math.max(1, Math.ceilDiv(SIDE, Math.max(size.height(), size.width())));
        Image drawn = Image.filled(size.height() * zoom, size.width() * zoom, 0);
        for (int y = 0; y < drawn.height(); y++) {
            for (int x = 0; x < drawn.width(); x++) {
                int row = y / zoom;
                int column = x / zoom;
                int token = picture * c.numTokens() + first + row / patch.height() * columns + column / patch.width();
                var met = new ArrayList<Integer>();
                for (int m = 0; m < members; m++) {
                    met.addAll(experts.get(token * members + m));
                }
                int across = x % (patch.width() * zoom);
                int stripe = met.isEmpty() ? 0 : across * met.size() / (patch.width() * zoom);
                float[] tint = met.isEmpty()
                        ? new float[] {0.5f, 0.5f, 0.5f}
                        : color(met.get(stripe), c.moe().numExperts());
                int from = ((picture * size.height() + row) * size.width() + column) * 3;
                for (int i = 0; i < 3; i++) {
                    float value = Math.clamp((values[from + i] + 1) / 2, 0f, 1f);
                    float mixed = met.isEmpty() ? 0.3f * value + 0.35f : (1 - TINT) * value + TINT * tint[i];
                    drawn.rgb()[(y * drawn.width() + x) * 3 + i] = (byte) Math.round(255 * mixed);
                }
            }
        }
        return drawn;
    }

    /** Colours round the circle, neighbours in number far apart. */
    private static float[] color(int expert, int numExperts) {
        float hue = (float) (expert * 0.61803398875 % 1.0);
        float brightness = numExperts > 16 && expert % 2 == 1 ? 0.7f : 1;
        return new Color(Color.HSBtoRGB(hue, 0.85f, brightness)).getRGBColorComponents(null);
    }

    /** Names of the load table's columns; the experts' loads follow. */
    public static final List<String> HEADER = List.of("block", "tokens", "served", "max/mean", "load of each expert");

    /** Per-layer load, a row a block. */
    public List<List<String>> load() {
        var rows = new ArrayList<List<String>>();
        usage.blocks()
                .forEach((block, u) -> rows.add(List.of(
                        Integer.toString(block),
                        Long.toString(u.tokens()),
                        String.format(Locale.ROOT, "%.3f", (double) u.served() / u.tokens()),
                        String.format(Locale.ROOT, "%.2f", u.imbalance()),
                        String.join(
                                " ",
                                LongStream.of(u.load()).mapToObj(Long::toString).toList()))));
        return rows;
    }

    /** The page: loads, then every picture's maps. */
    public TablePage page(String title, List<String> names) {
        var galleries = new ArrayList<Gallery>();
        for (int i = 0; i < pictures.size(); i++) {
            var maps = new ArrayList<Gallery.Picture>();
            pictures.get(i).forEach((block, image) -> maps.add(new Gallery.Picture("block " + block, image)));
            galleries.add(new Gallery(names.get(i), maps));
        }
        return new TablePage(
                title,
                "Each patch in the colours of the experts that saw it; grey where it found no slot.",
                List.of(new Table("Load by block", HEADER, load())),
                List.of(),
                galleries);
    }
}
