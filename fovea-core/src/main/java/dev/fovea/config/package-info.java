/**
 * YAML and {@code key=value} overrides to records, and back.
 *
 * <p>A configuration is a record; its keys are the component names. A component is required unless it has a
 * {@link dev.fovea.config.Default}, written there as YAML and nowhere else, or is {@code @Nullable}, which makes an
 * absent key null. Sealed interfaces choose among records by a {@link dev.fovea.config.TypeKey}. Components may be
 * {@code boolean}, {@code int}, {@code long}, {@code float}, {@code double} and their boxes, {@code String},
 * {@code Path}, enums, records, sealed interfaces of records, {@code List} of these and {@code Map} (also
 * {@code SequencedMap}) from {@code String} to these.
 *
 * <p>The component's type decides what a scalar means, not the look of the scalar: {@code NO} is a text where a text is
 * wanted, {@code 1e-3} a number where a number is wanted, and a boolean is {@code true} or {@code false} only.
 *
 * <pre>{@code
 * record Optim(double peak, @Default("0") long warmup, @Nullable Double clipNorm) {}
 * Optim optim = Configs.read(Optim.class, Path.of("optim.yaml"), List.of("peak=3e-4"));
 * }</pre>
 */
@NullMarked
package dev.fovea.config;

import org.jspecify.annotations.NullMarked;
