/** One worker process as the parent sees it: asked questions, and gone some day. */

import { type ChildProcess, fork } from 'node:child_process';
import type { FromWorker, ToWorker, WorkerReport, WorkerSettings } from '../worker-messages.ts';

export type WorkerEvents = {
  onReport(report: WorkerReport): void;
  onExit(): void;
};

export class WorkerProcess {
  /** Version that it serves; `undefined` until it serves any. */
  version: number | undefined;
  report: WorkerReport | undefined;
  readonly #child: ChildProcess;
  readonly #events: WorkerEvents;
  readonly #waiting = new Set<(message: FromWorker | undefined) => void>();
  #gone = false;

  constructor(entry: string, env: NodeJS.ProcessEnv, events: WorkerEvents) {
    this.#events = events;
    this.#child = fork(entry, [], { env, execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child.on('message', (message) => this.#onMessage(message as FromWorker));
    this.#child.once('exit', () => this.#onGone());
    this.#child.once('error', () => this.#onGone());
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** @returns the ports, or why the worker cannot listen; `undefined` when it died */
  async start(settings: WorkerSettings): Promise<{ ports: readonly number[] } | { reason: string } | undefined> {
    const answer = await this.#ask(
      { type: 'start', settings },
      ({ type }) => type === 'listening' || type === 'failed',
    );
    return answer?.type === 'listening' || answer?.type === 'failed' ? answer : undefined;
  }

  /** @returns why the change is refused; `undefined` when it is ready, or the worker died */
  async prepare(change: Extract<ToWorker, { type: 'prepare' }>['change']): Promise<string | undefined> {
    const answer = await this.#ask(
      { type: 'prepare', change },
      ({ type }) => type === 'prepared' || type === 'refused',
    );
    return answer?.type === 'refused' ? answer.reason : undefined;
  }

  async publish(): Promise<void> {
    const answer = await this.#ask({ type: 'publish' }, ({ type }) => type === 'published');
    if (answer?.type === 'published') this.version = answer.version;
  }

  /** Has the worker hand over what it counted. */
  async collect(id: number): Promise<void> {
    await this.#ask({ type: 'collect', id }, (message) => message.type === 'report' && message.id === id);
  }

  /** Resolves once the worker is gone. */
  async drain(graceMs: number): Promise<void> {
    await this.#ask({ type: 'drain', graceMs }, () => false);
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
    if (message.type === 'report') {
      this.report = message.report;
      this.#events.onReport(message.report);
    }
    for (const listener of [...this.#waiting]) listener(message);
  }

  #onGone(): void {
    if (this.#gone) return;
    this.#gone = true;
    for (const listener of [...this.#waiting]) listener(undefined);
    this.#events.onExit();
  }
}
