/** `sluice history X`: every release with its outcome, and why. */

import { renderHistory } from '../../view/render-history.ts';
import { rolloutView } from '../../view/rollout-view.ts';
import type { Style } from '../../view/style.ts';
import { EXIT } from '../exit-code.ts';
import { findCanary } from '../find-canary.ts';
import type { Session } from '../session.ts';
import type { Surroundings } from '../surroundings.ts';

export async function history(
  name: string,
  session: Session,
  { stdout, style }: Surroundings & { style: Style },
): Promise<number> {
  stdout.write(`${renderHistory(rolloutView(await findCanary(session, name)), style)}\n`);
  return EXIT.ok;
}
