import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exitCodeOf, isSettled } from '../../src/cli/commands/status.ts';
import { nearest } from '../../src/cli/find-canary.ts';
import { runCli } from '../../src/cli/run-cli.ts';
import { surroundingsAt } from '../support/cli.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const { io, written } = surroundingsAt(folder);
  const code = await runCli(argv, io);
  return { code, ...written };
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const canary = (analysis: string): string => `apiVersion: flagger.app/v1beta1
kind: Canary
metadata:
  name: shop
spec:
  targetRef: { apiVersion: apps/v1, kind: Deployment, name: shop }
  service: { port: 80 }
  analysis: ${analysis}
`;

describe('sluice', () => {
  test('prints its version', async () => {
    expect(await run('--version')).toEqual({ code: 0, out: 'sluice 0.0.0\n', err: '' });
    expect(await run('version')).toEqual({ code: 0, out: 'sluice 0.0.0\n', err: '' });
  });

  test('suggests the command that was meant, and ends with 2', async () => {
    const { code, err } = await run('aprove', 'shop');
    expect(code).toBe(2);
    expect(err).toContain('Did you mean approve?');
  });

  test('says which options a port may have', async () => {
    const { code, err } = await run('up', '--http-port', '99999');
    expect(code).toBe(2);
    expect(err).toContain('Must be a port from 0 (any free one) to 65535: got 99999');
  });

  test.each<[flags: string[], tracing: unknown]>([
    [[], undefined],
    [['--tracing', 'otlp'], { provider: 'otlp', endpoint: 'http://127.0.0.1:4318', samplingPercent: 1 }],
    [
      ['--tracing', 'zipkin', '--tracing-endpoint', 'http://collector', '--tracing-sampling', '0.5'],
      { provider: 'zipkin', endpoint: 'http://collector', samplingPercent: 0.5 },
    ],
  ])('takes %j as where spans go, with every command that has a proxy', async (flags, tracing) => {
    const told: unknown[] = [];
    const keep = async (command: { tracing?: unknown }) => told.push(command.tracing);
    const { io } = surroundingsAt(folder, { up: keep, demo: keep, proxy: keep });
    for (const command of [['up'], ['demo'], ['proxy', '-f', folder]]) await runCli([...command, ...flags], io);
    expect(told).toEqual([tracing, tracing, tracing]);
  });

  test.each<[text: string, isTaken: boolean]>([
    ['10.0.0.10', true],
    ['127.0.0.1:5353', true],
    ['::1', true],
    ['[::1]:53', true],
    ['dns.example.com', false],
    ['127.0.0.1:99999', false],
    ['127.0.0.1:', false],
    ['', false],
  ])('%j as the place of a DNS server: %j', async (text, isTaken) => {
    const { io, written } = surroundingsAt(folder, { proxy: async ({ dnsServer }) => (dnsServer === text ? 0 : 1) });
    expect(await runCli(['proxy', '-f', folder, '--dns-server', text], io)).toBe(isTaken ? 0 : 2);
    if (!isTaken) expect(written.err).toContain(`such as 127.0.0.1:5353: got ${text}`);
  });

  test('says where it looked for a server, and ends with 1', async () => {
    const { code, err } = await run('get', 'canaries');
    expect(code).toBe(1);
    expect(err).toMatch(/^SL0004: No API server was found/);
  });

  test.each(['bash', 'zsh', 'fish'])('completes its commands in %s', async (shell) => {
    const { code, out } = await run('completion', shell);
    expect(code).toBe(0);
    for (const command of ['approve', 'status', 'plan']) expect(out).toContain(command);
  });
});

