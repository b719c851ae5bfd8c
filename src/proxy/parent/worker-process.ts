/** One worker process as the parent sees it: asked questions, and gone some day. */

import { type ChildProcess, fork, type SendHandle } from 'node:child_process';
import type { SkippedHost } from '../../mesh/table/handover.ts';
import type { TableChange } from '../prepare-change.ts';
import type { FromWorker, ToWorker, TransportReport, WorkerReport, WorkerSettings } from '../worker-messages.ts';
import { chunksOf } from './change-chunks.ts';
import type { Doors } from './doors.ts';

export type WorkerEvents = {
  onStarted(report: TransportReport): void;
  onReport(report: WorkerReport): void;
  onEject(cluster: string, address: string): void;
  /** Nothing more is heard of it. */
  onExit(): void;
};

/** Enough that a worker need not wait for the next one. */
const CHUNKS_UNDER_WAY = 3;

/** Workers say themselves when young garbage is collected while they build a table. */
const WORKER_FLAGS = ['--expose-gc'];

export class WorkerProcess {
  /** Version that it serves; `undefined` until it serves any. */
  version: number | undefined;
  report: WorkerReport | undefined;
  /** What it uses of Node's sockets; `undefined` until it has started. */
  transport: string | undefined;
  readonly #child: ChildProcess;
  readonly #events: WorkerEvents;
  readonly #waiting = new Set<(message: FromWorker | undefined) => void>();
  #gone = false;
  #staged = 0;

  constructor(entry: string, env: NodeJS.ProcessEnv, events: WorkerEvents) {
    this.#events = events;
    this.#child = fork(entry, [], { env, execArgv: WORKER_FLAGS, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child.on('message', (message) => this.#onMessage(message as FromWorker));
    // What it said last may still be in the channel, and is read first. (`disconnect` does not come when a connection was on its way.)
    this.#child.once('exit', () => setImmediate(() => this.#onGone()));
    this.#child.once('error', () => this.#onGone());
  }

  get isGone(): boolean {
    return this.#gone;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** @returns why the worker cannot start or listen; `undefined` when it can */
  async start(settings: WorkerSettings): Promise<string | undefined> {
    return failureOf(
      await this.#ask({ type: 'start', settings }, ({ type }) => type === 'started' || type === 'failed'),
    );
  }

  async listen(): Promise<string | undefined> {
    return failureOf(await this.#ask({ type: 'listen' }, ({ type }) => type === 'listening' || type === 'failed'));
  }

  /** Passes bound sockets on, which stay open here; said before `listen`. */
  share(sockets: Doors['sockets']): void {
    for (const { listener, socket } of sockets) {
      this.#child.send({ type: 'socket', listener } satisfies ToWorker, socket as unknown as SendHandle, () => {});
    }
  }

  /** @returns why the change is refused, or which virtual hosts are left out; none when the worker died */
  async prepare({ version, puts, removes }: TableChange): Promise<string | readonly SkippedHost[]> {
    await this.#stage(puts);
    const answer = await this.#ask(
      { type: 'prepare', change: { version, removes } },
      ({ type }) => type === 'prepared' || type === 'refused',
    );
    if (answer?.type === 'refused') return answer.reason;
    return answer?.type === 'prepared' ? answer.skipped : [];
  }

  // What is sent is read in one go, and keeps the worker from its requests.
  async #stage(puts: TableChange['puts']): Promise<void> {
    const under: Promise<unknown>[] = [];
    for (const chunk of chunksOf(puts)) {
      if (under.length >= CHUNKS_UNDER_WAY) await under.shift();
      const id = ++this.#staged;
      under.push(
        this.#ask({ type: 'stage', id, puts: chunk }, (message) => message.type === 'staged' && message.id === id),
      );
    }
    await Promise.all(under);
  }

  async publish(): Promise<void> {
    const answer = await this.#ask({ type: 'publish' }, ({ type }) => type === 'published');
    if (answer?.type === 'published') this.version = answer.version;
  }

  /** Has the worker hand over what it counted. */
  async collect(id: number): Promise<void> {
    await this.#ask({ type: 'collect', id }, (message) => message.type === 'report' && message.id === id);
  }

  /** Has it go on in a new access log. */
  reopenLog(): void {
    if (!this.#gone) this.#child.send({ type: 'reopenLog' } satisfies ToWorker, () => {});
  }

  /** Resolves once the worker is gone. */
  async drain(graceMs: number): Promise<void> {
    await this.#ask({ type: 'drain', graceMs }, () => false);
  }

  /** Says something to which there is no answer. */
  tell(message: ToWorker): void {
    if (!this.#gone) this.#child.send(message, () => {});
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #ask(question: ToWorker, isAnswer: (message: FromWorker) => boolean): Promise<FromWorker | undefined> {
    return new Promise((resolve) => {
      if (this.#gone) return resolve(undefined);
      const listener = (message: FromWorker | undefined) => {
        if (message !== undefined && !isAnswer(message)) return;
        this.#waiting.delete(listener);
        resolve(message);
      };
      this.#waiting.add(listener);
      this.#child.send(question, (failed) => {
        if (failed !== null) listener(undefined);
      });
    });
  }

  #onMessage(message: FromWorker): void {
    if (message.type === 'started') {
      this.transport = message.transport;
      this.#events.onStarted(message);
    }
    if (message.type === 'report') {
      this.report = { ...this.report, ...message.report };
      this.#events.onReport(message.report);
    }
    if (message.type === 'eject') this.#events.onEject(message.cluster, message.address);
    for (const listener of [...this.#waiting]) listener(message);
  }

  #onGone(): void {
    if (this.#gone) return;
    this.#gone = true;
    for (const listener of [...this.#waiting]) listener(undefined);
    this.#events.onExit();
  }
}

function failureOf(answer: FromWorker | undefined): string | undefined {
  if (answer === undefined) return 'it died';
  return answer.type === 'failed' ? answer.reason : undefined;
}
