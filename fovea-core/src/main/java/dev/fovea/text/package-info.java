/**
 * Text to token ids and back, in plain Java.
 *
 * <p>{@link dev.fovea.text.SentencePiece} reads a SentencePiece {@code .model} file (unigram or byte-pair merges) and
 * gives the ids and the text that the C++ library gives, also for U+0000, broken byte runs and pieces spelled out in the
 * text. It is written here rather than bound because the binding's decoding stops at U+0000 and a corrupt file takes the
 * process down with it. {@link dev.fovea.text.SiglipTokenizer} puts the text preparation of SigLIP in front of it.
 */
@NullMarked
package dev.fovea.text;

import org.jspecify.annotations.NullMarked;
