/** A real Prometheus, fed with the dataset as blocks: nothing is scraped, nothing depends on when it runs. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { DataSeries } from './dataset.ts';

export type RealPrometheus = {
  version: string;
  query(
    query: string,
    timeMs: number,
  ): Promise<{ status: number; body: { data?: unknown; error?: string; errorType?: string } }>;
  stop(): Promise<void>;
};

/** PROMETHEUS_BIN, or `prometheus` on the PATH; promtool has to stand beside it. */
export function findPrometheus(environment: NodeJS.ProcessEnv): string | undefined {
  const folders = (environment.PATH ?? '').split(delimiter);
  const candidates = [environment.PROMETHEUS_BIN, ...folders.map((folder) => join(folder, 'prometheus'))];
  return candidates.find(
    (path) => path !== undefined && path !== '' && existsSync(path) && existsSync(join(dirname(path), 'promtool')),
  );
}

export async function startRealPrometheus(binary: string, dataset: readonly DataSeries[]): Promise<RealPrometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-prometheus-'));
  const config = join(folder, 'prometheus.yml');
  const text = join(folder, 'samples.txt');
  writeFileSync(config, 'global: {}\n');
  writeFileSync(text, openMetrics(dataset));
  execFileSync(join(dirname(binary), 'promtool'), [
    'tsdb',
    'create-blocks-from',
    'openmetrics',
    text,
    join(folder, 'data'),
  ]);
  const child = spawn(
    binary,
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--storage.tsdb.retention.time=100y',
      '--web.listen-address=127.0.0.1:0',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const port = await readyPort(child);
  const base = `http://127.0.0.1:${port}/api/v1`;
  const info = (await (await fetch(`${base}/status/buildinfo`)).json()) as { data: { version: string } };
  return {
    version: info.data.version,
    async query(query, timeMs) {
      const body = new URLSearchParams({ query, time: String(timeMs / 1_000) });
      const response = await fetch(`${base}/query`, { method: 'POST', body });
      return { status: response.status, body: (await response.json()) as { data?: unknown } };
    },
    async stop() {
      process.off('exit', kill);
      kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The log says which port was taken and when queries are answered, in either order. */
async function readyPort(child: ChildProcess): Promise<string> {
  if (child.stderr === null) throw new Error('Prometheus must have a log');
  let log = '';
  for await (const chunk of child.stderr.iterator({ destroyOnReturn: false })) {
    log += String(chunk);
    const port = /msg="Listening on" address=127\.0\.0\.1:(\d+)/.exec(log)?.[1];
    if (port === undefined || !log.includes('Server is ready to receive web requests')) continue;
    child.stderr.resume();
    return port;
  }
  throw new Error(`Prometheus must become ready, but ended:\n${log}`);
}

function openMetrics(dataset: readonly DataSeries[]): string {
  const lines = dataset.flatMap(({ labels: { __name__: name, ...labels }, points }) => {
    const inBraces = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
    return points.map(({ timeMs, value }) => `${name}{${inBraces.join(',')}} ${numberText(value)} ${timeMs / 1_000}`);
  });
  return `${lines.join('\n')}\n# EOF\n`;
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}
