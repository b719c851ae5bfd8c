/** The admin port of a running proxy: every page, and what it refuses. */

import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type ProxyUnderTest, startProxyUnderTest } from '../../support/running-proxy.ts';
import { forwardTo, handing, hostItem } from '../../support/sample-table.ts';

const soon = { timeout: 20_000, interval: 20 };

type Asked = { status: number; text: string };

function ask(port: number, path: string, method = 'GET', headers: Record<string, string> = {}): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asked.on('error', reject).end();
  });
}

describe('the admin port', () => {
  let proxy: ProxyUnderTest;
  beforeAll(async () => {
    proxy = await startProxyUnderTest();
    await proxy.hand(handing(3, [hostItem([{ name: 'default', action: forwardTo({ web: 1 }) }])]));
  });
  afterAll(() => proxy.close());

  const pages: Record<string, RegExp> = {
    '/metrics': /^istio_build\{component="proxy",tag=".*"\} 1$/m,
    '/stats/prometheus': /^# HELP envoy_server_live /m,
    '/stats': /^sluice_proxy_table_version: 3$/m,
    '/stats?filter=^envoy_server_live$': /^envoy_server_live: 1\n$/,
    '/stats?format=json&filter=table_version': /^\{"stats":\[\{"name":"sluice_proxy_table_version","value":3\}\]\}\n$/,
    '/stats?format=prometheus': /^# TYPE envoy_server_uptime gauge$/m,
    '/healthz': /^ok\n$/,
    '/healthz/ready': /^ready\n$/,
    '/ready': /^ready\n$/,
    '/readyz': /^ready\n$/,
    '/server_info': /"state":"LIVE".*"table_version":3/,
    '/workers': /"version":3/,
    '/routes': /"version":3/,
    '/clusters': /^\[\]\n$/,
    '/listeners': /^\[{"address":"127.0.0.1","port":\d+}\]\n$/,
    '/config_dump': /"role":"gateway",.*"tableVersion":3.*"table":\{"version":3/,
    '/': /^\/quitquitquit \(POST\): /m,
    '/help': /^\/stats: /m,
  };
  test.each(Object.entries(pages))('%s is there', async (path, shows) => {
    const { status, text } = await ask(proxy.adminPort, path);
    expect(status).toBe(200);
    expect(text).toMatch(shows);
  });

  const refusals: Record<string, [string, string, Record<string, string>, number]> = {
    'a page that does not exist': ['GET', '/nothing', {}, 404],
    'a name that every object has': ['GET', '/constructor', {}, 404],
    'a change by GET': ['GET', '/quitquitquit', {}, 405],
    'draining by GET': ['GET', '/drain_listeners', {}, 405],
    'a page by POST': ['POST', '/stats', {}, 405],
    'a change that a web page asks for': ['POST', '/drain_listeners', { origin: 'http://evil.example' }, 403],
    'a level that does not exist': ['POST', '/logging?level=loud', {}, 400],
    'no level': ['POST', '/logging', {}, 400],
    'a filter that is no regular expression': ['GET', '/stats?filter=(', {}, 400],
    'quitting a proxy that belongs to somebody': ['POST', '/quitquitquit', {}, 501],
  };
  test.each(Object.entries(refusals))('refuses %s', async (_name, [method, path, headers, status]) => {
    expect((await ask(proxy.adminPort, path, method, headers)).status).toBe(status);
  });

  test('answers HEAD without a body', async () => {
    expect(await ask(proxy.adminPort, '/stats', 'HEAD')).toEqual({ status: 200, text: '' });
  });

  test('changes the level of the operational log', async () => {
    expect(await ask(proxy.adminPort, '/logging?level=error', 'POST')).toEqual({
      status: 200,
      text: 'active level: error\n',
    });
  });

  test('drains the listeners, and tells it', async () => {
    const drained = await startProxyUnderTest();
    await drained.hand(handing(1, [hostItem([{ name: 'default', action: forwardTo({ web: 1 }) }])]));
    expect((await ask(drained.adminPort, '/drain_listeners', 'POST')).status).toBe(200);
    expect((await ask(drained.adminPort, '/readyz')).status).toBe(503);
    expect((await ask(drained.adminPort, '/server_info')).text).toContain('"state":"DRAINING"');
    const refused = async () => expect(ask(drained.httpPort, '/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await vi.waitFor(refused, soon);
    await drained.close();
  });
});
