/** Protocols that a port of an Istio resource may speak, in any case (istio.md 2.2). */

const HTTP: readonly string[] = ['HTTP', 'HTTP2', 'HTTP_PROXY', 'GRPC', 'GRPC-WEB'];
const TLS: readonly string[] = ['HTTPS', 'TLS'];
const OTHERS: readonly string[] = ['TCP', 'UDP', 'MONGO', 'REDIS', 'MYSQL', 'HBONE'];

export function isHttpProtocol(written: string): boolean {
  return HTTP.includes(written.toUpperCase());
}

export function isTlsProtocol(written: string): boolean {
  return TLS.includes(written.toUpperCase());
}

export function isProtocol(written: string): boolean {
  return isHttpProtocol(written) || isTlsProtocol(written) || OTHERS.includes(written.toUpperCase());
}
