/**
 * Answers that are JSON of a given schema, whatever the model would rather write. A schema becomes a grammar of characters
 * ({@link dev.fovea.generate.json.JsonSchema}); before each token the grammar, having read the answer so far, says which
 * tokens may follow ({@link dev.fovea.generate.json.JsonConstraint}), and the others are ruled out.
 *
 * <p>The grammar is a regular expression whose parts may refer to each other, and reading a character takes its derivative:
 * the expression of what may still follow (Brzozowski, J. ACM 11(4), 1964). Equal expressions are one object, so what was
 * worked out for one is kept.
 */
@NullMarked
package dev.fovea.generate.json;

import org.jspecify.annotations.NullMarked;
