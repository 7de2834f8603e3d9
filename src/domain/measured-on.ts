// What every number of a session hangs on beside the code: the class of the device, and the data. Numbers of different
// classes, or of different data, are never compared; so what the baseline's first trial was measured on holds for all.
import type { Trial } from './experiment.ts';

/** The class and the data of a session, and which device of that class trained last. */
export type MeasuredOn = Pick<Trial, 'deviceClass' | 'dataHash' | 'hostId' | 'device'>;

/** What a trial shows of it, or a training. */
export const measuredOn = ({ deviceClass, dataHash, hostId, device }: MeasuredOn): MeasuredOn => ({
  deviceClass,
  dataHash,
  hostId,
  device,
});

/** Whether a trial of this session may be measured there; any device may where nothing is measured yet. */
export const isOfClass = (wanted: Pick<MeasuredOn, 'deviceClass'> | null | undefined, deviceClass: string): boolean =>
  wanted == null || wanted.deviceClass === deviceClass;

/** A device, and what it is. */
export type OtherDevice = Pick<MeasuredOn, 'hostId' | 'device' | 'deviceClass'>;

/** That trials do not go to just any device, in one sentence. */
export const otherClassNotice = ({ deviceClass }: MeasuredOn, other: OtherDevice): string =>
  `${other.deviceClass} (${other.hostId}/${other.device}) takes trainings too, but this session's numbers are of ${deviceClass}, and those of different classes are never compared: its trials go to ${deviceClass} alone.`;

/** That nothing of the session's class is left, in one sentence, and what to do. */
export const classGone = ({ deviceClass, hostId, device }: MeasuredOn, other: OtherDevice): string =>
  `Expected a device of class ${deviceClass}, on which the baseline was measured (last ${hostId}/${device}), got no sign of one, only ${other.deviceClass} (${other.hostId}/${other.device}), and numbers of different classes are never compared: start a device worker on a ${deviceClass}, then resume; or stop this session and start another.`;

/** That a device has other data than the baseline was measured on, in one sentence, and what to do; null where it has not. */
export function otherData(
  wanted: Pick<MeasuredOn, 'dataHash'> | null | undefined,
  { dataHash, hostId, device }: Omit<MeasuredOn, 'deviceClass'>,
): string | null {
  if (wanted == null || wanted.dataHash === dataHash) return null;
  return `Expected host ${hostId} (${device}) to have the data that the baseline was measured on, ${short(wanted.dataHash)}, got ${short(dataHash)}, and numbers of different data are never compared: make \`prepare\` bring the same bytes there (it runs again once its folder in \`envs\` of that state directory is removed), or end that device worker; then resume.`;
}

/** Enough of a hash to tell two of them apart. */
const short = (hash: string): string => hash.slice(0, 12);
