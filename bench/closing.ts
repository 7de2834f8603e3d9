// Whatever a benchmark starts ends with it, also after Ctrl-C.
type Close = () => Promise<void>;

const open = new Set<Close>();
let listening = false;
let ending = false;

/** Registers what must be closed; call the answer to close it, once. */
export function closing(close: Close): Close {
  const once = async (): Promise<void> => {
    if (open.delete(once)) await close();
  };
  listen();
  open.add(once);
  return once;
}

/** Whether Ctrl-C was pressed: the process ends in a moment, and nothing more is to be said. */
export const isEnding = (): boolean => ending;

function listen(): void {
  if (listening) return;
  listening = true;
  // Not `once`: where the last listener is gone, execa's own clean-up ends this process at once.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void endAll());
}

const INTERRUPTED = 130;

async function endAll(): Promise<void> {
  if (ending) return;
  ending = true;
  process.stderr.write('Ending what was started …\n');
  const ends = await Promise.allSettled([...open].map((close) => close()));
  for (const end of ends) if (end.status === 'rejected') process.stderr.write(`${String(end.reason)}\n`);
  process.exit(INTERRUPTED);
}
