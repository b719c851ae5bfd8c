import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type LeaseObject, seekLeadership, toMicroTime } from '../../src/kube/lease.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { failure, json, type ScriptedApiServer, scriptedApiServer } from '../support/scripted-api-server.ts';

describe('leadership', () => {
  let stored: LeaseObject | undefined;
  let broken = false;
  let silent = false;
  let held: ServerResponse[] = [];
  let server: ScriptedApiServer;
  const clocks = { a: new FakeClock(), b: new FakeClock() };
  let terms: { who: string; signal: AbortSignal }[];

  beforeEach(async () => {
    stored = undefined;
    broken = false;
    silent = false;
    held = [];
    terms = [];
    clocks.a = new FakeClock(1_000_000);
    // Another machine's clock is an hour ahead, which must not matter.
    clocks.b = new FakeClock(4_600_000);
    let version = 0;
    server = await scriptedApiServer(({ method, body }, response) => {
      if (silent) return void held.push(response);
      if (broken) return json(response, 500, failure(500, 'InternalError'));
      if (method === 'GET') return stored ? json(response, 200, stored) : json(response, 404, failure(404, 'NotFound'));
      const sent = JSON.parse(body) as LeaseObject;
      if (stored !== undefined && sent.metadata.resourceVersion !== stored.metadata.resourceVersion) {
        return json(response, 409, failure(409, 'Conflict'));
      }
      version += 1;
      stored = { ...sent, metadata: { ...sent.metadata, resourceVersion: String(version) } };
      return json(response, 200, stored);
    });
  });
  afterEach(() => server.close());

  const candidate = async (who: 'a' | 'b') =>
    seekLeadership({
      client: await server.client(),
      namespace: 'system',
      name: 'sluice',
      identity: who,
      clock: clocks[who],
      random: () => 0,
      logger: silentLogger,
      lead: (signal) => terms.push({ who, signal }),
    });
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 500) {
      await clocks.a.advance(500);
      await clocks.b.advance(500);
    }
  };
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await pass(500);
  };

  test('goes to the first who asks, and only to one', async () => {
    const a = await candidate('a');
    await until(() => a.leads());
    const b = await candidate('b');
    await pass(120_000);
    expect(terms.map(({ who }) => who)).toEqual(['a']);
    expect(stored?.spec).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 15, leaseTransitions: 0 });
    expect(stored?.spec?.renewTime).toMatch(/\.\d{6}Z$/);
    await a.close();
    await b.close();
  });

  test('passes on at once when its holder gives it back', async () => {
    const a = await candidate('a');
    await until(() => a.leads());
    const b = await candidate('b');
    await a.close();
    expect(terms[0]?.signal.aborted).toBe(true);
    await until(() => b.leads());
    expect(stored?.spec).toMatchObject({ holderIdentity: 'b' });
    await b.close();
  });

  test('is lost by a holder who cannot renew it, before anybody else may take it', async () => {
    const a = await candidate('a');
    await until(() => a.leads());
    broken = true;
    const brokenAt = clocks.a.now();
    await until(() => terms[0]?.signal.aborted === true);
    expect(clocks.a.now() - brokenAt).toBeLessThan(15_000);
    await a.close();
  });

  test('is lost by a holder whose server does not answer at all, before anybody else may take it', async () => {
    const a = await candidate('a');
    await until(() => a.leads());
    silent = true;
    const silentAt = clocks.a.now();
    await until(() => terms[0]?.signal.aborted === true);
    expect(clocks.a.now() - silentAt).toBeLessThan(15_000);
    expect(a.leads()).toBe(false);
    for (const response of held) response.destroy();
    await a.close();
  });
});

test('a MicroTime has six digits', () => {
  expect(toMicroTime(1_234)).toBe('1970-01-01T00:00:01.234000Z');
});
