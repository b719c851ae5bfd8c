import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TableItem } from '../../../src/mesh/table/handover.ts';
import { chunksOf } from '../../../src/proxy/parent/change-chunks.ts';
import { StagedChange } from '../../../src/proxy/staged-change.ts';
import { clusterItem } from '../../support/sample-table.ts';

function hostWith(name: string, routes: number): TableItem {
  const action = { kind: 'directResponse', status: 200, body: '' } as const;
  const value = {
    name,
    domains: [name],
    routes: Array.from({ length: routes }, (_, at) => ({ name: `${at}`, action })),
  };
  return { kind: 'virtualHost', name, hash: `${routes}`, value };
}

const items = fc
  .array(fc.oneof(fc.constant(undefined), fc.nat(450)), { maxLength: 30 })
  .map((all) => all.map((routes, at) => (routes === undefined ? clusterItem(`c${at}`) : hostWith(`h${at}`, routes))));

describe('a change in chunks', () => {
  test('is the same when it is put together again', () => {
    fc.assert(
      fc.property(items, (puts) => {
        const staged = new StagedChange();
        for (const chunk of chunksOf(puts)) staged.add(chunk);
        expect(staged.take()).toEqual(puts);
        expect(staged.take()).toEqual([]);
      }),
    );
  });

  test('has no chunk that takes long to read', () => {
    const routesIn = (chunk: readonly TableItem[]) =>
      chunk.reduce((sum, item) => sum + (item.kind === 'virtualHost' ? item.value.routes.length : 1), 0);
    const chunks = [
      ...chunksOf([hostWith('large', 10_000), ...Array.from({ length: 500 }, (_, at) => clusterItem(`${at}`))]),
    ];
    expect(Math.max(...chunks.map(routesIn))).toBe(40);
  });
});
