"""Prepares this task once per machine: a Python environment with numpy, and the text, cut into train, val and sealed.

The text is corpus.py's: what every machine with this package has in the same version.

    $AUTORESEARCH_ENV/                  a virtual environment
    $AUTORESEARCH_DATA/train/           text.bin (bytes, documents one after another), index.json (where each begins)
    $AUTORESEARCH_DATA/holdout/val/     the same, and the places at which score.py asks for predictions
    $AUTORESEARCH_DATA/holdout/sealed/  the same, for audits
    $AUTORESEARCH_DATA/manifest.json    sizes and hashes
"""

import os
import sys
from pathlib import Path

OLDEST_PYTHON, NEWEST_PYTHON = (3, 9), (3, 15)  # those that the wheels named in requirements.txt exist for
if not OLDEST_PYTHON <= sys.version_info[:2] <= NEWEST_PYTHON:  # before anything that an old Python cannot read
    wanted = " to ".join("{}.{}".format(*version) for version in (OLDEST_PYTHON, NEWEST_PYTHON))
    found = "{}.{} ({})".format(*sys.version_info[:2], sys.executable)
    sys.exit(f"Expected python3 to be Python {wanted}, got {found}; put a python3 of such a version first in PATH.")
sys.pycache_prefix = os.devnull  # leave no compiled file in the checkout

from corpus import FOLDERS, folder_of, read_documents, sha256, write_json, write_split
from python_packages import make_environment, say

HERE = Path(__file__).resolve().parent

# Where the scorer asks: STREAMS places, each followed for ROUNDS bytes. A stream is given the CONTEXT bytes before it, so
# two that begin less than ROUNDS + CONTEXT apart would show each other's answers.
STREAMS, ROUNDS, CONTEXT = 1024, 64, 64


def main():
    environment, data, package = (folder_of(name) for name in ("ENV", "DATA", "PACKAGE"))
    documents = list(read_documents(package))
    make_environment(environment, HERE / "requirements.txt")
    manifest = {split: write_split(data / FOLDERS[split], split, documents, pick_places) for split in FOLDERS}
    write_json(data / "manifest.json", manifest)
    say(", ".join(f"{split} {entry['documents']} files, {entry['bytes']} bytes" for split, entry in manifest.items()))


def pick_places(index):
    return {"context": CONTEXT, "rounds": ROUNDS, "streams": pick_streams(index)}


def pick_streams(index):
    """Offsets in text.bin at which streams begin: as evenly over the documents as their lengths allow, frozen by hashes."""
    places = []
    for document in index:
        stride = ROUNDS + CONTEXT
        offsets = range(CONTEXT, document["bytes"] - ROUNDS + 1, stride)
        ranked = sorted(offsets, key=lambda offset: sha256(f"{document['sha256']} {offset}".encode()))
        places += [(turn, document["sha256"], document["start"] + offset) for turn, offset in enumerate(ranked)]
    if len(places) < STREAMS:
        sys.exit(f"Expected at least {STREAMS} places to ask at, got {len(places)}: run npm ci.")
    return sorted(offset for _, _, offset in sorted(places)[:STREAMS])


if __name__ == "__main__":
    main()
