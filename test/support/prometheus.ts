/** A real Prometheus for tests, where one is installed: `prometheus` on PATH, or PROMETHEUS_BIN. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const PROMETHEUS_BIN = process.env.PROMETHEUS_BIN || 'prometheus';

export const hasPrometheus = spawnSync(PROMETHEUS_BIN, ['--version']).status === 0;

/** Scrapes `target` (`host:port`) every second; resolves when its HTTP API answers. */
export async function startPrometheus({
  port,
  target,
}: {
  port: number;
  target: string;
}): Promise<{ url: string; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-prometheus-'));
  const config = join(folder, 'prometheus.yml');
  writeFileSync(
    config,
    `global: { scrape_interval: 1s, scrape_timeout: 1s }\nscrape_configs: [{ job_name: sluice, static_configs: [{ targets: ['${target}'] }] }]\n`,
  );
  const prometheus: ChildProcess = spawn(
    PROMETHEUS_BIN,
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const url = `http://127.0.0.1:${port}`;
  const gone = once(prometheus, 'exit');
  await isReady(url, prometheus);
  return {
    url,
    async stop() {
      prometheus.kill('SIGTERM');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Its log says "ready" a moment before the port answers, so the port is what is asked, at every line it logs and after. */
async function isReady(url: string, prometheus: ChildProcess): Promise<void> {
  prometheus.stderr?.resume();
  for (;;) {
    if (prometheus.exitCode !== null) throw new Error(`Prometheus ended with ${prometheus.exitCode}`);
    const ready = await fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
