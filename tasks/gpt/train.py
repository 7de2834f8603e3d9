"""A GPT over bytes, in PyTorch: one file of constants, model, optimiser and loop.

Trains for a fixed wall-clock time and leaves its weights behind; score.py then asks for predictions through `load` and
`predict`. Change anything in this file (program.md says what must stay true).
"""

import importlib.util
import math
import os
import shutil
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F

# What to try first: the constants. A comment `search:` tells the built-in proposer the range to look in.
# The sizes are made for a GPU of 80 GB and 300 s; on a smaller one take DEVICE_TOKENS down, which changes no result.
DEPTH = 8  # blocks  # search: 4..16
WIDTH = 1024  # a multiple of HEAD_DIM  # search: 512, 768, 1024, 1280, 1536
HEAD_DIM = 128  # search: 64, 128
MLP_RATIO = 4  # the hidden layer's width, in WIDTHs  # search: 2, 3, 4, 6
CONTEXT = 1024  # bytes; the scorer asks about rows of 1,024  # search: 512, 1024, 2048
BATCH_TOKENS = 2**17  # in one step  # search: 32768..524288 log
DEVICE_TOKENS = 2**16  # at once on the device  # search: off
NPM_SHARE = 0.4  # of the rows from what is like the scored text; the others are Python  # search: 0.1..1.0
MATRIX_RATE = 0.02  # Muon's, for the blocks' matrices  # search: 0.004..0.08 log
EMBEDDING_RATE = 0.1  # AdamW's  # search: 0.01..1.0 log
HEAD_RATE = 0.004  # AdamW's  # search: 0.0005..0.03 log
MOMENTUM = 0.95  # Muon's  # search: 0.8..0.99
BETA1 = 0.8  # AdamW's  # search: 0.6..0.95
BETA2 = 0.95  # search: 0.9..0.999
WEIGHT_DECAY = 0.05  # of the matrices, times their rate  # search: 0..0.4
WARMUP = 0.01  # of the time, from rate 0  # search: 0..0.1
COOLDOWN = 0.5  # of the time, to rate 0  # search: 0.1..1.0
ROTARY_BASE = 10000.0  # search: 1000..200000 log
LOGIT_CAP = 15.0  # logits end at plus and minus this  # search: 8..50 log

# Without a GPU this is a smoke test: the same program, small enough that a core learns something in seconds.
CPU_SIZES = {"depth": 2, "width": 128, "head_dim": 32, "batch_tokens": 2048}
GPU_SIZES = {"depth": DEPTH, "width": WIDTH, "head_dim": HEAD_DIM, "batch_tokens": BATCH_TOKENS}
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
SIZES = GPU_SIZES if DEVICE == "cuda" else CPU_SIZES
DTYPE = torch.bfloat16 if DEVICE == "cuda" else torch.float32  # of all products; weights and their sums are float32

VOCABULARY = 256
WARMUP_STEPS = 3  # untimed: programs are compiled and memory is taken; what they compute is thrown away
REPORT_SECONDS = 1.0
# Of bfloat16 without sparsity, in operations per second, as the maker states it.
PEAKS = {"H100 PCIe": 756e12, "H100": 989e12, "H200": 989e12, "GH200": 989e12, "B200": 2250e12, "A100": 312e12}
PEAKS |= {"A10G": 70e12, "L40S": 362e12, "L4": 121e12, "RTX 3090": 71e12, "RTX 4090": 165e12, "RTX 5090": 210e12}


# --- model ---


def init_model(generator):
    """Random weights, float32. Each name holds that matrix of all blocks, so that the optimiser takes them in one go."""
    depth, width = SIZES["depth"], SIZES["width"]

    def normal(*shape, scale):
        return (torch.randn(shape, generator=generator) * scale).to(DEVICE)

    return {
        "embedding": normal(VOCABULARY, width, scale=1.0),
        "qkv": normal(depth, 3, width, width, scale=width**-0.5),
        "out": torch.zeros(depth, width, width, device=DEVICE),  # zero: a block begins by passing on what it gets
        "up": normal(depth, MLP_RATIO * width, width, scale=width**-0.5),
        "down": torch.zeros(depth, width, MLP_RATIO * width, device=DEVICE),
        "head": torch.zeros(VOCABULARY, width, device=DEVICE),  # zero: the first predictions are uniform
    }


def norm(x):
    return F.rms_norm(x, (x.size(-1),))


def rotary(length):
    """Cosines and sines [length, HEAD_DIM / 2] by which queries and keys are turned (Su et al. 2021, RoFormer)."""
    half = SIZES["head_dim"] // 2
    frequency = ROTARY_BASE ** (-torch.arange(half, device=DEVICE) / half)
    angle = torch.outer(torch.arange(length, device=DEVICE), frequency)
    return angle.cos().to(DTYPE), angle.sin().to(DTYPE)


def rotate(x, cos, sin):
    a, b = x.chunk(2, dim=-1)
    return torch.cat((a * cos - b * sin, a * sin + b * cos), dim=-1)


