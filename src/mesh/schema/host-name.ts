/** Host strings of Istio's resources: completion of short names and wildcards (istio.md 2.3). */

import { isIP } from 'node:net';
import { isDnsLabel } from './dns-label.ts';

export const CLUSTER_DOMAIN = 'cluster.local';

/** As `qualifyHost`, where Istio compares what is written: a name with capitals is nobody's there. */
export function qualifyWritten(host: string, namespace: string): string {
  return host === host.toLowerCase() ? qualifyHost(host, namespace) : host;
}

/** A DNS name, an IP address, or a pattern that begins with `*`: `*.example.com`, `*-eu.example.com`, `*`. */
export function isHostPattern(host: string): boolean {
  if (host === '*' || isIP(host) !== 0) return true;
  const labels = host.replace(/^\*[.-]?/, '').split('.');
  // A dot at the end says that the name is whole.
  if (labels.length > 1 && labels.at(-1) === '') labels.pop();
  return host.length <= 255 && labels.every(isDnsLabel) && !/^\d+$/.test(labels.at(-1) ?? '');
}

/** A name with a dot, a wildcard for whole labels, or `*`: what no namespace has to complete (Gateways and Sidecars). */
export function isWholeHost(host: string): boolean {
  if (host === '*') return true;
  return host.includes('.') && (!host.startsWith('*') || host.startsWith('*.')) && isHostPattern(host);
}

/** What Istio's gateways between networks are asked for in TLS: a service of the mesh by port and subset (istio.md 5.6). */
export function isMeshServerName(host: string): boolean {
  const [, name] = /^outbound_\.\d+_\.[^.]*_\.(.+)$/.exec(host) ?? [];
  return name !== undefined && isHostPattern(name);
}

/** The name in full and in lower case: what has no dot belongs to `namespace`, everything else is taken as it stands. */
export function qualifyHost(host: string, namespace: string): string {
  const name = host.toLowerCase();
  return name.includes('.') || name === '*' || isIP(name) !== 0 ? name : `${name}.${namespace}.svc.${CLUSTER_DOMAIN}`;
}

/** Whether the pattern `*.example.com`, `*` or an exact name covers the name. */
export function coversHost(pattern: string, name: string): boolean {
  if (pattern === '*') return true;
  if (!pattern.startsWith('*')) return pattern === name;
  return name.length >= pattern.length && name.endsWith(pattern.slice(1)) && !name.startsWith('*');
}

/** Whether every name of pattern `a` is one of pattern `b`. */
export function isSubsetOf(a: string, b: string): boolean {
  if (a === b || b === '*') return true;
  return b.startsWith('*') && a.endsWith(b.slice(1)) && a.length >= b.length;
}

/** Order of specificity: exact before wildcard, longer before shorter, then alphabetical. */
export function bySpecificity(a: string, b: string): number {
  const wild = Number(a.startsWith('*')) - Number(b.startsWith('*'));
  return wild || b.length - a.length || (a < b ? -1 : Number(a > b));
}
