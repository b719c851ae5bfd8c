/**
 * The ingress gateway that Istio installs unless told otherwise: files alone do not hold it, and it must not be missed (istio.md
 * 12.2). Used when files are analysed without an API server.
 */

import type { KubeObject } from '../../lib/resource.ts';

const LABELS = { istio: 'ingressgateway' };
const PORTS = [80, 443, 31_400, 15_443];

export const DEFAULT_GATEWAY: readonly KubeObject[] = [
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'istio-ingressgateway', namespace: 'istio-system', labels: LABELS },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'istio-ingressgateway', namespace: 'istio-system', labels: LABELS },
    spec: {
      selector: LABELS,
      ports: PORTS.map((port) => ({ name: `tcp-${port}`, port, protocol: 'TCP', targetPort: port })),
    },
  },
];
