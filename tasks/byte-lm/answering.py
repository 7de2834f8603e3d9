"""How a task's serve.py answers the scorer with the candidate's `load` and `predict`: the part that all tasks share.

It speaks over one socket (descriptor 0):

    to the scorer    S   started: all but the candidate's code is imported
                     R   ready: load has returned
                     A   an answer, as many bytes as the question asks for
                     E   the end: one byte of length, then a word that says why
    from the scorer  a question: N (uint32, little endian), then N rows of bytes

Only shape and type are checked here, where the candidate could lie about them; numbers are the scorer's business.
"""

import os
import socket
import struct
import sys


def answer_scorer(folder, form):
    """Serves until the scorer has no more questions.

    `form` is how rows and answers look in this task: `code`, the folder of train.py; `row_bytes`; `rows(data, count)`, what
    predict is given; `trouble(logits, rows)`, a word for what is wrong with an answer; `data(logits)`, its bytes.
    """
    channel = socket.socket(fileno=os.dup(0))
    point_standard_streams_away()
    forbid_writing()
    channel.sendall(b"S")
    sys.path.insert(0, str(form.code))  # only now: nothing in the tree can stand in for a library
    try:
        import train

        model = train.load(folder)
        channel.sendall(b"R")
        while (header := receive(channel, 4)) is not None:
            (count,) = struct.unpack("<I", header)
            rows = form.rows(receive(channel, count * form.row_bytes), count)
            logits = train.predict(model, rows)
            trouble = form.trouble(logits, rows)
            if trouble:
                return send_end(channel, trouble)
            answer = form.data(logits)
            channel.sendall(b"A")
            channel.sendall(answer)
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


def receive(channel, size):
    """So many bytes; None when the scorer is gone."""
    buffer = bytearray(size)
    view = memoryview(buffer)
    while len(view):
        count = channel.recv_into(view)
        if count == 0:
            return None
        view = view[count:]
    return buffer


def send_end(channel, word):
    letters = word.encode()[:64]
    channel.sendall(b"E" + bytes([len(letters)]) + letters)
