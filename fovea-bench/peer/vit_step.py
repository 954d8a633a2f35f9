"""The peer of VitStep: the same ViT step in PyTorch eager, timed the same way. Prints one JSON line.

A measuring stick only: Fovea's build and tests never need it. Needs torch and timm.
"""

import argparse
import functools
import json
import resource
import time

import timm
import torch

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
model = timm.models.vision_transformer.VisionTransformer(
    img_size=a.image,
    patch_size=int(patch),
    embed_dim=width,
    depth=depth,
    num_heads=heads,
    mlp_ratio=ratio,
    num_classes=a.classes,
    class_token=False,
    global_pool="avg",
    fc_norm=False,
    act_layer=functools.partial(torch.nn.GELU, approximate="tanh"),
)
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
