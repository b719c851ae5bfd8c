/** From the http rules of a VirtualService to the routes of one virtual host, in order. */

import type { VirtualService } from '../schema/virtual-service.ts';
import type { Route } from '../table/route-table.ts';
import { appliesHere, compileMatch, hidesLaterRules, type MatchSite } from './compile-match.ts';
import { compileRule, type RuleSite } from './compile-rule.ts';

export type RoutesSite = Omit<RuleSite, 'path' | 'namespace'> & Pick<MatchSite, 'caller' | 'gateway'>;

/**
 * Each match entry becomes a route. Rules without an entry that applies here disappear; what stands behind a route that
 * takes everything is left out and reported. An empty list means: as without a VirtualService.
 */
export function compileRoutes({ metadata, spec }: VirtualService, site: RoutesSite): Route[] {
  const routes: Route[] = [];
  let isHidden = false;
  const virtualService = `${metadata.namespace}/${metadata.name}`;
  for (const [index, rule] of (spec.http ?? []).entries()) {
    const path = `spec.http[${index}]`;
    if (isHidden) {
      site.report('SL0306', path, 'must stand before the rule that takes every request: it is never reached');
      break;
    }
    const entries = rule.match ?? [];
    const applicable = entries.filter((match, entry) =>
      appliesHere(match, { ...site, namespace: metadata.namespace, path: `${path}.match[${entry}]` }),
    );
    if (entries.length > 0 && applicable.length === 0) continue;
    for (const entry of applicable.length === 0 ? [{}] : applicable) {
      const compiled = compileRule(rule, entry, { ...site, path, namespace: metadata.namespace });
      const match = compileMatch(entry);
      if (compiled !== undefined) {
        routes.push({ name: routeName(rule.name, entry.name), virtualService, ...(match && { match }), ...compiled });
        isHidden ||= hidesLaterRules(match);
      }
    }
  }
  return routes;
}

function routeName(rule = '', match = ''): string {
  return [rule, match].filter((part) => part !== '').join('.') || 'default';
}
