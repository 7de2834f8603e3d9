"""Answers the scorer's questions with the candidate's `load` and `predict`, in a process that knows no target.

Started by score.py, once to be scored and once more, fresh, to be asked again; ../byte-lm/answering.py says what they say
to each other. A question is rows of 1,024 bytes, an answer float32 logits [N, 1024, 256].
"""

import ctypes
import sys
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "byte-lm"))  # last: nothing in the tree can stand in for torch

from answering import answer_scorer

VOCABULARY = 256


class Form:
    """How rows and answers look: see answering.py."""

    code, row_bytes = HERE, 1024

    def rows(self, data, count):
        return torch.frombuffer(data, dtype=torch.uint8).view(count, self.row_bytes)

    def trouble(self, logits, rows):
        if type(logits) is not torch.Tensor:
            return "type"
        if logits.dtype != torch.float32:
            return "dtype"
        return None if logits.shape == (len(rows), self.row_bytes, VOCABULARY) else "shape"

    def data(self, logits):
        self.kept = logits.detach().contiguous().cpu()  # as long as its memory is read
        return memoryview((ctypes.c_char * (4 * self.kept.numel())).from_address(self.kept.data_ptr())).cast("B")


if __name__ == "__main__":
    if torch.cuda.is_available():
        torch.zeros(1, device="cuda")  # starting CUDA takes seconds, which are no part of load's
    answer_scorer(sys.argv[1], Form())
