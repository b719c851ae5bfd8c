/** `sluice watch X`: the tree of stages, redrawn on a terminal, one block per change when piped. */

import { type Frame, NO_FRAME, nextFrame, SHOW_CURSOR } from '../../view/redraw.ts';
import { renderTree } from '../../view/render-tree.ts';
import { type RolloutView, rolloutView } from '../../view/rollout-view.ts';
import type { Style } from '../../view/style.ts';
import { EXIT } from '../exit-code.ts';
import { findCanary } from '../find-canary.ts';
import { followCanary } from '../follow-canary.ts';
import type { Session } from '../session.ts';
import type { Surroundings } from '../surroundings.ts';

const REDRAW_MS = 1_000;

export async function watchCanary(
  name: string,
  session: Session,
  surroundings: Surroundings & { style: Style },
): Promise<number> {
  await findCanary(session, name);
  const { stdout, clock, style, signal } = surroundings;
  let view: RolloutView | undefined;
  let frame: Frame = NO_FRAME;
  let cancelTick: (() => void) | undefined;

  const draw = (): void => {
    if (view === undefined) return;
    const text = renderTree(view, { now: clock.now(), style, ...(stdout.isTty ? { rows: stdout.rows } : {}) });
    if (!stdout.isTty) {
      if (text !== frame.text) stdout.write(`${text}\n\n`);
      frame = { text, lines: 0 };
      return;
    }
    const next = nextFrame(frame, text, stdout.columns);
    frame = next.frame;
    stdout.write(next.output);
  };
  const tick = (): void => {
    draw();
    cancelTick = clock.after(REDRAW_MS, tick);
  };
  if (stdout.isTty) tick();
  const end = await followCanary<'gone'>(session, name, { ...surroundings, signal }, (canary) => {
    if (canary === undefined) return 'gone';
    view = rolloutView(canary);
    draw();
    return undefined;
  });
  cancelTick?.();
  if (stdout.isTty) stdout.write(SHOW_CURSOR);
  if (end === 'gone') surroundings.stderr.write(`Canary ${name} was deleted\n`);
  return end === 'gone' ? EXIT.failed : EXIT.interrupted;
}
