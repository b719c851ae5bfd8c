/**
 * The forms of a line of the access log (istio.md 9.3): Istio's text, Istio's JSON with three keys of ours (`table_version` says
 * under which routing the request was decided, `upstream_workload` who answered, `mirror` marks copies), or a format of one's own.
 * The two fixed forms are put together by hand, because they are made for every request.
 */

import { SluiceError } from '../../lib/errors.ts';
import type { AccessEntry } from './access-entry.ts';
import { parseJsonFormat, parseTextFormat } from './custom-format.ts';
import { isoTime, jsonText, plainText } from './log-text.ts';

export type AccessFormat = {
  /** Commands about the request, to be asked while its head is there. */
  asks: readonly AskedCommand[];
  /** Fields of the answer, to be kept while its head is there. */
  keeps: readonly string[];
  /** With its line feed. */
  line(entry: AccessEntry): string;
};

export type AskedCommand = { command: string; argument: string };

/**
 * @param format `json`, `text`, text with commands such as `%REQ(:METHOD)%`, or a JSON object of such texts
 * @throws SluiceError SL0403 naming the command that is not known
 */
export function accessFormatOf(format: string): AccessFormat {
  if (format === 'json') return { asks: [], keeps: [], line: jsonLine };
  if (format === 'text') return { asks: [], keeps: [], line: textLine };
  if (!format.includes('%')) {
    throw new SluiceError('SL0403', `Access log format must be json, text or hold commands: got ${format}`);
  }
  return format.startsWith('{') ? parseJsonFormat(format) : parseTextFormat(format);
}

function jsonLine({ facts, outcome }: AccessEntry): string {
  const { serviceTimeMs, endpoint, details } = outcome;
  return (
    `{"start_time":"${isoTime(facts.startedAt)}","method":${jsonText(facts.method)},"path":${jsonText(facts.path)},` +
    `"protocol":"HTTP/1.1","response_code":${outcome.status},"response_flags":"${outcome.flags}",` +
    `"response_code_details":${jsonText(details)},"connection_termination_details":null,` +
    `"upstream_transport_failure_reason":null,"bytes_received":${outcome.requestBytes},` +
    `"bytes_sent":${outcome.responseBytes},"duration":${Math.round(outcome.durationMs)},` +
    `"upstream_service_time":${serviceTimeMs === undefined ? 'null' : Math.round(serviceTimeMs)},` +
    `"x_forwarded_for":${jsonText(facts.forwardedFor)},"user_agent":${jsonText(facts.userAgent)},` +
    `"request_id":${jsonText(facts.requestId)},"authority":${jsonText(facts.authority)},` +
    `"upstream_host":${jsonText(endpoint?.address)},"upstream_cluster":${jsonText(outcome.cluster)},` +
    `"upstream_local_address":${jsonText(outcome.upstreamLocal)},"downstream_local_address":${jsonText(facts.localAddress)},` +
    `"downstream_remote_address":${jsonText(facts.remoteAddress)},"requested_server_name":null,` +
    `"route_name":${jsonText(outcome.route)},"upstream_workload":${jsonText(endpoint?.endpoint.labels.workload)},` +
    `"table_version":${outcome.tableVersion},"mirror":${outcome.mirror}}\n`
  );
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
