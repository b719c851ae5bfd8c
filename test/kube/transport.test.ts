import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadCredentials } from '../../src/kube/credentials.ts';
import { createTransport, type Transport } from '../../src/kube/transport.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { type ScriptedApiServer, scriptedApiServer } from '../support/scripted-api-server.ts';

let server: ScriptedApiServer;
let transport: Transport;

beforeEach(async () => {
  server = await scriptedApiServer(({ url }, response) => {
    if (url === '/silent') return;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{"half":');
  });
  const credentials = await loadCredentials({ kubeconfigText: server.kubeconfig }, systemClock);
  transport = createTransport({
    credentials,
    userAgent: 'sluice-test',
    clock: systemClock,
    random: () => 0,
    answerPatienceMs: 50,
  });
});
afterEach(async () => {
  await transport.close();
  await server.close();
});

const stalls: Record<string, string> = {
  'before its head': '/silent',
  'in the middle of its body': '/half',
};
test.each(Object.entries(stalls))('an answer that stalls %s is given up', async (_name, path) => {
  await expect(transport.send({ method: 'GET', path })).rejects.toMatchObject({ code: 'SL0006' });
});

test('a stream may be silent for longer than an answer', async () => {
  const { body } = await transport.open('/half', AbortSignal.timeout(30_000));
  const chunks = body[Symbol.asyncIterator]();
  expect(Buffer.from((await chunks.next()).value ?? []).toString()).toBe('{"half":');
  const next = chunks.next();
  // The other request is given up meanwhile.
  await expect(transport.send({ method: 'GET', path: '/half' })).rejects.toMatchObject({ code: 'SL0006' });
  expect(await Promise.race([next, 'still open'])).toBe('still open');
  next.catch(() => {});
});
