"""The peer of FlowStep: the same Jet or JetFormer step in PyTorch eager, timed the same way. Prints one JSON line.

A measuring stick only: Fovea's build and tests never need it. Needs torch and PyYAML.
"""

import argparse
import json
import math
import resource
import time

import torch
import yaml
from torch import nn
from torch.nn import functional as F

arguments = argparse.ArgumentParser()
arguments.add_argument("--config", required=True)
arguments.add_argument("--batch", type=int, default=64)
arguments.add_argument("--warmup", type=int, default=2)
arguments.add_argument("--steps", type=int, default=8)
arguments.add_argument("--threads", type=int, default=2)
arguments.add_argument("--mode", choices=["train", "sample"], default="train")
a = arguments.parse_args()

torch.set_num_threads(a.threads)
torch.manual_seed(0)
with open(a.config) as f:
    config = yaml.safe_load(f)
sizes = config["model"]
height, width_px = sizes["image"]["height"], sizes["image"]["width"]
channels, patch = sizes.get("channels", 3), sizes["patch"]
grid = (height // patch, width_px // patch)
tokens, values = grid[0] * grid[1], channels * patch * patch


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width, 1e-6), nn.LayerNorm(width, 1e-6)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        b, n, w = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(b, n, 3, self.heads, w // self.heads).permute(2, 0, 3, 1, 4)
        x = x + self.out(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, n, w))
        return x + self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh"))


