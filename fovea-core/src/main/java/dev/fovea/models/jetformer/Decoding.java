package dev.fovea.models.jetformer;

import static java.util.Objects.requireNonNull;

import dev.fovea.models.vit.Probe;
import dev.fovea.nn.KvBuffer;
import dev.fovea.tensor.Scope;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** Sequences that are being written, one element a step, with their keys and values kept. */
final class Decoding implements AutoCloseable {

    private final JetFormer model;
    private final List<KvBuffer> caches;
    private @Nullable Tensor valid; // bool [B, S]: the columns that hold an element
    private @Nullable Tensor next; // [B, 1]: position of the next element

    Decoding(JetFormer model) {
        this.model = model;
        caches = Stream.generate(KvBuffer::full).limit(model.config().depth()).toList();
    }

    /** Takes what is known, and gives the decoder's output for the element after it. */
    Tensor prefill(Sequence known) { // [B, 1, D]
        try (var scope = new Scope()) {
            RightAlign aligned = RightAlign.of(known.x(), known.mask(), known.valid());
            long length = known.x().size(1);
            // A place without an element sees itself: a row of the softmax must not be empty.
            Tensor mask = aligned.mask()
                    .logical_or(torch.eye(length, known.x().options()).to(ScalarType.Bool));
            Tensor positions = Sequence.positions(aligned.valid());
            Tensor out = model.run(aligned.x(), positions, mask, caches, false, Probe.NONE);
            valid = scope.release(aligned.valid());
            next = scope.release(positions.narrow(1, length - 1, 1).add(new Scalar(1L)));
            return scope.keep(out.narrow(1, length - 1, 1).contiguous());
        }
    }

    /** Takes the next element, and gives the decoder's output for the one after it. */
    Tensor step(Tensor x) { // [B, 1, D]
        Tensor before = requireNonNull(valid);
        Tensor position = requireNonNull(next);
        try (var scope = new Scope()) {
            Tensor now = torch.cat(new TensorVector(before, torch.ones_like(before.narrow(1, 0, 1))), 1);
            Tensor out = model.run(x, position, now.unsqueeze(1), caches, false, Probe.NONE);
            replace(scope.release(now), scope.release(position.add(new Scalar(1L))));
            return scope.keep(out);
        }
    }

    private void replace(@Nullable Tensor newValid, @Nullable Tensor newNext) {
        if (valid != null && next != null) {
            valid.close();
            next.close();
        }
        valid = newValid;
        next = newNext;
    }

    @Override
    public void close() {
        caches.forEach(KvBuffer::close);
        replace(null, null);
    }
}
