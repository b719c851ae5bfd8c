/**
 * What commands in values of header operations stand for (`%REQ(x-user)%`, `%RESPONSE_CODE%`): the one list of those that are known.
 * Those of the request are filled in when it goes upstream, since its head is gone when the answer comes; before there is an answer,
 * commands about it say what Envoy says then (observed with Envoy 1.40).
 */

import { pathOf, queryParameter } from './match-route.ts';
import { readTimeFormat, timeText } from './time-format.ts';
import { TLS_COMMANDS, TLS_TIME_COMMANDS } from './tls-commands.ts';

/** What is known while the request is at hand. */
export type RequestTold = {
  /** Fields and pseudo fields, by lower-case name. */
  field(name: string): string | undefined;
  /** Path with query, as received. */
  path: string;
  requestId: string;
  /** Milliseconds since 1970. */
  startedAt: number;
  hostname: string;
  /** Of whoever asks, without port. */
  remoteAddress: string;
  /** Of who connected, without port. */
  peerAddress: string;
  /** Port of the services on which the request came. */
  servicePort: number | undefined;
  route: string;
  cluster: string | undefined;
};

/** What is known when the answer begins. */
export type AnswerTold = {
  status: number;
  /** Absent: the answer is ours. */
  field?: (name: string) => string | undefined;
  flags: string;
  details: string | undefined;
  /** `host:port` of the endpoint. */
  upstreamHost: string | undefined;
  attempts: number | undefined;
};

/** Before anything has come back. */
export const NOT_ANSWERED: AnswerTold = {
  status: 0,
  flags: '-',
  details: undefined,
  upstreamHost: undefined,
  attempts: 1,
};

/** `argument` is what stands in parentheses. */
type Command<Told> = {
  /** Whether the command needs an argument, may have one, or has none. */
  argument: 'needed' | 'possible' | 'none';
  isArgument?: (argument: string) => boolean;
  read(told: Told, argument: string): string | undefined;
};

const HEADER: Command<RequestTold> = {
  argument: 'needed',
  read: ({ field }, names) => firstOf(names, field),
};

const RESPONSE_HEADER: Command<AnswerTold> = {
  argument: 'needed',
  read: ({ status, field }, names) => (names === ':status' ? String(status) : field && firstOf(names, field)),
};

const REMOTE = plain<RequestTold>(({ remoteAddress }) => remoteAddress);
const PEER = plain<RequestTold>(({ peerAddress }) => peerAddress);
const CLUSTER = plain<RequestTold>(({ cluster }) => cluster);
const UPSTREAM = plain<AnswerTold>(({ upstreamHost }) => upstreamHost);
const UPSTREAM_NAME = plain<AnswerTold>(({ upstreamHost }) => upstreamHost?.replace(/:\d+$/, ''));

const PATH_FORMS = ['', 'WQ', 'NQ', 'ORIG', 'WQ:ORIG', 'NQ:ORIG', 'PATH', 'WQ:PATH', 'NQ:PATH'];

export const REQUEST_COMMANDS: Readonly<Record<string, Command<RequestTold>>> = {
  REQ: HEADER,
  REQUEST_HEADER: HEADER,
  PATH: {
    argument: 'possible',
    isArgument: (form) => PATH_FORMS.includes(form),
    read: ({ path }, form) => (form.startsWith('NQ') ? pathOf(path) : path),
  },
  QUERY_PARAM: { argument: 'needed', read: ({ path }, name) => queryParameter(path, name) },
  PROTOCOL: plain(() => 'HTTP/1.1'),
  START_TIME: {
    argument: 'possible',
    isArgument: (format) => readTimeFormat(format) !== undefined,
    read: ({ startedAt }, format) => timeText(startedAt, format),
  },
  HOSTNAME: plain(({ hostname }) => hostname),
  STREAM_ID: plain(({ requestId }) => requestId),
  ROUTE_NAME: plain(({ route }) => route),
  UPSTREAM_CLUSTER: CLUSTER,
  UPSTREAM_CLUSTER_RAW: CLUSTER,
  DOWNSTREAM_REMOTE_ADDRESS: REMOTE,
  DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT: REMOTE,
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS: PEER,
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT: PEER,
  VIRTUAL_CLUSTER_NAME: plain(() => undefined),
  CONNECTION_TERMINATION_DETAILS: plain(() => undefined),
  DYNAMIC_METADATA: { argument: 'needed', read: () => undefined },
  DOWNSTREAM_LOCAL_PORT: plain(({ servicePort }) => servicePort?.toString()),
  ...silent(TLS_COMMANDS, 'none'),
  ...silent(TLS_TIME_COMMANDS, 'possible'),
};

export const ANSWER_COMMANDS: Readonly<Record<string, Command<AnswerTold>>> = {
  RESP: RESPONSE_HEADER,
  RESPONSE_HEADER,
  // An answer of the proxy gets its fields before it has a code (observed with Envoy 1.40).
  RESPONSE_CODE: plain(({ status, field }) => String(field === undefined ? 0 : status)),
  RESPONSE_CODE_DETAILS: plain(({ details }) => details),
  RESPONSE_FLAGS: plain(({ flags }) => flags),
  UPSTREAM_PROTOCOL: plain(({ upstreamHost }) => upstreamHost && 'HTTP/1.1'),
  UPSTREAM_HOST: UPSTREAM,
  UPSTREAM_HOST_NAME: UPSTREAM,
  UPSTREAM_REMOTE_ADDRESS: UPSTREAM,
  UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT: UPSTREAM_NAME,
  UPSTREAM_HOST_NAME_WITHOUT_PORT: UPSTREAM_NAME,
  UPSTREAM_REMOTE_PORT: plain(({ upstreamHost }) => /:(\d+)$/.exec(upstreamHost ?? '')?.[1]),
  UPSTREAM_REQUEST_ATTEMPT_COUNT: plain(({ attempts }) => attempts?.toString()),
};

/** Whether the command is known and has the argument that it needs. */
export function isCommand(name: string, argument: string | undefined): boolean {
  const command = ownOf(REQUEST_COMMANDS, name) ?? ownOf(ANSWER_COMMANDS, name);
  if (command === undefined) return false;
  if (argument === undefined) return command.argument !== 'needed';
  return command.argument !== 'none' && argument !== '' && command.isArgument?.(argument) !== false;
}

function ownOf<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function plain<Told>(read: (told: Told) => string | undefined): Command<Told> {
  return { argument: 'none', read };
}

function silent(names: readonly string[], argument: Command<RequestTold>['argument']) {
  const command: Command<RequestTold> = { argument, read: () => undefined };
  return Object.fromEntries(names.map((name) => [name, command]));
}

/** The first of `a?b` that is there. */
function firstOf(names: string, field: (name: string) => string | undefined): string | undefined {
  for (const name of names.toLowerCase().split('?')) {
    const value = field(name);
    if (value !== undefined) return value;
  }
  return undefined;
}
