/**
 * The forms of a line of the access log (istio.md 9.3): Istio's text, Istio's JSON with three keys of ours (`table_version` says
 * under which routing the request was decided, `upstream_workload` who answered, `mirror` marks copies), or a format of one's own.
 * The fixed forms are put together by hand, JSON as bytes (a third of the time that a string
 * takes), because they are made for every request.
 */

import { SluiceError } from '../../lib/errors.ts';
import type { ByteWriter } from '../byte-writer.ts';
import type { AccessEntry } from './access-entry.ts';
import { parseJsonFormat, parseTextFormat } from './custom-format.ts';
import { JsonField, jsonKey, writeJsonField, writeJsonNumber } from './json-field.ts';
import { isoTime, plainText, writeIsoTime } from './log-text.ts';

export type AccessFormat = {
  /** Commands about the request, to be asked while its head is there. */
  asks: readonly AskedCommand[];
  /** Fields of the answer, to be kept while its head is there. */
  keeps: readonly string[];
  /** Writes the line, with its line feed. */
  write(out: ByteWriter, entry: AccessEntry): void;
};

export type AskedCommand = { command: string; argument: string };

/**
 * @param format `json`, `text`, text with commands such as `%REQ(:METHOD)%`, or a JSON object of such texts
 * @throws SluiceError SL0403 naming the command that is not known
 */
export function accessFormatOf(format: string): AccessFormat {
  if (format === 'json') return { asks: [], keeps: [], write: writeJsonLine };
  if (format === 'text') return { asks: [], keeps: [], write: (out, entry) => out.unicode(textLine(entry)) };
  if (!format.includes('%')) {
    throw new SluiceError('SL0403', `Access log format must be json, text or hold commands: got ${format}`);
  }
  return format.startsWith('{') ? parseJsonFormat(format) : parseTextFormat(format);
}

const METHOD = new JsonField('method');
const PATH = jsonKey('path');
const RESPONSE_CODE = jsonKey('protocol":"HTTP/1.1","response_code');
const RESPONSE_FLAGS = new JsonField('response_flags');
const RESPONSE_CODE_DETAILS = new JsonField('response_code_details');
const BYTES_RECEIVED = jsonKey(
  'connection_termination_details":null,"upstream_transport_failure_reason":null,"bytes_received',
);
const BYTES_SENT = jsonKey('bytes_sent');
const DURATION = jsonKey('duration');
const UPSTREAM_SERVICE_TIME = jsonKey('upstream_service_time');
const X_FORWARDED_FOR = jsonKey('x_forwarded_for');
const USER_AGENT = new JsonField('user_agent');
const REQUEST_ID = jsonKey('request_id');
const AUTHORITY = new JsonField('authority');
const UPSTREAM_HOST = new JsonField('upstream_host');
const UPSTREAM_CLUSTER = new JsonField('upstream_cluster');
const UPSTREAM_LOCAL_ADDRESS = jsonKey('upstream_local_address');
const DOWNSTREAM_LOCAL_ADDRESS = new JsonField('downstream_local_address');
const DOWNSTREAM_REMOTE_ADDRESS = jsonKey('downstream_remote_address');
const ROUTE_NAME = new JsonField('requested_server_name":null,"route_name');
const UPSTREAM_WORKLOAD = new JsonField('upstream_workload');
const TABLE_VERSION = jsonKey('table_version');
const START = Buffer.from('{"start_time":"');
const AFTER_START = Buffer.from('"');
const END = Buffer.from(',"mirror":false}\n');
const END_OF_MIRROR = Buffer.from(',"mirror":true}\n');

function writeJsonLine(out: ByteWriter, { facts, outcome }: AccessEntry): void {
  const { serviceTimeMs, endpoint } = outcome;
  out.constant(START);
  writeIsoTime(out, facts.startedAt);
  out.constant(AFTER_START);
  METHOD.write(out, facts.method);
  writeJsonField(out, PATH, facts.path);
  writeJsonNumber(out, RESPONSE_CODE, outcome.status);
  RESPONSE_FLAGS.write(out, outcome.flags);
  RESPONSE_CODE_DETAILS.write(out, outcome.details);
  writeJsonNumber(out, BYTES_RECEIVED, outcome.requestBytes);
  writeJsonNumber(out, BYTES_SENT, outcome.responseBytes);
  writeJsonNumber(out, DURATION, Math.round(outcome.durationMs));
  writeJsonNumber(out, UPSTREAM_SERVICE_TIME, serviceTimeMs === undefined ? undefined : Math.round(serviceTimeMs));
  writeJsonField(out, X_FORWARDED_FOR, facts.forwardedFor);
  USER_AGENT.write(out, facts.userAgent);
  writeJsonField(out, REQUEST_ID, facts.requestId);
  AUTHORITY.write(out, facts.authority);
  UPSTREAM_HOST.write(out, endpoint?.address);
  UPSTREAM_CLUSTER.write(out, outcome.cluster);
  writeJsonField(out, UPSTREAM_LOCAL_ADDRESS, outcome.upstreamLocal);
  DOWNSTREAM_LOCAL_ADDRESS.write(out, facts.localAddress);
  writeJsonField(out, DOWNSTREAM_REMOTE_ADDRESS, facts.remoteAddress);
  ROUTE_NAME.write(out, outcome.route);
  UPSTREAM_WORKLOAD.write(out, endpoint?.endpoint.labels.workload);
  writeJsonNumber(out, TABLE_VERSION, outcome.tableVersion);
  out.constant(outcome.mirror ? END_OF_MIRROR : END);
}

function textLine({ facts, outcome }: AccessEntry): string {
  const { serviceTimeMs } = outcome;
  return (
    `[${isoTime(facts.startedAt)}] "${plainText(facts.method)} ${plainText(facts.path)} HTTP/1.1" ${outcome.status} ` +
    `${outcome.flags} ${plainText(outcome.details)} - "-" ${outcome.requestBytes} ${outcome.responseBytes} ` +
    `${Math.round(outcome.durationMs)} ${serviceTimeMs === undefined ? '-' : Math.round(serviceTimeMs)} ` +
    `"${plainText(facts.forwardedFor)}" "${plainText(facts.userAgent)}" "${plainText(facts.requestId)}" ` +
    `"${plainText(facts.authority)}" "${plainText(outcome.endpoint?.address)}" ${plainText(outcome.cluster)} ` +
    `${plainText(outcome.upstreamLocal)} ${plainText(facts.localAddress)} ${plainText(facts.remoteAddress)} - ` +
    `${plainText(outcome.route)}\n`
  );
}
