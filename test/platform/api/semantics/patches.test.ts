/** The three kinds of patches, as kube-apiserver applies them. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyJsonPatch } from '../../../../src/platform/api/patch/json-patch.ts';
import { applyMergePatch } from '../../../../src/platform/api/patch/merge-patch.ts';
import { PatchError } from '../../../../src/platform/api/patch/patch-error.ts';
import { applyStrategicMergePatch } from '../../../../src/platform/api/patch/strategic-merge-patch.ts';
import { kindNamed } from './kind-named.ts';

describe('applyMergePatch()', () => {
  // RFC 7386, appendix A.
  const cases: ReadonlyArray<readonly [unknown, unknown, unknown]> = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];
  test.each(cases)('%j patched with %j is %j', (target, patch, result) => {
    expect(applyMergePatch(target, patch)).toEqual(result);
  });

  test('applied twice, a patch changes nothing more', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (target, patch) => {
        const once = applyMergePatch(target, patch);
        expect(applyMergePatch(once, patch)).toEqual(once);
      }),
    );
  });

  test('keeps a field named __proto__ a field', () => {
    const result = applyMergePatch({}, JSON.parse('{"__proto__":{"polluted":true}}'));
    expect(Object.keys(result as object)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('applyJsonPatch()', () => {
  const good: Record<string, { target: unknown; operations: unknown[]; result: unknown }> = {
    'adds a field': { target: {}, operations: [{ op: 'add', path: '/a', value: 1 }], result: { a: 1 } },
    'inserts into a list': { target: [1, 3], operations: [{ op: 'add', path: '/1', value: 2 }], result: [1, 2, 3] },
    'appends to a list': { target: [1], operations: [{ op: 'add', path: '/-', value: 2 }], result: [1, 2] },
    'removes an item': { target: [1, 2], operations: [{ op: 'remove', path: '/0' }], result: [2] },
    'replaces the whole document': { target: 1, operations: [{ op: 'replace', path: '', value: 2 }], result: 2 },
    'moves a field': { target: { a: 1 }, operations: [{ op: 'move', from: '/a', path: '/b' }], result: { b: 1 } },
    'copies a field': {
      target: { a: 1 },
      operations: [{ op: 'copy', from: '/a', path: '/b' }],
      result: { a: 1, b: 1 },
    },
    'reads escaped slashes and tildes': {
      target: { 'a/b~c': 1 },
      operations: [{ op: 'replace', path: '/a~1b~0c', value: 2 }],
      result: { 'a/b~c': 2 },
    },
  };
  test.each(Object.entries(good))('%s', (_name, { target, operations, result }) => {
    expect(applyJsonPatch(target, operations)).toEqual(result);
  });

  const bad: Record<string, { operations: unknown; status: number }> = {
    'refuses an object': { operations: {}, status: 400 },
    'refuses an operation without path': { operations: [{ op: 'add' }], status: 400 },
    'refuses to remove what is not there': { operations: [{ op: 'remove', path: '/b' }], status: 422 },
    'refuses a test that fails': { operations: [{ op: 'test', path: '/a', value: 2 }], status: 422 },
    'refuses an index beyond the list': { operations: [{ op: 'add', path: '/list/3', value: 0 }], status: 422 },
    'refuses an index with a leading zero': {
      operations: [{ op: 'replace', path: '/list/00', value: 0 }],
      status: 422,
    },
    'refuses an inherited name': { operations: [{ op: 'replace', path: '/constructor', value: 0 }], status: 422 },
    'refuses an unknown operation': { operations: [{ op: 'foo', path: '/a' }], status: 422 },
  };
  test.each(Object.entries(bad))('%s', (_name, { operations, status }) => {
    const run = () => applyJsonPatch({ a: 1, list: [1, 2] }, operations);
    expect(run).toThrow(PatchError);
    expect(run).toThrow(expect.objectContaining({ status }));
  });
});

describe('applyStrategicMergePatch()', () => {
  const { schema } = kindNamed('Pod');
  const pod = (...containers: unknown[]) => ({ spec: { containers } });
  const base = pod({ name: 'a', image: 'a:1', env: [{ name: 'X', value: '1' }] }, { name: 'b', image: 'b:1' });
  const cases: Record<string, { patch: unknown; result: unknown }> = {
    'changes one container by name': {
      patch: pod({ name: 'b', image: 'b:2' }),
      result: pod(base.spec.containers[0], { name: 'b', image: 'b:2' }),
    },
    'puts a new container first': {
      patch: pod({ name: 'c', image: 'c:1' }),
      result: pod({ name: 'c', image: 'c:1' }, ...base.spec.containers),
    },
    'deletes a container': { patch: pod({ name: 'a', $patch: 'delete' }), result: pod(base.spec.containers[1]) },
    'replaces all containers': {
      patch: pod({ name: 'z', image: 'z' }, { $patch: 'replace' }),
      result: pod({ name: 'z', image: 'z' }),
    },
    'orders containers as told': {
      patch: { spec: { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] } },
      result: pod(base.spec.containers[1], base.spec.containers[0]),
    },
    'keeps only the retained keys': {
      patch: { spec: { $retainKeys: ['hostNetwork'], hostNetwork: true } },
      result: { spec: { hostNetwork: true } },
    },
  };
  test.each(Object.entries(cases))('%s', (_name, { patch, result }) => {
    expect(applyStrategicMergePatch(base, patch, schema)).toEqual(result);
  });

  test('deletes from a list of texts', () => {
    const target = { metadata: { finalizers: ['a', 'b'] } };
    const patch = { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'], finalizers: ['c'] } };
    const result = applyStrategicMergePatch(target, patch, schema) as typeof target;
    expect([...result.metadata.finalizers].sort()).toEqual(['b', 'c']);
  });

  test('refuses an item without its key', () => {
    expect(() => applyStrategicMergePatch(base, pod({ image: 'x' }), schema)).toThrow('merge key: name');
  });

  test('leaves target and patch as they were', () => {
    const before = structuredClone(base);
    applyStrategicMergePatch(base, pod({ name: 'a', image: 'a:9' }), schema);
    expect(base).toEqual(before);
  });
});
