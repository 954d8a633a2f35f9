/**
 * Examples on their way from files to batches: {@link dev.fovea.data.Dataset} gives one by its index,
 * {@link dev.fovea.data.Batches} gives the batch of a step. Plain Java throughout, arrays and records; no tensor is made here.
 *
 * <p>What a run sees is a pure function of the seed. The order of an epoch is a {@link dev.fovea.data.Permutation} of
 * (seed, epoch), the randomness of an example's augmentation comes from (seed, epoch, index), that of a batch from
 * (seed, step). So a run can begin at any step, with any number of worker threads, and sees what the uninterrupted run saw.
 *
 * <p>Files that others wrote are not trusted: sizes are checked against the file before anything is allocated, and a
 * broken file is one {@link java.io.UncheckedIOException} that names the file, what was found and what was wanted.
 */
@NullMarked
package dev.fovea.data;

import org.jspecify.annotations.NullMarked;
