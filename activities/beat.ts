import type { DevicePlace } from './contract.ts';

/** What a heartbeat of `train` or `evaluate` carries: seen in the Temporal UI and in `watch`. */
export interface Beat extends DevicePlace {
  readonly phase: string;
  /** `<experiment>/<trial>`; absent from device workers of older versions. */
  readonly trial?: string | undefined;
  readonly step?: number | undefined;
  readonly of?: number | undefined;
  readonly value?: number | undefined;
  readonly elapsedSeconds?: number | undefined;
  readonly pid?: number | undefined;
}
