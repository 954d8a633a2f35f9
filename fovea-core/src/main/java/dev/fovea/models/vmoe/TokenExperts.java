package dev.fovea.models.vmoe;

import dev.fovea.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.LongOptional;

/** Which experts each token of a batch met, in one block. */
public final class TokenExperts {

    private TokenExperts() {}

    /**
     * By token, pictures one after another and in an ensemble a token's members together; a token that met none has an
     * empty list. Of soft slots, the expert whose slots weigh most for the token.
     */
    public static List<List<Integer>> of(List<Routing> routings) {
        var all = new ArrayList<List<Integer>>();
        for (Routing routing : routings) {
            switch (routing) {
                case Routing.Sparse s -> {
                    int from = all.size();
                    long tokens = s.gates().size(0) * s.gates().size(1);
                    for (long t = 0; t < tokens; t++) {
                        all.add(new ArrayList<>());
                    }
                    int[] token = s.routes().token();
                    int[] expert = s.routes().expert();
                    for (int r = 0; r < token.length; r++) {
                        all.get(from + token[r]).add(expert[r]);
                    }
                }
                case Routing.Soft s -> {
                    var mass = s.combine().sum(3).flatten(0, 1); // [G·S, E]
                    for (int e : Tensors.toInts(mass.argmax(new LongOptional(1), false))) {
                        all.add(List.of(e));
                    }
                }
            }
        }
        return all;
    }
}
