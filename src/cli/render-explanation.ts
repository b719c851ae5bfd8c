/** An explanation for people: the request, the rules with their conditions, and where it goes with everything that is changed. */

import { formatDuration } from '../lib/duration.ts';
import type { ExplainedDestination, Forward, Outcome } from '../mesh/table/explain-outcome.ts';
import type { ExplainedCondition, ExplainedRule, Explanation } from '../mesh/table/explain-route.ts';
import type { RequestHead } from '../mesh/table/match-route.ts';
import type { HeaderOperations } from '../mesh/table/route-table.ts';
import type { Style } from '../view/style.ts';
import { readClusterName } from './cluster-parts.ts';
import { policyLines } from './policy-text.ts';

export function renderExplanation(explanation: Explanation, head: RequestHead, style: Style): string {
  const { virtualHost, rules, untried, outcome } = explanation;
  return [
    style('bold', `${head.method} ${head.scheme}://${head.authority}${head.path}`),
    `Host ${head.authority} is ${virtualHost}`,
    '',
    ...renderRules(rules, style),
    ...(untried === 0
      ? []
      : [style('dim', `  ${untried} more ${untried === 1 ? 'rule is' : 'rules are'} not looked at`)]),
    '',
    ...renderOutcome(outcome, head, style),
    '',
  ].join('\n');
}

function renderRules(rules: readonly ExplainedRule[], style: Style): string[] {
  return rules.flatMap((rule, index) => {
    const { name, virtualService, taken, conditions } = rule;
    const isNew = index === 0 || rules[index - 1]?.virtualService !== virtualService;
    const title =
      virtualService === undefined ? 'No VirtualService has rules for it' : `VirtualService ${virtualService}`;
    const mark = taken ? style('green', '✔') : style('red', '✗');
    const plain = conditions.length === 0 ? style('dim', '  takes every request') : '';
    return [
      ...(isNew ? [title] : []),
      `  ${mark} ${String(index + 1).padStart(2)}  ${taken ? style('bold', name) : name}${plain}`,
      ...conditions.map((condition) => `         ${renderCondition(condition, style)}`),
    ];
  });
}

function renderCondition({ text, holds, found }: ExplainedCondition, style: Style): string {
  if (holds) return `${style('green', '✔')} ${text}`;
  const why = found === null ? 'the request has none' : `the request has ${JSON.stringify(found)}`;
  return `${style('red', '✗')} ${text}  ${style('dim', why)}`;
}

function renderOutcome(outcome: Outcome, head: RequestHead, style: Style): string[] {
  const arrow = style('cyan', '→');
  switch (outcome.kind) {
    case 'noRoute':
      return [`${arrow} ${style('red', '404')}: no rule takes the request`];
    case 'directResponse':
      return [`${arrow} answered by the proxy with ${outcome.status}${bodyText(outcome.body)}`];
    case 'redirect':
      return [`${arrow} redirected with ${outcome.status} to ${outcome.location}`];
    case 'preflight':
      return [
        `${arrow} answered by the proxy as a CORS preflight with ${outcome.status}`,
        ...Object.entries(outcome.headers).map(([name, value]) => `     ${name}: ${value}`),
      ];
    case 'forward':
      return [
        ...outcome.destinations.flatMap((one) => renderDestination(one, arrow, style)),
        ...renderWay(outcome, head),
      ];
    default:
      return outcome satisfies never;
  }
}

function bodyText(body: string): string {
  if (body === '') return ' and no body';
  return body.length > 60 ? ` and a body of ${Buffer.byteLength(body)} bytes` : ` and ${JSON.stringify(body)}`;
}

function renderDestination(destination: ExplainedDestination, arrow: string, style: Style): string[] {
  const { cluster, percent, policy, endpoints, requestHeaders, responseHeaders } = destination;
  const { host, port, subset } = readClusterName(cluster);
  const title = `${arrow} ${`${percent} %`.padStart(7)}  ${style('bold', host)} port ${port}${subset === '' ? '' : ` subset ${style('bold', subset)}`}`;
  const rest = [
    ...(policy === undefined
      ? [style('red', '503: there is no such service, port or subset')]
      : [endpointsText(endpoints, style), ...policyLines(policy)]),
    ...headerLines('request', requestHeaders),
    ...headerLines('response', responseHeaders),
  ];
  return [title, ...rest.map((line) => `             ${line}`)];
}

function endpointsText(endpoints: readonly string[], style: Style): string {
  if (endpoints.length === 0) return style('red', '503: it has no endpoint');
  const shown = endpoints.slice(0, 3).join(', ');
  const more = endpoints.length > 3 ? ` and ${endpoints.length - 3} more` : '';
  return `${endpoints.length} ${endpoints.length === 1 ? 'endpoint' : 'endpoints'}: ${shown}${more}`;
}

/** What happens on the way, in two columns. */
function renderWay(forward: Forward, head: RequestHead): string[] {
  const { destinations, path, authority, mirrors, fault, timeoutMs, retry, requestHeaders, responseHeaders } = forward;
  // A destination with operations of its own has those of the rule among them.
  const isOfRule = (side: 'requestHeaders' | 'responseHeaders') => destinations.some((one) => one[side] === undefined);
  const rows: [string, string][] = [
    ...(path === head.path ? [] : [['path', `${head.path} becomes ${path}`] as [string, string]]),
    ...(authority === head.authority ? [] : [['host', `becomes ${authority}`] as [string, string]]),
    ...[
      ...(isOfRule('requestHeaders') ? headerLines('request', requestHeaders) : []),
      ...(isOfRule('responseHeaders') ? headerLines('response', responseHeaders) : []),
    ].map((line): [string, string] => ['headers', line]),
    ...mirrors.map(({ cluster, percent }): [string, string] => [
      'mirror',
      `${percent} % copied to ${placeOf(cluster)}`,
    ]),
    ...faultRows(fault),
    ['timeout', timeoutMs === undefined ? 'none' : formatDuration(timeoutMs)],
    ['retries', retryText(retry)],
  ];
  return ['', ...rows.map(([name, text]) => `  ${name.padEnd(8)} ${text}`)];
}

function faultRows(fault: Forward['fault']): [string, string][] {
  const { delay, abort } = fault ?? {};
  return [
    ...(delay === undefined
      ? []
      : [['fault', `${delay.percent} % wait ${formatDuration(delay.delayMs)} first`] as [string, string]]),
    ...(abort === undefined
      ? []
      : [['fault', `${abort.percent} % are answered with ${abort.status} instead`] as [string, string]]),
  ];
}

function retryText(retry: Forward['retry']): string {
  if (retry === undefined || retry.attempts === 0) return 'none';
  const each = retry.perTryTimeoutMs === undefined ? '' : `, each try within ${formatDuration(retry.perTryTimeoutMs)}`;
  return `up to ${retry.attempts} on ${retry.on.join(', ')}${each}`;
}

function headerLines(side: 'request' | 'response', operations: HeaderOperations | undefined): string[] {
  const { set = {}, add = {}, remove = [] } = operations ?? {};
  return [
    ...remove.map((name) => `${side} loses ${name}`),
    ...Object.entries(set).map(([name, value]) => `${side} has ${name}: ${value}`),
    ...Object.entries(add).map(([name, value]) => `${side} gets ${name}: ${[value].flat().join(', ')} besides`),
  ];
}

function placeOf(cluster: string): string {
  const { host, port, subset } = readClusterName(cluster);
  return `${host} port ${port}${subset === '' ? '' : ` subset ${subset}`}`;
}