class Coupling(nn.Module):
    def __init__(self, order, spatial, width, depth, heads):
        super().__init__()
        self.spatial = spatial
        self.register_buffer("order", order)
        self.register_buffer("back", order.argsort())
        self.enter = nn.Linear(values // 2, width)
        self.positions = nn.Parameter(torch.randn(tokens, width) / math.sqrt(width))
        self.blocks = nn.Sequential(*[Block(width, heads) for _ in range(depth)])
        self.norm, self.leave = nn.LayerNorm(width, 1e-6), nn.Linear(width, values)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def split(self, x):
        axis = 1 if self.spatial else 2
        seen, moved = x.index_select(axis, self.order).chunk(2, axis)
        if self.spatial:
            seen, moved = (y.reshape(len(x), tokens, values // 2) for y in (seen, moved))
        bias, raw = self.leave(self.norm(self.blocks(self.enter(seen) + self.positions))).chunk(2, -1)
        return seen, moved, bias, raw

    def merge(self, seen, moved):
        if self.spatial:
            seen, moved = (y.reshape(len(seen), tokens // 2, values) for y in (seen, moved))
        axis = 1 if self.spatial else 2
        return torch.cat([seen, moved], axis).index_select(axis, self.back)

    def forward(self, x):
        seen, moved, bias, raw = self.split(x)
        log_det = (F.logsigmoid(raw) + math.log(2)).sum((1, 2))
        return self.merge(seen, (moved + bias) * (raw.sigmoid() * 2)), log_det

    def inverse(self, x):
        seen, moved, bias, raw = self.split(x)
        return self.merge(seen, moved / (raw.sigmoid() * 2) - bias)


def order_of(kind, count):
    if kind == "channels":
        return torch.randperm(values)
    rows, columns = grid
    first = [i for i in range(tokens) if (i // columns + i % columns) % 2 == count % 2]
    return torch.tensor(first + [i for i in range(tokens) if i not in set(first)])


class Flow(nn.Module):
    def __init__(self, c, kinds):
        super().__init__()
        self.couplings = nn.ModuleList()
        spatial = 0
        for i in range(c["depth"]):
            kind = kinds[i % len(kinds)]
            self.couplings.append(
                Coupling(order_of(kind, spatial), kind == "spatial", c["width"], c.get("blockDepth", 1), c["numHeads"])
            )
            spatial += kind == "spatial"

    def forward(self, x):
        log_det = x.new_zeros(len(x))
        for coupling in self.couplings:
            x, one = coupling(x)
            log_det = log_det + one
        return x, log_det

    def inverse(self, x):
        for coupling in reversed(self.couplings):
            x = coupling.inverse(x)
        return x


def cut(image):
    return (
        image.view(len(image), grid[0], patch, grid[1], patch, channels)
        .transpose(2, 3)
        .reshape(len(image), tokens, values)
    )


class RmsNorm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(width))

    def forward(self, x):
        return F.rms_norm(x, (x.shape[-1],), 1 + self.weight, 1e-6)


def rotate(x, cos, sin):
    low, high = x.chunk(2, -1)
    return x * cos + torch.cat([-high, low], -1) * sin


class Layer(nn.Module):
    def __init__(self, c):
        super().__init__()
        width, self.heads, self.dim = c["width"], c["numHeads"], c["headDim"]
        self.norm1, self.norm2 = RmsNorm(width), RmsNorm(width)
        self.query = nn.Linear(width, self.heads * self.dim, bias=False)
        self.key, self.value = (nn.Linear(width, self.dim, bias=False) for _ in range(2))
        self.out = nn.Linear(self.heads * self.dim, width, bias=False)
        self.gate, self.up = (nn.Linear(width, c["mlpDim"], bias=False) for _ in range(2))
        self.down = nn.Linear(c["mlpDim"], width, bias=False)
        self.drop = nn.Dropout(c.get("dropout", 0.1))

    def forward(self, x, cos, sin, mask, cache):
        b, t, _ = x.shape
        y = self.norm1(x)
        q = rotate(self.query(y).view(b, t, self.heads, self.dim).transpose(1, 2), cos, sin)
        k = rotate(self.key(y).view(b, t, 1, self.dim).transpose(1, 2), cos, sin)
        v = self.value(y).view(b, t, 1, self.dim).transpose(1, 2)
        if cache is not None:
            if cache:
                k, v = torch.cat([cache[0], k], 2), torch.cat([cache[1], v], 2)
            cache[:] = [k, v]
        y = F.scaled_dot_product_attention(q, k, v, mask, enable_gqa=True)
        x = x + self.drop(self.out(y.transpose(1, 2).reshape(b, t, -1)))
        y = self.norm2(x)
        return x + self.drop(self.down(F.gelu(self.gate(y), approximate="tanh") * self.up(y)))


class JetFormer(nn.Module):
    """Class-conditional: [bos, the class with each table, boi, picture]."""

    def __init__(self, c, classes=10):
        super().__init__()
        self.soft, self.mixtures, self.repeats = c["softDims"], c["numMixtures"], c.get("vocabRepeats", 1)
        self.vocab, self.dim = classes + 3, c["headDim"]
        self.flow = Flow(c["flow"], c["flow"].get("kinds", ["channels"]))
        self.text = nn.Embedding(self.vocab * self.repeats, c["width"])
        self.image = nn.Linear(self.soft, c["width"])
        self.layers = nn.ModuleList([Layer(c) for _ in range(c["depth"])])
        self.norm = RmsNorm(c["width"])
        self.head = nn.Linear(c["width"], self.mixtures * (1 + 2 * self.soft))
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def prefix(self, label, drop=None):
        if drop is not None:
            label = torch.where(drop, torch.full_like(label, self.vocab - 1), label)
        ids = label[:, None] + torch.arange(self.repeats) * self.vocab
        bos, boi = torch.full_like(label, self.vocab - 3), torch.full_like(label, self.vocab - 2)
        return self.text(torch.cat([bos[:, None], ids, boi[:, None]], 1))

    def decode(self, x, first=0, caches=None):
        angles = torch.arange(first, first + x.shape[1])[:, None] / 10_000 ** (
            torch.arange(0, self.dim, 2) / self.dim
        )
        angles = torch.cat([angles, angles], -1)
        cos, sin = angles.cos(), angles.sin()
        mask = None if x.shape[1] == 1 else torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).tril()
        for i, layer in enumerate(self.layers):
            x = layer(x, cos, sin, mask, None if caches is None else caches[i])
        return self.norm(x)

    def mixture(self, x):
        raw = self.head(x)
        weights = raw[..., : self.mixtures].log_softmax(-1)
        parts = raw[..., self.mixtures :].unflatten(-1, (self.mixtures, 2, self.soft))
        scales = ((parts[..., 1, :] + (parts[..., 1, :].square() + 4).sqrt()) / 2).clamp_min(1e-6)
        return weights, parts[..., 0, :], scales

    def loss(self, picture, label):
        c = config["loss"]
        noise = torch.randn_like(picture) * (c.get("rgbNoise", 0) / 2)
        noisy = ((((picture + 1) * 127.5).round() + noise).round()) / 127.5 - 1
        z, log_det = self.flow(cut(noisy + torch.rand_like(picture) / 127.5))
        soft, rest = z[..., : self.soft], z[..., self.soft :]
        soft = soft + torch.rand(len(soft), 1, 1) * c.get("latentNoise", 0) * torch.randn_like(soft)
        drop = torch.rand(len(soft)) <= c.get("labelDrop", 0)
        prefix = self.prefix(label, drop)
        out = self.decode(torch.cat([prefix, self.image(soft[:, :-1])], 1))[:, prefix.shape[1] - 1 :]
        weights, means, scales = self.mixture(out)
        components = -0.5 * ((soft[:, :, None] - means) / scales).square() - scales.log() - 0.5 * math.log(2 * math.pi)
        nats = -torch.logsumexp(weights + components.sum(-1), -1).sum(1)
        nats = nats + 0.5 * rest.square().sum((1, 2)) + 0.5 * math.log(2 * math.pi) * rest[0].numel()
        return ((nats - log_det) / (tokens * values) + math.log(127.5)).mean() / math.log(2)

    def sample(self, label):
        caches = [[] for _ in self.layers]
        x, first, all_soft = self.prefix(label), 0, []
        for _ in range(tokens):
            out = self.decode(x, first, caches)[:, -1:]
            first += x.shape[1]
            weights, means, scales = self.mixture(out)
            k = torch.distributions.Categorical(logits=weights).sample()[..., None, None].expand(-1, -1, 1, self.soft)
            mean, scale = means.gather(2, k).squeeze(2), scales.gather(2, k).squeeze(2)
            all_soft.append(mean + scale * torch.randn_like(mean))
            x = self.image(all_soft[-1])
        soft = torch.cat(all_soft, 1)
        return self.flow.inverse(torch.cat([soft, torch.randn(len(soft), tokens, values - self.soft)], 2))


picture = (torch.rand(a.batch, height, width_px, channels) * 255).round() / 127.5 - 1
label = torch.arange(a.batch) % 10
if config["system"] == "jet":
    model = Flow(sizes, sizes.get("kinds", ["channels"] * 4 + ["spatial"]))

    def loss():
        z, log_det = model(cut(picture + torch.rand_like(picture) / 127.5))
        nats = 0.5 * z.square().sum((1, 2)) + 0.5 * math.log(2 * math.pi) * z[0].numel()
        return ((nats - log_det) / z[0].numel() + math.log(127.5)).mean() / math.log(2)

    def sample():
        return model.inverse(torch.randn(a.batch, tokens, values))

else:
    model = JetFormer(sizes)

    def loss():
        return model.loss(picture, label)

    def sample():
        return model.sample(label)


optim = config["optim"]
optimizer = torch.optim.AdamW(
    model.parameters(), lr=float(optim["lr"]), betas=(0.9, 0.95), weight_decay=float(optim["wd"]) / float(optim["lr"])
)


def train():
    value = loss()
    value.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return value.item()


@torch.inference_mode()
def draw():
    return sample().sum().item()


model.train(a.mode == "train")
step = train if a.mode == "train" else draw
clock = time.thread_time if a.threads == 1 else time.perf_counter
times = []
for i in range(a.warmup + a.steps):
    start = clock()
    step()
    if i >= a.warmup:
        times.append(clock() - start)
times.sort()
print(
    json.dumps(
        {
            "who": f"torch {torch.__version__} eager",
            "images_per_second": a.batch / times[len(times) // 2],
            "fastest": a.batch / times[0],
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
        }
    )
)
