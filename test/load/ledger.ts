/**
 * The ledger of a load run (reliability.md 6): what the clients sent and saw, what the services did, and what the proxy logged,
 * per request id. An entry is judged a while after its end and then forgotten, so that a run may last for hours.
 *
 * Pure: it is told everything, also the time. What it cannot explain is a finding, in words.
 */

export type Outcome =
  /** A whole answer with this status; `own` is false when it was the answer to another request, or its body was damaged. */
  | { kind: 'answered'; status: number; own: boolean; by: string | undefined }
  /** The connection ended before a whole answer. */
  | { kind: 'lost' }
  /** The connection could not be made. */
  | { kind: 'refused' };

export type Disturbance = { kind: 'worker killed' | 'service killed'; fromMs: number; untilMs: number };

export type LogLine = { status: number; cluster: string | undefined; version: number; mirror: boolean };

type Entry = {
  method: 'GET' | 'POST';
  startedMs: number;
  /** The version that all workers had acknowledged when the request was sent. */
  ackedVersion: number;
  endedMs: number | undefined;
  outcome: Outcome | undefined;
  served: string[];
  mirrored: number;
  logged: LogLine[];
};

/** How long after its end an entry may still be written to. */
const SETTLE_MS = 5_000;
/** A client may notice a broken connection this much later. */
const NOTICE_MS = 500;
/** What a worker has not yet written of its log dies with it. */
const LOG_BUFFER_MS = 500;
/** Requests of one entry: the first try and two more. */
const SERVED_MOST = 3;
const FINDINGS_SHOWN = 20;

export type Totals = {
  sent: number;
  answered: number;
  failedByService: number;
  lostWithWorker: number;
  servedTwice: number;
  mirrored: number;
  unloggedWithWorker: number;
};

export class Ledger {
  readonly #entries = new Map<number, Entry>();
  readonly #disturbances: Disturbance[] = [];
  readonly #weights = new Map<number, Readonly<Record<string, number>>>();
  readonly totals: Totals = {
    sent: 0,
    answered: 0,
    failedByService: 0,
    lostWithWorker: 0,
    servedTwice: 0,
    mirrored: 0,
    unloggedWithWorker: 0,
  };
  readonly findings: string[] = [];
  #findingCount = 0;
  #lastId = 0;

  get findingCount(): number {
    return this.#findingCount;
  }

