import { describe, expect, test } from 'vitest';
import { type ClusterSite, compileClusters } from '../../../src/mesh/compile/compile-clusters.ts';
import type { MeshService } from '../../../src/mesh/compile/mesh-input.ts';
import type { TrafficPolicySpec } from '../../../src/mesh/schema/destination-rule.ts';
import { labelsOf } from '../../support/sample-table.ts';

const endpointIn = (locality: string) => ({
  address: `10.0.0.1:${locality.length}`,
  ready: true,
  labels: {},
  workload: labelsOf('web'),
  locality,
});
const near = endpointIn('eu/one');
const far = endpointIn('us/other');
const service: MeshService = {
  host: 'web.default.svc.cluster.local',
  name: 'web',
  namespace: 'default',
  ports: [{ number: 80, name: 'http', protocol: 'http', endpoints: [near, far] }],
};

function endpointsOf(trafficPolicy: TrafficPolicySpec | undefined, site: Partial<ClusterSite> = {}, changes = {}) {
  const policy = { names: [], trafficPolicy, subsets: [] };
  const [compiled] = compileClusters({ ...service, ...changes }, policy, { caller: { locality: 'eu/one' }, ...site });
  return compiled?.endpoints.endpoints.map(({ address, priority = 0 }) => `${address} ${priority}`);
}

const [nearFirst, farFirst] = [`${near.address} 0`, `${far.address} 0`];
const farLater = `${far.address} 1`;

describe('the endpoints of a cluster', () => {
  test.each<[string, TrafficPolicySpec | undefined, Partial<ClusterSite>, object, string[]]>([
    ['are equal', undefined, {}, {}, [nearFirst, farFirst]],
    ['are preferred when near, where failures are detected', { outlierDetection: {} }, {}, {}, [nearFirst, farLater]],
    [
      'are preferred when near, where the rule asks for it',
      { loadBalancer: { zoneAwareLbSetting: {} } },
      {},
      {},
      [nearFirst, farLater],
    ],
    [
      'are placed as the mesh says',
      undefined,
      { locality: { distribute: [{ from: 'eu/*', to: { us: 100 } }] } },
      {},
      [farFirst],
    ],
    [
      'are placed as the rule says, before the mesh',
      { loadBalancer: { localityLbSetting: { enabled: false } } },
      { locality: { distribute: [{ from: 'eu/*', to: { us: 100 } }] } },
      {},
      [nearFirst, farFirst],
    ],
    ['are none where an address is to be passed through', { loadBalancer: { simple: 'PASSTHROUGH' } }, {}, {}, []],
    [
      'are those of the name where that is what callers mean',
      { loadBalancer: { simple: 'PASSTHROUGH' } },
      {},
      { isPassedThrough: true },
      [nearFirst, farFirst],
    ],
  ])('%s', (_, policy, site, changes, expected) => expect(endpointsOf(policy, site, changes)).toEqual(expected));
});
