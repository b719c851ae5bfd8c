/**
 * The workers of a proxy: kept alive, served the same table, drained together, and one more that has the table and needs only
 * listen when one of them dies. Changes of the table and starts of workers happen one after the other, so that no worker misses
 * one.
 */

import { backoffMs } from '../../lib/backoff.ts';
import type { Clock } from '../../lib/clock.ts';
import { messageOf, SluiceError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { SkippedHost } from '../../mesh/table/handover.ts';
import type { TableChange } from '../prepare-change.ts';
import type { ListenerSetting, WorkerSettings } from '../worker-messages.ts';
import { Doors } from './doors.ts';
import { Ejector } from './ejector.ts';
import type { RefusedTable } from './handover-server.ts';
import type { MetricsRegistry } from './metrics-registry.ts';
import { shareLimits } from './share-limits.ts';
import { applyChange, type StoredTable } from './stored-table.ts';
import { WorkerProcess } from './worker-process.ts';

const RESTART = { baseMs: 20, maxMs: 5_000, jitter: 0.5 };
/** A worker that lived this long did not die of what it started with. */
const HEALTHY_MS = 10_000;
/** The spare worker is started when those who serve are past the busy moment of the start. */
const SPARE_AFTER_MS = 1_000;

export type WorkerPoolOptions = {
  workers: number;
  /** When connections are taken: at once, or only with a first table, so that a predecessor on the same ports takes them until then. */
  listens: 'at once' | 'with a table';
  entry: string;
  env: NodeJS.ProcessEnv;
  settings: WorkerSettings;
  table: StoredTable;
  metrics: MetricsRegistry;
  clock: Clock;
  random: () => number;
  logger: Logger;
  /** Writes a table that all workers serve to where it outlives them. */
  save: (table: StoredTable) => Promise<void>;
};

export class WorkerPool {
  /** The table that was offered last, if it was refused; written by whoever takes tables. */
  refused: RefusedTable | undefined;
  readonly #options: WorkerPoolOptions;
  /** All that have the table: those who serve, and the spare one. */
  readonly #live = new Set<WorkerProcess>();
  readonly #serving = new Set<WorkerProcess>();
  #starting: WorkerProcess | undefined;
  readonly #doors = new Doors();
  #table: StoredTable;
  #listeners: readonly ListenerSetting[];
  #turn: Promise<unknown> = Promise.resolve();
  #collects = 0;
  #stopping = false;
  readonly #ejector: Ejector;

  constructor(options: WorkerPoolOptions) {
    const { clock, metrics } = options;
    this.#options = options;
    this.#ejector = new Ejector({
      clock,
      metrics,
      table: () => this.#table,
      tell: (message) => {
        for (const worker of this.#live) worker.tell(message);
      },
    });
    this.#table = options.table;
    this.#listeners = options.settings.listeners;
  }

  get table(): StoredTable {
    return this.#table;
  }

  /** What workers are told, with the ports that were opened. */
  get settings(): WorkerSettings {
    return { ...this.#options.settings, listeners: this.#listeners };
  }

  /** The endpoints of the cluster that outlier detection keeps requests away from. */
  ejectedOf(cluster: string): readonly string[] {
    return this.#ejector.ejectedOf(cluster);
  }

  get workers(): readonly WorkerProcess[] {
    return [...this.#serving];
  }

  /** Whether no new connections are taken any more. */
  get isStopping(): boolean {
    return this.#stopping;
  }

  /** Whether all workers run and serve a table. */
  get isReady(): boolean {
    if (this.#stopping) return false;
    const serving = this.workers.filter(({ version }) => version === this.#table.version);
    return this.#table.version > 0 && serving.length === this.#options.workers;
  }

  /** @returns the ports, in the order of the listeners @throws SluiceError SL0400 when one cannot be bound */
  async start(): Promise<readonly number[]> {
    const { host } = this.#options.settings;
    try {
      this.#listeners = await this.#doors.open(host, this.#listeners);
    } catch (thrown) {
      const ports = this.#listeners.map(({ port }) => port).join(', ');
      throw new SluiceError('SL0400', `Proxy cannot listen on port ${ports}: ${messageOf(thrown)}`, { cause: thrown });
    }
    for (let index = 0; index < this.#options.workers; index++) await this.#inTurn(() => this.#startWorker(0));
    this.#options.clock.after(SPARE_AFTER_MS, () => this.#restart(0));
    return this.#listeners.map(({ port }) => port);
  }

  /** @returns why the change is refused; else, once every live worker serves it, the virtual hosts that it left out */
  apply(change: TableChange): Promise<string | readonly SkippedHost[]> {
    return this.#inTurn(async () => {
      const shared = this.#share(change);
      const answers = await Promise.all([...this.#live].map((worker) => worker.prepare(shared)));
      const refusal = answers.find((answer) => typeof answer === 'string');
      if (refusal !== undefined) return refusal;
      // The workers are alike, so what one leaves out all do.
      const skipped = answers.flatMap((answer) => (typeof answer === 'string' ? [] : [answer]))[0] ?? [];
      for (const host of skipped) this.#options.logger.error({ ...host }, 'virtual host cannot be served');
      const table = applyChange(this.#table, withoutSkipped(change, skipped));
      this.#table = table;
      await Promise.all([...this.#live].map((worker) => worker.publish()));
      await this.#fillUp();
      this.#ejector.tableChanged();
      await this.#save(table);
      return skipped;
    });
  }

  // Only what is saved is acknowledged. A full disk must not keep traffic from where it has to go.
  async #save(table: StoredTable): Promise<void> {
    const { save, logger } = this.#options;
    await save(table).catch((thrown) => logger.error({ err: thrown }, 'route table cannot be saved'));
  }

  /** Has every worker hand over what it counted so far. */
  async collect(): Promise<void> {
    const id = ++this.#collects;
    await Promise.all(this.workers.map((worker) => worker.collect(id)));
  }

  /** Has every worker go on in a new access log, where the old one was taken away. */
  reopenLogs(): void {
    for (const worker of this.#live) worker.reopenLog();
  }

  /** Lets all workers finish; what does not end by itself is killed a moment after the grace. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.#doors.close();
    this.#starting?.kill();
    const cancel = this.#options.clock.after(graceMs + 1_000, () => {
      for (const worker of this.#live) worker.kill();
    });
    // Who serves closes the sockets last: what came to them while a spare worker alone has them open would be reset with it.
    await Promise.all([...this.#live].filter((worker) => !this.#serving.has(worker)).map((worker) => worker.drain(0)));
    await Promise.all([...this.#live].map((worker) => worker.drain(graceMs)));
    cancel();
  }

  async #startWorker(attempt: number): Promise<void> {
    const { entry, env, settings, clock, metrics, logger } = this.#options;
    const startedMs = clock.monotonicMs();
    const worker = new WorkerProcess(entry, env, {
      onStarted: ({ transport, fallbackReason: reason }) => {
        logger.info({ pid: worker.pid, transport }, 'proxy worker started');
        if (reason !== undefined) logger.warn({ code: 'SL0404', reason }, 'fast transport cannot be used');
      },
      onReport: (report) => metrics.add(report),
      onEject: (cluster, address) => this.#ejector.eject(cluster, address),
      onExit: () => {
        if (!this.#live.delete(worker)) return;
        this.#serving.delete(worker);
        if (this.#stopping) return;
        logger.warn({ pid: worker.pid }, 'proxy worker died');
        metrics.count('sluice_proxy_worker_deaths_total');
        void this.#fillUp().catch((thrown) => logger.error({ err: thrown }, 'spare proxy worker cannot listen'));
        this.#restart(clock.monotonicMs() - startedMs > HEALTHY_MS ? 0 : attempt + 1);
      },
    });
    this.#starting = worker;
    const refusal = await worker.start({ ...settings, listeners: this.#listeners });
    if (refusal !== undefined) throw this.#cannotListen(worker, refusal);
    worker.share(this.#doors.sockets);
    await this.#hand(worker);
    this.#starting = undefined;
    if (worker.isGone) throw this.#cannotListen(worker, 'it died');
    this.#live.add(worker);
    await this.#fillUp();
  }

  /** Has spare workers listen, as many as are missing. */
  async #fillUp(): Promise<void> {
    const { workers, listens } = this.#options;
    if (listens === 'with a table' && this.#table.version === 0) return;
    for (const spare of this.#live) {
      if (this.#serving.size >= workers) return;
      if (this.#serving.has(spare)) continue;
      this.#serving.add(spare);
      const refusal = await spare.listen();
      if (refusal !== undefined) throw this.#cannotListen(spare, refusal);
    }
  }

  #share(change: TableChange): TableChange {
    const { workers, logger } = this.#options;
    const shared = shareLimits(change, workers);
    for (const limit of shared.exceeded)
      logger.warn({ code: 'SL0402', limit, workers }, 'limit is below the number of workers');
    return shared.change;
  }

  #cannotListen(worker: WorkerProcess, reason: string): SluiceError {
    worker.kill();
    const ports = this.#listeners.map(({ port }) => port).join(', ');
    return new SluiceError('SL0400', `Proxy worker cannot listen on port ${ports}: ${reason}`);
  }

  // Items that were accepted once are accepted again; a saved table that is not leaves the worker with none.
  async #hand(worker: WorkerProcess): Promise<void> {
    const { version, items } = this.#table;
    const answer = await worker.prepare(this.#share({ version, puts: [...items.values()], removes: [] }));
    if (typeof answer !== 'string') await worker.publish();
    for (const message of this.#ejector.messages()) worker.tell(message);
    if (answer.length > 0) this.#options.logger.error({ version, reason: answer }, 'saved table cannot be served');
  }

  #restart(attempt: number): void {
    const { clock, random, logger } = this.#options;
    clock.after(backoffMs(RESTART, attempt, random()), () => {
      this.#inTurn(async () => {
        if (!this.#stopping && this.#live.size <= this.#options.workers) await this.#startWorker(attempt);
      }).catch((thrown) => {
        if (this.#stopping) return;
        logger.error({ err: thrown }, 'proxy worker cannot start');
        this.#restart(attempt + 1);
      });
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work, work);
    this.#turn = done.catch(() => {});
    return done;
  }
}

function withoutSkipped(change: TableChange, skipped: readonly SkippedHost[]): TableChange {
  const names = new Set(skipped.map(({ name }) => name));
  return { ...change, puts: change.puts.filter(({ kind, name }) => kind !== 'virtualHost' || !names.has(name)) };
}