  sent(method: 'GET' | 'POST', at: { nowMs: number; ackedVersion: number }): number {
    const id = ++this.#lastId;
    this.totals.sent++;
    this.#entries.set(id, {
      method,
      startedMs: at.nowMs,
      ackedVersion: at.ackedVersion,
      endedMs: undefined,
      outcome: undefined,
      served: [],
      mirrored: 0,
      logged: [],
    });
    return id;
  }

  ended(id: number, outcome: Outcome, nowMs: number): void {
    const entry = this.#entryOf(id, 'ended');
    if (entry === undefined) return;
    if (entry.outcome !== undefined) this.#find(id, 'has two outcomes');
    entry.outcome = outcome;
    entry.endedMs = nowMs;
  }

  served(id: number, by: string): void {
    this.#entryOf(id, `served by ${by}`)?.served.push(by);
  }

  mirrored(id: number): void {
    const entry = this.#entryOf(id, 'mirrored');
    if (entry !== undefined) entry.mirrored++;
  }

  logged(id: number, line: LogLine): void {
    this.#entryOf(id, 'logged')?.logged.push(line);
  }

  disturbed(disturbance: Disturbance): void {
    this.#disturbances.push(disturbance);
  }

  /** The weights by which the table of `version` splits; every cluster that is missing has none. */
  published(version: number, weights: Readonly<Record<string, number>>): void {
    this.#weights.set(version, weights);
  }

  /** Something that no request explains, such as a damaged body at a service. */
  complain(words: string): void {
    this.#findingCount++;
    if (this.findings.length < FINDINGS_SHOWN) this.findings.push(words);
  }

  /** Judges what has ended long enough ago; at the end of a run, with `Infinity`, everything. */
  settle(nowMs: number): void {
    for (const [id, entry] of this.#entries) {
      if (entry.endedMs === undefined ? Number.isFinite(nowMs) : nowMs - entry.endedMs < SETTLE_MS) continue;
      this.#entries.delete(id);
      this.#judge(id, entry);
    }
  }

  #judge(id: number, entry: Entry): void {
    const { outcome } = entry;
    this.totals.mirrored += entry.mirrored > 0 ? 1 : 0;
    if (entry.mirrored > 1) this.#find(id, `was mirrored ${entry.mirrored} times`);
    if (entry.served.length > 1) this.#judgeRepeated(id, entry);
    if (outcome === undefined) this.#find(id, 'has no outcome');
    else if (outcome.kind === 'refused') this.#find(id, 'was refused a connection');
    else if (outcome.kind === 'lost') this.#judgeLost(id, entry);
    else if (outcome.status >= 500) this.#judgeFailed(id, entry, outcome.status);
    else this.#judgeAnswered(id, entry, outcome);
    if (outcome?.kind === 'answered') this.#judgeLog(id, entry, outcome.status);
    for (const line of entry.logged) this.#judgeChoice(id, entry, line);
  }

  #judgeAnswered(id: number, { served }: Entry, { own, status, by }: Extract<Outcome, { kind: 'answered' }>): void {
    this.totals.answered++;
    if (!own) this.#find(id, `got another answer than its own (${status})`);
    else if (by === undefined || !served.includes(by)) this.#find(id, `was answered by ${by}, served by ${served}`);
  }

  #judgeLost(id: number, entry: Entry): void {
    if (this.#overlaps(entry, 'worker killed', NOTICE_MS)) this.totals.lostWithWorker++;
    else this.#find(id, 'was lost, and no worker had been killed');
  }

  #judgeFailed(id: number, entry: Entry, status: number): void {
    if (this.#overlaps(entry, 'service killed', NOTICE_MS)) this.totals.failedByService++;
    else this.#find(id, `got ${status}, and no service had been killed`);
  }

  // Only what changes nothing is sent again unasked, and only when a connection broke.
  #judgeRepeated(id: number, entry: Entry): void {
    this.totals.servedTwice++;
    const times = entry.served.length;
    if (entry.method === 'POST') this.#find(id, `is a POST and was served ${times} times`);
    else if (times > SERVED_MOST || !this.#overlaps(entry, 'service killed', NOTICE_MS)) {
      this.#find(id, `was served ${times} times`);
    }
  }

  #judgeLog(id: number, entry: Entry, status: number): void {
    const own = entry.logged.filter(({ mirror }) => !mirror);
    if (own.length === 0 && this.#overlaps(entry, 'worker killed', LOG_BUFFER_MS)) this.totals.unloggedWithWorker++;
    else if (own.length !== 1) this.#find(id, `has ${own.length} lines in the log`);
    else if (own[0]?.status !== status) this.#find(id, `has status ${status}, in the log ${own[0]?.status}`);
  }

  #judgeChoice(id: number, entry: Entry, { cluster, version, mirror }: LogLine): void {
    if (mirror) return;
    if (version < entry.ackedVersion)
      this.#find(id, `was routed by table ${version} after ${entry.ackedVersion} was served`);
    const weight = this.#weights.get(version)?.[cluster ?? ''] ?? 0;
    if (weight === 0) this.#find(id, `went to ${cluster}, which has no weight in table ${version}`);
  }

  #overlaps(entry: Entry, kind: Disturbance['kind'], slackMs: number): boolean {
    const { startedMs, endedMs = Number.POSITIVE_INFINITY } = entry;
    return this.#disturbances.some(
      (each) => each.kind === kind && startedMs <= each.untilMs + slackMs && endedMs >= each.fromMs - slackMs,
    );
  }

  #entryOf(id: number, event: string): Entry | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) this.#find(id, `is ${event}, but nobody sent it, or long ago`);
    return entry;
  }

  #find(id: number, words: string): void {
    this.complain(`request ${id} ${words}`);
  }
}
