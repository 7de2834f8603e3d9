"""Reads Python sources as syntax trees and says what stands in them. Nothing of them is imported or run.

    stdin   {"harness": ["score", ...], "versions": [{"train.py": "<text>", ...}, ...]}
    stdout  {"python": "3.11", "versions": [{"train.py": <file>, ...}, ...]}, where <file> is
            {"normal": <sha256 of its normal form>, "findings": [[<rule>, <what>], ...], "data": <characters of literals>}
            or {"problem": "line 3: invalid syntax"}

Started by read-code.ts as `python3 -I -S -B gate.py`, once for all versions. Standard library alone; Python 3.9 and newer.
"""

import ast
import hashlib
import json
import os
import sys
import threading
import warnings

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # -I leaves this folder out

import findings
import normal_form
import scopes

# Sources are hostile: a tree may be deep, and reading it must not take the machine along.
DEPTH, STACK_BYTES, MEMORY_BYTES = 20_000, 256 * 2**20, 2 * 2**30
TOO_MUCH = "it is nested too deeply"


def main():
    request = json.loads(sys.stdin.buffer.read())
    versions = [read_version(version, request["harness"]) for version in request["versions"]]
    json.dump({"python": "%d.%d" % sys.version_info[:2], "versions": versions}, sys.stdout)


def read_version(texts, harness):
    trees, read = {}, {}
    for path, text in texts.items():
        trees[path], problem = attempt(lambda text=text: parse(text))
        if problem:
            del trees[path]
            read[path] = {"problem": problem}
    called, problem = attempt(lambda: scopes.Called(trees))
    for path, tree in trees.items():
        found, failed = attempt(lambda tree=tree: describe(tree, called, harness))
        read[path] = {"problem": problem or failed} if problem or failed else found
    return read


def attempt(act):
    """What `act` gives, and what of the source kept it from that."""
    try:
        return act(), None
    except SyntaxError as error:
        return None, f"line {error.lineno}: {error.msg}"
    except (RecursionError, MemoryError, OverflowError):
        return None, TOO_MUCH
    except ValueError as error:  # bytes that the source's own coding line does not allow, a number without end
        return None, str(error)


def parse(text):
    # As bytes: a coding line decides what the interpreter will see, so it decides what we look at.
    tree = ast.parse(text.encode())
    compile(tree, "candidate", "exec", dont_inherit=True)  # finds what is wrong in its place: `return` outside, ...
    return tree


def describe(tree, called, harness):
    normal = normal_form.write(tree, called).encode("utf-8", "surrogatepass")
    return {
        "normal": hashlib.sha256(normal).hexdigest(),
        "findings": findings.read(tree, harness),
        "data": findings.data_in(tree),
    }


def limit_memory():
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    except (ImportError, ValueError, OSError):
        pass  # not on this system; who started us has a clock


if __name__ == "__main__":
    limit_memory()
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(DEPTH)
    threading.stack_size(STACK_BYTES)
    done = []
    worker = threading.Thread(target=lambda: done.append(main()))
    worker.start()
    worker.join()
    sys.exit(0 if done else 1)
