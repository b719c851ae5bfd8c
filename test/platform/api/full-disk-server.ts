/**
 * A server under a limit on the size of files (`ulimit -f`), for a test that writes to it until the disk fails; run as a process of its
 * own. Says where it listens, and when it was told that the disk failed.
 */

import { systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { startApiServer } from '../../../src/platform/api/api-server.ts';

// The signal that comes with the failed write would end the process.
process.on('SIGXFSZ', () => {});

const server = await startApiServer({
  dataDir: process.argv[2] ?? '',
  clock: systemClock,
  random: Math.random,
  logger: silentLogger,
  onStoreFailure: ({ code }) => process.send?.({ failed: code }),
});
process.send?.({ url: server.url, token: server.token });
