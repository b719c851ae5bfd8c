/** Old, misplaced and contradictory settings of a DestinationRule (istio.md 1.6). */

import { entriesOf, type Fields, type Found, fieldsAt, fieldsOf, type LegacySite } from './legacy-finding.ts';

type Level = { policy: Fields; path: string };

/** Changes `spec` to what is written today. @returns retries that it asks for, which Istio knows in VirtualServices only */
export function renewDestinationRule(spec: Fields, site: LegacySite): Fields | undefined {
  const levels = policyLevels(spec);
  for (const level of levels) {
    renewPool(level, site);
    renewOutliers(level, site);
    renewBalancer(level, site);
  }
  const retries = takeRetries(levels, site);
  // A policy that said nothing else is none, rather than an empty one, which Istio refuses.
  for (const holder of [spec, ...entriesOf(spec.subsets).map(({ fields }) => fields)]) {
    if (retries !== undefined && isEmpty(holder.trafficPolicy)) delete holder.trafficPolicy;
  }
  return retries;
}

function isEmpty(value: unknown): boolean {
  return Object.keys(fieldsOf(value) ?? { value }).length === 0;
}

/** Every traffic policy: of the rule, of its subsets, and of single ports. */
function policyLevels(spec: Fields): Level[] {
  const own = { policy: fieldsOf(spec.trafficPolicy), path: 'spec.trafficPolicy' };
  const subsets = entriesOf(spec.subsets).map(({ fields, index }) => ({
    policy: fieldsOf(fields.trafficPolicy),
    path: `spec.subsets[${index}].trafficPolicy`,
  }));
  return [own, ...subsets].flatMap(({ policy, path }) => {
    if (policy === undefined) return [];
    const ports = entriesOf(policy.portLevelSettings).map(({ fields, index }) => ({
      policy: fields,
      path: `${path}.portLevelSettings[${index}]`,
    }));
    return [{ policy, path }, ...ports];
  });
}

function renewPool({ policy, path }: Level, { translates }: LegacySite): void {
  const pool = fieldsOf(policy.connectionPool);
  const http = fieldsOf(pool?.http);
  if (pool === undefined || http === undefined) return;
  const at = `${path}.connectionPool.http`;
  if (http.maxConnections !== undefined) {
    const tcp = fieldsAt(pool, 'tcp');
    const outcome =
      tcp.maxConnections === undefined ? 'it is taken as that' : `it has no effect beside ${tcp.maxConnections} there`;
    const message = `must stand in connectionPool.tcp: got maxConnections, ${outcome}`;
    if (translates({ code: 'SL0320', path: `${at}.maxConnections`, message, strict: 'refused' })) {
      tcp.maxConnections ??= http.maxConnections;
      delete http.maxConnections;
    }
  }
  rename(http, { from: 'maxPendingRequests', to: 'http1MaxPendingRequests', path: at, strict: 'refused' }, translates);
}

function renewOutliers({ policy, path }: Level, { strict, translates }: LegacySite): void {
  const outliers = fieldsOf(policy.outlierDetection);
  if (outliers === undefined) return;
  const at = `${path}.outlierDetection`;
  rename(outliers, { from: 'minHealthPercentage', to: 'minHealthPercent', path: at, strict: 'refused' }, translates);
  const { consecutiveErrors } = outliers;
  if (consecutiveErrors === undefined) return;
  const meaning = strict
    ? 'Istio ignores it, and ejects after 5 errors of any kind'
    : 'it is taken as consecutiveGatewayErrors; five consecutive 5xx eject as well, unless consecutive5xxErrors says otherwise';
  const message = `must be consecutiveGatewayErrors or consecutive5xxErrors: got consecutiveErrors; ${meaning}`;
  if (!translates({ code: 'SL0320', path: `${at}.consecutiveErrors`, message, strict: 'accepted' })) return;
  if (!strict) outliers.consecutiveGatewayErrors ??= consecutiveErrors;
  delete outliers.consecutiveErrors;
}

function renewBalancer({ policy, path }: Level, { translates }: LegacySite): void {
  const balancer = fieldsOf(policy.loadBalancer);
  if (balancer === undefined) return;
  const at = `${path}.loadBalancer`;
  if (balancer.simple === 'LEAST_CONN') {
    const message = 'must be LEAST_REQUEST: got LEAST_CONN, its old name';
    if (translates({ code: 'SL0320', path: `${at}.simple`, message, strict: 'accepted' }))
      balancer.simple = 'LEAST_REQUEST';
  }
  if (balancer.warmupDurationSecs !== undefined) {
    const message = 'must be written warmup: { duration }: got warmupDurationSecs';
    if (translates({ code: 'SL0320', path: `${at}.warmupDurationSecs`, message, strict: 'accepted' })) {
      balancer.warmup ??= { duration: balancer.warmupDurationSecs };
      delete balancer.warmupDurationSecs;
    }
  }
  renewHash(balancer, at, translates);
  renewLocality(balancer, at, translates);
}

function renewHash(balancer: Fields, at: string, translates: LegacySite['translates']): void {
  const hash = fieldsOf(balancer.consistentHash);
  if (hash === undefined) return;
  if (hash.minimumRingSize !== undefined && hash.ringHash === undefined && hash.maglev === undefined) {
    const message = 'must stand in ringHash: got minimumRingSize';
    const found = {
      code: 'SL0320',
      path: `${at}.consistentHash.minimumRingSize`,
      message,
      strict: 'accepted',
    } as const;
    if (translates(found)) {
      hash.ringHash = { minimumRingSize: Number(hash.minimumRingSize) };
      delete hash.minimumRingSize;
    }
  }
  if (balancer.simple === undefined) return;
  const message = `must have only one of simple and consistentHash: got both; consistentHash is in force`;
  if (translates({ code: 'SL0321', path: at, message, strict: 'refused' })) delete balancer.simple;
}

function renewLocality(balancer: Fields, at: string, translates: LegacySite['translates']): void {
  const setting = fieldsOf(balancer.localityLbSetting);
  if (setting?.distribute === undefined || setting.failover === undefined) return;
  const message = 'must have only one of distribute and failover: got both; distribute is in force';
  const path = `${at}.localityLbSetting`;
  if (translates({ code: 'SL0321', path, message, strict: 'refused' })) delete setting.failover;
}

function takeRetries(levels: readonly Level[], { translates }: LegacySite): Fields | undefined {
  let taken: Fields | undefined;
  for (const { policy, path } of levels) {
    const retries = fieldsOf(policy.retryPolicy);
    if (retries === undefined) continue;
    const { maxAttempts, ...rest } = retries;
    const renewed = maxAttempts === undefined ? rest : { attempts: maxAttempts, ...rest };
    const message = `must stand in the http rules of a VirtualService, as retries: ${JSON.stringify(renewed)}: got retryPolicy`;
    if (!translates({ code: 'SL0320', path: `${path}.retryPolicy`, message, strict: 'refused' })) continue;
    taken ??= renewed;
    delete policy.retryPolicy;
  }
  return taken;
}

function rename(
  fields: Fields,
  { from, to, path, strict }: { from: string; to: string; path: string; strict: Found['strict'] },
  translates: LegacySite['translates'],
): void {
  if (fields[from] === undefined) return;
  if (!translates({ code: 'SL0320', path: `${path}.${from}`, message: `must be called ${to}: got ${from}`, strict }))
    return;
  fields[to] ??= fields[from];
  delete fields[from];
}