def block(x, qkv, out, up, down, cos, sin):
    """One block on x [rows, places, width]: causal attention, then the hidden layer with squared ReLU."""
    rows, places, width = x.shape
    heads = F.linear(norm(x), qkv.flatten(0, 1)).view(rows, places, 3, -1, SIZES["head_dim"])
    q, k, v = heads.permute(2, 0, 3, 1, 4)  # each [rows, heads, places, HEAD_DIM]
    q, k = rotate(norm(q), cos, sin), rotate(norm(k), cos, sin)
    y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    x = x + F.linear(y.transpose(1, 2).reshape(rows, places, width), out)
    return x + F.linear(F.relu(F.linear(norm(x), up)).square(), down)


def read_out(x, head):
    """float32 logits [rows, places, 256]."""
    return LOGIT_CAP * torch.tanh(F.linear(norm(x), head).float() / LOGIT_CAP)


def loss_of(x, head, targets):
    return F.cross_entropy(read_out(x, head).flatten(0, 1), targets.flatten())


def encode(model, rows, step=block):
    """What the last block says at each place of `rows` (int64 [rows, places]), and the head to read it with."""
    weights = {name: weight.to(DTYPE) for name, weight in model.items()}
    x = norm(F.embedding(rows, weights["embedding"]))
    turns = rotary(rows.size(1))
    for matrices in zip(*(weights[name].unbind() for name in ("qkv", "out", "up", "down"))):
        x = step(x, *matrices, *turns)
    return x, weights["head"]


def save(model, folder):
    torch.save({name: weight.to(DTYPE).cpu() for name, weight in model.items()}, Path(folder) / "model.pt")


def load(folder):
    """The model that a training left in `folder`."""
    return torch.load(Path(folder) / "model.pt", map_location=DEVICE, weights_only=True)


@torch.inference_mode()
def predict(model, rows):
    """float32 logits [N, places, 256]: at each place of `rows` (uint8 [N, places]) of the byte after it, from the bytes
    of its own row up to there alone."""
    return read_out(*encode(model, rows.to(DEVICE).long()))


# --- optimiser ---


class Optimizer:
    """Muon (Jordan et al. 2024) for the matrices of the blocks, AdamW for embedding and head."""

    def __init__(self, model):
        self.matrices = [model[name] for name in ("qkv", "out", "up", "down")]
        self.momenta = [torch.zeros_like(weight) for weight in self.matrices]
        groups = [{"params": [model["embedding"]], "peak": EMBEDDING_RATE}, {"params": [model["head"]], "peak": HEAD_RATE}]
        fused = {"fused": True} if DEVICE == "cuda" else {}
        self.adam = torch.optim.AdamW(groups, betas=(BETA1, BETA2), eps=1e-10, weight_decay=0.0, **fused)

    @torch.no_grad()
    def step(self, share):
        """One step at `share` (0 to 1) of the rates; the gradients are gone afterwards."""
        for group in self.adam.param_groups:
            group["lr"] = group["peak"] * share
        self.adam.step()
        self.adam.zero_grad()
        rate = MATRIX_RATE * share
        for weight, momentum in zip(self.matrices, self.momenta):
            momentum.lerp_(weight.grad, 1 - MOMENTUM)
            update = orthogonalize(weight.grad.lerp_(momentum, MOMENTUM))  # Nesterov's look ahead
            shape = max(1, weight.size(-2) / weight.size(-1)) ** 0.5
            weight.mul_(1 - rate * WEIGHT_DECAY).add_(update, alpha=-rate * shape)
            weight.grad = None


def orthogonalize(g):
    """The nearest matrices whose singular values are about 1, by five steps of a Newton-Schulz iteration (as Muon's)."""
    x = g.to(DTYPE)
    is_tall = x.size(-2) > x.size(-1)
    x = x.mT if is_tall else x
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(5):
        a = x @ x.mT
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return x.mT if is_tall else x


def rate_share(progress):
    """The share of the rates when `progress` (0 to 1) of the time is over: up, level, down to 0."""
    return min(1.0, progress / max(WARMUP, 1e-9), (1 - progress) / max(COOLDOWN, 1e-9))


# --- loop ---


class Text:
    """The bytes to train on, all on the device: rows are cut anywhere."""

    def __init__(self, folder, seed):
        self.parts = [read_bytes(Path(folder, name)) for name in ("text.bin", "python.bin")]
        self.generator = torch.Generator(DEVICE).manual_seed(seed)

    def draw(self, count):
        """uint8 [count, CONTEXT + 1]."""
        of_npm = round(count * NPM_SHARE)
        rows = [self.cut(part, number) for part, number in zip(self.parts, (of_npm, count - of_npm))]
        return torch.cat(rows).long()

    def cut(self, part, count):
        starts = torch.randint(len(part) - CONTEXT, (count, 1), generator=self.generator, device=DEVICE)
        return part[starts + torch.arange(CONTEXT + 1, device=DEVICE)]


def read_bytes(path):
    return torch.frombuffer(bytearray(path.read_bytes()), dtype=torch.uint8).to(DEVICE)


