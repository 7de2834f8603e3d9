"""The text that the bundled tasks read: the sources (TypeScript, JavaScript, Markdown) of the npm packages in corpus.txt.

Every machine with this package has them in the same version, and the same bytes come out everywhere: all is sorted,
nothing carries a date. Used by the prepare.py of each task.
"""

import hashlib
import json
import os
import sys
from pathlib import Path

from python_packages import say

HERE = Path(__file__).resolve().parent
SUFFIXES = (".ts", ".js", ".md")
# A declaration file repeats its source. Tiny files say nothing; giant ones are generated or bundled.
LEAST_BYTES, MOST_BYTES = 512, 65_536
FOLDERS = {"train": "train", "val": "holdout/val", "sealed": "holdout/sealed"}
TENTHS = {"train": range(0, 6), "val": range(6, 8), "sealed": range(8, 10)}


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


def write_split(folder, split, documents, pick_places):
    """Writes one split's text and index, the latter with what `pick_places` makes of the documents in it (nothing for
    training); returns the split's entry in the manifest.
    """
    mine = [(name, digest, content) for name, its_split, digest, content in documents if its_split == split]
    index, end = [], 0
    for name, digest, content in mine:
        index.append({"name": name, "start": end, "bytes": len(content), "sha256": digest})
        end += len(content)
    text = b"".join(content for _, _, content in mine)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "text.bin").write_bytes(text)
    places = {} if split == "train" else pick_places(index)
    write_json(folder / "index.json", {"sha256": sha256(text), **places, "documents": index})
    hashes = {name: sha256((folder / name).read_bytes()) for name in ("text.bin", "index.json")}
    return {"documents": len(mine), "bytes": len(text), "sha256": hashes}


def write_json(path, value):
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def read_split(data, split):
    """The bytes and the index that prepare.py froze; refuses any others."""
    folder = data / FOLDERS[split]
    manifest = json.loads((data / "manifest.json").read_text())[split]["sha256"]
    for name, expected in manifest.items():
        if sha256((folder / name).read_bytes()) != expected:
            raise ValueError(f"Expected {split}/{name} to be as prepare.py wrote it, got other bytes; prepare again.")
    return (folder / "text.bin").read_bytes(), json.loads((folder / "index.json").read_text())
