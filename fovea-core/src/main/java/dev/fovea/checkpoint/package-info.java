/**
 * Named tensors on disk: safetensors (single files and Hugging Face's sharded folders), NumPy's npz, the tables that map
 * published parameter names to ours, and checkpoints of a run that survive a kill at any moment.
 *
 * <p>Files are memory-mapped, privately: a tensor of a type that libtorch has lies in the mapping itself, without a
 * second copy, and may be trained in place without the file changing. Nothing here can be used after it was freed: a
 * mapping lives as long as the file object, one of its stored tensors or a native tensor over it is in use, and is
 * unmapped by the garbage collector after that.
 */
@NullMarked
package dev.fovea.checkpoint;

import org.jspecify.annotations.NullMarked;
