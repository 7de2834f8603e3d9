"""Prepares this task once per machine: a Python environment with numpy, and the text, cut into train, val and sealed.

The text is what every machine with this package has in the same version: the sources (TypeScript, JavaScript, Markdown)
of the npm packages named in corpus.txt. The same bytes come out everywhere: all is sorted, nothing carries a date.

    $AUTORESEARCH_ENV/                  a virtual environment
    $AUTORESEARCH_DATA/train/           text.bin (bytes, documents one after another), index.json (where each begins)
    $AUTORESEARCH_DATA/holdout/val/     the same, and the places at which score.py asks for predictions
    $AUTORESEARCH_DATA/holdout/sealed/  the same, for audits
    $AUTORESEARCH_DATA/manifest.json    sizes and hashes
"""

import hashlib
import json
import os
import sys
from pathlib import Path

OLDEST_PYTHON, NEWEST_PYTHON = (3, 9), (3, 15)  # those that the wheels named in requirements.txt exist for
if not OLDEST_PYTHON <= sys.version_info[:2] <= NEWEST_PYTHON:  # before anything that an old Python cannot read
    wanted = " to ".join("{}.{}".format(*version) for version in (OLDEST_PYTHON, NEWEST_PYTHON))
    found = "{}.{} ({})".format(*sys.version_info[:2], sys.executable)
    sys.exit(f"Expected python3 to be Python {wanted}, got {found}; put a python3 of such a version first in PATH.")
sys.pycache_prefix = os.devnull  # leave no compiled file in the checkout

from python_packages import make_environment, say

HERE = Path(__file__).resolve().parent
SUFFIXES = (".ts", ".js", ".md")
# A declaration file repeats its source. Tiny files say nothing; giant ones are generated or bundled.
LEAST_BYTES, MOST_BYTES = 512, 65_536
FOLDERS = {"train": "train", "val": "holdout/val", "sealed": "holdout/sealed"}
TENTHS = {"train": range(0, 6), "val": range(6, 8), "sealed": range(8, 10)}

# Where the scorer asks: STREAMS places, each followed for ROUNDS bytes. A stream is given the CONTEXT bytes before it, so
# two that begin less than ROUNDS + CONTEXT apart would show each other's answers.
STREAMS, ROUNDS, CONTEXT = 1024, 64, 64


def main():
    environment, data, package = (folder_of(name) for name in ("ENV", "DATA", "PACKAGE"))
    documents = list(read_documents(package))
    make_environment(environment, HERE / "requirements.txt")
    manifest = {split: write_split(data / FOLDERS[split], split, documents) for split in FOLDERS}
    write_json(data / "manifest.json", manifest)
    say(", ".join(f"{split} {entry['documents']} files, {entry['bytes']} bytes" for split, entry in manifest.items()))


def folder_of(name):
    variable = f"AUTORESEARCH_{name}"
    if not os.environ.get(variable):
        sys.exit(f"Expected {variable} to name a folder, got nothing; let autoresearch run prepare.py, it sets it.")
    return Path(os.environ[variable]).resolve()


def read_documents(package):
    """Yields (name, split, hash, bytes) of every document, sorted by name, each content once."""
    seen = set()
    files = [entry for line in (HERE / "corpus.txt").read_text().splitlines() for entry in list_files(package, line)]
    say(f"reading {len(files)} files…")
    for name, path, split in sorted(files):
        content = path.read_bytes()
        digest = sha256(content)
        if LEAST_BYTES <= len(content) <= MOST_BYTES and digest not in seen:
            seen.add(digest)
            yield name, split, digest, content


def list_files(package, line):
    """(name, path, split) of each source file of the npm package in `line`: a name, a space, an exact version."""
    npm_name, version = line.split()
    root = find_npm_package(package, npm_name, version)
    for folder, inner, files in os.walk(root):
        inner[:] = [name for name in inner if name != "node_modules"]
        for file in files:
            path = Path(folder, file)
            if file.endswith(SUFFIXES) and not file.endswith(".d.ts") and ".min." not in file and not path.is_symlink():
                yield f"{npm_name}/{path.relative_to(root).as_posix()}", path, split_of(npm_name, file)


def find_npm_package(package, npm_name, version):
    """Looks where Node looks: in node_modules here and in every folder above. The version must be the one we pinned."""
    found = "nothing"
    for parent in (package, *package.parents):
        root = parent / "node_modules" / npm_name
        if (root / "package.json").is_file():
            found = json.loads((root / "package.json").read_text(encoding="utf-8"))["version"]
            if found == version:
                return root
            break
    sys.exit(f"Expected {npm_name} {version} in node_modules of {package}, found {found}: run npm ci there.")


def split_of(npm_name, file):
    """By stem, not by file: src/foo.ts, lib/foo.js and foo.test.ts repeat each other, and must not land in two splits."""
    tenth = int(sha256(f"{npm_name}/{file.split('.')[0]}".encode())[:8], 16) % 10
    return next(split for split, tenths in TENTHS.items() if tenth in tenths)


def write_split(folder, split, documents):
    """Writes one split's text and index; returns its entry in the manifest."""
    mine = [(name, digest, content) for name, its_split, digest, content in documents if its_split == split]
    index, end = [], 0
    for name, digest, content in mine:
        index.append({"name": name, "start": end, "bytes": len(content), "sha256": digest})
        end += len(content)
    text = b"".join(content for _, _, content in mine)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "text.bin").write_bytes(text)
    places = {} if split == "train" else {"context": CONTEXT, "rounds": ROUNDS, "streams": pick_streams(index)}
    write_json(folder / "index.json", {"sha256": sha256(text), **places, "documents": index})
    hashes = {name: sha256((folder / name).read_bytes()) for name in ("text.bin", "index.json")}
    return {"documents": len(mine), "bytes": len(text), "sha256": hashes}


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


def write_json(path, value):
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")


def sha256(content):
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    main()
