/** From MeshConfig to where a proxy writes its access log and sends its spans. */

import type { MeshSettings } from '../schema/mesh-config.ts';

export type MeshTelemetry = {
  accessLog?: { to: string; format: string };
  tracing?: { provider: 'otlp' | 'zipkin'; endpoint: string; samplingPercent: number };
};

/** Istio's, where nobody says otherwise (istio.md 9.5). */
const SAMPLING_PERCENT = 1;

export function meshTelemetry(mesh: MeshSettings): MeshTelemetry {
  const collector = collectorOf(mesh);
  const samplingPercent = mesh.defaultConfig?.tracing?.sampling ?? SAMPLING_PERCENT;
  return {
    ...(mesh.accessLogFile !== '' && { accessLog: accessLogOf(mesh) }),
    ...(collector !== undefined && { tracing: { ...collector, samplingPercent } }),
  };
}

function accessLogOf({ accessLogFile, accessLogEncoding, accessLogFormat }: MeshSettings) {
  const to = accessLogFile === '/dev/stdout' ? 'stdout' : accessLogFile;
  return { to, format: accessLogFormat === '' ? accessLogEncoding.toLowerCase() : accessLogFormat };
}

// The default provider of traces, else the Zipkin of old; `enableTracing: false` turns both off.
function collectorOf({ enableTracing, extensionProviders, defaultProviders, defaultConfig }: MeshSettings) {
  if (enableTracing === false) return undefined;
  const named = extensionProviders.find(({ name }) => name === defaultProviders?.tracing[0]);
  if (named?.zipkin !== undefined) return { provider: 'zipkin' as const, endpoint: urlOf(named.zipkin) };
  const { opentelemetry } = named ?? {};
  if (opentelemetry !== undefined) {
    const { http, ...place } = opentelemetry;
    return { provider: 'otlp' as const, endpoint: urlOf({ ...place, path: http?.path }) };
  }
  const address = defaultConfig?.tracing?.zipkin?.address;
  return address === undefined ? undefined : { provider: 'zipkin' as const, endpoint: `http://${address}` };
}

/** A service may be written as `namespace/host`. */
function urlOf({ service, port, path = '' }: { service: string; port: number; path?: string | undefined }): string {
  return `http://${service.slice(service.indexOf('/') + 1)}:${port}${path}`;
}
