import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCli } from '../../src/cli/run-cli.ts';
import type { KubeObject } from '../../src/lib/resource.ts';
import { analyze } from '../../src/main/analyze.ts';
import { surroundingsAt } from '../support/cli.ts';
import { serving } from '../support/listed-objects.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-analyze-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, text: string) => writeFileSync(join(folder, name), text);

async function run(argv: readonly string[], served?: readonly KubeObject[]) {
  const { io, written } = surroundingsAt(folder, {
    env: { KUBECONFIG: 'given' },
    ...(served && { connect: async () => serving(served) }),
  });
  const code = await runCli(['analyze', ...argv], { ...io, analyze: (command) => analyze(command, io) });
  return { code, ...written };
}

const ROUTE = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: web }
spec:
  hosts: [web]
  http:
    - route:
        - destination:
            host: gone
`;
const service = (name: string, namespace = 'default') => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace },
  spec: { ports: [{ name: 'http', port: 80 }] },
});
const route = (host: string, namespace = 'default') => ({
  apiVersion: 'networking.istio.io/v1beta1',
  kind: 'VirtualService',
  metadata: { name: 'web', namespace },
  spec: { hosts: ['web'], http: [{ route: [{ destination: { host } }] }] },
});

describe('sluice analyze of files', () => {
  test('needs no API server, names file and line, and fails with 79', async () => {
    file('web.yaml', ROUTE);
    expect(await run(['web.yaml'])).toEqual({
      code: 79,
      out: 'Error [IST0101] (VirtualService default/web web.yaml:9) Referenced host not found: "gone"\n',
      err: 'Found 1 error in web.yaml\n',
    });
  });

  test('is content with nothing to say', async () => {
    file('web.yaml', JSON.stringify(service('web')));
    expect(await run(['-f', '.'])).toEqual({ code: 0, out: '', err: '✔ No issues found in .\n' });
  });

  test('takes several paths as one world', async () => {
    file('web.yaml', ROUTE);
    file('gone.yaml', JSON.stringify(service('gone')));
    expect(await run(['web.yaml', '-f', 'gone.yaml'])).toMatchObject({ code: 0 });
  });

  test('names what cannot be read, and judges the rest', async () => {
    file('bad.yaml', 'kind: [');
    file('web.yaml', ROUTE);
    const { code, out } = await run(['.']);
    expect(code).toBe(79);
    expect(out).toContain('Error [SL0001] (bad.yaml:1)');
    expect(out).toContain('Error [IST0101] (VirtualService default/web web.yaml:9)');
  });

  test('takes the later one of two with the same name, and says so', async () => {
    file('a.yaml', ROUTE);
    file('b.yaml', ROUTE.replace('gone', 'web'));
    file('c.yaml', JSON.stringify(service('web')));
    expect(await run(['.'])).toMatchObject({
      code: 0,
      out: 'Warning [SL0326] (VirtualService default/web b.yaml:3) must be declared once: a.yaml:3 declares it, too, and is not in force\n',
    });
  });

  test('says under IST0106 what cannot be loaded', async () => {
    file('web.yaml', ROUTE.replace('- route:', '- timeout: soon\n      route:'));
    expect((await run(['web.yaml'])).out).toContain(
      'Error [IST0106] (VirtualService default/web web.yaml:7) spec.http[0].timeout',
    );
  });

  test.each([
    [['--failure-threshold', 'Warning'], 79],
    [[], 0],
  ])('fails from the threshold on: %s', async (flags, code) => {
    file('rule.yaml', JSON.stringify({ ...route('x'), kind: 'DestinationRule', spec: { host: 'gone' } }));
    expect(await run(['rule.yaml', ...flags])).toMatchObject({ code, out: expect.stringContaining('IST0174') });
  });

  test('leaves out what is suppressed, and does not fail for it', async () => {
    file('web.yaml', ROUTE);
    expect(await run(['web.yaml', '-S', 'IST0101=VirtualService default/*'])).toMatchObject({ code: 0, out: '' });
  });

  test('prints JSON as documented', async () => {
    file('web.yaml', ROUTE);
    const { out, err } = await run(['web.yaml', '-o', 'json']);
    expect(err).toBe('');
    expect(JSON.parse(out)).toEqual([
      {
        code: 'IST0101',
        documentationUrl: 'https://istio.io/latest/docs/reference/config/analysis/ist0101/',
        level: 'Error',
        message: 'Referenced host not found: "gone"',
        origin: 'VirtualService default/web',
        reference: 'web.yaml:9',
      },
    ]);
  });

  test.each([
    [['missing.yaml'], 'SL0120'],
    [['web.yaml', '--mesh', 'missing.yaml'], 'SL0120'],
    [['web.yaml', '-S', 'IST0101'], 'Must be CODE=RESOURCE'],
    [['web.yaml', '-o', 'xml'], 'Allowed choices are text, json, yaml'],
  ])('ends with 2 for wrong usage: %s', async (argv, words) => {
    file('web.yaml', ROUTE);
    expect(await run(argv)).toMatchObject({ code: 2, err: expect.stringContaining(words) });
  });
});

describe('sluice analyze of an API server', () => {
  test('is about the namespace of the context', async () => {
    const { code, out } = await run([], [service('web'), route('web'), route('gone', 'far')]);
    expect({ code, out }).toEqual({ code: 0, out: '' });
  });

  test('is about all namespaces with -A', async () => {
    const { code, out } = await run(['-A'], [service('web'), route('web'), route('gone', 'far')]);
    expect(code).toBe(79);
    expect(out).toBe('Error [IST0101] (VirtualService far/web) Referenced host not found: "gone"\n');
  });

  test('puts files over it', async () => {
    file('web.yaml', ROUTE);
    const { out } = await run(['-k', 'web.yaml'], [service('web'), route('web')]);
    expect(out).toBe('Error [IST0101] (VirtualService default/web web.yaml:9) Referenced host not found: "gone"\n');
    expect(await run(['-k', 'web.yaml'], [service('gone')])).toMatchObject({ code: 0, out: '' });
  });

  test('says what to do when there is none', async () => {
    const { io, written } = surroundingsAt(folder);
    const code = await runCli(['analyze'], { ...io, analyze: (command) => analyze(command, io) });
    expect(code).toBe(1);
    expect(written.err).toContain('SL0004');
  });
});

test('sluice analyze -L lists the analyzers', async () => {
  expect(await run(['-L'])).toMatchObject({ code: 0, out: expect.stringContaining('virtualservice.GatewayAnalyzer') });
});

describe('the examples', () => {
  const examples = fileURLToPath(new URL('../../examples/', import.meta.url));
  // A folder of alternatives, of which one is applied at a time beside the workloads.
  const folders = readdirSync(examples).filter((name) => name !== 'bookinfo-routes');
  test.each(folders)('%s has nothing that sluice analyze would warn of', async (name) => {
    const { code, out } = await run([join(examples, name), '--failure-threshold', 'Warning']);
    expect({ code, out }).toEqual({ code: 0, out });
  });
});
