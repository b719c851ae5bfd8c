/** One target: its page becomes samples, what vanished from the page becomes stale, and `up` says whether it answered. */

import type { Clock, EpochMs } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { type ExposedSample, type Exposition, type MetricMetadata, parseExposition } from './exposition-parser.ts';
import { keyOf, type Labels, labelsOf, METRIC_NAME } from './labels.ts';
import type { SampleRing } from './sample-ring.ts';
import type { SeriesStore } from './series-store.ts';

/** Metrics whose type and help are kept. */
const METADATA_MAX = 5_000;

export type ScrapeTarget = { url: string; labels: Readonly<Record<string, string>> };

export type ScraperDeps = {
  store: SeriesStore;
  clock: Clock;
  logger: Logger;
  metadata: Map<string, MetricMetadata>;
  fetchPage: (url: string, signal: AbortSignal) => Promise<string>;
};

export class TargetScraper {
  readonly target: ScrapeTarget;
  readonly #deps: ScraperDeps;
  readonly #targetLabels: readonly (readonly [string, string])[];
  readonly #stop = new AbortController();
  #exposed = new Map<string, Labels>();
  #wasUp: boolean | undefined;
  #wasFull = false;

  constructor(target: ScrapeTarget, deps: ScraperDeps) {
    this.target = target;
    this.#deps = deps;
    this.#targetLabels = Object.entries({ instance: new URL(target.url).host, job: 'sluice', ...target.labels });
  }

  /** Fetches and stores the page once; never rejects. */
  async scrape(): Promise<void> {
    const { clock, fetchPage } = this.#deps;
    const at = clock.now();
    const startedMs = clock.monotonicMs();
    let page: Exposition = { samples: [], metadata: new Map() };
    let failure: string | undefined;
    try {
      page = parseExposition(await fetchPage(this.target.url, this.#stop.signal));
    } catch (thrown) {
      failure = messageOf(thrown);
    }
    if (this.#stop.signal.aborted) return;
    this.#describe(page);
    this.#store(page.samples, at);
    this.#writeOwn('up', failure === undefined ? 1 : 0, at);
    this.#writeOwn('scrape_duration_seconds', (clock.monotonicMs() - startedMs) / 1_000, at);
    this.#writeOwn('scrape_samples_scraped', page.samples.length, at);
    this.#report(failure);
  }

  /** Ends a scrape under way and marks everything of this target as gone. */
  stop(): void {
    this.#stop.abort();
    const at = this.#deps.clock.now();
    this.#store([], at);
    for (const name of ['up', 'scrape_duration_seconds', 'scrape_samples_scraped']) this.#writeOwn(name, 'stale', at);
  }

  /** Names come from targets: what is remembered of them is bounded like the series are. */
  #describe(page: Exposition): void {
    const { metadata } = this.#deps;
    for (const [name, known] of page.metadata) {
      if (metadata.has(name) || metadata.size < METADATA_MAX) metadata.set(name, known);
    }
  }

  #store(samples: readonly ExposedSample[], at: EpochMs): void {
    const exposed = new Map<string, Labels>();
    for (const { labels: own, value, timeMs } of samples) {
      const labels = this.#withTarget(own);
      this.#write(labels, value, timeMs ?? at);
      // A sample with its own time is never marked stale: the page decides how old it is.
      if (timeMs === undefined) exposed.set(keyOf(labels), labels);
    }
    for (const [key, labels] of this.#exposed) {
      if (!exposed.has(key)) this.#write(labels, 'stale', at);
    }
    this.#exposed = exposed;
  }

  /** The target's labels win; a label of the page with the same name is kept as `exported_NAME`. */
  #withTarget(own: readonly [string, string][]): Labels {
    const names = new Set(this.#targetLabels.map(([name]) => name));
    const kept = own.map(([name, value]): [string, string] => [names.has(name) ? `exported_${name}` : name, value]);
    return labelsOf([...kept, ...this.#targetLabels]);
  }

  #writeOwn(name: string, value: number | 'stale', at: EpochMs): void {
    this.#write(labelsOf([[METRIC_NAME, name], ...this.#targetLabels]), value, at);
  }

  #write(labels: Labels, value: number | 'stale', at: EpochMs): void {
    const series = this.#deps.store.seriesOf(labels);
    if (series !== undefined) {
      append(series.samples, value, at);
      return;
    }
    if (!this.#wasFull)
      this.#deps.logger.warn({ target: this.target.url }, 'the metrics store is full, new series are dropped');
    this.#wasFull = true;
  }

  #report(failure: string | undefined): void {
    const isUp = failure === undefined;
    if (isUp !== this.#wasUp && (this.#wasUp !== undefined || !isUp)) {
      this.#deps.logger.info(
        { target: this.target.url, failure },
        isUp ? 'scrape target is up' : 'scrape target is down',
      );
    }
    this.#wasUp = isUp;
  }
}

/** A marker must not be lost because the last sample is just as new: what is gone would be seen for five more minutes. */
function append(samples: SampleRing, value: number | 'stale', at: EpochMs): void {
  const newestMs = samples.length > 0 ? samples.timeAt(samples.length - 1) : Number.NEGATIVE_INFINITY;
  samples.append(value === 'stale' ? Math.max(at, newestMs + 1) : at, value);
}
