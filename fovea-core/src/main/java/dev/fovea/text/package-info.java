/**
 * Text to token ids and back, in plain Java.
 *
 * <p>{@link dev.fovea.text.SentencePiece} reads a SentencePiece {@code .model} file (unigram or byte-pair merges) and
 * gives the ids and the text that the C++ library gives, also for U+0000, broken byte runs and pieces spelled out in the
 * text. It is written here rather than bound because the binding's decoding stops at U+0000 and a corrupt file takes the
 * process down with it. {@link dev.fovea.text.SiglipTokenizer} puts the text preparation of SigLIP in front of it.
 *
 * <p>{@link dev.fovea.text.HuggingFaceTokenizer} reads a {@code tokenizer.json}: in Java where it is of Gemma's kind, for the
 * library that defines the file takes seconds for a vocabulary of that size, and by that library where it is of another.
 */
@NullMarked
package dev.fovea.text;

import org.jspecify.annotations.NullMarked;
