/**
 * Fetches published models: the Hugging Face hub's addresses, and its cache on disk as its own Python client lays it out, so
 * that either finds what the other has fetched.
 */
@NullMarked
package dev.fovea.cli.hub;

import org.jspecify.annotations.NullMarked;
