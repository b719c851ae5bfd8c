/** Istio's kinds for what stands at the edge of the mesh, with every group of fields set. */

const example = (kind: string, spec: Record<string, unknown>) => ({
  kind,
  metadata: { name: 'example' },
  spec,
  status: { observedGeneration: 1 },
});
const WORKLOAD = {
  address: '10.0.0.1',
  ports: { http: 8080 },
  labels: { app: 'web' },
  network: 'n',
  locality: 'eu/a/b',
  weight: 2,
  serviceAccount: 'web',
};
const TLS = { mode: 'SIMPLE', credentialName: 'cert', minProtocolVersion: 'TLSV1_2', cipherSuites: ['AES128-SHA'] };

export const WORKLOAD_ENTRY = example('WorkloadEntry', WORKLOAD);
export const SERVICE_ENTRY = example('ServiceEntry', {
  hosts: ['db.example.com'],
  addresses: ['10.0.0.2'],
  ports: [{ number: 80, name: 'http', protocol: 'HTTP', targetPort: 8080 }],
  location: 'MESH_INTERNAL',
  resolution: 'STATIC',
  endpoints: [WORKLOAD],
  exportTo: ['*'],
  subjectAltNames: ['db'],
});
export const GATEWAY = example('Gateway', {
  selector: { istio: 'ingressgateway' },
  servers: [
    { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*'], tls: { httpsRedirect: true } },
    { port: { number: 443, name: 'https', protocol: 'HTTPS' }, bind: '0.0.0.0', hosts: ['./a.example.com'], tls: TLS },
  ],
});
export const SIDECAR = example('Sidecar', {
  workloadSelector: { labels: { app: 'web' } },
  ingress: [{ port: { number: 80, protocol: 'HTTP', name: 'http' }, defaultEndpoint: '127.0.0.1:8080' }],
  egress: [{ hosts: ['./*'], captureMode: 'DEFAULT' }],
  outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' },
});
