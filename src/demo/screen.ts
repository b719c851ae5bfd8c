/** The demo's screen: a live picture on a terminal, one line per event elsewhere. */

import type { Clock } from '../lib/clock.ts';
import { type Frame, NO_FRAME, nextFrame, SHOW_CURSOR } from '../view/redraw.ts';
import { renderTree } from '../view/render-tree.ts';
import type { RolloutView } from '../view/rollout-view.ts';
import type { Style } from '../view/style.ts';
import { narrate } from './narrate.ts';
import type { ClientOutcome } from './traffic.ts';

export type ScreenOptions = {
  output: { write(text: string): void; isTty: boolean; columns: number; rows: number };
  clock: Clock;
  style: Style;
};

export type Screen = {
  say(line: string): void;
  show(view: RolloutView, outcomes: readonly ClientOutcome[]): void;
  /** Ends the live picture; what stands there stays. */
  close(): void;
};

const REDRAW_MS = 250;
const WINDOW_MS = 1_000;

export function createScreen({ output, clock, style }: ScreenOptions): Screen {
  const startedAt = clock.monotonicMs();
  let frame: Frame = NO_FRAME;
  let view: RolloutView | undefined;
  let outcomes: readonly ClientOutcome[] = [];
  let cancelTick: (() => void) | undefined;

  const stamp = (): string => `[${((clock.monotonicMs() - startedAt) / 1_000).toFixed(1).padStart(5)} s]`;
  const draw = (): void => {
    if (view === undefined) return;
    const text = `${renderTree(view, { now: clock.now(), style, rows: output.rows })}\n${style('dim', trafficLine(outcomes, clock.now()))}`;
    const next = nextFrame(frame, text, output.columns);
    frame = next.frame;
    output.write(next.output);
  };
  const tick = (): void => {
    draw();
    cancelTick = clock.after(REDRAW_MS, tick);
  };
  const say = (line: string): void => {
    // A line that is to stay is written where the picture stood, and the picture is drawn anew below it.
    if (frame.lines > 0) output.write(`\u001b[${frame.lines}A\r\u001b[J`);
    frame = NO_FRAME;
    output.write(`${style('dim', stamp())} ${line}\n`);
    if (output.isTty) draw();
  };

  return {
    say,
    show(next, sent) {
      const before = view;
      view = next;
      outcomes = sent;
      if (!output.isTty) for (const line of narrate(before, next)) say(line);
      else if (cancelTick === undefined) tick();
    },
    close() {
      cancelTick?.();
      if (frame.lines > 0) output.write(SHOW_CURSOR);
      view = undefined;
      frame = NO_FRAME;
    },
  };
}

/** Who answered in the last second. */
function trafficLine(outcomes: readonly ClientOutcome[], now: number): string {
  const counts = new Map<string, number>();
  let total = 0;
  for (let index = outcomes.length - 1; index >= 0; index--) {
    const outcome = outcomes[index];
    if (outcome === undefined || outcome.answeredAt < now - WINDOW_MS) break;
    const key = outcome.version ?? 'nobody';
    counts.set(key, (counts.get(key) ?? 0) + 1);
    total += 1;
  }
  const shares = [...counts].sort(([a], [b]) => a.localeCompare(b)).map(([version, count]) => `${version} ${count}`);
  return `   ${outcomes.length} requests; last second: ${total}${shares.length === 0 ? '' : ` (${shares.join(', ')})`}`;
}