describe('sluice plan', () => {
  test('shows stages, checks and duration of a plain Flagger canary', async () => {
    const path = file(
      'good.yaml',
      canary(
        '{ interval: 1m, threshold: 5, stepWeight: 25, maxWeight: 50, metrics: [{ name: request-success-rate, thresholdRange: { min: 99 } }] }',
      ),
    );
    const { code, out } = await run('plan', '-f', path);
    expect(code).toBe(0);
    expect(out).toContain('Canary default/shop of Deployment/shop: progressive weights');
    expect(out).toContain('weight-25');
    expect(out).toContain('Expected duration: 2m');
  });

  test('names every flaw with line and column, and still plans the good documents beside it', async () => {
    const good = canary('{ interval: 1m, threshold: 5, stepWeight: 25 }');
    const bad = canary('{ interval: soon, threshold: 5, stepWeight: 25 }');
    const path = file('mixed.yaml', `${good}---\n${bad}`);
    const { code, out, err } = await run('plan', '-f', path);
    expect(code).toBe(2);
    expect(out).toContain('progressive weights');
    expect(err).toBe(
      `SL0001: ${path}:17:25: spec.analysis.interval: must be a duration such as 30s or 5m: got "soon"\n`,
    );
  });

  test('refuses two strategies at once', async () => {
    const path = file('both.yaml', canary('{ interval: 1m, threshold: 5, stepWeight: 25, iterations: 3 }'));
    const { code, err } = await run('plan', '-f', path);
    expect(code).toBe(2);
    expect(err).toContain('must have exactly one of iterations, stepWeight, stepWeights, stages');
  });

  test('names the place of broken YAML', async () => {
    const path = file('broken.yaml', 'apiVersion: v1\n  kind: x\n');
    const { code, err } = await run('plan', '-f', path);
    expect(code).toBe(2);
    expect(err).toContain(`${path}:`);
  });

  test('says that a file cannot be read, or holds no Canary', async () => {
    const absent = await run('plan', '-f', join(folder, 'absent.yaml'));
    expect(absent).toMatchObject({ code: 2, err: expect.stringMatching(/^SL0120: .*absent\.yaml cannot be read/) });
    expect((await run('plan', '-f', file('other.yaml', 'kind: ConfigMap\n'))).err).toContain('holds no Canary');
  });
});

describe('sluice plan of a folder', () => {
  test('plans every manifest below it, in the order of their names', async () => {
    const manifests = join(folder, 'manifests');
    mkdirSync(join(manifests, 'below'), { recursive: true });
    mkdirSync(join(manifests, 'node_modules'), { recursive: true });
    const analysis = '{ interval: 1m, threshold: 5, stepWeight: 50 }';
    for (const name of ['b.yaml', 'a.yml', 'below/c.yaml', '.hidden.yaml', 'node_modules/d.yaml']) {
      writeFileSync(join(manifests, name), canary(analysis).replace('name: shop', `name: ${name.replace(/\W/g, '-')}`));
    }
    const { code, out } = await run('plan', '-f', manifests, '-o', 'json');
    expect(code).toBe(0);
    expect((JSON.parse(out) as { name: string }[]).map(({ name }) => name)).toEqual([
      'a-yml',
      'b-yaml',
      'below-c-yaml',
    ]);
  });
});

describe('exitCodeOf()', () => {
  const cases: Record<string, { phase: string; waitingFor?: { kind: string; text: string }; code: number }> = {
    'is 0 for a promoted release': { phase: 'Succeeded', code: 0 },
    'is 0 while it is under way': { phase: 'Progressing', code: 0 },
    'is 1 for a release that was taken back': { phase: 'Failed', code: 1 },
    'is 4 while a person is waited for': { phase: 'Progressing', waitingFor: { kind: 'gate', text: '' }, code: 4 },
    'is 0 while pods are waited for': { phase: 'Progressing', waitingFor: { kind: 'pods', text: '' }, code: 0 },
  };
  test.each(Object.entries(cases))('%s', (_name, { code, ...view }) => {
    expect(exitCodeOf(view)).toBe(code);
  });
});

describe('isSettled()', () => {
  const cases: Record<string, { state: string; generation: number; settled: boolean }> = {
    'is true at rest on the present generation': { state: 'succeeded', generation: 3, settled: true },
    'is false before the controller has seen the present generation': {
      state: 'succeeded',
      generation: 2,
      settled: false,
    },
    'is false while it is being taken back': { state: 'rollingBack', generation: 3, settled: false },
    'is false while it rolls': { state: 'analysing', generation: 3, settled: false },
  };
  test.each(Object.entries(cases))('%s', (_name, { settled, ...view }) => {
    expect(isSettled(view, 3)).toBe(settled);
  });
});

describe('nearest()', () => {
  test('finds a slip of the finger, and nothing that is something else', () => {
    expect(nearest('helo', ['hello', 'shop'])).toBe('hello');
    expect(nearest('payments', ['hello', 'shop'])).toBeUndefined();
  });
});
