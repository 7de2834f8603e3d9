import { trialsBehind, type ExperimentRecord } from './experiment.ts';
import { KEEP_AT } from './sequential.ts';

/** Whether a keep carries the badge: as sure as `strict` asks for, every trial of it in tier A. */
export function isCertified(record: ExperimentRecord): boolean {
  const { verdict, assessment } = record;
  const isSure = assessment !== undefined && assessment.better >= KEEP_AT.strict;
  return verdict === 'keep' && isSure && trialsBehind(record).every(({ tier }) => tier === 'A');
}
