/** Drawing a changing text on a terminal again and again in the same place. Pure: gives the characters to write. */

const CLEAR_LINE = '\u001b[2K';
const HIDE_CURSOR = '\u001b[?25l';
export const SHOW_CURSOR = '\u001b[?25h';

export type Frame = { text: string; lines: number };

export const NO_FRAME: Frame = { text: '', lines: 0 };

/**
 * What to write so that `text` stands where the previous frame stood. Lines are cut at the width of the terminal: a line that
 * wraps would make the count of lines wrong, and the picture would creep.
 */
export function nextFrame(previous: Frame, text: string, columns: number): { frame: Frame; output: string } {
  const lines = text.split('\n').map((line) => cut(line, columns));
  const up = previous.lines > 0 ? `\u001b[${previous.lines}A` : HIDE_CURSOR;
  const drawn = lines.map((line) => `${CLEAR_LINE}${line}\n`).join('');
  const left = Math.max(0, previous.lines - lines.length);
  const cleared = `${CLEAR_LINE}\n`.repeat(left) + (left > 0 ? `\u001b[${left}A` : '');
  return { frame: { text, lines: lines.length }, output: `${up}\r${drawn}${cleared}` };
}

/** Cuts to `columns` visible characters, keeping escape sequences whole; an ellipsis shows that something is missing. */
function cut(line: string, columns: number): string {
  const parts = line.split(/(\u001b\[[0-9;]*m)/);
  const isEscape = (part: string): boolean => part.startsWith('\u001b[');
  const width = parts.reduce((sum, part) => sum + (isEscape(part) ? 0 : [...part].length), 0);
  if (width <= columns) return line;
  let room = columns - 1;
  const kept = parts.map((part) => {
    if (isEscape(part)) return part;
    const shown = [...part].slice(0, room);
    room -= shown.length;
    return shown.join('');
  });
  return `${kept.join('')}…`;
}
