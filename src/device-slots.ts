// When a device worker may ask the shared queue for a training: only while its device is free, so that no trial is
// taken by a device that would let it wait while another one idles, and none disturbs a measurement.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ActivitySlotInfo, CustomSlotSupplier } from '@temporalio/worker';
import type { DeviceDesk } from '../activities/device-home.ts';
import { isDeviceFree } from './trainer/device.ts';

/** A trial that has trained keeps its device this long for its scoring to begin; after that the device is free. */
const SCORING_SOON_MS = 10_000;
/** How often a busy device is looked at again; a part of the idle time between two trainings. */
const LOOK_MS = 100;

/** The slots of one device on the shared queue, and the desk that the device's activities report to. */
export interface DeviceSlots {
  readonly desk: DeviceDesk;
  readonly supplier: CustomSlotSupplier<ActivitySlotInfo>;
}

/** One slot, given out while nobody holds the device's lock and no trial waits for its scoring. */
export function createDeviceSlots(deviceLock: string): DeviceSlots {
  const awaiting = new Map<string, number>();
  let out = 0;

  const free = (): boolean => {
    const now = performance.now(); // a clock that nobody sets
    for (const [trial, until] of awaiting) if (until <= now) awaiting.delete(trial);
    return out === 0 && awaiting.size === 0 && isDeviceFree(deviceLock);
  };
  const take = (): object => {
    out++;
    return {};
  };
  return {
    desk: {
      awaitScoring: (trial) => void awaiting.set(trial, performance.now() + SCORING_SOON_MS),
      scoring: (trial) => {
        awaiting.set(trial, Number.POSITIVE_INFINITY);
        return () => void awaiting.delete(trial);
      },
    },
    supplier: {
      type: 'custom',
      reserveSlot: async (_context, abortSignal) => {
        while (!free()) await sleep(LOOK_MS, undefined, { signal: abortSignal });
        return take();
      },
      tryReserveSlot: () => (free() ? take() : null),
      markSlotUsed: () => {},
      releaseSlot: () => {
        out--;
      },
    },
  };
}
