/** Cross-origin policies (envoy-facts: CORS). */

import { durationMsOf } from '../schema/duration.ts';
import type { HttpRouteSpec } from '../schema/http-route.ts';
import { toStringMatch } from '../schema/string-match.ts';
import type { CorsPolicy, StringMatch } from '../table/route-table.ts';

/** @returns `undefined` also for a policy without origins, which does nothing */
export function compileCors(policy: HttpRouteSpec['corsPolicy']): CorsPolicy | undefined {
  if (policy === undefined) return undefined;
  const exact = (policy.allowOrigin ?? []).map((value): StringMatch => ({ kind: 'exact', value }));
  const origins = [...(policy.allowOrigins ?? []).map(toStringMatch), ...exact];
  if (origins.length === 0) return undefined;
  return {
    origins,
    ...list('allowMethods', policy.allowMethods),
    ...list('allowHeaders', policy.allowHeaders),
    ...list('exposeHeaders', policy.exposeHeaders),
    ...(policy.maxAge !== undefined && { maxAgeSeconds: Math.floor(durationMsOf(policy.maxAge) / 1_000) }),
    ...(policy.allowCredentials === true && { allowCredentials: true }),
    ...(policy.unmatchedPreflights === 'IGNORE' && { answersUnmatched: true }),
  };
}

function list<Key extends string>(key: Key, values: readonly string[] = []): Partial<Record<Key, string>> {
  return values.length === 0 ? {} : ({ [key]: values.join(',') } as Partial<Record<Key, string>>);
}
