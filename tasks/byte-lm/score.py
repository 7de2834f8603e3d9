"""Scores a finished training: bits per byte on text that training never saw, asked for through serve.py.

The candidate's code runs in serve.py's process and gets nothing but the 64 bytes before each place. Here are the targets,
and here the logits are normalised, so a candidate can neither see an answer before it gives its own nor write its score.

- Lock-step: 1,024 streams are asked for one byte each; the next round, which shows those bytes, is sent after the answer.
- A fresh process is asked 4,096 of the questions again, in another order. What it answers must agree: a model that
  learns from the questions, or knows rows by their place, does not.
- load and predict have little processor time: there is none to train further in.

Exit 0: METRIC lines on stdout. Exit 3: the candidate's side failed, one sentence on stderr, never about targets.
Any other exit: the scorer itself failed.
"""

import sys

sys.path.append(sys.path.pop(0))  # this folder last: no file that a candidate adds can stand in for a library

import json
import os
from pathlib import Path

import numpy as np

sys.pycache_prefix = os.devnull  # nor can a compiled file: from here on none is read or written

from candidate import CandidateFailed, Server, hash_output
from corpus import read_split

HERE = Path(__file__).resolve().parent
VOCABULARY = 256
MOST_OUTPUT_BYTES = 8_000_000
ASKED_AGAIN = 4096
TOLERANCE_NATS = 1e-3  # honest answers agree to about 1e-6


class ByteServer(Server):
    program = HERE / "serve.py"
    # Processor time beside wall clock: a busy machine must not fail an honest candidate. Baseline: load 0.01 s, a round 0.004 s.
    load_cpu_seconds, round_cpu_seconds = 0.3, 0.15
    sentences = {
        "type": "Expected predict to return a numpy array, got something else.",
        "dtype": "Expected predict to return float32 logits, got another dtype.",
        "shape": "Expected predict to return logits of shape [N, 256], got another shape.",
    }

    def predict(self, rows):
        """Logits float32 [N, 256] of the byte after each of `rows`, uint8 [N, 64]."""
        answer = self.ask(len(rows), rows.tobytes(), 4 * VOCABULARY * len(rows))
        return np.frombuffer(answer, np.float32).reshape(len(rows), VOCABULARY)


def main():
    out = Path(os.environ["AUTORESEARCH_OUT"])
    before = hash_output(out, MOST_OUTPUT_BYTES)
    split = os.environ.get("AUTORESEARCH_SPLIT", "val")
    data, index = read_split(Path(os.environ["AUTORESEARCH_DATA"]), split)
    text = np.frombuffer(data, np.uint8)
    places = np.array(index["streams"]) + np.arange(index["rounds"])[:, None]  # [rounds, streams]
    contexts = text[places[..., None] + np.arange(-index["context"], 0)]
    nats = ask(out, contexts, text[places])
    if hash_output(out, MOST_OUTPUT_BYTES) != before:
        raise CandidateFailed("Expected load and predict to leave the output folder alone, got other files in it.")
    check_purity(out, contexts.reshape(-1, index["context"]), text[places].ravel(), nats.ravel())
    bits = nats / np.log(2)
    print(f"METRIC val_bpb={bits.mean():.6f}")
    print(f"METRIC se_doc={document_error(bits.mean(axis=0), index):.6f}")
    print(f"METRIC predictions={bits.size}")
    if split == "sealed":  # an audit compares two programs document by document
        print("DOCUMENTS", json.dumps(document_sums(bits.sum(axis=0), len(bits), index)))


def ask(out, questions, targets):
    """Nats for each target of each round: questions uint8 [rounds, N, 64], targets uint8 [rounds, N]."""
    with ByteServer(out) as server:
        return np.stack([score_round(server.predict(rows), answer) for rows, answer in zip(questions, targets)])


def score_round(logits, targets):
    if not np.isfinite(logits).all():
        raise CandidateFailed("Expected finite logits from predict, got NaN or infinity.")
    logits = logits.astype(np.float64)
    top = logits.max(axis=1)
    total = top + np.log(np.exp(logits - top[:, None]).sum(axis=1))
    return total - logits[np.arange(len(targets)), targets]


def check_purity(out, questions, targets, nats):
    """Asks a fresh process again, in an order that nobody can foresee."""
    rng = np.random.default_rng(int.from_bytes(os.urandom(16), "little"))
    chosen = rng.permutation(len(questions))[:ASKED_AGAIN].reshape(4, -1)
    again = ask(out, questions[chosen], targets[chosen])
    if np.abs(again - nats[chosen]).max() > TOLERANCE_NATS:
        raise CandidateFailed("Expected predict to be a pure function of each row, got another answer when asked again.")


def owners_of(index):
    """The document of each stream."""
    return np.searchsorted([document["start"] for document in index["documents"]], index["streams"], side="right") - 1


def document_sums(bits, rounds, index):
    """[places, bits] of each document that was asked about, in their order; `bits` are sums over a stream's rounds."""
    owners = owners_of(index)
    return [[int((owners == one).sum()) * rounds, round(float(bits[owners == one].sum()), 3)] for one in np.unique(owners)]


def document_error(bits, index):
    """Standard error of the mean over documents: streams of one document are not independent."""
    owners = owners_of(index)
    sums = np.bincount(owners, weights=bits - bits.mean())
    count = len(np.unique(owners))
    return np.sqrt((sums**2).sum() * count / (count - 1)) / len(bits)


if __name__ == "__main__":
    try:
        main()
    except CandidateFailed as failure:
        print(failure, file=sys.stderr)
        sys.exit(3)
