/** The proxy needs nobody to go on: without control it serves its last table, also when it is started anew. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, test } from 'vitest';
import { kill, World } from '../support/world.ts';
import { closeAfter, closeClean, type Outage } from './close-shop.ts';
import { proxyIsReady, returned, untilChildren } from './recovery.ts';
import { Shop } from './shop.ts';
import { killControl } from './victims.ts';

const PROXY = fileURLToPath(new URL('../../src/main/proxy.ts', import.meta.url));

let world: World;
let shop: Shop;
beforeAll(async () => {
  world = await World.start();
  shop = await Shop.open(world);
});
afterAll(() => world?.stop());

test('control that dies again and again costs no request', async () => {
  for (let times = 0; times < 4; times++) {
    await killControl(world);
    await shop.answeredBy('v1');
  }
  await shop.view();
  await closeClean(shop);
});

test('a proxy that is started anew while control hangs serves the last table', async () => {
  shop.startTraffic();
  const { control, proxy } = world.children();
  process.kill(control, 'SIGSTOP');
  const outage: Outage = { from: Date.now(), to: Number.POSITIVE_INFINITY };
  try {
    kill(proxy);
    await untilChildren(world, (children) => children.proxy !== proxy);
    await proxyIsReady(world);
    await returned(shop, 'v1');
    outage.to = Date.now();
    await shop.answeredBy('v1');
  } finally {
    process.kill(control, 'SIGCONT');
  }
  await shop.view();
  await closeAfter(shop, [outage]);
});

test('a proxy alone serves the last table, and leaves its place to the next platform', async () => {
  const { dataDir, ready } = world;
  const portOf = (url: string): string => new URL(url).port;
  await world.killEverything();
  await refused();
  const alone = spawn(
    process.execPath,
    [
      ...[PROXY, '--data', dataDir, '--host', '127.0.0.1'],
      ...['--http-port', portOf(ready.httpUrl), '--admin-port', portOf(ready.adminUrl)],
    ],
    { stdio: 'ignore' },
  );
  const gone = once(alone, 'exit');
  try {
    await returned(shop, 'v1');
  } finally {
    alone.kill('SIGTERM');
  }
  await gone;
  await world.up();
  await returned(shop, 'v1');
});

/** Resolves when nobody answers; workers whose parent was killed before serve on for a moment. */
async function refused(): Promise<void> {
  for (let answered = true; answered; ) {
    answered = await shop.ask().then(
      () => true,
      () => false,
    );
  }
}
