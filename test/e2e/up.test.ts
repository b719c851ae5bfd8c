/** `sluice up` as a process: how it ends, who takes over, and whom it refuses. */

import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { type AddressInfo, connect as connectTo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { identityOf, isRunning } from '../../src/lib/process-identity.ts';
import { probePort } from '../../src/platform/machine/port-probe.ts';
import { type SpanCollector, startSpanCollector } from '../support/span-collector.ts';
import { runSluice, World } from '../support/world.ts';
import { podsOf, samePods } from './adopted-pods.ts';
import { returned } from './recovery.ts';
import { Shop } from './shop.ts';

let collector: SpanCollector;
let world: World;
let shop: Shop;
beforeAll(async () => {
  collector = await startSpanCollector();
  const tracing = ['--tracing', 'zipkin', '--tracing-endpoint', collector.url, '--tracing-sampling', '100'];
  world = await World.start({ args: tracing });
  shop = await Shop.open(world);
});
afterAll(async () => {
  await shop?.close();
  await world?.stop();
  await collector?.close();
});

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

function portsOf({ ready: { apiUrl, httpUrl, adminUrl } }: World): number[] {
  return [apiUrl, httpUrl, adminUrl].map((url) => Number(new URL(url).port));
}

async function isAnswered(port: number): Promise<boolean> {
  const socket = connectTo({ host: '127.0.0.1', port });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

describe('a running platform', () => {
  test('keeps its data folder and its kubeconfig to its user', () => {
    expect(modeOf(world.dataDir)).toBe('700');
    expect(modeOf(world.ready.kubeconfigPath)).toBe('600');
  });

  test('sends its spans where it was told', async () => {
    await returned(shop);
    await vi.waitFor(() => expect(collector.received).not.toEqual([]), { timeout: 20_000, interval: 50 });
    const [batch] = collector.received;
    expect(batch?.path).toBe('/api/v2/spans');
    expect(batch?.body).toContainEqual(expect.objectContaining({ kind: 'CLIENT', traceId: expect.any(String) }));
  });

  test('has its data folder for itself: a second one is told which process holds it', async () => {
    const { code, err } = await runSluice(['up', '--data', world.dataDir, '--http-port', '0', '--admin-port', '0']);
    expect(code).toBe(1);
    expect(err).toContain('SL0002');
    expect(err).toContain(`process ${world.supervisor} `);
    await returned(shop);
  });

  test.each(['--http-port', '--admin-port'])(
    'names a port that is in use, and %s, who asked for it',
    async (option) => {
      const holder = createServer().listen(0, '127.0.0.1');
      await once(holder, 'listening');
      const { port } = holder.address() as AddressInfo;
      const ports = { '--http-port': '0', '--admin-port': '0', [option]: String(port) };
      const { code, err } = await runSluice([
        'up',
        '--data',
        join(world.folder, 'other'),
        ...Object.entries(ports).flat(),
      ]);
      holder.close();
      expect(code).toBe(1);
      expect(err).toContain('SL0003');
      expect(err).toContain(`${port}, wanted by ${option}`);
    },
  );
});

describe.each(['SIGINT', 'SIGTERM'] as const)('%s', (signal) => {
  test('ends in order, pods too, and the next start brings the pods back', async () => {
    const pods = podsOf(shop).flatMap(({ process }) => process ?? []);
    const children = Object.values(world.children()).flatMap((pid) => identityOf(pid) ?? []);
    const ports = portsOf(world);
    expect(pods.length).toBeGreaterThan(0);
    expect(await world.end(signal)).toBe(0);
    expect([...pods, ...children].filter(isRunning)).toEqual([]);
    for (const port of ports) {
      expect(await probePort({ host: '127.0.0.1', port, option: 'the test' })).toBe(port);
      expect(await isAnswered(port)).toBe(false);
    }
    expect(existsSync(join(world.dataDir, 'lock'))).toBe(false);
    await world.up();
    expect(portsOf(world)).toEqual(ports);
    await returned(shop, 'v1');
  });
});

test('children of a supervisor that was killed leave by themselves, pods stay, and the next start adopts them', async () => {
  const pods = podsOf(shop);
  const children = Object.values(world.children()).flatMap((pid) => identityOf(pid) ?? []);
  expect(await world.end('SIGKILL')).toBe(null);
  await expect.poll(() => children.filter(isRunning), { timeout: 60_000 }).toEqual([]);
  expect(pods.every(({ process }) => process !== undefined && isRunning(process))).toBe(true);
  await world.up();
  await returned(shop, 'v1');
  await samePods(shop, pods);
});

test('the next start does not wait to be called: it takes over from children that are still leaving', async () => {
  const pods = podsOf(shop);
  await world.end('SIGKILL');
  await world.up();
  await returned(shop, 'v1');
  await samePods(shop, pods);
});
