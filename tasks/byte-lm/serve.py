"""Answers the scorer's questions with the candidate's `load` and `predict`, in a process that knows no target.

Started by score.py, once to be scored and once more, fresh, to be asked again; answering.py says what they say to each
other. A question is rows of 64 bytes, an answer float32 logits [N, 256].
"""

import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE))  # last: nothing in the tree can stand in for numpy

from answering import answer_scorer

VOCABULARY = 256


class Form:
    """How rows and answers look: see answering.py."""

    code, row_bytes = HERE, 64

    def rows(self, data, count):
        return np.frombuffer(data, np.uint8).reshape(count, self.row_bytes)

    def trouble(self, logits, rows):
        if type(logits) is not np.ndarray:
            return "type"
        if logits.dtype != np.float32:
            return "dtype"
        return None if logits.shape == (len(rows), VOCABULARY) else "shape"

    def data(self, logits):
        return np.ascontiguousarray(logits).data.cast("B")


if __name__ == "__main__":
    answer_scorer(sys.argv[1], Form())
