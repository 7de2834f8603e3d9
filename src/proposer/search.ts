import { positionOf, valueAt } from './axis.ts';
import { currentPosition, fingerprint, literalAt, proposalOf, type Move } from './candidate-edit.ts';
import { createMeasure, readEvidence } from './evidence.ts';
import type { Proposer } from './proposer.ts';
import { createRandomNumbers, type RandomNumbers } from './random-numbers.ts';
import { nothingLeft, proposeRandomly, shuffle } from './random.ts';
import { readSearchSpace, type Parameter } from './search-space.ts';
import { fitSurrogate, type Gain, type Point } from './surrogate.ts';
import { createChoiceTpe, createPositionTpe, type Tpe } from './tpe.ts';

const O = JSON.parse(process.env['OPT'] ?? '{}') as Record<string, number>;
const CANDIDATES = O['cand'] ?? 400;

export const proposeBySearch: Proposer = (request) => {
  const { files, history, pending, seed } = request;
  const space = readSearchSpace(files);
  if (space.length === 0) return { kind: 'none', reason: nothingLeft(0) };
  const random = createRandomNumbers(seed);
  const measure = createMeasure(space);
  const evidence = readEvidence(request, measure);
  const here = measure.pointOf(files);
  const origin = measure.pointOf(history[0]?.files ?? files);
  const kinds = space.map(({ kind }) => kind);
  const W: [RegExp, number][] = [
    [/(^|_)(lr|rate|learning)(_|$)/, O['wl'] ?? 2.5],
    [/(^|_)(batch|hidden|depth|width|layers?|embd|embed|dim|size|model|schedule|activation)(_|$)/, O['ws'] ?? 1.5],
    [/(^|_)(eps|beta\d?|betas|momentum|decay|warmup|init|tie|bias|clip)(_|$)/, O['wb'] ?? 0.6],
  ];
  const weights = space.map(({ name }) => (O['w'] ? (W.find(([p]) => p.test(name.toLowerCase()))?.[1] ?? 1) : 1));
  const surrogate = fitSurrogate({ kinds, weights, observations: evidence.observations, origin });
  const tpes = space.map((parameter, k): Tpe => {
    const seen = evidence.observations.map((o) => ({ position: o.point[k] ?? 0, score: o.score }));
    if (parameter.kind === 'choice') return createChoiceTpe(seen, parameter.choices.length);
    const { low, high, step } = parameter.axis;
    return createPositionTpe(seen, { low: low / step, high: high / step, centre: currentPosition(parameter) / step, width: O['width'] ?? 1.5 });
  });
  const pools = tpes.map(({ suggest }) => Array.from({ length: 12 }, () => suggest(random)));
  const ideas = Array.from({ length: CANDIDATES }, () => imagine(space, here, pools, tpes, random));
  const unit = 1;
  const ranked = ideas
    .map((idea) => ({ idea, merit: O['pure'] ? idea.tpe : merit(surrogate.gain(here, idea.point), idea.changed, unit) * Math.exp((O['blend'] ?? 0) * idea.tpe) }))
    .toSorted((a, b) => b.merit - a.merit);
  const known = new Set([files, ...history.map((tried) => tried.files), ...pending].map(fingerprint));
  for (const { idea } of ranked) {
    const moves: Move[] = idea.changed.flatMap((k) => {
      const parameter = space[k];
      return parameter === undefined ? [] : [{ parameter, value: literalAt(parameter, idea.positions[k] ?? 0) }];
    });
    const proposal = proposalOf(files, moves);
    if (proposal !== null && !known.has(fingerprint(proposal.files))) return proposal;
  }
  return proposeRandomly(request);
};

interface Idea {
  changed: number[];
  tpe: number;
  positions: Record<number, number>;
  point: Point;
}

function imagine(space: readonly Parameter[], here: Point, pools: readonly (readonly number[])[], tpes: readonly Tpe[], random: RandomNumbers): Idea {
  const u = random.uniform();
  const count = u < (O['p1'] ?? 0.4) ? 1 : u < (O['p2'] ?? 0.75) ? 2 : 3;
  const changed = shuffle(space.map((_, k) => k), random).slice(0, count);
  const positions: Record<number, number> = {};
  const point = [...here];
  for (const k of changed) {
    const parameter = space[k];
    if (parameter === undefined) continue;
    const useTpe = random.uniform() < (O['tpe'] ?? 0.5);
    if (parameter.kind === 'choice') {
      let c = useTpe ? (pools[k]?.[random.below(12)] ?? 0) : random.below(parameter.choices.length);
      if (c === here[k]) c = random.below(parameter.choices.length);
      positions[k] = c;
      point[k] = c;
      continue;
    }
    const { axis } = parameter;
    const at = currentPosition(parameter);
    const position = useTpe
      ? axis.step * (pools[k]?.[random.below(12)] ?? 0)
      : at + axis.step * (random.uniform() < 0.5 ? -1 : 1) * (0.4 + (O['far'] ?? 2) * random.uniform());
    positions[k] = position;
    point[k] = positionOf(axis, valueAt(axis, position)) / axis.step;
  }
  const tpe = changed.reduce((sum, k) => sum + (tpes[k]?.logRatio(point[k] ?? 0) ?? 0) - (tpes[k]?.logRatio(here[k] ?? 0) ?? 0), 0);
  return { changed, positions, point, tpe };
}

function merit({ mean, sd }: Gain, changed: readonly number[], _unit: number): number {
  if (sd <= 0) return 0;
  const z = mean / sd;
  const pdf = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
  return (sd * (z * cdf(z) + pdf)) * (1 - (O['many'] ?? 0) * (changed.length - 1));
}

function cdf(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const d = 0.3989423 * Math.exp((-z * z) / 2);
  const p = d * t * (0.3193815 + t * (-0.3565638 + t * (1.781478 + t * (-1.821256 + t * 1.330274))));
  return z > 0 ? 1 - p : p;
}
