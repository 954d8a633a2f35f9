package dev.fovea.checkpoint;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** The engine's element types and the files'. */
final class EngineTypes {

    private EngineTypes() {}

    static ScalarType of(StoredTensor stored) {
        ScalarType type = of(stored.dtype());
        if (type == null) {
            throw new IllegalArgumentException(
                    "%s: libtorch has no type for dtype %s".formatted(stored.name(), stored.dtype()));
        }
        return type;
    }

    static DType of(String name, Tensor x) {
        ScalarType type = x.scalar_type();
        for (DType dtype : DType.values()) {
            if (of(dtype) == type.intern()) {
                return dtype;
            }
        }
        throw new IllegalArgumentException("%s: safetensors has no dtype for %s".formatted(name, type));
    }

    private static @Nullable ScalarType of(DType dtype) {
        return switch (dtype) {
            case BOOL -> ScalarType.Bool;
            case U8 -> ScalarType.Byte;
            case I8 -> ScalarType.Char;
            case I16 -> ScalarType.Short;
            case U16 -> ScalarType.UInt16;
            case I32 -> ScalarType.Int;
            case U32 -> ScalarType.UInt32;
            case I64 -> ScalarType.Long;
            case U64 -> ScalarType.UInt64;
            case F8_E5M2 -> ScalarType.Float8_e5m2;
            case F8_E4M3 -> ScalarType.Float8_e4m3fn;
            case F8_E8M0 -> ScalarType.Float8_e8m0fnu;
            case F8_E5M2FNUZ -> ScalarType.Float8_e5m2fnuz;
            case F8_E4M3FNUZ -> ScalarType.Float8_e4m3fnuz;
            case F16 -> ScalarType.Half;
            case BF16 -> ScalarType.BFloat16;
            case F32 -> ScalarType.Float;
            case F64 -> ScalarType.Double;
            case C64 -> ScalarType.ComplexFloat;
            case F4, F6_E2M3, F6_E3M2 -> null;
        };
    }
}
