/** Pruning, defaulting and validation of objects; the differential test compares the same with a real server. */

import { describe, expect, test } from 'vitest';
import { kindsOfCrd } from '../../../../src/platform/api/crd/kinds-of-crd.ts';
import { decodeFault } from '../../../../src/platform/api/schema/decode-fault.ts';
import { applyDefaults } from '../../../../src/platform/api/schema/defaults.ts';
import { pruneUnknown } from '../../../../src/platform/api/schema/prune.ts';
import { validateObject } from '../../../../src/platform/api/schema/validate.ts';
import { toTable } from '../../../../src/platform/api/table/to-table.ts';
import { canonicalQuantity } from '../../../../src/platform/api/wire/quantity.ts';
import { kindNamed } from './kind-named.ts';

const labels = { app: 'x' };
const deployment = (spec: Record<string, unknown> = {}, container: Record<string, unknown> = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd', namespace: 'default', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'x:1', ...container }] } },
    ...spec,
  },
});
const kind = kindNamed('Deployment');

describe('pruneUnknown()', () => {
  test('names what it drops, with its place', () => {
    const { object, unknown } = pruneUnknown(kind, deployment({ foo: 1 }, { imagee: 'x' }));
    expect(unknown).toEqual(['spec.template.spec.containers[0].imagee', 'spec.foo']);
    expect(object).toEqual(deployment());
  });
});

describe('applyDefaults()', () => {
  test('fills in a Deployment', () => {
    expect(applyDefaults(kind, deployment()).spec).toMatchObject({
      replicas: 1,
      progressDeadlineSeconds: 600,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      template: { spec: { restartPolicy: 'Always', containers: [{ imagePullPolicy: 'IfNotPresent', resources: {} }] } },
    });
  });

  test('keeps 0 replicas, and drops a 0 that means absent', () => {
    const { spec } = applyDefaults(kind, deployment({ replicas: 0, minReadySeconds: 0 }));
    expect(spec).toMatchObject({ replicas: 0 });
    expect(spec).not.toHaveProperty('minReadySeconds');
  });

  test('is settled after the first time', () => {
    const once = applyDefaults(kind, deployment());
    expect(applyDefaults(kind, once, once)).toEqual(once);
  });
});

describe('validateObject()', () => {
  const fields = (object: ReturnType<typeof deployment>) =>
    validateObject(kind, applyDefaults(kind, object)).map(({ field }) => field);

  test('accepts what is good', () => expect(fields(deployment())).toEqual([]));

  const cases: Record<string, { object: ReturnType<typeof deployment>; field: string }> = {
    'a selector that does not match': {
      object: deployment({ selector: { matchLabels: { app: 'y' } } }),
      field: 'spec.template.metadata.labels',
    },
    'negative replicas': { object: deployment({ replicas: -1 }), field: 'spec.replicas' },
    'a missing image': { object: deployment({}, { image: '' }), field: 'spec.template.spec.containers[0].image' },
    'a port beyond the range': {
      object: deployment({}, { ports: [{ containerPort: 65_536 }] }),
      field: 'spec.template.spec.containers[0].ports[0].containerPort',
    },
  };
  test.each(Object.entries(cases))('refuses %s', (_name, { object, field }) => expect(fields(object)).toEqual([field]));

  test('refuses to change the selector', () => {
    const old = applyDefaults(kind, deployment());
    const next = structuredClone(old) as ReturnType<typeof deployment>;
    next.spec.selector = { matchLabels: { app: 'y' } };
    next.spec.template.metadata.labels = { app: 'y' };
    expect(validateObject(kind, next, old).map(({ message }) => message)).toEqual([
      'Invalid value: {"matchLabels":{"app":"y"}}: field is immutable',
    ]);
  });
});

test('decodeFault() names the Go field of a wrong type', () => {
  expect(decodeFault(kind, deployment({ replicas: 'x' }))).toBe(
    'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
  );
});

test.each([
  ['1000m', '1'],
  ['1024Mi', '1Gi'],
  ['0.5', '500m'],
  ['1.5Gi', '1536Mi'],
  [2, '2'],
  ['100m', '100m'],
  ['0', '0'],
  ['1e9', '1e9'],
  ['x', 'x'],
])('quantity %s is written %s', (given, written) => expect(canonicalQuantity(given)).toBe(written));

describe('kindsOfCrd()', () => {
  const crd = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'foos.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { kind: 'Foo', plural: 'foos', shortNames: ['f'] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object' } },
          subresources: { status: {} },
          additionalPrinterColumns: [
            { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
            { name: 'Count', type: 'integer', jsonPath: '.status.count' },
          ],
        },
        { name: 'v0', served: false, storage: false },
      ],
    },
  };

  test('adds a kind per served version, with its columns', () => {
    const [foo, ...others] = kindsOfCrd(crd);
    expect(others).toEqual([]);
    expect(foo).toMatchObject({ type: { kind: 'Foo', version: 'v1' }, hasStatus: true, strategicMerge: false });
    if (foo === undefined) return;
    const status = { count: 3, conditions: [{ type: 'Ready', status: 'True' }] };
    const object = { apiVersion: 'example.com/v1', kind: 'Foo', metadata: { name: 'a' }, status };
    const table = toTable(foo, [object], { now: 0, includeObject: 'None', resourceVersion: '7', withColumns: true });
    expect(table).toMatchObject({
      columnDefinitions: [{ name: 'Name' }, { name: 'Ready' }, { name: 'Count' }],
      rows: [{ cells: ['a', 'True', 3] }],
    });
  });
});
