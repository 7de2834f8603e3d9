import { expect, test } from 'vitest';
import { NOTHING, endText, firstMissed, tell as tellNews, type Told } from '../../src/cli/events.ts';
import { BEAT, CRASH, DISCARD, KEEP, LINES, LIVE, RUNNING, SNAPSHOT, TRAINING, ago } from './samples.ts';

/** What is told, in words. */
function tell(...input: Parameters<typeof tellNews>): [string[], Told] {
  const [news, told] = tellNews(...input);
  return [news.map(({ line }) => line), told];
}

const at = (live: typeof LIVE) => ({ ...SNAPSHOT, view: live, live });

test('an ended experiment is one line: verdict, before and after, gain beside the noise, hypothesis', () => {
  expect(endText(KEEP, LIVE)).toBe(
    'experiment 12 · keep · 2.8512 → 2.7911 (gain 0.0601, P .98, 3 trials, noise 0.012) · LEARNING_RATE 0.001 -> 0.0023',
  );
  expect(endText(CRASH, LIVE)).toBe('experiment 13 · crash · training ran out of memory · WIDTH 128 -> 9999');
  // A gain that is believed is smaller than the one that was seen.
  expect(endText({ ...KEEP, incumbent: 2.86 }, LIVE)).toContain('2.8600 → 2.7911 (gain 0.0601,');
  const higher = { direction: 'maximize', noise: null } as const;
  expect(endText({ ...KEEP, value: 0.9, gain: 0.1 }, higher)).toContain(
    '0.80000 → 0.90000 (gain 0.100, P .98, 3 trials, noise unknown)',
  );
});

test('everything is told once', () => {
  const [first, told] = tell(NOTHING, SNAPSHOT);
  expect(first).toHaveLength(6);
  expect(first[0]).toMatch(/^byte-lm-nov23 · running · 13 experiments, 1 kept · best 2\.7911 ± 0\.012/);
  expect(first[1]).toBe('baseline · 2.8512 ± 0.0070 val_bpb · 3 trials, noise 0.012 (95 %: 0.0077 to 0.027)');
  expect(first[5]).toBe('experiment 14 · trial 1 · training 6 s · seed 77 · BATCH_SIZE 64 -> 128');
  const [again, same] = tell(told, SNAPSHOT);
  expect(again).toEqual([]);
  const ended = { ...LIVE, last: [...LINES, { ...DISCARD, experiment: 14 }], running: null };
  const [news] = tell(same, at(ended));
  expect(news).toEqual([
    'experiment 14 · discard · 2.8512 → 2.8600 (gain -0.00880, 1 trial, noise 0.012) · WIDTH 128 -> 96',
  ]);
});

test('an audit and the incumbent again are told as what they are, not by the number of their folder', () => {
  const running = {
    experiment: 7,
    trial: 1_000_011,
    stage: 'train',
    seed: 'fresh',
    since: ago(1),
    seconds: 6,
  } as const;
  const told = (more: { role: 'audit' | 'incumbent'; hypothesis: string }) =>
    tell(NOTHING, at({ ...LIVE, running: { ...running, ...more } }))[0].at(-1);
  expect(told({ role: 'audit', hypothesis: 'audit of experiment 7' })).toBe(
    'audit of experiment 7 · training 6 s · a fresh seed',
  );
  expect(told({ role: 'incumbent', hypothesis: 'the incumbent again' })).toMatch(/^the incumbent again · training/);
});

test('what is prepared before the first training is told as that, each phase once, and no training before it trains', () => {
  const begins = { ...LIVE, status: 'calibrating', baseline: null, last: [] } as const;
  const running = { ...RUNNING, experiment: 0, hypothesis: '' };
  let told = NOTHING;
  const news = (phase?: string): string[] => {
    const beat = phase === undefined ? null : { ...BEAT, phase };
    const live = { ...begins, running };
    const [lines, now] = tell(told, { ...at(live), pending: [{ ...TRAINING, beat }] });
    told = now;
    return lines;
  };
  expect(news()).toHaveLength(1); // the status
  expect(news('checkout')).toEqual([]);
  expect(news('prepare: numpy 2.0.2 (with pip)…')).toEqual(['baseline · trial 1 · preparing: numpy 2.0.2 (with pip)…']);
  expect(['prepare: numpy, 2 s…', 'prepare: numpy, 4 s…', 'prepare: numpy, 16 s…'].flatMap(news)).toEqual([
    'baseline · trial 1 · preparing: numpy, 2 s…',
  ]);
  expect(news('hashing the data')).toEqual(['baseline · trial 1 · preparing: hashing the data']);
  expect(['preparing', 'waiting', 'training'].flatMap(news)).toEqual(['baseline · trial 1 · training 6 s · seed 77']);
  // Another worker takes it over.
  expect([undefined, 'checkout', 'training'].flatMap(news)).toEqual([]);
});

test('what is quarantined is told with the reason', () => {
  const line = { ...KEEP, verdict: 'quarantine', reason: 'its audit found nothing' } as const;
  expect(endText(line, LIVE)).toBe(
    'experiment 12 · quarantine · its audit found nothing · LEARNING_RATE 0.001 -> 0.0023',
  );
});

test('experiments that ended out of order are all told', () => {
  const [, told] = tell(NOTHING, at({ ...LIVE, last: [CRASH] }));
  const [lines] = tell(told, at({ ...LIVE, last: LINES }));
  expect(lines.map((line) => line.slice(0, 13))).toEqual(['experiment 11', 'experiment 12']);
});

const waiting = (seconds: number) => ({
  ...SNAPSHOT,
  at: SNAPSHOT.at + seconds * 1000,
  pending: [{ ...TRAINING, started: false, beat: null, scheduledAt: ago(60) }],
});

test('a wait is told when it begins, not again while it lasts', () => {
  const [, told] = tell(NOTHING, SNAPSHOT);
  const [lines, warned] = tell(told, waiting(0));
  expect(lines).toEqual(['! waiting for a device since 20:13; `npx autoresearch up` starts a device worker here']);
  expect(tell(warned, waiting(20))[0]).toEqual([]);
});

test('ends that the short list leaves out are noticed and told in their place', () => {
  const [, told] = tell(NOTHING, at({ ...LIVE, last: [] }));
  expect(firstMissed(told, { ...LIVE, last: LINES })).toBe(1);
  const [, later] = tell(told, at({ ...LIVE, last: LINES }));
  const beyond = { ...LIVE, last: LINES.map((line) => ({ ...line, experiment: line.experiment + 5 })) };
  expect(firstMissed(later, beyond)).toBe(14);
  const missed = [14, 15].map((experiment) => ({ ...DISCARD, experiment }));
  expect(tell(later, at(beyond), missed)[0].map((line) => line.slice(0, 13))).toEqual([
    'experiment 14',
    'experiment 15',
    'experiment 16',
    'experiment 17',
    'experiment 18',
  ]);
  expect(firstMissed(later, LIVE)).toBe(null);
});
