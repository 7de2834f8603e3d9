"""The candidate's side, seen from the scorer: what its training left, and the process that answers for it.

All that comes from there may be wrong, late, endless or hostile. Used by the score.py of each task.
"""

import builtins
import contextlib
import hashlib
import math
import os
import signal
import socket
import stat
import struct
import subprocess
import sys
import time
from pathlib import Path

MOST_OUTPUT_FILES = 64
# What we pass on to the candidate's process; the folder of the hidden text is not among it.
ENVIRONMENT = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "AUTORESEARCH_TRIAL")
DEVICE_PREFIXES = ("CUDA_", "NVIDIA_", "ROCR_", "HIP_")


class CandidateFailed(Exception):
    """The candidate's side failed: a result of the experiment, told to its proposer."""


def hash_output(out, most_bytes):
    """Hashes by path of what training left; plain files only, not many, `most_bytes` in all."""
    try:
        return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in list_output(out, most_bytes)}
    except OSError as error:
        raise CandidateFailed("Expected to read the output folder, got a file that cannot be read.") from error


def list_output(out, most_bytes):
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
        if size > most_bytes or len(files) + len(waiting) > MOST_OUTPUT_FILES:
            limit = f"{most_bytes // 1_000_000} MB and {MOST_OUTPUT_FILES} files"
            raise CandidateFailed(f"Expected at most {limit} in the output folder, got more; save less.")
    if not files:
        raise CandidateFailed("Expected training to leave its weights in AUTORESEARCH_OUT, got nothing.")
    return files


class Server:
    """A task's serve.py in a process session of its own, in a sandbox where the harness has one, with limits on all that
    it does. A task's own class names the program and its limits.
    """

    program = None  # the path of serve.py
    start_seconds = 15  # until its libraries are imported, before any of the candidate's code
    load_seconds, predict_seconds = 5, 30  # wall clock
    load_cpu_seconds, round_cpu_seconds = math.inf, math.inf  # of load; and of each round on average
    sentences = {}  # what its words of trouble mean

    def __init__(self, out):
        self.socket, theirs = socket.socketpair()
        launcher = os.environ.get("AUTORESEARCH_SANDBOX")  # runs its arguments with no network and none of the data
        command = [sys.executable, "-I", "-B", str(self.program), str(out.resolve())]
        command = [launcher, *command] if launcher else command
        environment = {k: v for k, v in os.environ.items() if is_passed_on(k)}
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
        self.begin("serve.py", self.start_seconds)
        try:
            self.expect(b"S")
        except CandidateFailed as failure:  # nothing of the candidate's has run yet
            raise RuntimeError(f"Expected serve.py to start, got: {failure}") from failure
        self.begin("load", self.load_seconds)
        self.expect(b"R")
        self.check_processor_time(self.load_cpu_seconds)
        self.begin("predict", self.predict_seconds)
        self.rounds = 0

    def ask(self, count, rows, size):
        """The answer to `count` rows, whose bytes are `rows`: `size` bytes."""
        self.rounds += 1
        self.send(struct.pack("<I", count) + rows)
        self.expect(b"A")
        answer = self.receive(size)
        # Per round, so that all of it cannot be spent on one more training before the first answer.
        self.check_processor_time(self.load_cpu_seconds + self.rounds * self.round_cpu_seconds)
        return answer

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
        return self.sentences.get(word) or f"Expected {self.what} to return, got {error}; see whether train.py saves what it loads."

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
        return buffer

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


def is_passed_on(name):
    return name in ENVIRONMENT or name.endswith("_NUM_THREADS") or name.startswith(DEVICE_PREFIXES)


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
