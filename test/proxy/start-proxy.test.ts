import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TableItem, ToProxy } from '../../src/mesh/table/handover.ts';
import { exchange } from '../support/exchange.ts';
import { type ProxyUnderTest, startProxyUnderTest } from '../support/running-proxy.ts';
import { clusterItem, endpointsItem, forwardTo, handing, hostItem } from '../support/sample-table.ts';
import { type RecordingUpstream, recordingUpstream } from '../support/upstream-saying.ts';

const GET = ['GET /t HTTP/1.1', 'host: shop', 'connection: close', '', ''];

describe('a proxy with a table handed over its socket', () => {
  let primary: RecordingUpstream;
  let canary: RecordingUpstream;
  let proxy: ProxyUnderTest;

  beforeAll(async () => {
    primary = await recordingUpstream('primary');
    canary = await recordingUpstream('canary');
    proxy = await startProxyUnderTest();
  });
  afterAll(async () => {
    await proxy.close();
    await Promise.all([primary.close(), canary.close()]);
  });

  const handWeights = (version: number, weights: Record<string, number>) =>
    proxy.hand(
      handing(version, [
        clusterItem('primary'),
        clusterItem('canary'),
        endpointsItem('primary', [primary.port]),
        endpointsItem('canary', [canary.port]),
        hostItem([{ name: 'default', action: forwardTo(weights) }]),
      ]),
    );

  test('answers 404 and is not ready before it has a table', async () => {
    expect((await exchange(proxy.httpPort, GET)).text).toMatch(/^HTTP\/1\.1 404 /);
    expect((await proxy.admin('/readyz')).status).toBe(503);
    expect((await proxy.admin('/healthz')).status).toBe(200);
  });

  test('splits exactly by weight, and says so in its metrics', async () => {
    expect(await handWeights(7, { primary: 90, canary: 10 })).toEqual({ type: 'accepted', version: 7 });
    expect((await proxy.admin('/readyz')).status).toBe(200);
    const requests = Array.from({ length: 200 }, () => 'GET /t HTTP/1.1\r\nhost: shop\r\n\r\n').join('');
    const seen = await exchange(proxy.httpPort, [requests + GET.join('\r\n')]);
    expect(seen.text.match(/HTTP\/1\.1 200/g)).toHaveLength(201);
    expect(canary.requests.length).toBeGreaterThanOrEqual(20);
    expect(canary.requests.length).toBeLessThanOrEqual(21);
    const metrics = (await proxy.admin('/metrics')).text;
    expect(metrics).toMatch(
      new RegExp(
        `istio_requests_total\\{reporter="destination",.*destination_workload="canary",.*response_code="200",response_flags="-"\\} ${canary.requests.length}\n`,
      ),
    );
  });

  test.each([
    ['a regular expression that is not valid', { uri: { kind: 'regex', value: '(' } }, { canary: 1 }],
    ['a weight that is no whole number', { uri: { kind: 'prefix', value: '/' } }, { canary: 0.5 }],
  ] as const)(
    'a virtual host with %s answers as before, is reported, and holds up nobody',
    async (_name, match, weights) => {
      const bad = hostItem([{ name: 'bad', match, action: forwardTo(weights) }]);
      const other = hostItem([{ name: 'new', action: { kind: 'directResponse', status: 218, body: '' } }], ['other']);
      const answer = await proxy.hand(handing(8, [bad, { ...other, name: 'other:80' } as TableItem]));
      expect(answer).toMatchObject({ type: 'accepted', version: 8, skipped: [{ name: 'web:80' }] });
      expect((await exchange(proxy.httpPort, GET)).text).toMatch(/^HTTP\/1\.1 200 /);
      const others = ['GET /t HTTP/1.1', 'host: other', 'connection: close', '', ''];
      expect((await exchange(proxy.httpPort, others)).text).toMatch(/^HTTP\/1\.1 218 /);
    },
  );

  test('keeps the table before when a message cannot be understood', async () => {
    const broken = { type: 'put', item: { kind: 'cluster', name: 'x' } } as unknown as ToProxy;
    expect(await proxy.hand([broken, ...handing(9, [])])).toMatchObject({ type: 'refused', version: 9 });
    expect(await proxy.hand([])).toMatchObject({ type: 'hello', version: 8 });
  });
});
