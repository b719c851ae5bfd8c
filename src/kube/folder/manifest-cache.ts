/** What files held when they were read last, so that of thousands of files only those are read again that changed. */

import { stat } from 'node:fs/promises';
import type { ParsedManifests } from './parse-manifests.ts';

/** File systems count time in ticks: a change so soon after the one before may leave no other mark. */
const TICK_MS = 1_000;

type Kept = { mark: string; parsed: ParsedManifests };

export class ManifestCache {
  readonly #nowMs: () => number;
  #kept: ReadonlyMap<string, Kept> = new Map();
  #next = new Map<string, Kept>();

  /** @param nowMs since 1970 UTC, as file systems see it */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** What `read` says, or, as long as the file is the same, the very object that it said then. */
  async of(path: string, read: () => Promise<ParsedManifests>): Promise<ParsedManifests> {
    const settledBeforeMs = this.#nowMs() - TICK_MS;
    const found = await stat(path, { bigint: true }).catch(() => undefined);
    if (found === undefined) return read();
    const { dev, ino, size, mtimeNs, ctimeNs, mtimeMs, ctimeMs } = found;
    const mark = [dev, ino, size, mtimeNs, ctimeNs].join();
    const before = this.#kept.get(path);
    const kept = before?.mark === mark ? before : { mark, parsed: await read() };
    if (Math.max(Number(mtimeMs), Number(ctimeMs)) < settledBeforeMs) this.#next.set(path, kept);
    return kept.parsed;
  }

  /** All files were asked for: others are forgotten. */
  turn(): void {
    this.#kept = this.#next;
    this.#next = new Map();
  }
}
