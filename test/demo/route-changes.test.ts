import { expect, test } from 'vitest';
import { RouteChanges, type SplitRoute } from '../../src/demo/route-changes.ts';

type Seen = { generation: number; weight: number; matched?: boolean; observed?: number; tableVersion?: number };

function virtualService({ generation, weight, matched = false, observed, tableVersion }: Seen): SplitRoute {
  const toCanary = { destination: { host: 'hello-canary' }, weight: 100 };
  const split = [
    { destination: { host: 'hello-primary' }, weight: 100 - weight },
    { ...toCanary, weight },
  ];
  const object: SplitRoute = {
    apiVersion: 'networking.istio.io/v1beta1',
    kind: 'VirtualService',
    metadata: { name: 'hello', generation },
    spec: { http: [...(matched ? [{ match: [{}], route: [toCanary] }] : []), { route: split }] },
  };
  if (observed !== undefined && tableVersion !== undefined)
    object.status = { observedGeneration: observed, tableVersion };
  return object;
}

function changesOf(...seen: Seen[]) {
  const changes = new RouteChanges('hello-canary');
  for (const one of seen) changes.see(virtualService(one));
  return changes.changes;
}

test('RouteChanges counts a split from the table version that serves it first', () => {
  expect(
    changesOf(
      { generation: 1, weight: 0 },
      { generation: 1, weight: 0, observed: 1, tableVersion: 4 },
      { generation: 2, weight: 10, matched: true, observed: 1, tableVersion: 4 },
      { generation: 2, weight: 10, matched: true, observed: 2, tableVersion: 7 },
    ),
  ).toEqual([
    { tableVersion: 4, weight: 0, matched: false },
    { tableVersion: 7, weight: 10, matched: true },
  ]);
});

test('RouteChanges keeps weights and generations together when the next split is written before the last is served', () => {
  expect(
    changesOf(
      { generation: 2, weight: 10 },
      { generation: 3, weight: 50 },
      { generation: 3, weight: 50, observed: 2, tableVersion: 7 },
      { generation: 3, weight: 50, observed: 3, tableVersion: 8 },
    ),
  ).toEqual([
    { tableVersion: 7, weight: 10, matched: false },
    { tableVersion: 8, weight: 50, matched: false },
  ]);
});

test('RouteChanges leaves out a generation that was never served', () => {
  expect(changesOf({ generation: 2, weight: 10 }, { generation: 3, weight: 50, observed: 3, tableVersion: 9 })).toEqual(
    [{ tableVersion: 9, weight: 50, matched: false }],
  );
});
