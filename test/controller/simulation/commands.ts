/** What may happen to a rollout, as data: random lists of these are played against the simulation. */

import fc from 'fast-check';
import { DEPLOYMENT } from '../../../src/kube/resource-types.ts';
import { VIRTUAL_SERVICE } from '../../../src/mesh/istio-kinds.ts';
import type { Sample } from '../../../src/metrics/verdict.ts';
import { refusal } from './fake-api.ts';
import { NAMESPACE, type Simulation } from './simulation.ts';

const SAMPLES: Record<string, Sample> = {
  good: { kind: 'value', value: 100 },
  bad: { kind: 'value', value: 50 },
  NaN: { kind: 'value', value: Number.NaN },
  noData: { kind: 'noData', reason: 'nothing was requested' },
  unreachable: { kind: 'unreachable', reason: 'no answer' },
};
const ACTIONS = ['Approve', 'Reject', 'Pause', 'Resume', 'Promote', 'Abort', 'Retry'] as const;
const WORKLOADS = ['hello', 'hello-primary'];

/** Times are quarters of a second up to some intervals; `jump` moves the wall clock alone. */
export const commandArbitrary = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), quarters: fc.integer({ min: 1, max: 12 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('release' as const), image: fc.integer({ min: 1, max: 3 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('answer' as const), sample: fc.constantFrom(...Object.keys(SAMPLES)) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('decide' as const),
      action: fc.constantFrom(...ACTIONS),
      isCurrent: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('pods' as const),
      name: fc.constantFrom(...WORKLOADS),
      isBroken: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('editRoutes' as const), weight: fc.integer({ min: 0, max: 100 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('editReplicas' as const),
      name: fc.constantFrom(...WORKLOADS),
      replicas: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('acknowledge' as const), isOn: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('fail' as const),
      status: fc.constantFrom(409, 500),
      writes: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('jump' as const), minutes: fc.integer({ min: -60, max: 60 }) }) },
);

export type Command = typeof commandArbitrary extends fc.Arbitrary<infer T> ? T : never;

export async function play(
  simulation: Simulation,
  command: Command,
  byHand: (edit: () => void) => void,
): Promise<void> {
  switch (command.do) {
    case 'wait':
      return simulation.tick(command.quarters / 4);
    case 'release':
      simulation.release(`hello:${command.image}`);
      break;
    case 'answer':
      simulation.answer = SAMPLES[command.sample] ?? simulation.answer;
      break;
    case 'decide':
      simulation.decide(command.action, command.isCurrent ? undefined : 'another');
      break;
    case 'pods':
      if (command.isBroken) simulation.broken.add(command.name);
      else simulation.broken.delete(command.name);
      break;
    case 'editRoutes':
      byHand(() => editRoutes(simulation, command.weight));
      break;
    case 'editReplicas':
      byHand(() => editReplicas(simulation, command.name, command.replicas));
      break;
    case 'acknowledge':
      simulation.acknowledges = command.isOn;
      break;
    case 'fail':
      failWrites(simulation, command.status, command.writes);
      break;
    case 'crash':
      await simulation.run();
      break;
    case 'jump':
      simulation.clock.jump(command.minutes * 60_000);
      break;
    default:
      return command satisfies never;
  }
  await simulation.settle();
}

function editRoutes({ api }: Simulation, weight: number): void {
  const found = structuredClone(api.read(VIRTUAL_SERVICE, { namespace: NAMESPACE, name: 'hello' }));
  const { http } = (found?.spec ?? {}) as { http?: { route: { weight?: number }[] }[] };
  const [primary, canary] = http?.at(-1)?.route ?? [];
  if (found === undefined || primary === undefined || canary === undefined) return;
  primary.weight = 100 - weight;
  canary.weight = weight;
  api.put(VIRTUAL_SERVICE, found);
}

function editReplicas({ api }: Simulation, name: string, replicas: number): void {
  const found = structuredClone(api.read(DEPLOYMENT, { namespace: NAMESPACE, name }));
  if (found === undefined) return;
  api.put(DEPLOYMENT, { ...found, spec: { ...(found.spec as object), replicas } });
}

function failWrites({ api }: Simulation, status: number, writes: number): void {
  let left = writes;
  api.failure = ({ verb }) => {
    if (verb === 'get' || verb === 'list' || left <= 0) return undefined;
    left--;
    return refusal(status, status === 409 ? 'Conflict' : 'InternalError');
  };
}
