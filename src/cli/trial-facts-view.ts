// What `show` tells of trials beside their values: what they took, what the machine offered. Pure.
import { stepsPerSecond } from '../domain/drift.ts';
import type { Trial } from '../domain/experiment.ts';
import type { MachineRecord } from '../domain/machine.ts';
import { trialName, type EarlierRun } from '../domain/rerun.ts';
import { facts, figure, many } from './figures.ts';

/** A line or more for each trial that something is known of. */
export function trialFactsLines(trials: readonly Trial[], columns: number): string[] {
  const known = trials.filter((trial) => textOf(trial) !== '');
  if (known.length === 0) return [];
  return facts(
    known.map((trial) => [trialName(trial.trial), textOf(trial)]),
    columns,
  );
}

function textOf(trial: Trial): string {
  const { peakMemoryMb, peakVramMb, steps, overrunSeconds, leftovers, environment, disturbed, earlier = [] } = trial;
  const speed = stepsPerSecond(trial);
  return [
    disturbed === undefined ? '' : `disturbed: ${disturbed}`,
    ...earlier.map(earlierText),
    peakMemoryMb === undefined ? '' : `${figure(peakMemoryMb, 4)} MB of memory`,
    peakVramMb === undefined ? '' : `${figure(peakVramMb, 4)} MB of the GPU's`,
    steps === undefined ? '' : `${many(steps, 'step')}${speed === null ? '' : `, ${figure(speed, 4)} per second`}`,
    overrunSeconds === undefined ? '' : `${figure(overrunSeconds, 2)} s over its budget`,
    leftovers === undefined || leftovers === 0 ? '' : `${leftovers} of its processes had to be killed`,
    ...(environment === undefined ? [] : machineTexts(environment)),
  ]
    .filter((text) => text !== '')
    .join('; ');
}

function earlierText({ trial, value, reason }: EarlierRun): string {
  const gave = value === null ? 'no value' : figure(value);
  return `run ${trialName(trial)} (${gave}) does not count: ${reason}`;
}

function machineTexts({ loadBefore, loadAfter, gpu, libraries = {} }: MachineRecord): string[] {
  return [
    `load ${figure(loadBefore, 2)} before, ${figure(loadAfter, 2)} after`,
    ...(gpu === undefined ? [] : gpuTexts(gpu)),
    Object.entries(libraries)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  ];
}

function gpuTexts(gpu: NonNullable<MachineRecord['gpu']>): string[] {
  const { name, driver, clockMhz, powerWatts, temperatureC, slowedBy } = gpu;
  return [
    `${name}, driver ${driver}`,
    clockMhz === undefined ? '' : `${figure(clockMhz.low, 4)} to ${figure(clockMhz.high, 4)} MHz`,
    powerWatts === undefined ? '' : `at most ${figure(powerWatts.high, 3)} W`,
    temperatureC === undefined ? '' : `at most ${figure(temperatureC.high, 3)} °C`,
    ...Object.entries(slowedBy).map(([reason, share]) => `${reason} in ${Math.round(100 * share)} % of the looks`),
  ];
}
