/** What old forms are turned into; which of them are noticed or refused is in test/discovery/article-examples.ts. */

import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../../src/lib/resource.ts';
import { rewriteLegacy } from '../../../src/mesh/legacy/rewrite-legacy.ts';
import { readResources } from '../../../src/mesh/read-resources.ts';

const NETWORKING = 'networking.istio.io/v1';
const object = (kind: string, spec: object, apiVersion = NETWORKING): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: 'tested', namespace: 'shop' },
  spec,
});

type Row = { what: string; from: object; to: object };

const rule = (fields: object) => ({ http: [{ route: [], ...fields }] });
const policy = (trafficPolicy: object) => ({ host: 'web', trafficPolicy });

describe.each<{ kind: string; rows: Row[] }>([
  {
    kind: 'VirtualService',
    rows: [
      { what: 'mirror_percent', from: rule({ mirror_percent: 10 }), to: rule({ mirrorPercentage: { value: 10 } }) },
      { what: 'mirrorPercent of 0', from: rule({ mirrorPercent: 0 }), to: rule({ mirrorPercentage: { value: 0 } }) },
      {
        what: 'mirrorPercent beside what replaces it',
        from: rule({ mirrorPercent: 10, mirrorPercentage: { value: 5 } }),
        to: rule({ mirrorPercentage: { value: 5 } }),
      },
      {
        what: 'a list of conditions, numbers among them',
        from: rule({ retries: { attempts: 2, retryOn: ['5xx', 409] } }),
        to: rule({ retries: { attempts: 2, retryOn: '5xx,409' } }),
      },
      {
        what: 'the percent of a delay',
        from: rule({ fault: { delay: { percent: 10, fixedDelay: '5s' } } }),
        to: rule({ fault: { delay: { percentage: { value: 10 }, fixedDelay: '5s' } } }),
      },
      {
        what: 'allowOrigin, joined with allowOrigins',
        from: rule({ corsPolicy: { allowOrigin: ['b'], allowOrigins: [{ prefix: 'a' }] } }),
        to: rule({ corsPolicy: { allowOrigins: [{ prefix: 'a' }, { exact: 'b' }] } }),
      },
    ],
  },
  {
    kind: 'DestinationRule',
    rows: [
      {
        what: 'maxConnections below http',
        from: policy({ connectionPool: { http: { maxConnections: 5 } } }),
        to: policy({ connectionPool: { http: {}, tcp: { maxConnections: 5 } } }),
      },
      {
        what: 'maxConnections below http, beside that below tcp',
        from: policy({ connectionPool: { http: { maxConnections: 5 }, tcp: { maxConnections: 9 } } }),
        to: policy({ connectionPool: { http: {}, tcp: { maxConnections: 9 } } }),
      },
      {
        what: 'maxPendingRequests of a subset and of a port',
        from: {
          host: 'web',
          subsets: [
            {
              name: 'v1',
              trafficPolicy: { portLevelSettings: [{ connectionPool: { http: { maxPendingRequests: 5 } } }] },
            },
          ],
        },
        to: {
          host: 'web',
          subsets: [
            {
              name: 'v1',
              trafficPolicy: { portLevelSettings: [{ connectionPool: { http: { http1MaxPendingRequests: 5 } } }] },
            },
          ],
        },
      },
      {
        what: 'consecutiveErrors',
        from: policy({ outlierDetection: { consecutiveErrors: 7 } }),
        to: policy({ outlierDetection: { consecutiveGatewayErrors: 7 } }),
      },
      {
        what: 'minHealthPercentage',
        from: policy({ outlierDetection: { minHealthPercentage: 95 } }),
        to: policy({ outlierDetection: { minHealthPercent: 95 } }),
      },
      {
        what: 'simple beside consistentHash, and minimumRingSize',
        from: policy({ loadBalancer: { simple: 'RANDOM', consistentHash: { useSourceIp: true, minimumRingSize: 4 } } }),
        to: policy({ loadBalancer: { consistentHash: { useSourceIp: true, ringHash: { minimumRingSize: 4 } } } }),
      },
      {
        what: 'failover beside distribute',
        from: policy({ loadBalancer: { localityLbSetting: { distribute: [], failover: [] } } }),
        to: policy({ loadBalancer: { localityLbSetting: { distribute: [] } } }),
      },
      {
        what: 'warmupDurationSecs',
        from: policy({ loadBalancer: { warmupDurationSecs: '30s' } }),
        to: policy({ loadBalancer: { warmup: { duration: '30s' } } }),
      },
    ],
  },
  {
    kind: 'Sidecar',
    rows: [{ what: 'resources', from: { egress: [], resources: { cpu: 1 } }, to: { egress: [] } }],
  },
])('of a $kind', ({ kind, rows }) => {
  test.each(rows)('$what', ({ from, to }) => {
    const written = object(kind, from);
    const before = structuredClone(written);
    expect(rewriteLegacy(written, { strict: false }).object.spec).toEqual(to);
    expect(written).toEqual(before);
  });
});

