/**
 * Which trace a request belongs to, as its head says it: B3 in several fields or in one, or W3C Trace Context (istio.md 9.5). What is
 * not well formed is as if it were not there.
 */

export type TraceContext = {
  /** 16 or 32 hexadecimal digits, lower case, not all zero. */
  traceId: string;
  /** Of the caller's span, 16 digits. */
  parentId: string;
  /** What was decided about recording it; `undefined`: nothing yet. */
  sampled: boolean | undefined;
};

/** Languages in which a trace is named. */
export type TraceLanguages = { b3: boolean; b3Single: boolean; w3c: boolean };

export type IncomingTrace = {
  /** Absent: a new trace begins here. */
  context: TraceContext | undefined;
  /** A decision that came without a trace. */
  sampled: boolean | undefined;
  spoken: TraceLanguages;
};

/** Fields that are never sent on as they came, because each of them names the caller's span. */
export const TRACE_FIELDS: readonly string[] = [
  'traceparent',
  'b3',
  'x-b3-traceid',
  'x-b3-spanid',
  'x-b3-parentspanid',
  'x-b3-sampled',
  'x-b3-flags',
];

type Fields = (name: string) => readonly string[];

/** @param first the language that wins when the fields name different traces */
export function readTrace(fields: Fields, first: 'b3' | 'w3c'): IncomingTrace {
  const w3c = readW3c(fields('traceparent'));
  const single = readB3Single(fields('b3'));
  const multi = readB3Multi(fields);
  const b3 = single.context === undefined ? multi : single;
  const context = first === 'w3c' ? (w3c ?? b3.context) : (b3.context ?? w3c);
  return {
    context,
    sampled: context?.sampled ?? single.sampled ?? multi.sampled,
    spoken: {
      w3c: fields('traceparent').length > 0,
      b3Single: fields('b3').length > 0,
      b3: TRACE_FIELDS.some((name) => name.startsWith('x-b3-') && fields(name).length > 0),
    },
  };
}

/** The lines that name a span as the parent of whatever comes next, in the given languages. */
export function traceLines(span: TraceContext & { spanId: string }, spoken: TraceLanguages): string {
  const { traceId, spanId, parentId, sampled } = span;
  const bit = sampled === true ? '1' : '0';
  let lines = '';
  if (spoken.b3) {
    lines += `x-b3-traceid: ${traceId}\r\nx-b3-spanid: ${spanId}\r\n`;
    if (parentId !== '') lines += `x-b3-parentspanid: ${parentId}\r\n`;
    lines += `x-b3-sampled: ${bit}\r\n`;
  }
  if (spoken.b3Single) {
    lines += `b3: ${traceId}-${spanId}-${bit}${parentId === '' ? '' : `-${parentId}`}\r\n`;
  }
  if (spoken.w3c) lines += `traceparent: 00-${traceId.padStart(32, '0')}-${spanId}-0${bit}\r\n`;
  return lines;
}

const isId = (text: string, ...lengths: number[]) =>
  lengths.includes(text.length) && /^[0-9a-f]+$/.test(text) && !/^0+$/.test(text);

// W3C Trace Context §3.2: later versions may say more; this one may not.
function readW3c(values: readonly string[]): TraceContext | undefined {
  if (values.length !== 1) return undefined;
  const [, version, traceId = '', parentId = '', flags = '', more = ''] =
    /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(values[0] ?? '') ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && more !== '')) return undefined;
  if (!isId(traceId, 32) || !isId(parentId, 16)) return undefined;
  return { traceId, parentId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

type B3 = { context: TraceContext | undefined; sampled: boolean | undefined };

function readB3Single(values: readonly string[]): B3 {
  const [value = ''] = values.length === 1 ? values : [];
  const [traceId = '', parentId = '', decision] = value.toLowerCase().split('-');
  if (!isId(traceId, 16, 32) || !isId(parentId, 16)) return { context: undefined, sampled: decisionOf(value) };
  return { context: { traceId, parentId, sampled: decisionOf(decision) }, sampled: undefined };
}

function readB3Multi(fields: Fields): B3 {
  const one = (name: string) => fields(name)[0]?.toLowerCase();
  const sampled = one('x-b3-flags') === '1' ? true : decisionOf(one('x-b3-sampled'));
  const traceId = one('x-b3-traceid') ?? '';
  const parentId = one('x-b3-spanid') ?? '';
  const isWhole = isId(traceId, 16, 32) && isId(parentId, 16);
  return { context: isWhole ? { traceId, parentId, sampled } : undefined, sampled };
}

function decisionOf(text: string | undefined): boolean | undefined {
  switch (text) {
    case '1':
    case 'd':
    case 'true':
      return true;
    case '0':
    case 'false':
      return false;
    default:
      return undefined;
  }
}
