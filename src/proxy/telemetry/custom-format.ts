/** Access log formats of one's own: Envoy's commands with text in between. What there is none of is `-`, or null in JSON. */

import { SluiceError } from '../../lib/errors.ts';
import { ANSWER_COMMANDS, type AnswerTold, isCommand, REQUEST_COMMANDS } from '../../mesh/table/header-commands.ts';
import { timeText } from '../../mesh/table/time-format.ts';
import type { AccessEntry, AccessFacts, AccessOutcome } from './access-entry.ts';
import type { AccessFormat, AskedCommand } from './access-format.ts';
import { jsonText, plainText } from './log-text.ts';

type Part = string | { command: string; read: (entry: AccessEntry) => string | undefined };
type Entry = (facts: AccessFacts, outcome: AccessOutcome, argument: string) => string | undefined;

const hostOf = (address: string) => address.replace(/:\d+$/, '');
const portOf = (address: string) => /:(\d+)$/.exec(address)?.[1];
const nothing: Entry = () => undefined;

/** Commands that only a log knows, or knows better than a header operation does. */
const ENTRY_COMMANDS: Readonly<Record<string, Entry>> = {
  START_TIME: ({ startedAt }, _, format) => timeText(startedAt, format),
  BYTES_RECEIVED: (_, { requestBytes }) => String(requestBytes),
  BYTES_SENT: (_, { responseBytes }) => String(responseBytes),
  DURATION: (_, { durationMs }) => String(Math.round(durationMs)),
  RESPONSE_DURATION: (_, { serviceTimeMs }) => serviceTimeMs?.toFixed(0),
  RESPONSE_FLAGS: (_, { flags }) => flags,
  PROTOCOL: () => 'HTTP/1.1',
  STREAM_ID: ({ requestId }) => requestId,
  TRACE_ID: (_, { traceId }) => traceId,
  ROUTE_NAME: (_, { route }) => route,
  UPSTREAM_CLUSTER: (_, { cluster }) => cluster,
  UPSTREAM_CLUSTER_RAW: (_, { cluster }) => cluster,
  UPSTREAM_LOCAL_ADDRESS: (_, { upstreamLocal }) => upstreamLocal,
  DOWNSTREAM_LOCAL_ADDRESS: ({ localAddress }) => localAddress,
  DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT: ({ localAddress }) => hostOf(localAddress),
  DOWNSTREAM_LOCAL_PORT: ({ localAddress }) => portOf(localAddress),
  DOWNSTREAM_REMOTE_ADDRESS: ({ remoteAddress }) => remoteAddress,
  DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT: ({ remoteAddress }) => hostOf(remoteAddress),
  DOWNSTREAM_REMOTE_PORT: ({ remoteAddress }) => portOf(remoteAddress),
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS: ({ peerAddress }) => peerAddress,
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT: ({ peerAddress }) => hostOf(peerAddress),
  // Known to Envoy, and never said by this proxy.
  CONNECTION_TERMINATION_DETAILS: nothing,
  UPSTREAM_TRANSPORT_FAILURE_REASON: nothing,
  REQUESTED_SERVER_NAME: nothing,
  VIRTUAL_CLUSTER_NAME: nothing,
  DYNAMIC_METADATA: nothing,
  FILTER_STATE: nothing,
  TRAILER: nothing,
};
const NEED_ARGUMENT = ['DYNAMIC_METADATA', 'FILTER_STATE', 'TRAILER'];

// An argument may hold percent signs of its own, as formats of times do; the number cuts the value.
const COMMAND = /%([A-Z_0-9]+)(?:\(([^)]*)\))?(?::(\d+))?%/y;

/** Commands whose value is a number in JSON. */
const NUMBERS = ['BYTES_RECEIVED', 'BYTES_SENT', 'DURATION', 'RESPONSE_CODE', 'RESPONSE_DURATION'];

/** Text with commands, one line. @throws SluiceError SL0403 naming what is not known */
export function parseTextFormat(format: string): AccessFormat {
  const asks: AskedCommand[] = [];
  const keeps: string[] = [];
  const parts = partsOf(format, asks, keeps);
  const end = format.endsWith('\n') ? '' : '\n';
  const textOf = (part: Part, entry: AccessEntry) => (typeof part === 'string' ? part : plainText(part.read(entry)));
  const line = (entry: AccessEntry) => parts.map((part) => textOf(part, entry)).join('') + end;
  return { asks, keeps, write: (out, entry) => out.unicode(line(entry)) };
}

