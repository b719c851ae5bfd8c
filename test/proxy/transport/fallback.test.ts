/** A worker on a Node whose sockets write in a way that nobody knows. */

import { expect, test } from 'vitest';
import { createLogger } from '../../../src/lib/logger.ts';
import { startProxyUnderTest } from '../../support/running-proxy.ts';

const ANOTHER_NODE = `
  import { Socket } from 'node:net';
  const write = Socket.prototype._writeGeneric;
  Socket.prototype._writeGeneric = function (several, data, encoding, done) {
    if (several || typeof data === 'string') return write.call(this, several, data, encoding, done);
    return write.call(this, false, data.toString('latin1'), 'latin1', done);
  };`;

test('the documented transport is used there, and one line says why', async () => {
  const lines: string[] = [];
  const logger = createLogger({
    name: 'proxy',
    level: 'warn',
    destination: { write: (line) => void lines.push(line) },
  });
  const preload = `data:text/javascript,${encodeURIComponent(ANOTHER_NODE)}`;
  const proxy = await startProxyUnderTest({ logger, env: { NODE_OPTIONS: `--import=${preload}` } });
  expect(JSON.parse((await proxy.admin('/workers')).text)).toMatchObject([{ transport: 'documented' }]);
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { code: 'SL0404', reason: 'sockets write to their handle in another way', msg: 'fast transport cannot be used' },
  ]);
  await proxy.close();
});
