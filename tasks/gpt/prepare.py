"""Prepares this task once per machine: the text, cut into train, val and sealed. PyTorch is the person's own.

What is scored is the text of ../byte-lm/corpus.py, sources in TypeScript, JavaScript and Markdown, which every machine with
this package has. Of these there are 6 MB to train on, too little for a model of this size, so that training also has
what every machine with PyTorch has: the Python sources of PyTorch, of what it needs, and of Python itself. None of that
can be scored, because a candidate's interpreter must be able to read it.

    $AUTORESEARCH_DATA/train/           text.bin (bytes, documents one after another), index.json (where each begins),
                                        python.bin (bytes, likewise)
    $AUTORESEARCH_DATA/holdout/val/     text.bin, index.json, and the rows that score.py asks about
    $AUTORESEARCH_DATA/holdout/sealed/  the same, for audits
    $AUTORESEARCH_DATA/manifest.json    sizes and hashes
"""

import importlib.util
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

sys.pycache_prefix = os.devnull  # leave no compiled file in the checkout
HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "byte-lm"))

from corpus import FOLDERS, LEAST_BYTES, MOST_BYTES, folder_of, read_documents, sha256, write_json, write_split
from python_packages import last_line, say

# Where the scorer asks: ROWS rows of PLACES bytes, each with the byte after it.
ROWS, PLACES = 1024, 1024
# Python's own modules, PyTorch, and what it needs.
LIBRARIES = ("torch", "torchgen", "functorch", "sympy", "mpmath", "networkx", "jinja2")
IMPORT_SECONDS = 300  # the first time on a slow disk
LOOK = """
import torch
print(torch.__version__, "on", torch.cuda.get_device_name() if torch.cuda.is_available() else "the CPU")
"""


def main():
    data, package = folder_of("DATA"), folder_of("PACKAGE")
    say(f"torch {look_for_torch()}")
    documents = list(read_documents(package))
    manifest = {split: write_split(data / FOLDERS[split], split, documents, pick_rows) for split in FOLDERS}
    manifest["python"] = write_python(data / FOLDERS["train"] / "python.bin")
    write_json(data / "manifest.json", manifest)
    say(", ".join(f"{split} {entry['documents']} files, {entry['bytes']} bytes" for split, entry in manifest.items()))


def look_for_torch():
    """Its version and device. It has 2 GB or more, in a build for this machine's GPU: the person's to choose."""
    try:
        command = [sys.executable, "-c", LOOK]
        asked = subprocess.run(command, capture_output=True, text=True, timeout=IMPORT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        sys.exit(f"Expected {sys.executable} to import torch, got no end after {IMPORT_SECONDS} s.")
    if asked.returncode != 0:
        sys.exit(
            f"Expected {sys.executable} to import torch, got: {last_line(asked.stderr, asked.returncode)}; install it, in an"
            " environment whose python3 comes first in PATH, with: python3 -m pip install torch"
        )
    return asked.stdout.strip()


def pick_rows(index):
    """Offsets in text.bin at which rows begin that share no byte, in an order frozen by hashes."""
    last = index[-1]["start"] + index[-1]["bytes"]
    offsets = range(0, last - PLACES, PLACES + 1)
    ranked = sorted(offsets, key=lambda offset: sha256(f"{index[0]['sha256']} {offset}".encode()))
    if len(ranked) < ROWS:
        sys.exit(f"Expected text for {ROWS} rows, got {len(ranked)}: run npm ci.")
    return {"places": PLACES, "rows": ranked[:ROWS]}


def write_python(path):
    """Writes the Python sources of this interpreter, sorted by name, each content once; returns the entry in the manifest."""
    seen = {}
    for _, source in sorted(python_sources()):
        content = source.read_bytes()
        if LEAST_BYTES <= len(content) <= MOST_BYTES:
            seen.setdefault(sha256(content), content)
    text = b"".join(seen.values())
    path.write_bytes(text)
    return {"documents": len(seen), "bytes": len(text), "sha256": {"python.bin": sha256(text)}}


def python_sources():
    """(name, path) of each source file."""
    standard = Path(sysconfig.get_path("stdlib"))
    found = [(library, importlib.util.find_spec(library)) for library in LIBRARIES]
    roots = [(library, Path(spec.origin).parent) for library, spec in found if spec is not None and spec.origin]
    for name, root in [("python", standard), *roots]:
        for folder, inner, files in os.walk(root):
            inner[:] = [one for one in inner if one not in ("site-packages", "dist-packages", "__pycache__")]
            for file in files:
                if file.endswith(".py"):
                    path = Path(folder, file)
                    yield f"{name}/{path.relative_to(root).as_posix()}", path


if __name__ == "__main__":
    main()
