/** A server whose disk fails: no client is told that something is written which is not, and everybody can see that it is not well. */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { expect, test } from 'vitest';
import { configMap, DEFAULT, startHarness } from './api-harness.ts';

const MAPS = `${DEFAULT}/configmaps`;

test('a server whose disk fails refuses all writes, serves what it acknowledged, and says that it is not well', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'sluice-disk-'));
  const shell = join(dataDir, 'limited');
  writeFileSync(shell, `#!/bin/sh\nulimit -f 2000\nexec '${process.execPath}' "$@"\n`, { mode: 0o700 });
  const child = fork(join(import.meta.dirname, 'full-disk-server.ts'), [dataDir], { execPath: shell, stdio: 'ignore' });
  const [{ url, token }] = (await once(child, 'message')) as [{ url: string; token: string }];
  const failed = once(child, 'message');
  const agent = new Agent({ connect: { rejectUnauthorized: false } });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const send = async (method: 'GET' | 'POST', path: string, body?: object) => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await request(`${url}${path}`, { method, headers, dispatcher: agent, ...sent });
    return { status: answer.statusCode, text: await answer.body.text() };
  };
  const create = (turn: number) =>
    send('POST', MAPS, { ...configMap(`m-${turn}`), data: { filler: 'x'.repeat(50_000) } });

  let acknowledged = 0;
  while ((await create(acknowledged)).status === 201) acknowledged++;
  expect(acknowledged).toBeGreaterThan(2);
  expect(await failed).toMatchObject([{ failed: 'SL0203' }, undefined]);
  const again = await create(acknowledged);
  expect([again.status, JSON.parse(again.text).message]).toEqual([
    500,
    expect.stringContaining('does not take changes'),
  ]);
  const list = await send('GET', MAPS);
  expect([list.status, JSON.parse(list.text).items.length]).toEqual([200, acknowledged]);
  expect((await send('GET', '/readyz')).status).toBe(500);

  child.kill('SIGKILL');
  await once(child, 'exit');
  await agent.close();
  // On a disk that is well again, what was acknowledged is there, and at most the one that was under way.
  const api = await startHarness({ dataDir });
  const kept = (await api.get(MAPS)).json.items?.length;
  expect([acknowledged, acknowledged + 1]).toContain(kept);
  expect((await api.get('/readyz')).status).toBe(200);
  await api.stop();
  rmSync(dataDir, { recursive: true, force: true });
}, 60_000);
