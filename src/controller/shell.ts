/** What a turn needs besides the Canary: hands, eyes, and the little that is remembered between turns. */

import type { Canary } from '../canary/canary.schema.ts';
import type { Clock, EpochMs } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Hands } from './act.ts';
import type { Announcement } from './announcements.ts';
import type { AskedGates } from './ask-gates.ts';
import type { ClockMarks } from './clock-marks.ts';
import type { MetricsProviderFor } from './evidence-round.ts';
import type { HandBackProgress } from './hand-back.ts';

export type Shell = Hands & {
  clock: Clock;
  random: () => number;
  logger: Logger;
  /** Writes an Event about a Canary; returns at once. */
  record: (canary: Canary, announcement: Pick<Announcement, 'type' | 'message'>) => void;
  metricsProvider: MetricsProviderFor;
  meshProvider: string;
  drainMs: number;
  /** The newest Canary that was written here, until the cache has caught up. */
  saved: Map<string, Canary>;
  /** RolloutActions, by uid, that were answered here, until the cache has caught up. */
  answered: Set<string>;
  handBacks: Map<string, HandBackProgress>;
  asked: AskedGates;
  clockMarks: ClockMarks;
  /** Until then a kind that is not listed is only late; from then on it is missing, and Canaries that need it say so. */
  missingFrom: EpochMs;
  /** Rounds of checks under way: a person who decides does not wait for a slow metrics server. */
  rounds: Map<string, AbortController>;
};
