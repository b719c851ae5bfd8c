/** Why a request goes where it goes: every rule with its conditions, by the very code that routes (match-route.ts). */

import type { BuiltVirtualHost } from './built-table.ts';
import { buildRoute, matchHolds, matchRoute, type RequestHead } from './match-route.ts';
import { buildRedirect } from './redirect-location.ts';
import { buildPathRewriter } from './rewrite-path.ts';
import type { Route, RouteMatch, StringMatch } from './route-table.ts';

export type Explanation = {
  virtualHost: string;
  /** In the order in which they are tried, up to the one that takes the request. */
  rules: readonly ExplainedRule[];
  /** What happens, line by line. */
  outcome: readonly string[];
};

export type ExplainedRule = {
  name: string;
  taken: boolean;
  conditions: readonly { text: string; holds: boolean }[];
};

export function explainRoute(host: BuiltVirtualHost, head: RequestHead): Explanation {
  const taken = matchRoute(host, head);
  const tried = taken === undefined ? host.routes : host.routes.slice(0, taken.index + 1);
  return {
    virtualHost: host.name,
    rules: tried.map(({ route, index }) => ({
      name: route.name,
      taken: index === taken?.index,
      conditions: conditionsOf(route.match ?? {}).map(({ text, match }) => ({ text, holds: holdsAlone(match, head) })),
    })),
    outcome: taken === undefined ? ['404: no rule takes the request'] : outcomeOf(taken.route, head),
  };
}

function holdsAlone(match: RouteMatch, head: RequestHead): boolean {
  const { match: built } = buildRoute(
    { name: '', match, action: { kind: 'directResponse', status: 200, body: '' } },
    0,
  );
  return built === undefined || matchHolds(built, head);
}

/** Each condition as a match of its own. */
function conditionsOf(match: RouteMatch): { text: string; match: RouteMatch }[] {
  const { ignoreUriCase } = match;
  const single = (['uri', 'method', 'authority', 'scheme'] as const).flatMap((key) => {
    const condition = match[key];
    if (condition === undefined) return [];
    const alone: RouteMatch = { [key]: condition, ...(key === 'uri' && ignoreUriCase && { ignoreUriCase }) };
    return [{ text: `${key} ${textOf(condition)}`, match: alone }];
  });
  const named = (['headers', 'withoutHeaders', 'queryParams'] as const).flatMap((key) =>
    Object.entries(match[key] ?? {}).map(([name, condition]) => ({
      text: `${WORDS[key]} ${name} ${textOf(condition)}`,
      match: { [key]: { [name]: condition } } satisfies RouteMatch,
    })),
  );
  return [...single, ...named];
}

const WORDS = { headers: 'header', withoutHeaders: 'without header', queryParams: 'query parameter' } as const;

function textOf(condition: StringMatch): string {
  return condition.kind === 'present' ? 'is there' : `${condition.kind} ${JSON.stringify(condition.value)}`;
}

function outcomeOf(route: Route, head: RequestHead): string[] {
  const { action } = route;
  switch (action.kind) {
    case 'directResponse':
      return [`answered with ${action.status}`];
    case 'redirect':
      return [`redirected with ${action.status} to ${buildRedirect(action)(head)}`];
    case 'forward': {
      const total = action.clusters.reduce((sum, { weight }) => sum + weight, 0);
      return [
        ...action.clusters.map(({ cluster, weight }) => `${percent(weight / total)} to ${cluster}`),
        ...action.mirrors.map(({ cluster, percent: share }) => `${percent(share / 100)} copied to ${cluster}`),
        ...changesOf(route, head),
      ];
    }
    default:
      return action satisfies never;
  }
}

function changesOf({ rewrite, authority, timeoutMs, retry, fault }: Route, head: RequestHead): string[] {
  return [
    ...(rewrite === undefined ? [] : [`path becomes ${buildPathRewriter(rewrite)(head.path)}`]),
    ...(authority === undefined ? [] : [`Host becomes ${authority}`]),
    ...(fault?.delay === undefined ? [] : [`${fault.delay.percent} % wait ${fault.delay.delayMs} ms first`]),
    ...(fault?.abort === undefined ? [] : [`${fault.abort.percent} % are answered with ${fault.abort.status} instead`]),
    ...(timeoutMs === undefined ? [] : [`at most ${timeoutMs} ms`]),
    ...(retry === undefined || retry.attempts === 0
      ? []
      : [`up to ${retry.attempts} retries on ${retry.on.join(', ')}`]),
  ];
}

function percent(share: number): string {
  return `${Math.round(share * 10_000) / 100} %`;
}
