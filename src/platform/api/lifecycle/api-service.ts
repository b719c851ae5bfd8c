/**
 * The Service by which every API server says where it is: `kubernetes` in the namespace `default`, with Endpoints and an EndpointSlice
 * that follow its port. It is written at every start, as a cluster's writes it again and again.
 */

import { canonicalJson } from '../../../lib/canonical-json.ts';
import type { KubeObject, ResourceType } from '../../../lib/resource.ts';
import type { ApiContext } from '../api-context.ts';
import { newMetadata } from '../object/system-metadata.ts';
import { API_SERVER_ADDRESS } from '../rules/cluster-addresses.ts';
import { withInitialStatus } from '../rules/kind-rules.ts';
import { applyDefaults } from '../schema/defaults.ts';
import { resourceIdOf } from '../store/stored-object.ts';

type Address = Pick<ResourceType, 'group' | 'version' | 'plural'>;

const NAME = { name: 'kubernetes', namespace: 'default' };
const SERVICE: Address = { group: '', version: 'v1', plural: 'services' };
const ENDPOINTS: Address = { group: '', version: 'v1', plural: 'endpoints' };
const ENDPOINT_SLICES: Address = { group: 'discovery.k8s.io', version: 'v1', plural: 'endpointslices' };
/** Where the embedded server listens: nowhere but on this machine. */
const LISTENS_ON = '127.0.0.1';

export function publishApiService(context: ApiContext, port: number): void {
  const ports = [{ name: 'https', port, protocol: 'TCP' }];
  keep(context, SERVICE, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...NAME, labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      clusterIP: API_SERVER_ADDRESS,
      clusterIPs: [API_SERVER_ADDRESS],
      ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: port }],
    },
  });
  keep(context, ENDPOINTS, {
    apiVersion: 'v1',
    kind: 'Endpoints',
    // The slice is written here, not copied from the Endpoints.
    metadata: { ...NAME, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    subsets: [{ addresses: [{ ip: LISTENS_ON }], ports }],
  });
  keep(context, ENDPOINT_SLICES, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...NAME, labels: { 'kubernetes.io/service-name': NAME.name } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [LISTENS_ON], conditions: { ready: true } }],
    ports,
  });
}

/** Writes the object unless it says the same already: a start that changes nothing wakes nobody. */
function keep({ store, kinds, clock, random }: ApiContext, address: Address, object: KubeObject): void {
  const kind = kinds.find(address);
  if (kind === undefined) throw new Error(`There is no built-in kind ${address.plural}`);
  const resource = resourceIdOf(kind.type);
  const old = store.get(resource, NAME)?.object;
  const metadata = old?.metadata ?? newMetadata(object.metadata, { now: clock.now(), random });
  const next = applyDefaults(kind, withInitialStatus(kind, { ...object, metadata }));
  if (old === undefined || canonicalJson(next) !== canonicalJson(old)) store.put(resource, next);
}
