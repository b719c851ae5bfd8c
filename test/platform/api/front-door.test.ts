/** Who gets in, and what a request must look like. */

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { configMap, DEFAULT, type Harness, pod, startHarness } from './api-harness.ts';

let api: Harness;

beforeAll(async () => {
  api = await startHarness({
    async *podLogs(ref, { tailLines }) {
      yield Buffer.from(`${ref.namespace}/${ref.name}/${ref.container}\n`);
      yield Buffer.from(`tail ${tailLines}\n`);
    },
  });
});
afterAll(() => api.stop());

describe('the server', () => {
  test.each([
    ['no token', ''],
    ['a token that is too short', 'abc'],
    ['another token of the right length', 'x'.repeat(43)],
  ])('answers 401 to %s', async (_, token) => {
    const { status, json } = await api.call('GET', '/api/v1/namespaces', { token });
    expect(status).toBe(401);
    expect(json).toMatchObject({ kind: 'Status', reason: 'Unauthorized', message: 'Unauthorized' });
  });

  test('speaks HTTP/1.1 alone, with a certificate of its own authority', async () => {
    const { port, caPath } = api.server;
    const socket = connect({ port, host: '127.0.0.1', ca: readFileSync(caPath), ALPNProtocols: ['h2', 'http/1.1'] });
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
    expect(socket.authorized).toBe(true);
    expect(socket.alpnProtocol).toBe('http/1.1');
    socket.destroy();
  });

  test('writes a kubeconfig that only its owner can read', () => {
    const { kubeconfigPath, url, token } = api.server;
    expect(statSync(kubeconfigPath).mode & 0o777).toBe(0o600);
    expect(parse(readFileSync(kubeconfigPath, 'utf8'))).toMatchObject({
      'current-context': 'sluice',
      contexts: [{ name: 'sluice', context: { namespace: 'default' } }],
      clusters: [{ cluster: { server: url } }],
      users: [{ user: { token } }],
    });
  });

  test('keeps port, token and authority over a restart', async () => {
    const before = { ...api.server, ca: readFileSync(api.server.caPath, 'utf8') };
    await api.restart();
    expect(api.server).toMatchObject({ port: before.port, token: before.token });
    expect(readFileSync(api.server.caPath, 'utf8')).toBe(before.ca);
    expect(Number(readFileSync(join(api.dataDir, 'api-port'), 'utf8'))).toBe(before.port);
  });

  test.each([['/healthz'], ['/readyz'], ['/livez']])('is well at %s', async (path) => {
    expect((await api.get(path)).text).toBe('ok');
  });

  test('says what it is compatible with', async () => {
    expect((await api.get('/version')).json.gitVersion).toBe('v1.33.0+sluice');
  });
});

describe('a request is refused', () => {
  const big = JSON.stringify({ ...configMap('big'), data: { blob: 'x'.repeat(3 * 1024 * 1024) } });

  test.each([
    [
      'with a body of unknown type',
      'POST',
      `${DEFAULT}/configmaps`,
      'a=b',
      'application/x-www-form-urlencoded',
      415,
      'UnsupportedMediaType',
    ],
    [
      'with a body beyond 3 MiB',
      'POST',
      `${DEFAULT}/configmaps`,
      big,
      'application/json',
      413,
      'RequestEntityTooLarge',
    ],
    ['with a body that does not parse', 'POST', `${DEFAULT}/configmaps`, '{', 'application/json', 400, 'BadRequest'],
    ['with a body that is no object', 'POST', `${DEFAULT}/configmaps`, '[1]', 'application/json', 400, 'BadRequest'],
    [
      'with metadata that is no object',
      'POST',
      `${DEFAULT}/configmaps`,
      '{"metadata":[]}',
      'application/json',
      400,
      'BadRequest',
    ],
    [
      'with half of a protobuf body',
      'POST',
      `${DEFAULT}/configmaps`,
      'k8s',
      'application/vnd.kubernetes.protobuf',
      400,
      'BadRequest',
    ],
    ['for a kind that is not served', 'GET', '/apis/apps/v1/things', undefined, undefined, 404, 'NotFound'],
    [
      'by a method that does not fit',
      'POST',
      `${DEFAULT}/configmaps/named`,
      '{}',
      'application/json',
      405,
      'MethodNotAllowed',
    ],
    ['for a form that cannot be written', 'GET', `${DEFAULT}/configmaps`, undefined, undefined, 406, 'NotAcceptable'],
  ])('%s', async (_, method, path, body, contentType, status, reason) => {
    const headers = {
      ...(contentType === undefined ? {} : { 'content-type': contentType }),
      ...(status === 406 ? { accept: 'image/png' } : {}),
    };
    const answer = await api.call(method, path, body === undefined ? { headers } : { body, headers });
    expect(answer.status).toBe(status);
    expect(answer.json).toMatchObject({ kind: 'Status', reason, code: status });
  });
});

test.each(['/apis/nothing.example/v1/things', '/api/v1/namespaces/%zz/pods', '//api//v1/pods', '/nowhere', '/'])(
  'nothing is served at %s, which is said in plain text',
  async (path) => {
    const answer = await api.get(path);
    expect(answer).toMatchObject({ status: 404, text: '404 page not found\n' });
  },
);

describe('the one user', () => {
  test('is admin', async () => {
    const { status, json } = await api.post('/apis/authentication.k8s.io/v1/selfsubjectreviews', {});
    expect(status).toBe(201);
    expect(json.status?.userInfo).toMatchObject({
      username: 'admin',
      groups: ['system:masters', 'system:authenticated'],
    });
  });

  test('may do everything', async () => {
    const spec = { resourceAttributes: { verb: 'delete', resource: 'pods' } };
    const { json } = await api.post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { spec });
    expect(json).toMatchObject({ spec, status: { allowed: true } });
  });
});

describe('the logs of a pod', () => {
  beforeAll(async () => {
    await api.post(`${DEFAULT}/pods`, pod('talks', { nodeName: 'n' }));
    await api.post(`${DEFAULT}/pods`, pod('waits'));
  });

  test('come from its only container', async () => {
    const { text, headers } = await api.get(`${DEFAULT}/pods/talks/log?tailLines=3`);
    expect(text).toBe('default/talks/main\ntail 3\n');
    expect(headers['content-type']).toBe('text/plain');
  });

  test.each([
    ['of a container that it does not have', 'talks/log?container=other', 'container other is not valid for pod talks'],
    ['before it has a node', 'waits/log', 'pod waits does not have a host assigned'],
  ])('are refused %s', async (_, path, message) => {
    expect((await api.get(`${DEFAULT}/pods/${path}`)).json).toMatchObject({ code: 400, message });
  });
});
