"""A byte-level language model: the bytes before a place, embedded, one hidden layer, a softmax over 256 bytes.

Trains for a fixed wall-clock time and leaves its weights behind; score.py then asks for predictions through `load` and
`predict`. Change anything in this file (program.md says what must stay true).
"""

import os
import sys
import time
from pathlib import Path

import numpy as np

# What to try first: the constants. A comment `search:` tells the built-in proposer the range to look in.
CONTEXT = 8  # bytes that the model sees  # search: 2..32
EMBED_DIM = 16  # numbers per byte of context  # search: 4..64 log
HIDDEN_DIM = 128  # search: 32..1024 log
ACTIVATION = "tanh"  # search: "tanh", "relu", "gelu"
INIT_SCALE = 1.0  # times the usual 1/sqrt(inputs)  # search: 0.3..3 log
BATCH_SIZE = 128  # search: 16..512 log
LEARNING_RATE = 1e-3  # search: 1e-4..3e-2 log
LR_SCHEDULE = "constant"  # search: "constant", "linear", "cosine"
WARMUP_FRACTION = 0.0  # of the whole time  # search: 0..0.2
BETA1 = 0.9  # search: 0.5..0.98
BETA2 = 0.999  # search: 0.9..0.9999
WEIGHT_DECAY = 0.0  # search: 0..0.1

VOCABULARY = 256
REPORT_SECONDS = 0.25


# --- model ---


def init_model(rng):
    """Random weights: embedding E, hidden layer W1 b1, output layer W2 b2."""

    def normal(rows, columns, scale):
        return (rng.standard_normal((rows, columns)) * scale).astype(np.float32)

    width = CONTEXT * EMBED_DIM
    return {
        "E": normal(VOCABULARY, EMBED_DIM, INIT_SCALE),
        "W1": normal(width, HIDDEN_DIM, INIT_SCALE / np.sqrt(width)),
        "b1": np.zeros(HIDDEN_DIM, np.float32),
        "W2": normal(HIDDEN_DIM, VOCABULARY, 0.01),  # near zero: the first predictions are uniform
        "b2": np.zeros(VOCABULARY, np.float32),
    }


def activate(z):
    """The hidden layer's output and its slope."""
    if ACTIVATION == "tanh":
        h = np.tanh(z)
        return h, 1 - h * h
    if ACTIVATION == "relu":
        return np.maximum(z, 0), (z > 0).astype(np.float32)
    if ACTIVATION == "gelu":  # z * sigmoid(1.702 z), the usual approximation
        s = 0.5 * (1 + np.tanh(0.851 * z))
        return z * s, s + 1.702 * z * s * (1 - s)
    raise ValueError(f"unknown activation {ACTIVATION}")


def forward(model, x):
    """Logits of the byte after each row of x, and what the backward pass needs."""
    e = model["E"][x].reshape(len(x), -1)
    h, slope = activate(e @ model["W1"] + model["b1"])
    return h @ model["W2"] + model["b2"], (x, e, h, slope)


def backward(model, kept, y, logits):
    """The loss in nats and its gradient."""
    x, e, h, slope = kept
    rows = np.arange(len(y))
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(p[rows, y] + 1e-30).mean()
    p[rows, y] -= 1
    p /= len(y)
    dz = (p @ model["W2"].T) * slope
    de = (dz @ model["W1"].T).reshape(-1, EMBED_DIM)
    # Each byte's embedding gets the sum of its places' gradients: a product with the one-hot matrix, faster than add.at.
    one_hot = np.zeros((VOCABULARY, x.size), np.float32)
    one_hot[x.ravel(), np.arange(x.size)] = 1
    return loss, {"E": one_hot @ de, "W1": e.T @ dz, "b1": dz.sum(axis=0), "W2": h.T @ p, "b2": p.sum(axis=0)}


def save(model, folder):
    np.savez(Path(folder) / "model.npz", **model)


def load(folder):
    """The model that a training left in `folder`."""
    with np.load(Path(folder) / "model.npz") as weights:
        return {name: weights[name] for name in weights.files}


def predict(model, contexts):
    """float32 logits [N, 256] of the byte after each row of `contexts` (uint8 [N, 64]), from that row alone."""
    logits, _ = forward(model, contexts[:, -CONTEXT:])
    return logits.astype(np.float32)


# --- optimiser ---


class Adam:
    def __init__(self, model):
        self.steps = 0
        self.mean = {name: np.zeros_like(w) for name, w in model.items()}
        self.square = {name: np.zeros_like(w) for name, w in model.items()}

    def step(self, model, gradient, rate):
        self.steps += 1
        size = rate * np.sqrt(1 - BETA2**self.steps) / (1 - BETA1**self.steps)
        for name, g in gradient.items():
            m, v, w = self.mean[name], self.square[name], model[name]
            m += (1 - BETA1) * (g - m)
            v += (1 - BETA2) * (g * g - v)
            w -= size * m / (np.sqrt(v) + 1e-8)
            if WEIGHT_DECAY and w.ndim == 2:
                w *= 1 - rate * WEIGHT_DECAY


def learning_rate(progress):
    """The rate when `progress` (0 to 1) of the time is over."""
    if progress < WARMUP_FRACTION:
        return LEARNING_RATE * progress / WARMUP_FRACTION
    rest = (progress - WARMUP_FRACTION) / (1 - WARMUP_FRACTION)
    if LR_SCHEDULE == "constant":
        return LEARNING_RATE
    if LR_SCHEDULE == "linear":
        return LEARNING_RATE * (1 - rest)
    if LR_SCHEDULE == "cosine":
        return LEARNING_RATE * 0.5 * (1 + np.cos(np.pi * rest))
    raise ValueError(f"unknown schedule {LR_SCHEDULE}")


# --- loop ---


def train(model, text, rng, seconds):
    """Trains until `seconds` are over; returns the number of steps, the seconds and the smoothed loss."""
    adam = Adam(model)
    window = np.arange(-CONTEXT, 0)
    steps, smooth, reported = 0, np.log(VOCABULARY), 0.0
    started = time.perf_counter()
    while (elapsed := time.perf_counter() - started) < seconds:
        places = rng.integers(CONTEXT, len(text), BATCH_SIZE)
        logits, kept = forward(model, text[places[:, None] + window])
        loss, gradient = backward(model, kept, text[places], logits)
        adam.step(model, gradient, learning_rate(elapsed / seconds))
        steps += 1
        smooth += max(0.01, 1 / steps) * (loss - smooth)
        if elapsed - reported >= REPORT_SECONDS:
            reported = elapsed
            if not np.isfinite(smooth):
                sys.exit("FAIL: the loss is no number")
            share = 100 * elapsed / seconds
            left = seconds - elapsed
            print(f"\rstep {steps:05d} ({share:.1f}%) | loss: {smooth:.4f} | remaining: {left:.0f}s ", end="", flush=True)
    return steps, elapsed, smooth


def main():
    seconds = float(os.environ["AUTORESEARCH_SECONDS"])
    rng = np.random.default_rng(int(os.environ["AUTORESEARCH_SEED"]))
    text = np.fromfile(Path(os.environ["AUTORESEARCH_DATA"], "train", "text.bin"), np.uint8)
    model = init_model(rng)
    steps, elapsed, loss = train(model, text, rng, seconds)
    save(model, os.environ["AUTORESEARCH_OUT"])
    print("\n---")
    print(f"num_steps: {steps}")
    print(f"training_seconds: {elapsed:.2f}")
    print(f"train_loss: {loss:.4f}")
    print(f"num_params: {sum(w.size for w in model.values())}")


if __name__ == "__main__":
    main()
