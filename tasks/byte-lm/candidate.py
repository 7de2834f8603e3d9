"""The candidate's side, seen from the scorer: what its training left, and the process that answers for it.

All that comes from there may be wrong, late, endless or hostile. Used by score.py alone.
"""

import builtins
import contextlib
import hashlib
import os
import signal
import socket
import stat
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
VOCABULARY = 256
MOST_OUTPUT_BYTES, MOST_OUTPUT_FILES = 8_000_000, 64
START_SECONDS = 15  # until numpy is imported, before any of the candidate's code
LOAD_SECONDS, PREDICT_SECONDS = 5, 30  # wall clock, for one that hangs
# Processor time, not wall clock: a busy machine must not fail an honest candidate. Baseline: load 0.01 s, a round 0.004 s.
LOAD_CPU_SECONDS, ROUND_CPU_SECONDS = 0.3, 0.15
# What we pass on to the candidate's process; the folder of the hidden text is not among it.
ENVIRONMENT = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "AUTORESEARCH_TRIAL")
SENTENCES = {
    "type": "Expected predict to return a numpy array, got something else.",
    "dtype": "Expected predict to return float32 logits, got another dtype.",
    "shape": "Expected predict to return logits of shape [N, 256], got another shape.",
}


class CandidateFailed(Exception):
    """The candidate's side failed: a result of the experiment, told to its proposer."""


def hash_output(out):
    """Hashes by path of what training left; plain files only, not many, not large."""
    try:
        return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in list_output(out)}
    except OSError as error:
        raise CandidateFailed("Expected to read the output folder, got a file that cannot be read.") from error


def list_output(out):
    """Looks at everything before anything is opened."""
    files, size, waiting = [], 0, [out]
    while waiting:
        path = waiting.pop()
        found = path.lstat()
        if stat.S_ISDIR(found.st_mode):
            waiting += path.iterdir()
        elif not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
            raise CandidateFailed("Expected only plain files in the output folder, got a link, a pipe or a device.")
        else:
            files.append(path)
            size += found.st_size
        if size > MOST_OUTPUT_BYTES or len(files) + len(waiting) > MOST_OUTPUT_FILES:
            limit = f"{MOST_OUTPUT_BYTES // 1_000_000} MB and {MOST_OUTPUT_FILES} files"
            raise CandidateFailed(f"Expected at most {limit} in the output folder, got more; save less.")
    if not files:
        raise CandidateFailed("Expected training to leave its weights in AUTORESEARCH_OUT, got nothing.")
    return files


class Server:
    """serve.py in a process session of its own, in a sandbox where the harness has one, with limits on all that it does."""

    def __init__(self, out):
        self.socket, theirs = socket.socketpair()
        launcher = os.environ.get("AUTORESEARCH_SANDBOX")  # runs its arguments with no network and none of the data
        command = [sys.executable, "-I", "-B", str(HERE / "serve.py"), str(out.resolve())]
        command = [launcher, *command] if launcher else command
        environment = {k: v for k, v in os.environ.items() if k in ENVIRONMENT or k.endswith("_NUM_THREADS")}
        self.process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL, env=environment, start_new_session=True
        )
        theirs.close()

    def __enter__(self):
        try:
            self.load()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):  # it may be gone already
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.socket.close()

    def load(self):
        self.begin("serve.py", START_SECONDS)
        try:
            self.expect(b"S")
        except CandidateFailed as failure:  # nothing of the candidate's has run yet
            raise RuntimeError(f"Expected serve.py to start, got: {failure}") from failure
        self.begin("load", LOAD_SECONDS)
        self.expect(b"R")
        self.check_processor_time(LOAD_CPU_SECONDS)
        self.begin("predict", PREDICT_SECONDS)
        self.rounds = 0

    def ask(self, rows):
        """Logits float32 [N, 256] of the byte after each of `rows`, uint8 [N, 64]."""
        self.rounds += 1
        self.send(struct.pack("<I", len(rows)) + rows.tobytes())
        self.expect(b"A")
        answer = self.receive(4 * VOCABULARY * len(rows))
        # Per round, so that all of it cannot be spent on one more training before the first answer.
        self.check_processor_time(LOAD_CPU_SECONDS + self.rounds * ROUND_CPU_SECONDS)
        return np.frombuffer(answer, np.float32).reshape(len(rows), VOCABULARY)

    def begin(self, what, seconds):
        self.what, self.seconds = what, seconds
        self.deadline = time.monotonic() + seconds
        self.used_before = self.processor_seconds()

    def processor_seconds(self):
        """Of the process and all that it started; None where there is no /proc (there only the wall clock limits)."""
        if not Path("/proc/self/stat").exists():
            return None
        return processor_ticks(self.process.pid) / os.sysconf("SC_CLK_TCK")

    def check_processor_time(self, limit):
        now = self.processor_seconds()
        if now is not None and self.used_before is not None and now - self.used_before > limit:
            raise CandidateFailed(
                f"Expected {self.what} to need at most {limit:.2f} s of processor time so far, got more; make it cheaper."
            )

    def expect(self, kind):
        found = self.receive(1)
        if found == b"E":
            word = self.receive(self.receive(1)[0]).decode("ascii", "replace")
            raise CandidateFailed(self.sentence(word))
        if found != kind:
            raise CandidateFailed("Expected the candidate to leave the scorer's socket alone, got other bytes on it.")

    def sentence(self, word):
        # Only names that Python itself has: a name that the candidate chose could carry text out of here.
        error = word if hasattr(builtins, word) else "an error"
        return SENTENCES.get(word) or f"Expected {self.what} to return, got {error}; see whether train.py saves what it loads."

    def send(self, message):
        self.transfer(lambda: self.socket.sendall(message))

    def receive(self, size):
        buffer = bytearray(size)
        view = memoryview(buffer)
        while len(view):
            count = self.transfer(lambda: self.socket.recv_into(view))
            if count == 0:
                raise self.gone()
            view = view[count:]
        return bytes(buffer)

    def transfer(self, act):
        """One send or receive within the time that is left."""
        self.socket.settimeout(max(0.001, self.deadline - time.monotonic()))
        try:
            return act()
        except socket.timeout as late:
            raise CandidateFailed(f"Expected {self.what} to end within {self.seconds} s, got no answer.") from late
        except OSError as broken:
            raise self.gone() from broken

    def gone(self):
        return CandidateFailed(f"Expected {self.what} to answer, but its process ended.")


def processor_ticks(pid):
    """Of a process, its threads, its children that live and those that it has waited for; 0 of one that is gone."""
    fields = read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    lists = [read(path) for path in Path(f"/proc/{pid}/task").glob("*/children")]
    return sum(map(int, fields[11:15])) + sum(map(processor_ticks, " ".join(lists).split()))


def read(path):
    try:
        return path.read_text()
    except OSError:
        return ""
