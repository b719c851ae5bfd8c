import { describe, expect, test } from 'vitest';
import { createMeshNotice, startSettings } from '../../src/main/start-settings.ts';
import { DEFAULT_MESH, type MeshSettings, parseMeshConfig } from '../../src/mesh/schema/mesh-config.ts';

function mesh(written: object): MeshSettings {
  const parsed = parseMeshConfig(written);
  if (!parsed.ok) throw new Error(`Settings of a test must be valid: got ${JSON.stringify(parsed.issues)}`);
  return parsed.value;
}

const LOGGED = { accessLogFile: '/dev/stdout', accessLogEncoding: 'JSON' };

test('the command line goes before the mesh settings, which go before the defaults', () => {
  expect(startSettings({}, DEFAULT_MESH)).toMatchObject({ accessLog: 'off', accessLogFormat: 'json' });
  expect(startSettings({}, mesh(LOGGED))).toMatchObject({ accessLog: 'stdout', accessLogFormat: 'json' });
  expect(startSettings({ accessLog: 'a.log', accessLogFormat: 'text' }, mesh(LOGGED))).toMatchObject({
    accessLog: 'a.log',
    accessLogFormat: 'text',
  });
});

describe('a change of the mesh settings while the proxy runs', () => {
  const noticed = (before: object, ...after: readonly object[]): string[] => {
    const lines: string[] = [];
    const notice = createMeshNotice({}, mesh(before), (line) => lines.push(line));
    for (const settings of after) notice(mesh(settings));
    return lines;
  };

  test.each<[field: string, settings: object]>([
    ['accessLogFile', { accessLogFile: '/dev/stdout', accessLogEncoding: 'JSON' }],
    ['tracing', { defaultConfig: { tracing: { zipkin: { address: 'zipkin:9411' } } } }],
    ['pathNormalization', { pathNormalization: { normalization: 'MERGE_SLASHES' } }],
    ['gatewayTopology', { defaultConfig: { gatewayTopology: { numTrustedProxies: 2 } } }],
  ])('of %s is told to be of no effect yet', (field, settings) => {
    expect(noticed({}, settings)).toEqual([
      expect.stringMatching(new RegExp(`^warning SL0309: .* ${field} has changed`)),
    ]);
  });

  test('of what is in force at once is not told', () => {
    expect(noticed({}, { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } })).toEqual([]);
  });

  test('is told once, and again when it was taken back meanwhile', () => {
    expect(noticed({}, LOGGED, LOGGED)).toHaveLength(1);
    expect(noticed({}, LOGGED, {}, LOGGED)).toHaveLength(2);
  });

  test('of a sampling without a collector is of no interest', () => {
    expect(noticed({}, { defaultConfig: { tracing: { sampling: 50 } } })).toEqual([]);
  });

  test('is not told where the command line has said otherwise', () => {
    const lines: string[] = [];
    const notice = createMeshNotice({ accessLog: 'off' }, DEFAULT_MESH, (line) => lines.push(line));
    notice(mesh(LOGGED));
    expect(lines).toEqual([]);
  });
});
