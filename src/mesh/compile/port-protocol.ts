/** What a service port speaks, as Istio reads it from `appProtocol` or the beginning of the port's name (istio.md 2.2). */

export type PortProtocol = 'http' | 'http2' | 'tcp' | 'udp';

const BY_NAME: Readonly<Record<string, PortProtocol>> = {
  http: 'http',
  http_proxy: 'http',
  http2: 'http2',
  grpc: 'http2',
  'grpc-web': 'http2',
  'kubernetes.io/h2c': 'http2',
  'kubernetes.io/ws': 'http',
  tcp: 'tcp',
  tls: 'tcp',
  https: 'tcp',
  mongo: 'tcp',
  redis: 'tcp',
  mysql: 'tcp',
  'kubernetes.io/wss': 'tcp',
  udp: 'udp',
};

/** Ports of protocols in which the server speaks first, so that looking at the first bytes would hang. */
const SERVER_FIRST_PORTS = [25, 53, 3306, 27017];

type DeclaredPort = { number: number; name?: string; appProtocol?: string; protocol?: string };

/** An undeclared port is HTTP, where Istio would look at the first bytes. */
export function portProtocol({ number, name = '', appProtocol, protocol }: DeclaredPort): PortProtocol {
  if (protocol === 'UDP') return 'udp';
  const declared = (appProtocol ?? name).toLowerCase();
  const known =
    BY_NAME[declared] ?? (/^grpc-web(-|$)/.test(declared) ? 'http2' : BY_NAME[declared.split('-')[0] ?? '']);
  return known ?? (SERVER_FIRST_PORTS.includes(number) ? 'tcp' : 'http');
}

/** Whether requests to the port are routed, rather than bytes. */
export function isHttp(protocol: PortProtocol): boolean {
  return protocol === 'http' || protocol === 'http2';
}
