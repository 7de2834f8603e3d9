"""Answers the scorer's questions with the candidate's `load` and `predict`, in a process that knows no target.

Started by score.py, once to be scored and once more, fresh, to be asked again. It speaks over one socket (descriptor 0):

    to the scorer    S   started: all but the candidate's code is imported
                     R   ready: load has returned
                     A   an answer: float32 logits [N, 256]
                     E   the end: one byte of length, then a word that says why
    from the scorer  a question: N (uint32, little endian), then N rows of 64 bytes

Only shape and type are checked here, where the candidate could lie about them; numbers are the scorer's business.
"""

import os
import socket
import struct
import sys
from pathlib import Path

import numpy as np

CONTEXT, VOCABULARY = 64, 256


def main(folder):
    channel = socket.socket(fileno=os.dup(0))
    point_standard_streams_away()
    forbid_writing()
    channel.sendall(b"S")
    sys.path.insert(0, str(Path(__file__).resolve().parent))  # only now: nothing in the tree can stand in for numpy
    try:
        import train

        model = train.load(folder)
        channel.sendall(b"R")
        while (rows := receive_question(channel)) is not None:
            logits = train.predict(model, rows)
            trouble = describe_trouble(logits, len(rows))
            if trouble:
                return send_end(channel, trouble)
            channel.sendall(b"A")
            channel.sendall(np.ascontiguousarray(logits).data.cast("B"))
    except BaseException as error:  # also SystemExit: whatever the candidate's code throws, the scorer is told
        send_end(channel, type(error).__name__)


def point_standard_streams_away():
    """What the candidate prints goes to stderr, and nobody but us reads the socket."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)


def forbid_writing():
    """No file may grow: the process that is asked again must not find notes of the first."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    except (ImportError, ValueError, OSError):
        pass  # not on this system; the sandbox is the real defence


def receive_question(channel):
    """uint8 [N, 64], or None when the scorer has no more questions."""
    header = receive(channel, 4)
    if header is None:
        return None
    (count,) = struct.unpack("<I", header)
    return np.frombuffer(receive(channel, count * CONTEXT), np.uint8).reshape(count, CONTEXT)


def receive(channel, size):
    buffer = bytearray(size)
    view = memoryview(buffer)
    while len(view):
        count = channel.recv_into(view)
        if count == 0:
            return None
        view = view[count:]
    return buffer


def describe_trouble(logits, count):
    if type(logits) is not np.ndarray:
        return "type"
    if logits.dtype != np.float32:
        return "dtype"
    return None if logits.shape == (count, VOCABULARY) else "shape"


def send_end(channel, word):
    letters = word.encode()[:64]
    channel.sendall(b"E" + bytes([len(letters)]) + letters)


if __name__ == "__main__":
    main(sys.argv[1])
