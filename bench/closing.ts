// Whatever a benchmark starts ends with it, also after Ctrl-C.
type Close = () => Promise<void>;

const open = new Set<Close>();

/** Registers what must be closed; call the answer to close it, once. */
export function closing(close: Close): Close {
  const once = async (): Promise<void> => {
    if (open.delete(once)) await close();
  };
  if (open.size === 0) listen();
  open.add(once);
  return once;
}

let listening = false;

function listen(): void {
  if (listening) return;
  listening = true;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      process.stderr.write('Ending what was started …\n');
      const closed = Promise.allSettled([...open].map((close) => close()));
      void closed.then(() => process.exit(130));
    });
  }
}
