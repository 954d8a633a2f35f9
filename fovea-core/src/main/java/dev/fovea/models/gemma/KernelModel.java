package dev.fovea.models.gemma;

import dev.fovea.nn.Params;

/** A file's network, ready to write, and those of its parameters that the kernels do not multiply. */
record KernelModel(GemmaConfig config, GemmaKernels kernels, Params params) {}
