/**
 * Every raw request case of test/conformance/http against a whole proxy, delivered whole, split at every line end, and byte by
 * byte (the long ones of it in test/strict). What reached the service is then read by Node's own parser (O8), and the worker
 * must have survived all of it (O6).
 */

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { requestCases } from '../conformance/http/request-case.ts';
import { type ReadRequest, readByNode } from '../support/node-origin.ts';
import { judgeRequestCase } from '../support/request-programme.ts';
import { type ProxyUnderTest, startProxyUnderTest } from '../support/running-proxy.ts';
import { clusterItem, endpointsItem, forwardTo, handing, hostItem } from '../support/sample-table.ts';
import { type RecordingUpstream, recordingUpstream, takeRequest } from '../support/upstream-saying.ts';

const BYTEWISE_MOST = 1_000;

describe('raw request cases', () => {
  let upstream: RecordingUpstream;
  let proxy: ProxyUnderTest;
  let pids: number[];
  const forwarded: string[] = [];
  const workerPids = async () =>
    (JSON.parse((await proxy.admin('/workers')).text) as { pid: number }[]).map(({ pid }) => pid);

  beforeAll(async () => {
    upstream = await recordingUpstream();
    proxy = await startProxyUnderTest();
    await proxy.hand(
      handing(1, [
        clusterItem('web'),
        endpointsItem('web', [upstream.port]),
        hostItem([{ name: 'default', action: forwardTo({ web: 1 }) }]),
      ]),
    );
    pids = await workerPids();
  });
  afterAll(async () => {
    await proxy.close();
    await upstream.close();
  });

  for (const row of requestCases()) {
    test(row.title, async () => {
      const judged = await judgeRequestCase({ httpPort: proxy.httpPort, upstream }, row, {
        bytewiseMost: BYTEWISE_MOST,
      });
      forwarded.push(...judged.forwarded);
      expect(judged.complaints).toEqual([]);
    });
  }

  test('what reached the service means the same to Node (O8)', async () => {
    const ours = forwarded.map((raw): ReadRequest => {
      const { line = '', body = '' } = takeRequest(raw)?.request ?? {};
      const [method = '', target = ''] = line.split(' ');
      return { method, target, body };
    });
    expect(ours.length).toBeGreaterThan(100);
    const theirs = await readByNode(forwarded);
    const differences = theirs.filter((read, index) => JSON.stringify(read) !== JSON.stringify([ours[index]]));
    expect(differences.map((read) => JSON.stringify(read).slice(0, 300))).toEqual([]);
    expect(theirs).toHaveLength(ours.length);
  });

  test('nobody died of it, and no connection was left open (O6)', async () => {
    expect(await workerPids()).toEqual(pids);
    await vi.waitFor(
      async () => expect((await proxy.admin('/metrics')).text).toContain('sluice_proxy_connections 0\n'),
      {
        timeout: 20_000,
      },
    );
  });
});
