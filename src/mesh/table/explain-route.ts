/** Why a request goes where it goes: every rule with its conditions, by the very code that routes (match-route.ts). */

import { type BuiltVirtualHost, matchRoute } from './built-table.ts';
import { explainOutcome, type Outcome } from './explain-outcome.ts';
import { buildRoute, matchHolds, pathOf, queryParameter, type RequestHead } from './match-route.ts';
import type { RouteMatch, RouteTable, StringMatch } from './route-table.ts';

export type Explanation = {
  virtualHost: string;
  /** In the order in which they are tried, up to the one that takes the request. */
  rules: readonly ExplainedRule[];
  /** Rules behind that one, which are not looked at. */
  untried: number;
  /** What happens. */
  outcome: Outcome;
};

export type ExplainedRule = {
  name: string;
  /** `namespace/name`; absent: the service itself. */
  virtualService?: string;
  taken: boolean;
  conditions: readonly ExplainedCondition[];
};

export type ExplainedCondition = {
  text: string;
  holds: boolean;
  /** What the request has there; `null` when it has nothing. */
  found: string | null;
};

export function explainRoute(host: BuiltVirtualHost, head: RequestHead, table: RouteTable): Explanation {
  const taken = matchRoute(host, head);
  const tried = taken === undefined ? host.routes : host.routes.slice(0, taken.index + 1);
  return {
    virtualHost: host.name,
    rules: tried.map(({ route, index }) => ({
      name: route.name,
      ...(route.virtualService !== undefined && { virtualService: route.virtualService }),
      taken: index === taken?.index,
      conditions: conditionsOf(route.match ?? {}, head),
    })),
    untried: host.routes.length - tried.length,
    outcome: taken === undefined ? { kind: 'noRoute', status: 404 } : explainOutcome(taken.route, head, table),
  };
}

/** Each condition, judged as a match of its own. */
function conditionsOf(match: RouteMatch, head: RequestHead): ExplainedCondition[] {
  const { ignoreUriCase } = match;
  const single = (['uri', 'method', 'authority', 'scheme'] as const).flatMap((key) => {
    const condition = match[key];
    if (condition === undefined) return [];
    const alone: RouteMatch = { [key]: condition, ...(key === 'uri' && ignoreUriCase && { ignoreUriCase }) };
    const text = `${key} ${textOf(condition)}${key === 'uri' && ignoreUriCase ? ' in any case' : ''}`;
    return [{ text, holds: holdsAlone(alone, head), found: key === 'uri' ? pathOf(head.path) : head[key] }];
  });
  const named = (['headers', 'withoutHeaders', 'queryParams'] as const).flatMap((key) =>
    Object.entries(match[key] ?? {}).map(([name, condition]) => ({
      text: `${WORDS[key]} ${name} ${textOf(condition)}`,
      holds: holdsAlone({ [key]: { [name]: condition } }, head),
      found: (key === 'queryParams' ? queryParameter(head.path, name) : headerOf(head, name)) ?? null,
    })),
  );
  return [...single, ...named];
}

function holdsAlone(match: RouteMatch, head: RequestHead): boolean {
  const { match: built } = buildRoute(
    { name: '', match, action: { kind: 'directResponse', status: 200, body: '' } },
    0,
  );
  return built === undefined || matchHolds(built, head);
}

function headerOf(head: RequestHead, name: string): string | undefined {
  const values = head.headerValues?.(name) ?? [];
  return values.length > 1 ? values.join(' | ') : head.header(name);
}

const WORDS = { headers: 'header', withoutHeaders: 'without header', queryParams: 'query parameter' } as const;

function textOf(condition: StringMatch): string {
  return condition.kind === 'present' ? 'is there' : `${condition.kind} ${JSON.stringify(condition.value)}`;
}
