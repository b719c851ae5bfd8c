/** The contract with a Prometheus, exact answers included. nock stays in this file: it changes how sockets behave. */

import nock from 'nock';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createUnsupportedProvider } from '../../src/metrics/metric-provider.ts';
import { createPrometheusProvider } from '../../src/metrics/prometheus-provider.ts';
import { FakeClock } from '../support/fake-clock.ts';

const AT = 1_700_000_000_000;
const address = 'http://prometheus.test:9090';
const clock = new FakeClock(AT);
const never = new AbortController().signal;
const provider = createPrometheusProvider({ address, clock, token: 's3cret-token', answerBytesMax: 10_000 });

const answered = (status: number, body: nock.Body | string) =>
  nock(address).get('/api/v1/query').query(true).reply(status, body);
const success = (resultType: string, result: unknown) => ({ status: 'success', data: { resultType, result } });
const vector = (...values: string[]) =>
  success(
    'vector',
    values.map((value) => ({ metric: {}, value: [AT / 1_000, value] })),
  );

beforeAll(() => nock.disableNetConnect());
afterEach(() => {
  nock.cleanAll();
});
afterAll(() => nock.restore());

describe('an answer of Prometheus', () => {
  const cases: Record<string, [body: unknown, sample: unknown]> = {
    'with one number is a value': [vector('99.5'), { kind: 'value', value: 99.5 }],
    'with a scalar is a value': [success('scalar', [AT / 1_000, '7']), { kind: 'value', value: 7 }],
    'that is empty is no data': [vector(), { kind: 'noData', reason: expect.stringContaining('no traffic') }],
    'of NaN is no data': [vector('NaN'), { kind: 'noData', reason: expect.stringContaining('NaN') }],
    'of an empty text is no data': [vector(''), { kind: 'noData', reason: expect.any(String) }],
    'of +Inf is no measurement': [
      vector('+Inf'),
      { kind: 'unreachable', reason: 'The query returned +Inf, which is no measurement' },
    ],
    'of -Inf is no measurement': [vector('-Inf'), { kind: 'unreachable', reason: expect.stringContaining('-Inf') }],
    'beyond doubles is no measurement': [
      vector('1e400'),
      { kind: 'unreachable', reason: expect.stringContaining('1e400') },
    ],
    'of words is no measurement': [vector('abc'), { kind: 'unreachable', reason: expect.stringContaining('abc') }],
    'with several series says how many': [
      vector('1', '2', '3'),
      { kind: 'unreachable', reason: expect.stringContaining('3 series') },
    ],
    'that is a matrix is refused': [
      success('matrix', []),
      { kind: 'unreachable', reason: expect.stringContaining('matrix') },
    ],
    'that is a string is refused': [
      success('string', [1, 'x']),
      { kind: 'unreachable', reason: expect.stringContaining('string') },
    ],
    'of an unknown type is refused': [success('cube', []), { kind: 'unreachable', reason: expect.any(String) }],
    'with a native histogram is refused': [
      success('vector', [{ metric: {}, histogram: [AT / 1_000, {}] }]),
      { kind: 'unreachable', reason: expect.stringContaining('native histogram') },
    ],
    'of another time is refused': [
      success('vector', [{ metric: {}, value: [AT / 1_000 - 3_600, '1'] }]),
      { kind: 'unreachable', reason: expect.stringContaining('another time') },
    ],
    'that is a page of HTML is refused': [
      '<html>Sign in</html>',
      { kind: 'unreachable', reason: expect.stringContaining('not one of Prometheus') },
    ],
    'with an error and status 200 is refused': [
      { status: 'error', errorType: 'bad_data', error: 'parse error' },
      { kind: 'unreachable', reason: 'The metrics server refused the query: parse error' },
    ],
    'that is too long is refused': [
      vector('1'.repeat(20_000)),
      { kind: 'unreachable', reason: expect.stringContaining('maxContentLength') },
    ],
  };

  test.each(Object.entries(cases))('%s', async (_name, [body, sample]) => {
    answered(200, body as nock.Body);
    expect(await provider.query('up', never)).toEqual(sample);
  });
});

describe('a query', () => {
  test('carries the expression, the instant and the credentials', async () => {
    nock(address, { reqheaders: { authorization: 'Bearer s3cret-token' } })
      .get('/api/v1/query')
      .query({ query: 'sum(up{a="b&c"})', time: String(AT / 1_000) })
      .reply(200, vector('1'));
    expect(await provider.query('sum(up{a="b&c"})', never)).toEqual({ kind: 'value', value: 1 });
  });

  const failures: Record<string, [status: number, body: nock.Body | string, reason: RegExp]> = {
    'that Prometheus refuses says why': [
      400,
      { status: 'error', errorType: 'bad_data', error: '1:2: parse error' },
      /bad_data: 1:2: parse error/,
    ],
    'against a gateway without its server names the status': [502, '<html>', /answer|502/],
    'never follows a redirect': [302, '', /not answer/],
  };

  test.each(Object.entries(failures))('%s', async (_name, [status, body, reason]) => {
    answered(status, body);
    const sample = await provider.query('up', never);
    expect(sample).toEqual({ kind: 'unreachable', reason: expect.stringMatching(reason) });
  });

  test('to a server that refuses connections is unreachable', async () => {
    nock(address)
      .get('/api/v1/query')
      .query(true)
      .replyWithError(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
    expect(await provider.query('up', never)).toMatchObject({
      kind: 'unreachable',
      reason: expect.stringContaining('ECONNREFUSED'),
    });
  });

  test('never shows the token, whatever the server says', async () => {
    answered(401, { status: 'error', errorType: 'unauthorized', error: 'bad token s3cret-token' });
    expect(JSON.stringify(await provider.query('up', never))).not.toContain('s3cret');
  });
});

test('a provider that is not supported says so instead of failing a release', async () => {
  const sample = await createUnsupportedProvider('datadog').query('x', never);
  expect(sample).toEqual({ kind: 'unreachable', reason: expect.stringContaining('datadog') });
});
