// The devices of this machine: each runs one trial at a time. A device is a GPU, or the CPU where there is none.
import { arch, cpus } from 'node:os';
import { join } from 'node:path';
import { InvalidInput } from '../domain/invalid-input.ts';
import { readJson } from './durable-file.ts';
import { isFree } from './file-lock.ts';
import { findGpus } from './gpus.ts';
import { isAlive } from './process-identity.ts';
import { deviceNotePath, deviceNoteSchema } from './trial-spec.ts';

/** One GPU, or the CPU. */
export interface Device {
  /** `cpu`, `gpu0`, … */
  readonly id: string;
  /** Numbers of different classes are never compared: `NVIDIA H100 80GB HBM3`, `cpu-<model>-<arch>-<cores>`. */
  readonly class: string;
  /** What a command needs in its environment to use this device and no other. */
  readonly env: Readonly<Record<string, string>>;
  /** Of an NVIDIA GPU: its UUID, by which nvidia-smi tells what became of it in a trial. */
  readonly gpu?: string;
}

/**
 * Finds the devices. `override` names those to use (`cpu`, `gpu0,gpu2`); the CPU can always be named, also in parts: of
 * `cpu0,cpu1` each may use half of its cores, and counts as a device.
 * @throws InvalidInput when a named device is not there, or is named twice.
 */
export async function findDevices(
  options: { readonly workerEnv?: NodeJS.ProcessEnv; readonly override?: string | undefined } = {},
): Promise<Device[]> {
  const gpus = await findGpus(options.workerEnv ?? process.env);
  const cpu = cpuDevice();
  if (options.override === undefined) return gpus.length > 0 ? gpus : [cpu];
  const there = [...gpus, cpu];
  const names = options.override.split(',').map((name) => name.trim());
  const parts = names.filter((name) => CPU_PART.test(name));
  return names.map((name, k) => {
    const device =
      there.find(({ id }) => id === name) ?? (CPU_PART.test(name) ? partOf(cpu, name, parts.length) : null);
    if (device !== null && names.indexOf(name) === k) return device;
    const known = [...there.map(({ id }) => id), 'cpu0, cpu1, … (parts of the CPU)'].join(', ');
    const got = device === null ? JSON.stringify(name) : `${name} twice`;
    throw new InvalidInput(
      `Expected the devices to be of ${known}, each once, got ${got}; check with nvidia-smi or rocm-smi.`,
    );
  });
}

const CPU_PART = /^cpu\d+$/;

/** Whether a device is the CPU or a part of it, and no GPU. */
export const isCpu = ({ id }: Pick<Device, 'id'>): boolean => id === 'cpu' || CPU_PART.test(id);

/** How many threads the usual libraries use. */
const THREADS = ['OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS'];

/** One of several equal parts of the CPU. Nothing holds a training to it but the number of threads that it is told. */
function partOf(cpu: Device, id: string, parts: number): Device {
  const threads = String(Math.max(1, Math.floor(cpus().length / parts)));
  const env = { ...cpu.env, ...Object.fromEntries(THREADS.map((name) => [name, threads])) };
  // A part that shares the machine with others is slower than the whole: never compared.
  return { id, class: parts === 1 ? cpu.class : `${cpu.class}-in-${parts}`, env };
}

/** The lock that whoever trains on the device holds; `root` is the state directory. */
export const deviceLockPath = (root: string, id: string): string => join(root, 'devices', `${id}.lock`);

/**
 * Whether nobody holds the device's lock. Asked often while the device is busy, so it looks first whether the supervisor
 * that had it last still lives, which costs no process.
 */
export function isDeviceFree(lock: string): boolean {
  const note = readJson(deviceNotePath(lock), deviceNoteSchema);
  return !(note.status === 'ok' && isAlive(note.value.supervisor)) && isFree(lock);
}

function cpuDevice(): Device {
  const all = cpus();
  const model = (all[0]?.model ?? 'unknown').trim().replaceAll(/[^A-Za-z0-9.@]+/g, '-');
  return { id: 'cpu', class: `cpu-${model}-${arch()}-${all.length}`, env: { CUDA_VISIBLE_DEVICES: '' } };
}
