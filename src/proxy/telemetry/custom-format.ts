/** Access log formats of one's own: text with Envoy's commands in between. What there is none of is written as `-`. */

import { SluiceError } from '../../lib/errors.ts';
import { ANSWER_COMMANDS, type AnswerTold, isCommand, REQUEST_COMMANDS } from '../../mesh/table/header-commands.ts';
import { timeText } from '../../mesh/table/time-format.ts';
import type { AccessEntry, AccessFacts, AccessOutcome } from './access-entry.ts';
import type { AccessFormat, AskedCommand } from './access-format.ts';
import { plainText } from './log-text.ts';

type Part = (entry: AccessEntry) => string;
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
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS: ({ remoteAddress }) => remoteAddress,
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT: ({ remoteAddress }) => hostOf(remoteAddress),
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

/** @throws SluiceError SL0403 naming what is not known */
export function parseCustomFormat(format: string): AccessFormat {
  const asks: AskedCommand[] = [];
  const keeps: string[] = [];
  const parts: Part[] = [];
  for (let at = 0; at < format.length; ) {
    const percentAt = format.indexOf('%', at);
    const literal = percentAt === -1 ? format.slice(at) : format.slice(at, percentAt);
    if (literal !== '') parts.push(() => literal);
    if (percentAt === -1) break;
    if (format[percentAt + 1] === '%') {
      parts.push(() => '%');
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
    parts.push((entry) => plainText(read(entry)?.slice(0, longest)));
    at = percentAt + whole.length;
  }
  const end = format.endsWith('\n') ? '' : '\n';
  return { asks, keeps, line: (entry) => parts.map((part) => part(entry)).join('') + end };
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
