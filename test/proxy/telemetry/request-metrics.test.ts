/** Istio's metrics as a scrape sees them: labels, and under whom every try, copy and answer of the proxy counts. */

import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Route, RouteAction } from '../../../src/mesh/table/route-table.ts';
import { exchange } from '../../support/exchange.ts';
import { type ProxyUnderTest, startProxyUnderTest } from '../../support/running-proxy.ts';
import { clusterItem, endpointsItem, forwardTo, handing, hostItem } from '../../support/sample-table.ts';
import { type Upstream, upstreamDoing, upstreamSaying } from '../../support/upstream-saying.ts';

const soon = { timeout: 20_000, interval: 20 };

type Row = { labels: Record<string, string>; value: number };

/** The series of one metric in a scrape. */
function seriesOf(text: string, name: string): Row[] {
  return text.split('\n').flatMap((line) => {
    const [, labels, value] = new RegExp(`^${name}\\{(.*)\\} (\\S+)$`).exec(line) ?? [];
    if (labels === undefined) return [];
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', text = '']) => [key, text]);
    return [{ labels: Object.fromEntries(pairs), value: Number(value) }];
  });
}

async function refusingPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('metrics of requests', () => {
  const upstreams: Upstream[] = [];
  let proxy: ProxyUnderTest;
  let version = 0;

  beforeAll(async () => {
    proxy = await startProxyUnderTest();
    const answers = async (line: string) => upstreamSaying(`HTTP/1.1 ${line}`, 'content-length: 0', '', '');
    upstreams.push(
      await answers('200 OK'),
      await answers('503 Busy'),
      await upstreamDoing((socket) => socket.once('data', () => socket.destroy())),
    );
  });
  afterAll(async () => {
    await proxy.close();
    await Promise.all(upstreams.map((upstream) => upstream.close()));
  });

  /** Serves one rule on a host of its own, asks once, and returns what that added to the request count. */
  const countedFor = async (route: Partial<Route> & { action: RouteAction }) => {
    const [good, busy, resets] = upstreams.map(({ port }) => port) as [number, number, number];
    const ports = { good: [good], busy: [busy], resets: [resets], dead: [await refusingPort()], empty: [] };
    await proxy.hand(
      handing(++version, [
        ...Object.keys(ports).map((name) => clusterItem(name)),
        ...Object.entries(ports).map(([name, ports]) => endpointsItem(name, ports)),
        hostItem([{ name: 'default', ...route }]),
      ]),
    );
    const before = await requests();
    await exchange(proxy.httpPort, ['GET /t HTTP/1.1', 'host: shop', 'connection: close', '', '']);
    let added: string[] = [];
    await vi.waitFor(async () => {
      added = [...(await requests())].flatMap(([key, value]) =>
        value === (before.get(key) ?? 0) ? [] : [`${value - (before.get(key) ?? 0)} ${key}`],
      );
      expect(added).not.toEqual([]);
    }, soon);
    return added.sort();
  };

  const requests = async () => {
    const rows = seriesOf((await proxy.admin('/metrics')).text, 'istio_requests_total');
    return new Map(
      rows.map(({ labels, value }) => [
        `${labels.destination_workload}/${labels.destination_service_name} ${labels.response_code} ${labels.response_flags}`,
        value,
      ]),
    );
  };

  const cases: Record<string, { route: Partial<Route> & { action: RouteAction }; counts: string[] }> = {
    'an answer counts under the workload that gave it': {
      route: { action: forwardTo({ good: 1 }) },
      counts: ['1 good/good 200 -'],
    },
    'each try counts': {
      route: { action: forwardTo({ busy: 1 }), retry: { attempts: 2, on: ['5xx'], backoffMs: 1 } },
      counts: ['3 busy/busy 503 -'],
    },
    'each try that could not connect counts under the endpoint tried': {
      route: { action: forwardTo({ dead: 1 }), retry: { attempts: 1, on: ['connect-failure'], backoffMs: 1 } },
      counts: ['2 dead/dead 503 UF'],
    },
    'a connection that ends without an answer counts under the endpoint': {
      route: { action: forwardTo({ resets: 1 }) },
      counts: ['1 resets/resets 503 UC'],
    },
    'no endpoint: the service is known, its workload is not': {
      route: { action: forwardTo({ empty: 1 }) },
      counts: ['1 unknown/empty 503 UH'],
    },
    'no cluster': { route: { action: forwardTo({ nowhere: 1 }) }, counts: ['1 unknown/unknown 503 NC'] },
    'no route': {
      route: { action: forwardTo({ good: 1 }), match: { uri: { kind: 'exact', value: '/other' } } },
      counts: ['1 unknown/unknown 404 NR'],
    },
    'an injected abort': {
      route: { action: forwardTo({ good: 1 }), fault: { abort: { percent: 100, status: 418 } } },
      counts: ['1 unknown/unknown 418 FI'],
    },
  };
  test.each(Object.entries(cases))('%s', async (_name, { route, counts }) => {
    expect(await countedFor(route)).toEqual(counts);
  });

  test('a copy counts under the workload that got it, also when it could not be reached', async () => {
    const added = await countedFor({ action: forwardTo({ good: 1 }, { busy: 100, dead: 100 }) });
    expect(added).toContain('1 good/good 200 -');
    await vi.waitFor(async () => {
      const now = await requests();
      expect(now.get('dead/dead 503 UF')).toBe(3);
      expect(now.get('busy/busy 503 -')).toBe(4);
    }, soon);
  });

  test('carry all labels of Istio, each with a value', async () => {
    const { text } = await proxy.admin('/metrics');
    const sides = ['source', 'destination'].flatMap((side) =>
      ['workload', 'workload_namespace', 'principal', 'app', 'version', 'cluster'].map((name) => `${side}_${name}`),
    );
    const canonical = ['source', 'destination'].flatMap((side) => [
      `${side}_canonical_service`,
      `${side}_canonical_revision`,
    ]);
    const service = ['destination_service', 'destination_service_name', 'destination_service_namespace'];
    const rest = ['reporter', 'request_protocol', 'response_code', 'response_flags', 'connection_security_policy'];
    for (const metric of ['istio_requests_total', 'istio_request_duration_milliseconds_count']) {
      for (const { labels } of seriesOf(text, metric)) {
        expect(Object.keys(labels).sort()).toEqual([...sides, ...canonical, ...service, ...rest].sort());
        expect(Object.values(labels)).not.toContain('');
      }
    }
  });

  test('count tries under the name of their cluster, as Envoy does', async () => {
    const { text } = await proxy.admin('/stats/prometheus');
    expect(text).toMatch(/^envoy_cluster_upstream_rq_xx\{cluster_name="busy",response_code_class="5xx"\} 4$/m);
    expect(text).toMatch(/^envoy_cluster_upstream_rq_retry\{cluster_name="busy"\} 2$/m);
    expect(text).toMatch(/^envoy_cluster_upstream_cx_connect_fail\{cluster_name="dead"\} 3$/m);
    expect(text).toMatch(/^envoy_cluster_upstream_cx_destroy_remote_with_active_rq\{cluster_name="resets"\} 1$/m);
    const gauges: Record<string, number> = {
      membership_total: 1,
      membership_healthy: 1,
      outlier_detection_ejections_active: 0,
      upstream_rq_active: 0,
      upstream_rq_pending_active: 0,
      circuit_breakers_default_cx_open: 0,
      circuit_breakers_default_rq_open: 0,
      circuit_breakers_default_rq_pending_open: 0,
      circuit_breakers_default_rq_retry_open: 0,
    };
    for (const [name, value] of Object.entries(gauges)) {
      expect(text).toContain(`\nenvoy_cluster_${name}{cluster_name="good"} ${value}\n`);
    }
  });

  test('are valid to the tool of Prometheus, where it is installed', async ({ skip }) => {
    const { text } = await proxy.admin('/metrics');
    try {
      execFileSync('promtool', ['check', 'metrics'], { input: text, stdio: ['pipe', 'pipe', 'pipe'] });
    } catch (thrown) {
      const { code, stdout, stderr } = thrown as { code?: string; stdout?: Buffer; stderr?: Buffer };
      if (code === 'ENOENT') return skip('no promtool on the PATH');
      // Names of Istio and Envoy are what they are; anything that cannot be parsed is an error.
      const findings = `${stdout}${stderr}`.split('\n').filter((line) => line !== '' && !/^(istio|envoy)_/.test(line));
      expect(findings).toEqual([]);
    }
  });
});

