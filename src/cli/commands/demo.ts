/** `sluice demo`: what it may be told. `main/` carries it out. */

import type { TracingChoice } from './proxy.ts';

export type DemoCommand = {
  /** Leave when the story is told, with 0 if all was as it should be. */
  exit: boolean;
  /** Leave the approval to the person at the keyboard. */
  manual: boolean;
  /** Write the summary there as JSON, too. */
  report?: string;
  prometheus?: string;
  /** 0 takes a free port. */
  httpPort: number;
  adminPort: number;
  tracing?: TracingChoice | undefined;
};
