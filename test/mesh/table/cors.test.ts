import { describe, expect, test } from 'vitest';
import { buildCors } from '../../../src/mesh/table/cors.ts';
import type { RequestHead } from '../../../src/mesh/table/match-route.ts';
import type { CorsPolicy } from '../../../src/mesh/table/route-table.ts';

const policy: CorsPolicy = {
  origins: [{ kind: 'exact', value: 'https://a.example' }],
  allowMethods: 'GET,POST',
  allowHeaders: '*',
  exposeHeaders: 'x-seen',
  maxAgeSeconds: 60,
  allowCredentials: true,
};

const request = (method: string, headers: Readonly<Record<string, string[]>>): RequestHead => ({
  method,
  path: '/',
  authority: 'web',
  scheme: 'http',
  header: (name) => headers[name]?.[0],
  headerValues: (name) => headers[name] ?? [],
});
const preflight = (origin: string) =>
  request('OPTIONS', {
    origin: [origin],
    'access-control-request-method': ['DELETE'],
    'access-control-request-headers': ['x-one'],
  });

describe('a preflight', () => {
  test('of an allowed origin is answered with the lists, whatever it asks for', () => {
    expect(Object.fromEntries(buildCors(policy).preflight(preflight('https://a.example')) ?? [])).toEqual({
      'access-control-allow-origin': 'https://a.example',
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'x-one',
      'access-control-max-age': '60',
      'access-control-expose-headers': 'x-seen',
    });
  });

  test.each<[string, RequestHead]>([
    ['of another origin', preflight('https://b.example')],
    ['of the origin with another case', preflight('https://A.example')],
    ['without a method to ask for', request('OPTIONS', { origin: ['https://a.example'] })],
    ['that is no OPTIONS', request('GET', { origin: ['https://a.example'], 'access-control-request-method': ['GET'] })],
  ])('%s is the business of the service', (_, head) => {
    expect(buildCors(policy).preflight(head)).toBeUndefined();
  });

  test('of another origin is told nothing about origins when the policy has it answered', () => {
    const headers = buildCors({ ...policy, answersUnmatched: true }).preflight(preflight('https://b.example'));
    expect(headers?.map(([name]) => name)).toEqual([
      'access-control-allow-credentials',
      'access-control-allow-methods',
      'access-control-allow-headers',
      'access-control-max-age',
    ]);
  });
});

describe('an answer', () => {
  test('tells an allowed origin so', () => {
    expect(buildCors(policy).response(request('GET', { origin: ['https://a.example'] }))).toEqual([
      ['access-control-allow-origin', 'https://a.example'],
      ['access-control-allow-credentials', 'true'],
      ['access-control-expose-headers', 'x-seen'],
    ]);
  });

  test.each<[string, string[]]>([
    ['no origin', []],
    ['another origin', ['https://a.example.evil']],
    ['two origins', ['https://a.example', 'https://b.example']],
  ])('is left alone with %s', (_, origin) => {
    expect(buildCors(policy).response(request('GET', origin.length === 0 ? {} : { origin }))).toBeUndefined();
  });

  test('echoes any origin for a star', () => {
    const cors = buildCors({ origins: [{ kind: 'exact', value: '*' }] });
    expect(cors.response(request('GET', { origin: ['https://x'] }))).toEqual([
      ['access-control-allow-origin', 'https://x'],
    ]);
  });
});