test('what is of today stays the same object, without a word', () => {
  const written = object('VirtualService', rule({ timeout: '1s' }));
  expect(rewriteLegacy(written, { strict: false })).toEqual({ object: written, findings: [] });
});

test.each([null, 'text', [1], { http: 'x' }, { http: [null, 'x'] }, { http: [{ retries: [], fault: 1 }] }])(
  'a spec that is %j is left to the parser',
  (spec) => {
    const written = { ...object('VirtualService', {}), spec };
    expect(rewriteLegacy(written, { strict: false }).findings).toEqual([]);
  },
);

test('with --strict consecutiveErrors is ignored, as Istio does', () => {
  const written = object('DestinationRule', policy({ outlierDetection: { consecutiveErrors: 7, interval: '5s' } }));
  const { object: renewed, findings } = rewriteLegacy(written, { strict: true });
  expect(renewed.spec).toEqual(policy({ outlierDetection: { interval: '5s' } }));
  expect(findings).toMatchObject([{ level: 'warning', code: 'SL0320' }]);
});

describe('retries of a DestinationRule', () => {
  const read = (retryPolicy: object) =>
    readResources([object('DestinationRule', policy({ retryPolicy }))], { strict: false });

  test('are for rules to its host that have none', () => {
    const { resources } = read({ maxAttempts: 3, perTryTimeout: '2s', retryOn: '5xx' });
    expect([...resources.retries]).toEqual([
      ['web.shop.svc.cluster.local', { attempts: 3, perTryTimeout: '2s', retryOn: '5xx' }],
    ]);
    expect(resources.DestinationRule).toMatchObject([{ spec: { host: 'web' } }]);
  });

  test('that are not valid refuse the rule', () => {
    const { resources, issues } = read({ maxAttempts: 'many' });
    expect(resources.DestinationRule).toEqual([]);
    expect(issues).toContainEqual(expect.objectContaining({ level: 'error', code: 'SL0300' }));
  });
});

describe('slow start by EnvoyFilter', () => {
  const filter = (value: object, service?: string) =>
    object('EnvoyFilter', {
      configPatches: [
        {
          applyTo: 'CLUSTER',
          match: { cluster: { ...(service && { service }) } },
          patch: { operation: 'MERGE', value },
        },
      ],
    });
  const slowStart = { slow_start_config: { slow_start_window: '30s', aggression: { default_value: 2 } } };
  const warmup = { duration: '30s', aggression: 2 };
  const rules = (...objects: KubeObject[]) => readResources(objects, { strict: false }).resources.DestinationRule;

  test('is a warm-up of the rule for its host', () => {
    const written = object('DestinationRule', policy({ loadBalancer: { simple: 'RANDOM' } }));
    expect(rules(written, filter(slowStart, 'web.shop.svc.cluster.local'))).toMatchObject([
      { spec: { host: 'web', trafficPolicy: { loadBalancer: { simple: 'RANDOM', warmup } } } },
    ]);
  });

  test('is a rule of its own for a host without one', () => {
    expect(rules(filter(slowStart, 'web.shop.svc.cluster.local'))).toMatchObject([
      { spec: { host: 'web.shop.svc.cluster.local', trafficPolicy: { loadBalancer: { warmup } } } },
    ]);
  });

  test('is left alone where the filter asks for more', () => {
    expect(rules(filter({ ...slowStart, lb_policy: 'RANDOM' }, 'web'))).toEqual([]);
  });
});
