/** Takes HTTP/1.1 answers out of what a connection brought, for clients that send several requests ahead. */

export type ReadAnswer = { status: number; fields: ReadonlyMap<string, string>; body: string; closes: boolean };

/** @returns the first whole answer of `text` (Latin-1) and its length; `undefined` while it is not whole */
export function takeAnswer(text: string): { answer: ReadAnswer; length: number } | undefined {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd === -1) return undefined;
  const [line = '', ...rest] = text.slice(0, headEnd).split('\r\n');
  const fields = new Map(rest.map((field) => splitField(field)));
  const body = fields.has('transfer-encoding')
    ? takeChunks(text, headEnd + 4)
    : takeLength(text, headEnd + 4, Number(fields.get('content-length') ?? 0));
  if (body === undefined) return undefined;
  const status = Number(line.split(' ')[1]);
  return {
    answer: { status, fields, body: body.content, closes: fields.get('connection') === 'close' },
    length: body.end,
  };
}

function splitField(field: string): [string, string] {
  const colonAt = field.indexOf(':');
  return [field.slice(0, colonAt).toLowerCase(), field.slice(colonAt + 1).trim()];
}

function takeLength(text: string, start: number, length: number): { content: string; end: number } | undefined {
  const end = start + length;
  return text.length < end ? undefined : { content: text.slice(start, end), end };
}

function takeChunks(text: string, start: number): { content: string; end: number } | undefined {
  let content = '';
  for (let at = start; ; ) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(text.slice(at, lineEnd), 16);
    const end = lineEnd + 2 + size + 2;
    if (text.length < end) return undefined;
    if (size === 0) return { content, end };
    content += text.slice(lineEnd + 2, end - 2);
    at = end;
  }
}
