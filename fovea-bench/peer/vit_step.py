"""The peer of VitStep: the same ViT step in PyTorch eager, timed the same way. Prints one JSON line.

A measuring stick only: Fovea's build and tests never need it. Needs torch.
"""

import argparse
import functools
import json
import math
import resource
import time

import torch
from torch import nn
from torch.nn import functional as F

arguments = argparse.ArgumentParser()
arguments.add_argument("--variant", default="S/16")
arguments.add_argument("--image", type=int, default=224)
arguments.add_argument("--batch", type=int, default=16)
arguments.add_argument("--classes", type=int, default=1000)
arguments.add_argument("--warmup", type=int, default=2)
arguments.add_argument("--steps", type=int, default=6)
arguments.add_argument("--threads", type=int, default=2)
arguments.add_argument("--mode", choices=["train", "infer"], default="train")
arguments.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
arguments.add_argument("--fused", action="store_true", help="AdamW's fused form, which is not eager's default")
a = arguments.parse_args()

torch.set_num_threads(a.threads)
torch.manual_seed(0)
sizes = {"mu": (32, 1, 2, 4), "Ti": (192, 12, 3, 4), "S": (384, 12, 6, 4), "B": (768, 12, 12, 4)}
name, patch = a.variant.split("/")
width, depth, heads, ratio = sizes[name]


class Block(nn.Module):
    """Pre-norm, one product for query, key and value, as PyTorch users write it."""

    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width, 1e-6), nn.LayerNorm(width, 1e-6)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, ratio * width), nn.Linear(ratio * width, width)

    def forward(self, x):
        b, n, _ = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(b, n, 3, heads, width // heads).permute(2, 0, 3, 1, 4)
        x = x + self.out(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, n, width))
        return x + self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh"))


class Vit(nn.Module):
    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, width, int(patch), int(patch))
        self.positions = nn.Parameter(torch.randn(1, (a.image // int(patch)) ** 2, width) / math.sqrt(width))
        self.blocks = nn.Sequential(*[Block() for _ in range(depth)])
        self.norm, self.head = nn.LayerNorm(width, 1e-6), nn.Linear(width, a.classes)

    def forward(self, image):
        x = self.patches(image).flatten(2).transpose(1, 2) + self.positions
        return self.head(self.norm(self.blocks(x)).mean(1))


model = Vit()
images = torch.randn(a.batch, 3, a.image, a.image)
labels = torch.randint(0, a.classes, (a.batch,))
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=1e-4, fused=a.fused or None)
autocast = functools.partial(torch.autocast, "cpu", torch.bfloat16, enabled=a.precision == "bf16")


def train():
    with autocast():
        loss = torch.nn.functional.cross_entropy(model(images), labels)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return loss.item()


@torch.inference_mode()
def infer():
    with autocast():
        return model(images).sum().item()


step = train if a.mode == "train" else infer
model.train(a.mode == "train")
times = []
for i in range(a.warmup + a.steps):
    start = time.perf_counter()
    step()
    if i >= a.warmup:
        times.append(time.perf_counter() - start)
times.sort()
median = times[len(times) // 2]
print(
    json.dumps(
        {
            "who": f"torch {torch.__version__} eager" + (" fused AdamW" if a.fused else ""),
            "images_per_second": a.batch / median,
            "fastest": a.batch / times[0],
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
        }
    )
)
