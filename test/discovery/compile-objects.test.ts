import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CompileOptions, compileObjects, ObjectMemos } from '../../src/discovery/compile-objects.ts';
import { tableItems } from '../../src/discovery/table-items.ts';
import type { KubeObject } from '../../src/lib/resource.ts';
import { type Edit, edits } from './mesh-edits.ts';

const ADDRESSES: Record<string, string[]> = { 'one.test': ['10.2.0.1'], 'two.test': ['10.2.0.1', '10.2.0.2'] };

const callers: Record<string, CompileOptions> = {
  everybody: { role: 'sidecar', caller: {}, strict: false },
  'a caller of namespace shop': {
    role: 'sidecar',
    caller: { namespace: 'shop', labels: { app: 'client' }, locality: '2026-01-01T00:00:00Z' },
    strict: false,
  },
  'a gateway': { role: 'gateway', caller: { namespace: 'default', labels: { istio: 'gate' } }, strict: false },
};

function keyOf({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.namespace}/${metadata.name}`;
}

/** The objects after each edit. */
function* statesOf(all: readonly Edit[]): Generator<KubeObject[]> {
  const objects = new Map<string, KubeObject>();
  for (const { object, isRemoved } of all) {
    objects.delete(keyOf(object));
    if (!isRemoved) objects.set(keyOf(object), object);
    yield [...objects.values()];
  }
}

function outcome(objects: readonly KubeObject[], options: CompileOptions, memos?: ObjectMemos) {
  const asked: string[] = [];
  const lookup = (name: string) => {
    asked.push(name);
    return ADDRESSES[name] ?? [];
  };
  const { table, issues, gatewayPorts } = compileObjects(objects, { ...options, lookup }, memos);
  const hashes = [...tableItems(table).values()].map(({ kind, name, hash }) => `${kind} ${name} ${hash}`);
  return { table: JSON.stringify(table), hashes, issues, gatewayPorts, names: new Set(asked) };
}

describe('a table made with what is known from the ones before', () => {
  test.each(Object.entries(callers))(
    'is, after any edits, the one that would be made without, for %s',
    (_, options) => {
      fc.assert(
        fc.property(edits, (all) => {
          const memos = new ObjectMemos();
          for (const objects of statesOf(all)) {
            // Copies are objects of which nothing is known.
            expect(outcome(objects, options, memos)).toEqual(outcome(structuredClone(objects), options));
          }
        }),
        { numRuns: 30 },
      );
    },
  );

  test('is the same for whoever else it is made', () => {
    const each = Object.values(callers);
    fc.assert(
      fc.property(edits, (all) => {
        const memos = new ObjectMemos();
        for (const [index, objects] of [...statesOf(all)].entries()) {
          const options = each[index % each.length];
          if (options === undefined) continue;
          expect(outcome(objects, options, memos)).toEqual(outcome(structuredClone(objects), options));
        }
      }),
      { numRuns: 15 },
    );
  });
});
