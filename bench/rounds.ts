/**
 * Interleaved rounds: in each round every contender gets the same load for the same time, one after the other, so that what
 * disturbs the machine disturbs all of them. A ratio is always to the reference in the same round.
 */

import type { Contender } from './contenders/contender.ts';
import { type Asking, runWrk } from './generators/wrk.ts';
import { cpuSeconds, memoryMb } from './machine/processes.ts';
import { median } from './statistics.ts';

export type Pace = { rounds: number; seconds: number; folder: string };

export type Figures = {
  name: string;
  /** Microseconds of proxy CPU per request, and requests per second: medians. */
  microseconds: number;
  perSecond: number;
  /** Requests per CPU-second as multiples of the reference's in the same round. */
  ratio: { median: number; least: number; most: number };
  memoryMb: number;
  failed: number;
};

const WARM_UP_REQUESTS = 30_000;
const WARM_UP_TURNS = 20;

type Measurement = { perCpuSecond: number; perSecond: number; failed: number };

/** The first contender is the reference; it is measured twice in each round, and its ratio to itself shows the noise. */
export async function compare(
  contenders: readonly Contender[],
  askingOf: (name: string) => Asking,
  pace: Pace,
): Promise<Figures[]> {
  const [reference] = contenders;
  if (reference === undefined) return [];
  const again = { ...reference, name: `${reference.name} again` };
  const lanes = [...contenders, again];
  const taken = lanes.map((): Measurement[] => []);
  for (const contender of contenders) await warmUp(contender, askingOf(contender.name), pace);
  for (let round = 0; round < pace.rounds; round++) {
    for (const [index, lane] of lanes.entries()) {
      const asking = askingOf(lane === again ? reference.name : lane.name);
      taken[index]?.push(await measure(lane, asking, pace));
    }
  }
  const base = taken[0] ?? [];
  return lanes.map((lane, index) => figuresOf(lane, taken[index] ?? [], base));
}

// Compilers at run time need requests, not seconds, and a busy machine serves few of them in a second.
async function warmUp({ port }: Contender, asking: Asking, { folder }: Pace): Promise<void> {
  let served = 0;
  for (let turn = 0; turn < WARM_UP_TURNS && served < WARM_UP_REQUESTS; turn++) {
    served += (await runWrk(port, asking, { seconds: 1, folder })).requests;
  }
}

async function measure({ pid, port }: Contender, asking: Asking, { seconds, folder }: Pace): Promise<Measurement> {
  const before = cpuSeconds(pid);
  const { requests, failed, perSecond } = await runWrk(port, asking, { seconds, folder });
  return { perCpuSecond: requests / (cpuSeconds(pid) - before), perSecond, failed };
}

function figuresOf({ name, pid }: Contender, taken: readonly Measurement[], base: readonly Measurement[]): Figures {
  const ratios = taken.map(({ perCpuSecond }, round) => perCpuSecond / (base[round]?.perCpuSecond ?? Number.NaN));
  return {
    name,
    microseconds: 1e6 / median(taken.map(({ perCpuSecond }) => perCpuSecond)),
    perSecond: median(taken.map(({ perSecond }) => perSecond)),
    ratio: { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) },
    memoryMb: memoryMb(pid),
    failed: taken.reduce((sum, { failed }) => sum + failed, 0),
  };
}