describe('metrics of gRPC requests', () => {
  const cases: Record<string, { says: string[]; label: string }> = {
    'a status': { says: ['grpc-status: 7'], label: '7' },
    'no status in the head': { says: [], label: '' },
    'a status that does not exist': { says: ['grpc-status: 99'], label: 'unknown' },
  };
  test.each(Object.entries(cases))('%s', async (_name, { says, label }) => {
    const upstream = await upstreamSaying('HTTP/1.1 200 OK', 'content-length: 0', ...says, '', '');
    const proxy = await startProxyUnderTest();
    await proxy.hand(
      handing(1, [
        clusterItem('web'),
        endpointsItem('web', [upstream.port]),
        hostItem([{ name: 'default', action: forwardTo({ web: 1 }) }]),
      ]),
    );
    const type = 'content-type: application/grpc+proto';
    const head = ['POST /svc/Do HTTP/1.1', 'host: shop', type, 'content-length: 1', 'connection: close', '', 'x'];
    await exchange(proxy.httpPort, head);
    const [row] = seriesOf((await proxy.admin('/metrics')).text, 'istio_requests_total');
    expect(row).toMatchObject({ value: 1, labels: { request_protocol: 'grpc', grpc_response_status: label } });
    await proxy.close();
    await upstream.close();
  });
});
