/** Findings as people read them: one line each, in Istio's shape (istio.md 12.3), sorted, filtered, and weighed. Pure. */

import type { KubeObject } from '../../lib/resource.ts';
import { LEVELS, type Level } from './analysis-message.ts';

export type Finding = {
  /** `IST0101` and so on, or one of ours: `SL0302`. */
  code: string;
  level: Level;
  /** `VirtualService default/reviews`; empty when no object could be read. */
  origin: string;
  /** `file.yaml:12`; empty for objects of an API server. */
  reference: string;
  message: string;
};

/** `VirtualService default/reviews`, or `Namespace web`. */
export function originOf({ kind, metadata: { name, namespace } }: KubeObject): string {
  return kind === 'Namespace' || namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}

export function formatFinding({ code, level, origin, reference, message }: Finding): string {
  return `${level} [${code}] (${[origin, reference].filter((part) => part !== '').join(' ')}) ${message}`;
}

/** The worst first, then by code, object and place. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  const byText = new Intl.Collator('en', { numeric: true });
  return findings.toSorted(
    (a, b) =>
      LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) ||
      byText.compare(a.code, b.code) ||
      byText.compare(a.origin, b.origin) ||
      byText.compare(a.reference, b.reference),
  );
}

/** Whether a level is at least as bad as the threshold. */
export function reaches(level: Level, threshold: Level): boolean {
  return LEVELS.indexOf(level) <= LEVELS.indexOf(threshold);
}

export type Suppression = { code: string; resource: string };

/** Reads `IST0102=Namespace default`; `*` stands for anything in both parts. */
export function parseSuppression(text: string): Suppression | undefined {
  const equals = text.indexOf('=');
  return equals < 1 ? undefined : { code: text.slice(0, equals).trim(), resource: text.slice(equals + 1).trim() };
}

/** A resource is named as in a finding, `Service shop/web`, or in Istio's older way, `Service web.shop`. */
export function isSuppressed({ code, origin }: Finding, suppressions: readonly Suppression[]): boolean {
  const [, kind = '', namespace = '', name = ''] = /^(\S+) ([^/]+)\/(.+)$/.exec(origin) ?? [];
  const names = [origin, `${kind} ${name}.${namespace}`];
  return suppressions.some(
    (one) => fits(code, one.code) && names.some((written) => written !== '' && fits(written, one.resource)),
  );
}

const SUPPRESS_ANNOTATION = 'galley.istio.io/analyze-suppress';

/** Whether the object itself says that it knows: a list of codes, or `*`. */
export function suppressesItself({ metadata }: KubeObject, code: string): boolean {
  const codes = metadata.annotations?.[SUPPRESS_ANNOTATION]?.split(',').map((each) => each.trim()) ?? [];
  return codes.includes('*') || codes.includes(code);
}

const DOCUMENTATION = 'https://istio.io/latest/docs/reference/config/analysis';

/** Where the code is explained. */
export function documentationUrl(code: string): string {
  return code.startsWith('IST') ? `${DOCUMENTATION}/${code.toLowerCase()}/` : `docs/errors.md#${code.toLowerCase()}`;
}

function fits(text: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return text === pattern;
  if (!text.startsWith(first)) return false;
  const last = rest.pop() ?? '';
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
