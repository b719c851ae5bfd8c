/**
 * A proxy is replaced by another one on the same port, with new connections all the time: nobody is refused, and nobody meets the
 * new one before it has a table.
 */

import { expect, test, vi } from 'vitest';
import { callOnce } from '../support/call-once.ts';
import { startProxyUnderTest } from '../support/running-proxy.ts';
import { clusterItem, endpointsItem, forwardTo, handing, hostItem } from '../support/sample-table.ts';
import { recordingUpstream } from '../support/upstream-saying.ts';

const CALLERS = 6;
const REPLACEMENTS = 3;
const ANSWERS_BETWEEN = 20;

test('requests go on while proxies replace each other', async () => {
  const upstream = await recordingUpstream();
  const table = handing(1, [
    clusterItem('web'),
    endpointsItem('web', [upstream.port]),
    hostItem([{ name: 'default', action: forwardTo({ web: 1 }) }]),
  ]);
  let proxy = await startProxyUnderTest({ workers: 2 });
  await proxy.hand(table);
  const { httpPort } = proxy;
  const outcomes = new Map<string, number>();
  let calling = true;
  const callers = Array.from({ length: CALLERS }, async () => {
    while (calling) {
      const outcome = await callOnce(httpPort);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  });
  const moreAnswers = async () => {
    const before = outcomes.get('200') ?? 0;
    await vi.waitFor(() => expect(outcomes.get('200')).toBeGreaterThan(before + ANSWERS_BETWEEN), { timeout: 30_000 });
  };
  for (let count = 0; count < REPLACEMENTS; count++) {
    const next = await startProxyUnderTest({ workers: 2, httpPort, listens: 'with a table' });
    await moreAnswers();
    await next.hand(table);
    await proxy.close();
    proxy = next;
    await moreAnswers();
  }
  calling = false;
  await Promise.all(callers);
  const { '200': answered = 0, lost = 0, ...others } = Object.fromEntries(outcomes);
  expect(others).toEqual({});
  expect(answered).toBeGreaterThan(2 * REPLACEMENTS * ANSWERS_BETWEEN);
  // What reaches a queue in the instant in which it is closed is reset by the kernel: measured 0 at 400 connections a second, and
  // up to one per caller where callers come back at once, as here.
  expect(lost).toBeLessThanOrEqual(REPLACEMENTS * CALLERS);
  await proxy.close();
  await upstream.close();
}, 120_000);
