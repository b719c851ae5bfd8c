/** Scrapes every target once per interval, each at an offset of its own, so that targets do not all answer at once. */

import { type Clock, delay } from '../../lib/clock.ts';
import { type ScraperDeps, type ScrapeTarget, TargetScraper } from './target-scraper.ts';

export type ScrapeLoopOptions = ScraperDeps & { clock: Clock; random: () => number; intervalMs: number };

export class ScrapeLoop {
  readonly #options: ScrapeLoopOptions;
  readonly #running = new Map<string, { scraper: TargetScraper; end: AbortController }>();

  constructor(options: ScrapeLoopOptions) {
    this.#options = options;
  }

  /** From now on exactly these targets are scraped; those that stay are not disturbed. */
  setTargets(targets: readonly ScrapeTarget[]): void {
    const wanted = new Map(targets.map((target) => [identityOf(target), target]));
    for (const [key, { scraper, end }] of this.#running) {
      if (wanted.has(key)) continue;
      end.abort();
      scraper.stop();
      this.#running.delete(key);
    }
    for (const [key, target] of wanted) {
      if (!this.#running.has(key)) this.#start(key, target);
    }
  }

  #start(key: string, target: ScrapeTarget): void {
    const scraper = new TargetScraper(target, this.#options);
    const end = new AbortController();
    this.#running.set(key, { scraper, end });
    void this.#run(scraper, end.signal);
  }

  async #run(scraper: TargetScraper, signal: AbortSignal): Promise<void> {
    const { clock, random, intervalMs } = this.#options;
    try {
      await scraper.scrape();
      let dueMs = clock.monotonicMs() + random() * intervalMs;
      for (;;) {
        await delay(clock, Math.max(0, dueMs - clock.monotonicMs()), signal);
        await scraper.scrape();
        // A slow page skips rounds; scrapes of one target never overlap and never pile up.
        const lateMs = Math.max(0, clock.monotonicMs() - dueMs);
        dueMs += intervalMs * (Math.floor(lateMs / intervalMs) + 1);
      }
    } catch (thrown) {
      if (!signal.aborted) this.#options.logger.error({ err: thrown }, 'scraping ended unexpectedly');
    }
  }
}

function identityOf({ url, labels }: ScrapeTarget): string {
  return JSON.stringify([url, Object.entries(labels).sort()]);
}
