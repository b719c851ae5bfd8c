/** Old forms in the rules of a VirtualService (istio.md 1.6). */

import { entriesOf, type Fields, fieldsOf, type LegacySite } from './legacy-finding.ts';

/** Changes `spec` to what is written today. */
export function renewVirtualService(spec: Fields, site: LegacySite): void {
  for (const { fields: rule, index } of entriesOf(spec.http)) {
    const path = `spec.http[${index}]`;
    renewMirror(rule, path, site);
    renewRetries(rule, path, site);
    renewDelay(rule, path, site);
    renewCors(rule, path, site);
  }
}

function renewMirror(rule: Fields, path: string, { translates }: LegacySite): void {
  for (const name of ['mirror_percent', 'mirrorPercent']) {
    const percent = rule[name];
    if (typeof percent !== 'number') continue;
    const message = `must be written mirrorPercentage: { value: ${percent} }: got ${name}`;
    if (!translates({ code: 'SL0320', path: `${path}.${name}`, message, strict: 'accepted' })) continue;
    delete rule[name];
    rule.mirrorPercentage ??= { value: percent };
  }
}

function renewRetries(rule: Fields, path: string, { translates }: LegacySite): void {
  const retries = fieldsOf(rule.retries);
  if (retries === undefined || !Array.isArray(retries.retryOn)) return;
  const joined = retries.retryOn.map(String).join(',');
  const message = `must be one text joined by commas: got a list, taken as ${JSON.stringify(joined)}`;
  const found = { code: 'SL0320', path: `${path}.retries.retryOn`, message, strict: 'refused' } as const;
  if (translates(found)) retries.retryOn = joined;
}

function renewDelay(rule: Fields, path: string, { translates }: LegacySite): void {
  const delay = fieldsOf(fieldsOf(rule.fault)?.delay);
  if (typeof delay?.percent !== 'number') return;
  const message = `must be written percentage: { value: ${delay.percent} }: got percent`;
  const found = { code: 'SL0320', path: `${path}.fault.delay.percent`, message, strict: 'accepted' } as const;
  if (!translates(found)) return;
  delay.percentage ??= { value: delay.percent };
  delete delay.percent;
}

function renewCors(rule: Fields, path: string, { translates }: LegacySite): void {
  const cors = fieldsOf(rule.corsPolicy);
  if (cors === undefined || !Array.isArray(cors.allowOrigin)) return;
  const message = 'must be written allowOrigins, a list of exact, prefix or regex: got allowOrigin';
  const found = { code: 'SL0320', path: `${path}.corsPolicy.allowOrigin`, message, strict: 'accepted' } as const;
  if (!translates(found)) return;
  const exact = cors.allowOrigin.map((value) => ({ exact: value }));
  cors.allowOrigins = [...(Array.isArray(cors.allowOrigins) ? cors.allowOrigins : []), ...exact];
  delete cors.allowOrigin;
}
