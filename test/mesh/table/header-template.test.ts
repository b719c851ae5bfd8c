import { describe, expect, test } from 'vitest';
import { type AnswerTold, NOT_ANSWERED, type RequestTold } from '../../../src/mesh/table/header-commands.ts';
import { fillFromAnswer, fillFromRequest, parseHeaderTemplate } from '../../../src/mesh/table/header-template.ts';

const request: RequestTold = {
  field: (name) => ({ 'x-user': 'anna', ':path': '/a?b=c' })[name],
  path: '/a?b=c',
  requestId: 'an-id',
  startedAt: Date.parse('2026-02-03T04:05:06.078Z'),
  hostname: 'node-1',
  remoteAddress: '10.0.0.9',
  peerAddress: '10.0.0.7',
  servicePort: 9080,
  route: 'canary',
  cluster: 'outbound|9080|v1|web.default.svc.cluster.local',
};
const answer: AnswerTold = {
  status: 404,
  field: (name) => ({ 'content-type': 'text/plain' })[name],
  flags: 'NR',
  details: 'via_upstream',
  upstreamHost: '10.0.0.1:8080',
  attempts: 2,
};

function fill(text: string, told: AnswerTold): string | undefined {
  const template = parseHeaderTemplate(text);
  return template && fillFromAnswer(fillFromRequest(template, request), told);
}

describe('a value of a header operation', () => {
  test.each([
    ['is literal', 'plain', 'plain'],
    ['writes a percent sign twice', '100%%', '100%'],
    ['writes an escaped command as it stands', '%%REQ(x-user)%%', '%REQ(x-user)%'],
    ['asks for a field of the request', 'user=%REQ(X-User)%!', 'user=anna!'],
    ['asks for it by the longer name, too', '%REQUEST_HEADER(x-user)%', 'anna'],
    ['asks for a pseudo field', '%REQ(:path)%', '/a?b=c'],
    ['takes the second name when the first is absent', '%REQ(x-none?x-user)%', 'anna'],
    ['says nothing of TLS where there is none', '%DOWNSTREAM_TLS_VERSION%%DOWNSTREAM_PEER_FINGERPRINT_256%', ''],
    ['says nothing of when a certificate ends', '%DOWNSTREAM_PEER_CERT_V_END(%b %d %H:%M:%S %Y %Z)%', ''],
    ['says what stands beside it', 'tls=%DOWNSTREAM_TLS_VERSION%', 'tls='],
    ['knows who connected', '%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%', '10.0.0.7'],
    ['asks for several things', '%REQ(x-user)%-%PROTOCOL%-%RESPONSE_CODE%', 'anna-HTTP/1.1-404'],
    ['asks for a field of the answer', '%RESP(content-type)%', 'text/plain'],
    ['asks for the status', '%RESPONSE_CODE% %RESP(:status)%', '404 404'],
    ['asks how the answer came', '%RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS%', 'NR via_upstream'],
    ['asks for the endpoint', '%UPSTREAM_HOST%', '10.0.0.1:8080'],
    ['asks for its parts', '%UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% %UPSTREAM_REMOTE_PORT%', '10.0.0.1 8080'],
    ['asks for the cluster', '%UPSTREAM_CLUSTER%', 'outbound|9080|v1|web.default.svc.cluster.local'],
    ['asks for the rule', '%ROUTE_NAME%', 'canary'],
    ['asks who calls', '%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%', '10.0.0.9'],
    ['asks for the path without query', '%PATH(NQ)%', '/a'],
    ['asks for a query parameter', '%QUERY_PARAM(b)%', 'c'],
    ['asks for the time', '%START_TIME%', '2026-02-03T04:05:06.078Z'],
    ['asks for the time in a format', '%START_TIME(%Y/%m/%d %H:%M:%S.%3f %z)%', '2026/02/03 04:05:06.078 +0000'],
    ['asks for the time in seconds', '%START_TIME(%s)%', '1770091506'],
    ['asks for the machine', '%HOSTNAME%', 'node-1'],
    ['is empty when nobody knows', '%REQ(x-none)%', ''],
  ])('%s', (_, text, expected) => expect(fill(text, answer)).toBe(expected));

  test.each([
    ['the status', '%RESPONSE_CODE%', '0'],
    ['flags', '%RESPONSE_FLAGS%', '-'],
    ['the endpoint', '%UPSTREAM_HOST%', ''],
    ['a field of the answer', '%RESP(content-type)%', ''],
  ])('knows of %s before the answer what Envoy knows', (_, text, expected) =>
    expect(fill(text, NOT_ANSWERED)).toBe(expected),
  );

  test.each([
    '%',
    'a%20b',
    '%REQ(a)',
    '%REQ()%',
    '%REQ%',
    '%REQ(a):3%',
    '%NOBODY_KNOWS%',
    '%constructor%',
    '%PROTOCOL(a)%',
    '%START_TIME(%Q)%',
    '100 %',
    '%req(a)%',
  ])('is refused: %s', (text) => expect(parseHeaderTemplate(text)).toBeUndefined());
});
