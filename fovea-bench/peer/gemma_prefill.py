"""Prompts and single tokens of a Gemma 3 folder in Hugging Face transformers, the peer of dev.fovea.bench.GemmaBench:
gemma_prefill.py FOLDER bfloat16|float32 LENGTHS [TOKENS] [THREADS]"""
import sys
import time

import torch
from transformers import AutoModelForCausalLM

folder, dtype, lengths = sys.argv[1], getattr(torch, sys.argv[2]), [int(n) for n in sys.argv[3].split(",")]
tokens = int(sys.argv[4]) if len(sys.argv) > 4 else 16
torch.set_num_threads(int(sys.argv[5]) if len(sys.argv) > 5 else 2)
model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype).eval()
with torch.inference_mode():
    for n in lengths:
        ids = torch.randint(0, model.config.vocab_size, (1, n))
        start = time.perf_counter()
        out = model(ids, use_cache=True, logits_to_keep=1)
        prefill = time.perf_counter() - start
        times = []
        for _ in range(tokens):
            start = time.perf_counter()
            out = model(
                torch.randint(0, model.config.vocab_size, (1, 1)), past_key_values=out.past_key_values, logits_to_keep=1
            )
            times.append(time.perf_counter() - start)
        median = sorted(times)[len(times) // 2] if times else float("nan")
        print(f"depth {n}: prefill {n / prefill:.1f} tokens/s, decoding {1 / median:.2f} tokens/s", flush=True)
