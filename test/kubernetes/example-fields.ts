/** Fields that several kinds have, each with everything in it set. */

export const HEADERS = {
  request: { add: { 'x-added': '1' }, set: { 'x-set': '1' }, remove: ['x-removed'] },
  response: { add: { 'x-added': '2' }, set: { 'x-set': '2' }, remove: ['x-removed'] },
};
export const CORS = {
  allowOrigin: ['https://shop.example'],
  allowOrigins: [{ regex: '.*' }],
  allowMethods: ['GET'],
  allowHeaders: ['x-a'],
  exposeHeaders: ['x-b'],
  maxAge: '24h',
  allowCredentials: true,
};
export const AT = '2026-01-01T00:00:00Z';
const WORDS = { exact: 'a' };

/** What requests may be matched by, in a Canary and in a route alike. */
export const CANARY_MATCH = {
  name: 'm',
  uri: { prefix: '/' },
  scheme: WORDS,
  method: { exact: 'GET' },
  authority: { suffix: '.example' },
  headers: { 'user-type': { regex: 'internal|staff' } },
  port: 80,
  sourceLabels: { app: 'web' },
  gateways: ['mesh'],
  queryParams: { beta: WORDS },
  ignoreUriCase: true,
  withoutHeaders: { 'x-robot': WORDS },
  sourceNamespace: 'web',
};
