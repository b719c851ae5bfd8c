import { describe, expect, test } from 'vitest';
import { meshTelemetry } from '../../../src/mesh/compile/mesh-telemetry.ts';
import { parseMeshConfig } from '../../../src/mesh/schema/mesh-config.ts';

const telemetryOf = (input: object) => {
  const parsed = parseMeshConfig(input);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return { ...meshTelemetry(parsed.value), warnings: parsed.warnings.map(({ path }) => path) };
};

const zipkin = { name: 'z', zipkin: { service: 'mon/zipkin.mon.svc', port: 9411 } };
const otel = { name: 'o', opentelemetry: { service: 'otel.mon.svc', port: 4318, http: { path: '/v1/traces' } } };

describe('mesh settings about telemetry', () => {
  const cases: Record<string, { mesh: object; says: object }> = {
    'say nothing by default': { mesh: {}, says: {} },
    'a log on stdout, as text': {
      mesh: { accessLogFile: '/dev/stdout' },
      says: { accessLog: { to: 'stdout', format: 'text' } },
    },
    'a log in a file, as JSON': {
      mesh: { accessLogFile: '/var/log/a', accessLogEncoding: 'JSON' },
      says: { accessLog: { to: '/var/log/a', format: 'json' } },
    },
    'a format of their own': {
      mesh: { accessLogFile: '/dev/stdout', accessLogFormat: '%PROTOCOL%' },
      says: { accessLog: { to: 'stdout', format: '%PROTOCOL%' } },
    },
    'no log without a file': { mesh: { accessLogEncoding: 'JSON' }, says: {} },
    'Zipkin, by the default provider': {
      mesh: { extensionProviders: [otel, zipkin], defaultProviders: { tracing: ['z'] } },
      says: { tracing: { provider: 'zipkin', endpoint: 'http://zipkin.mon.svc:9411', samplingPercent: 1 } },
    },
    'OpenTelemetry, with a path and a share': {
      mesh: {
        extensionProviders: [otel, zipkin],
        defaultProviders: { tracing: ['o'] },
        defaultConfig: { tracing: { sampling: 12.5 } },
      },
      says: { tracing: { provider: 'otlp', endpoint: 'http://otel.mon.svc:4318/v1/traces', samplingPercent: 12.5 } },
    },
    'the Zipkin of old': {
      mesh: { enableTracing: true, defaultConfig: { tracing: { sampling: 100, zipkin: { address: 'z:9411' } } } },
      says: { tracing: { provider: 'zipkin', endpoint: 'http://z:9411', samplingPercent: 100 } },
    },
    'nothing is traced where that is switched off': {
      mesh: { enableTracing: false, extensionProviders: [zipkin], defaultProviders: { tracing: ['z'] } },
      says: {},
    },
    'a provider that nobody defined is none': { mesh: { defaultProviders: { tracing: ['z'] } }, says: {} },
  };
  test.each(Object.entries(cases))('%s', (_name, { mesh, says }) => {
    expect(telemetryOf(mesh)).toEqual({ ...says, warnings: [] });
  });

  test('name what is not in force', () => {
    const provider = { name: 'als', envoyHttpAls: { service: 'als', port: 1 } };
    expect(telemetryOf({ extensionProviders: [provider] }).warnings).toEqual(['extensionProviders[0].envoyHttpAls']);
  });

  test.each([
    ['a sampling above 100', { defaultConfig: { tracing: { sampling: 101 } } }],
    ['a port that is none', { extensionProviders: [{ name: 'z', zipkin: { service: 'z', port: 0 } }] }],
    ['an encoding that is none', { accessLogEncoding: 'XML' }],
  ])('refuse %s', (_name, mesh) => {
    expect(parseMeshConfig(mesh).ok).toBe(false);
  });
});
