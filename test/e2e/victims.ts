/** Who may be killed, kill -9, and how to see that it is there again. */

import { kill, type World } from '../support/world.ts';
import { proxyIsReady, untilChildren } from './recovery.ts';

export async function killControl(world: World): Promise<void> {
  const { control } = world.children();
  kill(control);
  await untilChildren(world, (children) => children.control !== control);
}

export async function killWorker(world: World): Promise<void> {
  const [pid] = world.workers();
  if (pid === undefined) throw new Error('The proxy has no worker');
  kill(pid);
  await proxyIsReady(world);
}

export async function killProxyParent(world: World): Promise<void> {
  const { proxy } = world.children();
  kill(proxy);
  await untilChildren(world, (children) => children.proxy !== proxy);
  await proxyIsReady(world);
}

/** Supervisor, control, proxy and workers at once, and `sluice up` again. */
export async function killEverything(world: World): Promise<void> {
  await world.killEverything();
  await world.up();
}