/** A JSON object whose values are such texts, as MeshConfig has it. @throws SluiceError SL0403 when it is none */
export function parseJsonFormat(format: string): AccessFormat {
  const asks: AskedCommand[] = [];
  const keeps: string[] = [];
  const fields = Object.entries(objectOf(format)).map(([key, value]) => {
    if (typeof value !== 'string') {
      throw new SluiceError('SL0403', `Access log format must have texts as values: got ${key}: ${String(value)}`);
    }
    return { key: JSON.stringify(key), parts: partsOf(value, asks, keeps) };
  });
  const line = (entry: AccessEntry) =>
    `{${fields.map(({ key, parts }) => `${key}:${jsonOf(parts, entry)}`).join(',')}}\n`;
  return { asks, keeps, write: (out, entry) => out.unicode(line(entry)) };
}

function objectOf(format: string): object {
  try {
    return JSON.parse(format) as object;
  } catch (cause) {
    throw new SluiceError('SL0403', `Access log format must be a JSON object where it begins with {: got ${format}`, {
      cause,
    });
  }
}

// A single command keeps its kind: a number, or null where there is none.
function jsonOf(parts: readonly Part[], entry: AccessEntry): string {
  const [only] = parts;
  if (parts.length !== 1 || only === undefined || typeof only === 'string') {
    return jsonText(parts.map((part) => (typeof part === 'string' ? part : (part.read(entry) ?? '-'))).join(''));
  }
  const value = only.read(entry);
  return value !== undefined && NUMBERS.includes(only.command) ? value : jsonText(value);
}

function partsOf(format: string, asks: AskedCommand[], keeps: string[]): Part[] {
  const parts: Part[] = [];
  for (let at = 0; at < format.length; ) {
    const percentAt = format.indexOf('%', at);
    const literal = percentAt === -1 ? format.slice(at) : format.slice(at, percentAt);
    if (literal !== '') parts.push(literal);
    if (percentAt === -1) break;
    if (format[percentAt + 1] === '%') {
      parts.push('%');
      at = percentAt + 2;
      continue;
    }
    COMMAND.lastIndex = percentAt;
    const [whole, command = '', argument, cut] = COMMAND.exec(format) ?? [];
    if (whole === undefined || !isKnown(command, argument)) {
      const found = whole ?? format.slice(percentAt);
      throw new SluiceError('SL0403', `Access log format must hold commands of Envoy only: got ${found}`);
    }
    const read = readerOf({ command, argument: argument ?? '' }, asks, keeps);
    const longest = cut === undefined ? undefined : Number(cut);
    parts.push({ command, read: (entry) => read(entry)?.slice(0, longest) });
    at = percentAt + whole.length;
  }
  return parts;
}

function isKnown(command: string, argument: string | undefined): boolean {
  if (command !== 'START_TIME' && Object.hasOwn(ENTRY_COMMANDS, command)) {
    return NEED_ARGUMENT.includes(command) === (argument !== undefined);
  }
  return isCommand(command, argument);
}

function readerOf(
  asked: AskedCommand,
  asks: AskedCommand[],
  keeps: string[],
): (entry: AccessEntry) => string | undefined {
  const { command, argument } = asked;
  const own = Object.hasOwn(ENTRY_COMMANDS, command) ? ENTRY_COMMANDS[command] : undefined;
  if (own !== undefined) return ({ facts, outcome }) => own(facts, outcome, argument);
  if (Object.hasOwn(REQUEST_COMMANDS, command)) {
    const index = asks.push(asked) - 1;
    return ({ facts }) => facts.asked[index];
  }
  if (argument !== '') keeps.push(...argument.toLowerCase().split('?'));
  return ({ outcome }) => ANSWER_COMMANDS[command]?.read(toldOf(outcome), argument);
}

function toldOf({ status, flags, details, endpoint, attempts, serviceTimeMs, answered }: AccessOutcome): AnswerTold {
  return {
    ...{ status, flags, details, attempts },
    upstreamHost: endpoint?.address,
    field: (name) => (name === 'x-envoy-upstream-service-time' ? serviceTimeMs?.toFixed(0) : answered?.get(name)),
  };
}