def compiled(function):
    """A program of its own for this GPU, where there is a compiler to make it; `block` is made once for all blocks."""
    can = DEVICE == "cuda" and importlib.util.find_spec("triton") and (shutil.which("cc") or shutil.which("gcc"))
    return torch.compile(function, dynamic=False) if can else function


class Training:
    """The model, and what is needed to train it."""

    def __init__(self, seed):
        self.model = init_model(torch.Generator().manual_seed(seed))
        self.optimizer = Optimizer(self.model)
        self.block, self.loss_of = compiled(block), compiled(loss_of)

    def gradients(self, rows):
        """Adds up the gradients over int64 rows [N, CONTEXT + 1], in as many parts as the device needs; the loss in nats."""
        parts = rows.split(max(1, DEVICE_TOKENS // CONTEXT))
        total = torch.zeros((), device=DEVICE)
        for part in parts:
            share = len(part) / len(rows)
            loss = self.loss_of(*encode(self.model, part[:, :-1], self.block), part[:, 1:]) * share
            loss.backward()
            total += loss.detach()
        return total

    def warm_up(self, count):
        """Computes what a step computes and forgets it, so that the clock sees no compiler."""
        for _ in range(WARMUP_STEPS):
            self.gradients(torch.zeros(count, CONTEXT + 1, dtype=torch.long, device=DEVICE))
        for weight in self.model.values():
            orthogonalize(weight.grad)
            weight.grad = None
        synchronize()

    def run(self, text, count, seconds):
        """Trains until `seconds` are over; returns the number of steps, the seconds and the smoothed loss."""
        steps, smooth, reported, last = 0, math.log(VOCABULARY), 0.0, None
        started = time.perf_counter()
        # The next step must fit: a training that runs over is flagged.
        while (elapsed := time.perf_counter() - started) * (steps + 1) < seconds * max(1, steps):
            loss = self.gradients(text.draw(count))
            self.optimizer.step(rate_share(elapsed / seconds))
            steps += 1
            # The loss of the step before is waited for while this one runs, so the device is never idle.
            value, last = (smooth if last is None else last.item()), loss
            smooth += max(0.02, 1 / steps) * (value - smooth)
            if elapsed - reported >= REPORT_SECONDS:
                reported = elapsed
                tell(steps, smooth, elapsed, seconds, steps * count * CONTEXT)
        synchronize()
        return steps, time.perf_counter() - started, smooth


def synchronize():
    if DEVICE == "cuda":
        torch.cuda.synchronize()


def tell(steps, loss, elapsed, seconds, tokens):
    if not math.isfinite(loss):
        sys.exit("FAIL: the loss is no number (nan)")
    share, left = 100 * elapsed / seconds, seconds - elapsed
    speed = f"{tokens / elapsed / 1000:.0f}k bytes/s"
    print(f"\rstep {steps:05d} ({share:.1f}%) | loss: {loss:.4f} | {speed} | remaining: {left:.0f}s ", end="", flush=True)


def operations_per_token(model):
    """Of one step: 6 for each weight that is multiplied with, and attention's 12 LHQT (Chowdhery et al. 2022, PaLM)."""
    weights = sum(weight.numel() for name, weight in model.items() if name != "embedding")
    return 6 * weights + 12 * SIZES["depth"] * SIZES["width"] * CONTEXT


def summarize(model, facts):
    if DEVICE == "cuda":
        name = torch.cuda.get_device_name()
        peak = next((peak for part, peak in PEAKS.items() if part in name), None)
        if peak:
            used = operations_per_token(model) * facts["tokens_per_second"] / peak
            facts["mfu_percent"] = f"{100 * used:.2f}"
        facts["peak_vram_mb"] = f"{torch.cuda.max_memory_reserved() / 2**20:.0f}"
    facts["parameters"] = sum(weight.numel() for weight in model.values())
    print("\n---")
    for key, value in facts.items():
        print(f"{key}: {value}")


def main():
    began = time.perf_counter()
    seconds, seed = float(os.environ["AUTORESEARCH_SECONDS"]), int(os.environ["AUTORESEARCH_SEED"])
    count = SIZES["batch_tokens"] // CONTEXT
    training = Training(seed)
    for weight in training.model.values():
        weight.requires_grad_()
    steps, elapsed, loss = 0, 0.0, math.log(VOCABULARY)
    if seconds > 0:
        text = Text(Path(os.environ["AUTORESEARCH_DATA"], "train"), seed)
        training.warm_up(count)
        startup = time.perf_counter() - began
        steps, elapsed, loss = training.run(text, count, seconds)
    else:
        startup = time.perf_counter() - began
    save(training.model, os.environ["AUTORESEARCH_OUT"])
    tokens = steps * count * CONTEXT
    facts = {"num_steps": steps, "training_seconds": f"{elapsed:.2f}", "startup_seconds": f"{startup:.2f}"}
    facts |= {"training_loss": f"{loss:.4f}", "tokens": tokens, "tokens_per_second": round(tokens / max(elapsed, 1e-9))}
    summarize(training.model, facts)


if __name__ == "__main__":
    main()
