import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { startApiServer } from '../../../src/platform/api/api-server.ts';
import { describeKubelet } from './kubelet-scenarios.ts';

describeKubelet('the embedded API server', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'sluice-api-'));
  const server = await startApiServer({ dataDir, clock: systemClock, random: Math.random, logger: silentLogger });
  return {
    kubeconfigPath: server.kubeconfigPath,
    async stop() {
      await server.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
});
