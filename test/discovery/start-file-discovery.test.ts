import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FileDiscovery, startFileDiscovery } from '../../src/discovery/start-file-discovery.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { type Commit, type ScriptedProxy, scriptedProxy } from './scripted-proxy.ts';

const entry = (name: string, port: number) => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${name} }
spec:
  hosts: [${name}.default.svc.cluster.local]
  resolution: STATIC
  ports: [{ number: 9080, name: http, protocol: HTTP }]
  endpoints: [{ address: 127.0.0.1, ports: { http: ${port} }, labels: { app: ${name} } }]
`;

describe('a folder of manifests', () => {
  let folder: string;
  let proxy: ScriptedProxy;
  let discovery: FileDiscovery | undefined;
  let findings: readonly string[] = [];
  let addresses: readonly string[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-files-'));
    proxy = await scriptedProxy();
    findings = [];
  });
  afterEach(async () => {
    discovery?.close();
    await proxy.close();
    await rm(folder, { recursive: true, force: true });
  });

  const start = async (strict = false) => {
    discovery = await startFileDiscovery({
      dir: folder,
      socketPath: proxy.socketPath,
      resolve: async () => ({ addresses }),
      role: 'sidecar',
      caller: { namespace: 'default', labels: {} },
      strict,
      clock: systemClock,
      random: () => 0.5,
      logger: silentLogger,
      onFindings: (lines) => {
        findings = lines;
      },
      onServed: () => {},
    });
  };
  const served = async (): Promise<Commit> => {
    const commit = await proxy.nextCommit();
    proxy.answer({ type: 'accepted', version: commit.version });
    return commit;
  };
  /** Editors write beside and rename, so that nobody reads half of it. */
  const save = async (name: string, text: string) => {
    await writeFile(join(folder, `.${name}`), text);
    await rename(join(folder, `.${name}`), join(folder, name));
  };
  const namesOf = ({ puts }: Commit) => puts.map(({ kind, name }) => `${kind} ${name}`).sort();

  test('becomes a table with the endpoints of its entries', async () => {
    await save('web.yaml', entry('web', 4_000));
    await start();
    const commit = await served();
    expect(namesOf(commit)).toEqual([
      'cluster outbound|9080||web.default.svc.cluster.local',
      'endpoints outbound|9080||web.default.svc.cluster.local',
      'virtualHost web.default.svc.cluster.local:9080',
    ]);
    expect(commit.puts.find(({ kind }) => kind === 'endpoints')?.value).toMatchObject({
      endpoints: [{ address: '127.0.0.1:4000', labels: { workload: 'web' } }],
    });
    expect(findings).toEqual([]);
  });

  test('with names of DNS is a table with their addresses, from the first one on', async () => {
    addresses = ['10.0.0.1'];
    await save('web.yaml', entry('web', 4_000).replace('STATIC', 'DNS').replace('127.0.0.1', 'web.example.com'));
    await start();
    const { puts } = await served();
    expect(puts.find(({ kind }) => kind === 'endpoints')?.value).toMatchObject({
      endpoints: [{ address: '10.0.0.1:4000' }],
    });
  });

  test('without anything in it is a table, too', async () => {
    await start();
    expect(await served()).toMatchObject({ version: 1, puts: [], removes: [] });
  });

  test('is followed: what is edited, added and deleted', async () => {
    await save('web.yaml', entry('web', 4_000));
    await start();
    await served();
    await save('web.yaml', entry('web', 4_001));
    expect(namesOf(await served())).toEqual(['endpoints outbound|9080||web.default.svc.cluster.local']);
    await save('api.yaml', entry('api', 4_002));
    expect(namesOf(await served())).toContain('virtualHost api.default.svc.cluster.local:9080');
    await rm(join(folder, 'web.yaml'));
    expect((await served()).removes).toContain('virtualHost/web.default.svc.cluster.local:9080');
  });

  test('with broken documents serves the others, and says what is wrong where', async () => {
    await save('a.yaml', 'kind: [');
    await save('b.yaml', `${entry('web', 4_000)}---${entry('bad', 99_999)}`);
    await start();
    expect(namesOf(await served())).toContain('virtualHost web.default.svc.cluster.local:9080');
    expect(findings.some((line) => line.startsWith('error SL0121 a.yaml:1:8: '))).toBe(true);
    expect(findings.some((line) => line.startsWith('error SL0300 ServiceEntry default/bad: spec.endpoints'))).toBe(
      true,
    );
  });

  test('with a resource that is declared twice serves the later one, and says so', async () => {
    await save('a.yaml', entry('web', 4_000));
    await save('b.yaml', entry('web', 4_001));
    await start();
    const { puts } = await served();
    expect(puts.find(({ kind }) => kind === 'endpoints')?.value).toMatchObject({
      endpoints: [{ address: '127.0.0.1:4001' }],
    });
    expect(findings).toEqual([
      'warning SL0326 ServiceEntry default/web: must be declared once: the one at a.yaml:4:19 is replaced (b.yaml:4:19)',
    ]);
  });

  test('leaves out resources with unknown fields only when it is strict', async () => {
    await save('web.yaml', `${entry('web', 4_000)}  surprise: 1\n`);
    await start(true);
    expect(findings).toEqual([
      expect.stringMatching(
        /^error SL0300 ServiceEntry default\/web: spec\.surprise: must be a known field: got surprise \(web\.yaml:\d+:\d+\)$/,
      ),
    ]);
  });

  test('that is not there is an error', async () => {
    await rm(folder, { recursive: true });
    await expect(start()).rejects.toMatchObject({ code: 'SL0120' });
  });
});
