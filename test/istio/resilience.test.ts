/** Timeouts, retries, mirrors and faults as the articles write them (scenarios S7, S8, S11). */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countBy, documents, instanceOf, type Mesh, PATIENCE_MS, service, startMesh, subsets } from './mesh.ts';

/** A VirtualService for `name` with one rule for subset v1. */
function ruled(name: string, rule: string): string {
  return `apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata: { name: ${name} }
spec:
  hosts: [${name}]
  http:
    - route: [{ destination: { host: ${name}, subset: v1 } }]
${rule.replace(/^(?=.)/gm, '      ')}
`;
}

const PATIENT = `timeout: 2.5s
retries:
  attempts: 3
  perTryTimeout: 2s
  retryOn: connect-failure,refused-stream
`;

const YAML = documents(
  ...['copied', 'sampled'].flatMap((name) => [service(name, { v1: ['e1'], v2: ['e2'] }), subsets(name, ['v1', 'v2'])]),
  ruled('copied', 'mirror: { host: copied, subset: v2 }\ntimeout: 1s\n'),
  ruled('sampled', 'mirror: { host: sampled, subset: v2 }\nmirror_percent: 10\n'),
  service('patient', { v1: ['e1'] }),
  service('closed', { v1: ['e99'] }),
  ...['patient', 'closed'].flatMap((name) => [subsets(name, ['v1']), ruled(name, PATIENT)]),
  ...['faulty', 'late'].flatMap((name) => [service(name, { v1: ['e1'] }), subsets(name, ['v1'])]),
  ruled(
    'faulty',
    `fault:
  delay: { percentage: { value: 50 }, fixedDelay: 0.3s }
  abort: { percentage: { value: 10 }, httpStatus: 500 }
`,
  ),
  ruled('late', 'fault: { delay: { percentage: { value: 100 }, fixedDelay: 0.6s } }\ntimeout: 0.4s\n'),
);

let mesh: Mesh;

beforeAll(async () => {
  mesh = await startMesh({ yaml: YAML });
}, PATIENCE_MS);
afterAll(() => mesh?.close());

describe('S7: a mirror sees copies, and the caller sees nothing of it', () => {
  const copies = (replies: readonly { received: readonly { isShadow: boolean }[] }[]) =>
    replies.filter(({ received }) => received.some(({ isShadow }) => isShadow)).length;

  test('of every request', async () => {
    const replies = await mesh.askMany(50, () => ({ host: 'copied', method: 'POST', body: 'text' }));
    expect(countBy(replies, instanceOf)).toEqual({ e1: 50 });
    await expect.poll(() => copies(replies), { timeout: 10_000 }).toBe(50);
    expect(replies[0]?.received.find(({ isShadow }) => isShadow)).toMatchObject({ method: 'POST', bodyLength: 4 });
  });

  test('of about a tenth, in the words of old releases', async () => {
    const replies = await mesh.askMany(600, () => ({ host: 'sampled' }));
    expect(countBy(replies, instanceOf)).toEqual({ e1: 600 });
    // Five standard deviations of 60.
    await expect.poll(() => copies(replies), { timeout: 10_000 }).toBeGreaterThan(23);
    expect(copies(replies)).toBeLessThan(97);
  });

  test.each([
    ['is slow', 'delay:5/200'],
    ['fails', '500'],
    ['hangs up', 'reset'],
  ])('also when the mirror %s', async (_, step) => {
    const { status, tookMs } = await mesh.ask({ host: 'copied', headers: { 'x-up-shadow': step } });
    expect(status).toBe(200);
    expect(tookMs).toBeLessThan(4_000);
  });

  test('and the timeout of the rule holds for the caller', async () => {
    const reply = await mesh.ask({ host: 'copied', headers: { 'x-up': 'hang' } });
    expect(reply).toMatchObject({ status: 504, body: 'upstream request timeout' });
    expect(reply.tookMs).toBeGreaterThan(990);
  });
});

describe('S8: retries repeat what they name', () => {
  const attempts = (reply: { received: readonly unknown[] }) => reply.received.length;

  test('an answer of 503 is not among them', async () => {
    const reply = await mesh.ask({ host: 'patient', headers: { 'x-up': '503' } });
    expect([reply.status, attempts(reply)]).toEqual([503, 1]);
  });

  test('nor is a try that takes too long: it ends the request', async () => {
    const reply = await mesh.ask({ host: 'patient', headers: { 'x-up': 'hang' } });
    expect([reply.status, reply.body, attempts(reply)]).toEqual([504, 'upstream request timeout', 1]);
    expect(reply.tookMs).toBeGreaterThan(1_990);
    expect(mesh.findings()).toMatch(/^warning SL0307 VirtualService default\/patient: /m);
  });

  test('a slow answer in time is an answer', async () => {
    const reply = await mesh.ask({ host: 'patient', headers: { 'x-up': 'delay:1.2/200' } });
    expect([reply.status, attempts(reply)]).toEqual([200, 1]);
  });

  test('a port that nobody listens on is one of them', async () => {
    const reply = await mesh.ask({ host: 'closed' });
    expect(reply.status).toBe(503);
    expect(reply.body).toMatch(/^upstream connect error or disconnect\/reset before headers. retried and the latest/);
  });
});

describe('S11: faults are injected', () => {
  test('with their shares: half of the requests late, a tenth aborted', async () => {
    const replies = await mesh.askMany(300, () => ({ host: 'faulty' }));
    const aborted = replies.filter(({ status }) => status === 500);
    const late = replies.filter(({ tookMs }) => tookMs >= 299);
    expect(aborted.every(({ body, received }) => body === 'fault filter abort' && received.length === 0)).toBe(true);
    // Five standard deviations; lateness may have other causes.
    expect(Math.abs(aborted.length - 30)).toBeLessThanOrEqual(26);
    expect(late.length).toBeGreaterThan(106);
  });

  test('and a delay does not count against the timeout', async () => {
    const reply = await mesh.ask({ host: 'late' });
    expect(reply.status).toBe(200);
    expect(reply.tookMs).toBeGreaterThan(590);
  });
});
