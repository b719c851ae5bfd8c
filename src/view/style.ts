/** Colours and marks of the terminal, switched off where they do not belong (NO_COLOR, pipes). */

import { styleText } from 'node:util';

export type Colour = 'green' | 'red' | 'yellow' | 'cyan' | 'dim' | 'bold';

export type Style = (colour: Colour, text: string) => string;

export const plainStyle: Style = (_colour, text) => text;

export const colourStyle: Style = (colour, text) => styleText(colour, text, { validateStream: false });

export type ColourMode = 'auto' | 'always' | 'never';

/** `--color`, then NO_COLOR, then FORCE_COLOR, then whether it is a terminal (no-color.org). */
export function chooseStyle(
  mode: ColourMode,
  { env, isTty }: { env: Readonly<Record<string, string | undefined>>; isTty: boolean },
): Style {
  if (mode !== 'auto') return mode === 'always' ? colourStyle : plainStyle;
  if (env.NO_COLOR) return plainStyle;
  return isTty || env.FORCE_COLOR ? colourStyle : plainStyle;
}
