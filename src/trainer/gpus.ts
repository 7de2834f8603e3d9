// The GPUs of this machine: of NVIDIA, else of AMD, else of Apple's chips. What a driver does not say is not there: not
// installed, no device, no answer, all count as a machine without a GPU.
import { arch, cpus, platform } from 'node:os';
import { z } from 'zod';
import { askDriver } from './ask-driver.ts';
import type { Device } from './device.ts';

/** Finds them; those that the worker itself may not see are left out. */
export async function findGpus(workerEnv: NodeJS.ProcessEnv): Promise<Device[]> {
  const nvidia = await askDriver('nvidia-smi', ['--query-gpu=index,uuid,name', '--format=csv,noheader'], workerEnv);
  const gpus = nvidia.kind === 'said' ? parseNvidia(nvidia.text, workerEnv['CUDA_VISIBLE_DEVICES']) : [];
  if (gpus.length > 0) return gpus;
  const amd = await askDriver('rocm-smi', ['--showproductname', '--showuniqueid', '--json'], workerEnv);
  if (amd.kind === 'said') return parseAmd(amd.text, workerEnv['ROCR_VISIBLE_DEVICES']);
  return appleGpu(platform(), arch(), cpus()[0]?.model);
}

/** Reads `nvidia-smi --query-gpu=index,uuid,name --format=csv,noheader`, limited to the worker's own GPUs. */
export function parseNvidia(csv: string, visible: string | undefined): Device[] {
  const isVisible = visibility(visible);
  return csv
    .split('\n')
    .map((line) => line.split(',').map((cell) => cell.trim()))
    .flatMap(([index, uuid, ...name]) => {
      if (index === undefined || uuid === undefined || name.length === 0 || !isVisible(index, uuid)) return [];
      // By UUID: CUDA counts GPUs in another order than nvidia-smi.
      return [{ id: `gpu${index}`, class: name.join(', '), env: { CUDA_VISIBLE_DEVICES: uuid }, gpu: uuid }];
    });
}

/** A card as rocm-smi describes it; older versions write the second word of a name small. */
const card = z.object({
  'Card Series': z.string().optional(),
  'Card series': z.string().optional(),
  'Device Name': z.string().optional(),
  'Unique ID': z.string().optional(),
});

/**
 * Reads `rocm-smi --showproductname --showuniqueid --json`: `{ "card0": { "Card Series": "AMD Instinct MI210", "Unique ID":
 * "0x1f…" } }`. A card is named to the runtime by that number, as `GPU-1f…`, and where it has none by its place
 * (ROCm documentation, "GPU isolation techniques").
 */
export function parseAmd(json: string, visible: string | undefined): Device[] {
  const isVisible = visibility(visible);
  return Object.entries(parsed(json)).flatMap(([name, said]) => {
    const index = /^card(\d+)$/.exec(name)?.[1];
    const read = card.safeParse(said);
    if (index === undefined || !read.success) return [];
    const { data } = read;
    const series = data['Card Series'] ?? data['Card series'] ?? data['Device Name'];
    const unique = /^0x([\da-f]+)$/i.exec(data['Unique ID'] ?? '')?.[1];
    const uuid = unique === undefined ? index : `GPU-${unique}`;
    if (series === undefined || !isVisible(index, uuid)) return [];
    return [{ id: `gpu${index}`, class: series, env: { ROCR_VISIBLE_DEVICES: uuid } }];
  });
}

/** The GPU of an Apple chip, of which a machine has one, and which needs no naming; none elsewhere. */
export function appleGpu(system: string, architecture: string, chip: string | undefined): Device[] {
  return system === 'darwin' && architecture === 'arm64' ? [{ id: 'gpu0', class: chip ?? 'Apple', env: {} }] : [];
}

/** Whether a GPU of this index and UUID is among those that a worker may see. */
function visibility(visible: string | undefined): (...names: readonly string[]) => boolean {
  const wanted = visible?.split(',').map((name) => name.trim());
  return (...names) => wanted === undefined || names.some((name) => wanted.includes(name));
}

function parsed(json: string): Record<string, unknown> {
  try {
    return z.record(z.string(), z.unknown()).catch({}).parse(JSON.parse(json));
  } catch {
    return {}; // a warning before it, or no JSON at all
  }
}
