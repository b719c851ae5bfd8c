/**
 * A running platform for end-to-end tests: real processes, real sockets. The same scenarios run on the embedded API server and on
 * a real control plane; only `apiServer` differs.
 */

import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect } from '../../src/kube/connect.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { ProcessIdentity } from '../../src/lib/process-identity.ts';
import type { FromUp } from '../../src/main/machine-messages.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SLUICE = join(ROOT, 'src', 'main', 'sluice.ts');

export type WorldOptions = {
  /** Folder that `up` applies and watches. */
  manifests?: string;
  /** Kubeconfig of a real control plane; absent: the embedded API server. */
  apiServer?: string;
  /** Further options of `up`. */
  args?: readonly string[];
};

export type Ended = { code: number; out: string; err: string };

type Ready = Extract<FromUp, { type: 'ready' }>;

export class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'sluice-world-'));
  readonly dataDir = join(this.folder, 'data');
  readonly ledgerFolder = join(this.folder, 'ledger');
  readonly accessLogPath = join(this.folder, 'access.log');
  /** What `up` printed, block by block. */
  readonly reports: string[] = [];
  readonly #options: WorldOptions;
  #up: ChildProcess | undefined;
  #ready: Ready | undefined;
  #client: KubeClient | undefined;
  #onReport = (): void => {};

  private constructor(options: WorldOptions) {
    this.#options = options;
  }

  static async start(options: WorldOptions = {}): Promise<World> {
    const world = new World(options);
    await world.up();
    return world;
  }

  get client(): KubeClient {
    if (this.#client === undefined) throw new Error('The world is not up');
    return this.#client;
  }

  get ready(): Ready {
    if (this.#ready === undefined) throw new Error('The world is not up');
    return this.#ready;
  }

  /** Starts `sluice up` on the folder of this world; after an end or a kill again, on the same ports. */
  async up(): Promise<void> {
    const { manifests, apiServer, args = [] } = this.#options;
    const up = fork(
      SLUICE,
      [
        ...['up', '--data', this.dataDir, '--http-port', this.#port('httpUrl'), '--admin-port', this.#port('adminUrl')],
        ...['--access-log', this.accessLogPath, '--pod-env', `REQUEST_LEDGER=${this.ledgerFolder}`],
        ...(manifests === undefined ? [] : ['-f', manifests]),
        ...(apiServer === undefined ? [] : ['--api-server', apiServer]),
        ...args,
      ],
      { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
    );
    this.#up = up;
    let trouble = '';
    up.stderr?.on('data', (chunk: Buffer) => {
      trouble += chunk;
    });
    this.#ready = await new Promise<Ready>((resolve, reject) => {
      up.on('message', (message: FromUp) => {
        if (message.type === 'ready') resolve(message);
        else {
          this.reports.push(message.text);
          this.#onReport();
        }
      });
      up.once('exit', (code) => reject(new Error(`sluice up ended with ${code}: ${trouble}${this.#logs()}`)));
    });
    // Address, certificate and token outlive the processes, so the client of the first start serves all others.
    this.#client ??= await connect({
      kubeconfigPath: this.#ready.kubeconfigPath,
      clock: systemClock,
      userAgent: 'sluice-test',
    });
  }

  /** Resolves with the first report, past or future, that holds `text`. */
  reported(text: string): Promise<string> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.reports.find((report) => report.includes(text));
        if (found !== undefined) resolve(found);
      };
      this.#onReport = look;
      look();
    });
  }

  /** Runs a command of the command line against this world. */
  sluice(...args: string[]): Promise<Ended> {
    return runSluice([...args, '--kubeconfig', this.ready.kubeconfigPath]);
  }

  get supervisor(): number {
    if (this.#up?.pid === undefined) throw new Error('The world is not up');
    return this.#up.pid;
  }

  /** Process ids of control and of the proxy's parent. */
  children(): { control: number; proxy: number } {
    const known = this.recorded();
    if (known === undefined) throw new Error('The children have not been recorded yet');
    return known;
  }

  /** The same, or `undefined` while one of them is being started. */
  recorded(): { control: number; proxy: number } | undefined {
    const text = readFileSync(join(this.dataDir, 'children.json'), 'utf8');
    const [control, proxy] = JSON.parse(text) as ProcessIdentity[];
    return control?.pid && proxy?.pid ? { control: control.pid, proxy: proxy.pid } : undefined;
  }

  /** Process ids of the proxy's workers. */
  workers(): number[] {
    const { proxy } = this.children();
    return readFileSync(`/proc/${proxy}/task/${proxy}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  }

  /** kill -9 of supervisor, control, proxy and workers; pods stay, as they would. */
  async killEverything(): Promise<void> {
    const up = this.#up;
    if (up === undefined) return;
    const { control, proxy } = this.children();
    const victims = [...this.workers(), proxy, control];
    const gone = up.exitCode === null && up.signalCode === null ? once(up, 'exit') : Promise.resolve();
    up.kill('SIGKILL');
    for (const pid of victims) kill(pid);
    await gone;
  }

  /** Sends a signal to the supervisor alone; resolves with its exit code, or null when the signal ended it. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const up = this.#up;
    if (up === undefined || up.exitCode !== null || up.signalCode !== null) return up?.exitCode ?? null;
    const gone = once(up, 'exit') as Promise<[number | null]>;
    up.kill(signal);
    return (await gone)[0];
  }

  /** Stops everything as Ctrl-C does, and removes the folder. */
  async stop(): Promise<void> {
    await this.#client?.close();
    await this.end('SIGTERM');
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The first start takes free ports. */
  #port(url: 'httpUrl' | 'adminUrl'): string {
    return this.#ready === undefined ? '0' : new URL(this.#ready[url]).port;
  }

  #logs(): string {
    try {
      return `\n${readFileSync(join(this.dataDir, 'log', 'control.log'), 'utf8').slice(-3_000)}`;
    } catch {
      return '';
    }
  }
}

/** Runs the command line to its end. */
export async function runSluice(args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [SLUICE, ...args], { cwd: ROOT });
  const written = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    written.out += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    written.err += chunk;
  });
  const [code] = (await once(child, 'close')) as [number];
  return { code, ...written };
}

/** kill -9; a process that is gone already is fine. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}
