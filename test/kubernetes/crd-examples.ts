/** One object of every kind of deploy/crds, with every group of fields set: what a schema forgets, a real API server drops. */

import type { KubeObject } from '../../src/lib/resource.ts';
import { CANARY_EXAMPLE } from './canary-example.ts';
import { AT } from './example-fields.ts';
import { DESTINATION_RULE, VIRTUAL_SERVICE } from './istio-examples.ts';
import { GATEWAY, SERVICE_ENTRY, SIDECAR, WORKLOAD_ENTRY } from './mesh-edge-examples.ts';

export const CRD_EXAMPLES: readonly KubeObject[] = [
  CANARY_EXAMPLE,
  {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'MetricTemplate',
    metadata: { name: 'example' },
    spec: {
      provider: {
        type: 'prometheus',
        address: 'http://prometheus:9090',
        headers: { 'x-scope-orgid': ['shop'] },
        secretRef: { name: 's' },
        region: 'eu',
        insecureSkipVerify: true,
      },
      query: 'vector(1)',
    },
  },
  {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'AlertProvider',
    metadata: { name: 'example' },
    spec: { type: 'slack', channel: 'c', username: 'u', proxy: 'http://proxy', secretRef: { name: 's' } },
  },
  {
    apiVersion: 'sluice.dev/v1alpha1',
    kind: 'RolloutAction',
    metadata: { name: 'example' },
    spec: {
      canary: 'shop',
      canaryUid: 'u',
      revision: 'r',
      gate: 'staff',
      action: 'Approve',
      by: 'me',
      reason: 'looks good',
    },
    status: { outcome: 'Applied', message: 'm', at: AT },
  },
  ...['v1', 'v1beta1', 'v1alpha3'].flatMap((version) =>
    [VIRTUAL_SERVICE, DESTINATION_RULE, SERVICE_ENTRY, WORKLOAD_ENTRY, GATEWAY, SIDECAR].map((example) => ({
      apiVersion: `networking.istio.io/${version}`,
      ...example,
    })),
  ),
];
