/** What disturbs a load run: a table that changes all the time, services that are drained or killed, workers that are killed. */

import { delay, systemClock } from '../../src/lib/clock.ts';
import type { ProxyUnderTest } from '../support/running-proxy.ts';
import { clusterItem, endpointsItem, forwardTo, handing, hostItem } from '../support/sample-table.ts';
import type { Ledger } from './ledger.ts';
import type { LoadService } from './load-services.ts';

const MIRROR_PERCENT = 5;
const PAUSE_MS = 150;
const DOWN_MS = 200;
const READY_MS = 30_000;
/** The order in which disturbances come, again and again. */
const ROUND = [
  'weights',
  'weights',
  'endpoint leaves',
  'weights',
  'endpoint returns',
  'weights',
  'service drained',
  'weights',
  'weights',
  'service killed',
  'weights',
  'worker killed',
] as const;
const SPLITS = [
  { primary: 90, canary: 10 },
  { primary: 50, canary: 50 },
  { primary: 100, canary: 0 },
  { primary: 0, canary: 100 },
  { primary: 99, canary: 1 },
];

type Actors = {
  proxy: ProxyUnderTest;
  workers: number;
  ledger: Ledger;
  services: readonly LoadService[];
  shadow: LoadService;
  random: () => number;
  nowMs: () => number;
};

export class LoadStage {
  /** The version that all workers serve. */
  ackedVersion = 0;
  /** How often each disturbance happened. */
  readonly done: Record<string, number> = {};
  readonly #actors: Actors;
  #split: Record<string, number> = { primary: 90, canary: 10 };
  /** The service that is not in the table. */
  #absent: LoadService | undefined;

  constructor(actors: Actors) {
    this.#actors = actors;
  }

  async disturbUntil(isOver: () => boolean): Promise<void> {
    for (let turn = 0; !isOver(); turn++) {
      const kind = ROUND[turn % ROUND.length] as (typeof ROUND)[number];
      await this.#disturb(kind);
      this.done[kind] = (this.done[kind] ?? 0) + 1;
      await delay(systemClock, PAUSE_MS);
    }
    await this.#bringBack();
  }

  /** Hands over the table as it should be now, and waits until every worker serves it. */
  async publish(): Promise<void> {
    const { proxy, ledger, services, shadow } = this.#actors;
    const version = this.ackedVersion + 1;
    ledger.published(version, this.#split);
    const portsOf = (cluster: string) =>
      services
        .filter((service) => service.name.startsWith(cluster) && service !== this.#absent)
        .map(({ port }) => port);
    const answer = await proxy.hand(
      handing(version, [
        ...['primary', 'canary'].flatMap((cluster) => [clusterItem(cluster), endpointsItem(cluster, portsOf(cluster))]),
        clusterItem('shadow'),
        endpointsItem('shadow', [shadow.port]),
        hostItem([{ name: 'default', action: forwardTo(this.#split, { shadow: MIRROR_PERCENT }) }]),
      ]),
    );
    if (answer.type !== 'accepted') ledger.complain(`table ${version} was not accepted: ${JSON.stringify(answer)}`);
    this.ackedVersion = version;
  }

  async #disturb(kind: (typeof ROUND)[number]): Promise<void> {
    switch (kind) {
      case 'weights':
        this.#split = this.#any(SPLITS);
        return this.publish();
      case 'endpoint leaves':
        this.#absent = this.#any(this.#actors.services);
        return this.publish();
      case 'endpoint returns':
        return this.#bringBack();
      case 'service drained':
        return this.#drainService();
      case 'service killed':
        return this.#killService();
      case 'worker killed':
        return this.#killWorker();
      default:
        kind satisfies never;
    }
  }

  async #bringBack(): Promise<void> {
    this.#absent = undefined;
    await this.publish();
  }

  /** Leaves the table first, as the platform has it: so nothing may be lost. */
  async #drainService(): Promise<void> {
    const service = this.#any(this.#actors.services);
    this.#absent = service;
    await this.publish();
    await service.drain();
    await service.revive();
    await this.#bringBack();
  }

  async #killService(): Promise<void> {
    const { ledger, services, nowMs } = this.#actors;
    const service = this.#any(services);
    const fromMs = nowMs();
    const disturbance = { kind: 'service killed' as const, fromMs, untilMs: Number.POSITIVE_INFINITY };
    ledger.disturbed(disturbance);
    await service.kill();
    await delay(systemClock, DOWN_MS);
    await service.revive();
    disturbance.untilMs = nowMs();
  }

  async #killWorker(): Promise<void> {
    const { ledger, nowMs } = this.#actors;
    const victim = this.#any(await this.#pids());
    const disturbance = { kind: 'worker killed' as const, fromMs: nowMs(), untilMs: Number.POSITIVE_INFINITY };
    ledger.disturbed(disturbance);
    process.kill(victim, 'SIGKILL');
    while (!(await this.#isReplaced(victim))) {
      if (nowMs() - disturbance.fromMs > READY_MS) return ledger.complain('a killed worker was not replaced');
      await delay(systemClock, 20);
    }
    disturbance.untilMs = nowMs();
  }

  async #isReplaced(victim: number): Promise<boolean> {
    const pids = await this.#pids();
    return pids.length === this.#actors.workers && !pids.includes(victim);
  }

  async #pids(): Promise<number[]> {
    const { text } = await this.#actors.proxy.admin('/workers');
    return (JSON.parse(text) as { pid: number }[]).map(({ pid }) => pid);
  }

  #any<T>(list: readonly T[]): T {
    return list[Math.floor(this.#actors.random() * list.length)] as T;
  }
}
