import { classifyTraining, type Crash } from '../src/domain/crash.ts';
import { disturbance } from '../src/domain/machine.ts';
import { readMetric } from '../src/domain/metric.ts';
import { lastStep } from '../src/domain/progress.ts';
import type { LibraryVersions } from '../src/trainer/library-versions.ts';
import type { Exit } from '../src/trainer/trial-spec.ts';
import type { TrialFacts } from '../src/domain/experiment.ts';

/** What went wrong in a training that failed; `log` is the end of what it printed. */
export function crashOf({ machine, reason, code, signal, oomKilled, ownSignal }: Exit, log: string): Crash {
  return classifyTraining({
    reason,
    code,
    signal,
    log,
    oomKilled: oomKilled === true,
    isOwnSignal: ownSignal === true,
    deviceLost: machine?.gpu?.lost === true,
    deviceShared: machine?.gpu?.others.some(({ before }) => before) === true,
  });
}

/** What a training's end says of it beside how it ended; `loss` is the number that it prints as its own. */
export function factsOf(
  exit: Exit,
  log: string,
  { libraries, loss }: { readonly libraries: LibraryVersions; readonly loss: string | undefined },
): TrialFacts {
  const { machine, peakRssMb, peakVramMb, leftovers } = exit;
  const steps = lastStep(log);
  const trained = loss === undefined ? undefined : readMetric(log, loss, { summary: true });
  const disturbed = machine === undefined ? undefined : disturbance(machine);
  return {
    leftovers,
    ...(peakRssMb !== undefined && { peakMemoryMb: peakRssMb }),
    ...(peakVramMb !== undefined && { peakVramMb }),
    ...(steps !== null && { steps }),
    ...(trained?.kind === 'value' && { trainingLoss: trained.value }),
    ...(machine !== undefined && { environment: withLibraries(machine, libraries) }),
    ...(disturbed !== undefined && { disturbed }),
  };
}

function withLibraries(
  machine: NonNullable<Exit['machine']>,
  libraries: LibraryVersions,
): NonNullable<TrialFacts['environment']> {
  return Object.keys(libraries).length === 0 ? machine : { ...machine, libraries };
}
