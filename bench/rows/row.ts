/** One line of what is promised, and how it is measured. */

import type { Surroundings } from '../contenders/contender.ts';
import type { Pace } from '../rounds.ts';

export type Row = {
  id: string;
  title: string;
  /** As it stands in README. */
  required: string;
  /** Measures and returns what to print, line by line. */
  run(surroundings: Surroundings, pace: Pace): Promise<string[]>;
};
