"""Scores a finished training: bits per byte on text that training never saw, asked for through serve.py.

The candidate's code runs in serve.py's process, is given rows of 1,024 bytes and answers with logits at each place. Here
are the targets, and here the logits are normalised over all 256 bytes; the score is per byte of the text itself, whose
hashes prepare.py wrote down. So no table, tokenizer, batch size or printed line of a candidate's can change what is
divided by what.

A row shows the answers to all of its places but the last, so each row is asked again: by a fresh process, in another
order, cut at a random place, with other text behind the cut. At every place before the cut the answer must be what it was.
- A model that looks ahead, at its own row or another, finds other bytes there.
- A model that learns from the questions, or remembers them, is asked in another order, and by a process that has no memory.

Exit 0: METRIC lines on stdout. Exit 3: the candidate's side failed, one sentence on stderr, never about targets.
Any other exit: the scorer itself failed.
"""

import sys

sys.path.append(sys.path.pop(0))  # this folder last: no file that a candidate adds can stand in for a library

import json
import math
import os
import random
from pathlib import Path

import torch
import torch.nn.functional as F

sys.pycache_prefix = os.devnull  # nor can a compiled file: from here on none is read or written
HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "byte-lm"))

from candidate import CandidateFailed, Server, hash_output
from corpus import read_split

VOCABULARY = 256
ROWS_AT_ONCE = 16
CPU_ROWS = 64  # of the 1,024: without a GPU this is a smoke test
MOST_OUTPUT_BYTES = 1_000_000_000  # 250 million float32 weights
# Of a target, between the two times that it is asked for. Products in bfloat16 may end otherwise in another place of a
# batch, by hundredths of a nat at one place; on average an honest model differs by nothing that a score would show.
MOST_NATS_APART, MOST_MEAN_NATS_APART = 0.5, 5e-4


class RowServer(Server):
    program = HERE / "serve.py"
    start_seconds = 60  # torch is imported and CUDA started, before any of the candidate's code
    load_seconds, predict_seconds = 15, 45  # wall clock: what counts on a GPU
    sentences = {
        "type": "Expected predict to return a torch tensor, got something else.",
        "dtype": "Expected predict to return float32 logits, got another dtype.",
        "shape": "Expected predict to return logits of shape [N, 1024, 256], got another shape.",
    }

    def predict(self, rows):
        """Logits float32 [N, places, 256] of the byte after each place of `rows`, N bytes objects."""
        places = len(rows[0])
        answer = self.ask(len(rows), b"".join(rows), 4 * VOCABULARY * places * len(rows))
        return torch.frombuffer(answer, dtype=torch.float32).view(len(rows), places, VOCABULARY)


def main():
    out = Path(os.environ["AUTORESEARCH_OUT"])
    before = hash_output(out, MOST_OUTPUT_BYTES)
    split = os.environ.get("AUTORESEARCH_SPLIT", "val")
    text, index = read_split(Path(os.environ["AUTORESEARCH_DATA"]), split)
    has_gpu = torch.cuda.is_available()
    starts = index["rows"] if has_gpu else index["rows"][:CPU_ROWS]
    nats = ask(out, [text[start : start + index["places"]] for start in starts], targets_at(text, starts, index))
    if hash_output(out, MOST_OUTPUT_BYTES) != before:
        raise CandidateFailed("Expected load and predict to leave the output folder alone, got other files in it.")
    apart = ask_again(out, text, starts, index, nats)
    bits = nats / math.log(2)
    print(f"METRIC val_bpb={bits.mean():.6f}")
    sums = document_sums(bits, starts, index)
    print(f"METRIC se_doc={document_error(sums, bits):.6f}")
    print(f"METRIC predictions={bits.numel()}")
    print(f"METRIC nats_apart={apart:.2e}")
    if not has_gpu:
        print("METRIC peak_vram_mb=0")  # so that its limit in the task file holds here too
    if split == "sealed":  # an audit compares two programs document by document
        print("DOCUMENTS", json.dumps([[places, round(total, 3)] for places, total in sums]))


def targets_at(text, starts, index):
    """int64 [rows, places]: the byte after each place of each row."""
    rows = [text[start + 1 : start + 1 + index["places"]] for start in starts]
    return torch.frombuffer(bytearray(b"".join(rows)), dtype=torch.uint8).view(len(rows), -1).long()


def ask(out, rows, targets):
    """Nats (float64 [rows, places]) for each target."""
    found = []
    with RowServer(out) as server:
        for begin in range(0, len(rows), ROWS_AT_ONCE):
            logits = server.predict(rows[begin : begin + ROWS_AT_ONCE])
            if not logits.isfinite().all():
                raise CandidateFailed("Expected finite logits from predict, got NaN or infinity.")
            answers = targets[begin : begin + ROWS_AT_ONCE]
            found.append(F.cross_entropy(logits.flatten(0, 1), answers.flatten(), reduction="none").view(answers.shape))
    return torch.cat(found).double()


def ask_again(out, text, starts, index, nats):
    """Asks a fresh process what nobody can foresee; the mean difference of its answers, in nats."""
    chance, places = random.SystemRandom(), index["places"]
    order = chance.sample(range(len(starts)), len(starts))
    cuts = [chance.randint(1, places) for _ in order]  # a cut at the end leaves the row as it was
    behind = [chance.randrange(len(text) - places) for _ in order]
    rows = [
        text[starts[row] : starts[row] + cut] + text[other : other + places - cut]
        for row, cut, other in zip(order, cuts, behind)
    ]
    again = ask(out, rows, targets_at(text, [starts[row] for row in order], index))
    is_before = torch.arange(places) < torch.tensor(cuts)[:, None]
    apart = (again - nats[order]).abs()[is_before]
    if apart.max() > MOST_NATS_APART or apart.mean() > MOST_MEAN_NATS_APART:
        raise CandidateFailed(
            "Expected predict to be a pure function of each row's bytes up to each place, got another answer when asked again."
        )
    return float(apart.mean())


def document_sums(bits, starts, index):
    """(places, bits) of each document that was asked about, in their order."""
    begins = torch.tensor([document["start"] for document in index["documents"]])
    targets = torch.tensor(starts)[:, None] + 1 + torch.arange(index["places"])
    owners = torch.searchsorted(begins, targets, right=True).flatten() - 1
    places, sums = torch.bincount(owners), torch.bincount(owners, weights=bits.flatten())
    asked = places.nonzero().flatten()
    return list(zip(places[asked].tolist(), sums[asked].tolist()))


def document_error(sums, bits):
    """Standard error of the mean over documents: places of one document are not independent."""
    mean, count = float(bits.mean()), len(sums)
    spread = sum((total - places * mean) ** 2 for places, total in sums)
    return math.sqrt(spread * count / (count - 1)) / bits.numel()


if __name__ == "__main__":
    try:
        main()
    except CandidateFailed as failure:
        print(failure, file=sys.stderr)
        sys.exit(3)
