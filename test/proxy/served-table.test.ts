import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TableItem } from '../../src/mesh/table/handover.ts';
import type { VirtualHost } from '../../src/mesh/table/route-table.ts';
import type { TableChange } from '../../src/proxy/prepare-change.ts';
import { createTableHolder } from '../../src/proxy/served-table.ts';
import { SeriesStore } from '../../src/proxy/telemetry/series-store.ts';

const PORTS = [80, 8080];
const DOMAINS = ['a.test', 'b.test', 'c.b.test', '*.b.test', '*.test', '*'];
const ASKED = [...DOMAINS, 'a.test:80', 'x.b.test', 'x.test', 'nobody'];

/** Of names and domains few enough that hosts are replaced, and claim each other's domains. */
const host = fc
  .record({
    name: fc.constantFrom('one', 'two', 'three'),
    domains: fc.uniqueArray(fc.constantFrom(...DOMAINS), { minLength: 1, maxLength: 2 }),
    port: fc.option(fc.constantFrom(...PORTS), { nil: undefined }),
    status: fc.integer({ min: 200, max: 599 }),
  })
  .map(({ name, domains, port, status }): VirtualHost => {
    const routes = [{ name, action: { kind: 'directResponse', status, body: '' } } as const];
    return { name, domains, routes, ...(port !== undefined && { port, portDomains: domains }) };
  });

const change = fc.record({
  hosts: fc.uniqueArray(host, { maxLength: 2, selector: ({ name }) => name }),
  removed: fc.option(fc.constantFrom('one', 'two', 'three'), { nil: undefined, freq: 4 }),
});

function holder() {
  return createTableHolder({
    random: () => 0,
    nowMs: () => 0,
    store: new SeriesStore(undefined),
    servicePorts: PORTS,
    breathe: async () => {},
  });
}

const put = (value: VirtualHost): TableItem => ({ kind: 'virtualHost', name: value.name, hash: '', value });

async function serve(table: ReturnType<typeof holder>, made: TableChange): Promise<void> {
  expect(await table.prepare(made)).toEqual([]);
  table.publish();
}

/** Who answers, and how, for every name on every listener. */
function answers({ current }: ReturnType<typeof holder>) {
  const indexes = [current.hosts, ...PORTS.map((port) => current.portHosts.get(port))];
  return indexes.map((index) => ASKED.map((name) => index?.find(name)?.routes[0]?.route.action));
}

describe('a table that was changed', () => {
  test('finds the same hosts as one that was served whole', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 12 }), async (changes) => {
        const table = holder();
        const hosts = new Map<string, VirtualHost>();
        for (const [index, { hosts: puts, removed }] of changes.entries()) {
          const removes = removed === undefined ? [] : [{ kind: 'virtualHost' as const, name: removed }];
          const kept = puts.filter(({ name }) => name !== removed);
          if (removed !== undefined) hosts.delete(removed);
          for (const each of kept) hosts.set(each.name, each);
          await serve(table, { version: index + 1, puts: kept.map(put), removes });
          const whole = holder();
          await serve(whole, { version: index + 1, puts: [...hosts.values()].map(put), removes: [] });
          expect(answers(table)).toEqual(answers(whole));
        }
      }),
    );
  });

  test('is as before until the change is published', async () => {
    const table = holder();
    const one = (status: number): VirtualHost => ({
      name: 'one',
      domains: ['a.test'],
      routes: [{ name: 'one', action: { kind: 'directResponse', status, body: '' } }],
    });
    await serve(table, { version: 1, puts: [put(one(200))], removes: [] });
    const before = answers(table);
    await table.prepare({ version: 2, puts: [put(one(404))], removes: [] });
    expect(answers(table)).toEqual(before);
    expect(table.current.version).toBe(1);
    table.publish();
    expect(answers(table)).not.toEqual(before);
    expect(table.current.version).toBe(2);
  });
});
