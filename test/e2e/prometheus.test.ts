/** The demo, judged by a real Prometheus instead of the embedded store: the same story, the same outcomes. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import type { DemoReport } from '../../src/demo/report.ts';
import { probePort } from '../../src/platform/machine/port-probe.ts';
import { hasPrometheus, startPrometheus } from '../support/prometheus.ts';

const SLUICE = fileURLToPath(new URL('../../src/main/sluice.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'sluice-demo-prometheus-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

if (!hasPrometheus) process.stdout.write('Skipped: no prometheus on PATH, and PROMETHEUS_BIN is not set\n');

test.runIf(hasPrometheus)('the demo ends as it should with a real Prometheus', async () => {
  const free = () => probePort({ host: '127.0.0.1', port: 0, option: 'the test' });
  const [port, adminPort] = [await free(), await free()];
  const prometheus = await startPrometheus({ port, target: `127.0.0.1:${adminPort}` });
  const reportPath = join(folder, 'report.json');
  const args = [
    'demo',
    '--exit',
    '--prometheus',
    prometheus.url,
    '--admin-port',
    String(adminPort),
    '--report',
    reportPath,
  ];
  const demo = spawn(process.execPath, [SLUICE, ...args]);
  let output = '';
  demo.stdout.on('data', (chunk: Buffer) => {
    output += chunk;
  });
  const [code] = (await once(demo, 'close')) as [number];
  await prometheus.stop();
  expect(output).toContain('Everything was as it should be');
  expect(code).toBe(0);
  const { requests, releases } = JSON.parse(readFileSync(reportPath, 'utf8')) as DemoReport;
  expect(releases.map(({ revision, outcome }) => [revision, outcome])).toEqual([
    ['v2', 'promoted'],
    ['v3', 'rolledBack'],
  ]);
  expect(requests).toMatchObject({ lost: 0, duplicated: 0 });
});
