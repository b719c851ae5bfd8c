/** Analyzers judge what was written, valid or not: no object may keep them from judging the others. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KubeObject } from '../../../src/lib/resource.ts';
import { analyze } from '../../../src/mesh/analyze/analyze.ts';
import { createWorld } from '../../../src/mesh/analyze/analyzed-world.ts';

const KINDS = [
  ...['VirtualService', 'DestinationRule', 'ServiceEntry', 'Gateway', 'Sidecar', 'EnvoyFilter', 'WorkloadEntry'],
  ...['Service', 'Pod', 'Deployment', 'Namespace', 'Secret', 'Node', 'RequestAuthentication'],
];
const FIELDS = [
  ...[
    'http',
    'route',
    'destination',
    'host',
    'hosts',
    'match',
    'uri',
    'prefix',
    'gateways',
    'exportTo',
    'mirror',
    'tcp',
  ],
  ...['subsets', 'labels', 'name', 'servers', 'port', 'ports', 'number', 'selector', 'tls', 'credentialName', 'spec'],
  ...[
    'configPatches',
    'patch',
    'operation',
    'value',
    'workloadSelector',
    'endpoints',
    'template',
    'metadata',
    'containers',
  ],
];
const WORDS = ['*', '.', 'web', 'a.com', '*.com', 'mesh', 'ns/gw', 'ADD', 'http', '__proto__', ''];

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    fc.constantFrom(null, true, 0, 80, -1, ...WORDS),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...FIELDS), tie('value'), { maxKeys: 6 }),
  ),
}));
const object: fc.Arbitrary<KubeObject> = fc.record({
  apiVersion: fc.constantFrom('networking.istio.io/v1', 'v1', 'gateway.networking.k8s.io/v1'),
  kind: fc.constantFrom(...KINDS),
  metadata: fc.record({ name: fc.constantFrom('a', 'b'), namespace: fc.constantFrom('one', 'two') }),
  spec: value,
});

test('any spec is judged', () => {
  fc.assert(
    fc.property(fc.array(object, { maxLength: 8 }), value, (objects, meshConfig) => {
      for (const { text, path } of analyze(createWorld(objects, meshConfig))) {
        expect(text).not.toBe('');
        expect(path).not.toBe('');
      }
    }),
    { numRuns: 400 },
  );
});

test('thousands of routes are judged within a moment', () => {
  const rules = Array.from({ length: 3_000 }, (_, index) => ({ match: [{ uri: { prefix: `/service-${index}/` } }] }));
  const routed = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'many', namespace: 'default' },
    spec: { hosts: ['web'], http: rules },
  };
  expect(analyze(createWorld([routed]))).toEqual([]);
});
