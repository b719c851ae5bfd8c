/** Tables as kubectl prints them: upper-case headers, columns three spaces apart, no lines. Pure. */

export type Column<T> = {
  header: string;
  cell: (row: T) => string;
  /** Shown with `-o wide` only. */
  wide?: boolean;
};

/** Renders rows under their headers; the last column is not padded. */
export function renderColumns<T>(columns: readonly Column<T>[], rows: readonly T[], { wide = false } = {}): string {
  const shown = columns.filter((column) => wide || column.wide !== true);
  const lines = [shown.map(({ header }) => header), ...rows.map((row) => shown.map(({ cell }) => cell(row)))];
  const widths = shown.map((_, index) => Math.max(...lines.map((line) => displayWidth(line[index] ?? ''))));
  return lines
    .map((line) =>
      line
        .map((text, index) => pad(text, widths[index] ?? 0))
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}

/** Columns that a text takes on a terminal: escape sequences take none, wide characters two. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of withoutEscapes(text)) width += isWide(character.codePointAt(0) ?? 0) ? 2 : 1;
  return width;
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

function withoutEscapes(text: string): string {
  return text.replace(/\u001b\[[0-9;]*[A-Za-z]/g, '');
}

/** East Asian wide and emoji blocks (Unicode Annex 11), as far as names and messages carry them. */
function isWide(point: number): boolean {
  return (
    (point >= 0x1100 && point <= 0x115f) ||
    (point >= 0x2e80 && point <= 0xa4cf) ||
    (point >= 0xac00 && point <= 0xd7a3) ||
    (point >= 0xf900 && point <= 0xfaff) ||
    (point >= 0xfe30 && point <= 0xfe6f) ||
    (point >= 0xff00 && point <= 0xff60) ||
    (point >= 0x1f300 && point <= 0x1faff)
  );
}
