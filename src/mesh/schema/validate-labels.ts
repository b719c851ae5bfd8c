/** Labels as Kubernetes has them: an optional DNS name and a slash, a name of at most 63 characters, and a value that may be empty. */

import type { Issue } from '../../lib/issue.ts';
import { isDnsLabel } from './dns-label.ts';

const NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const NAME_LENGTH_MOST = 63;
const PREFIX_LENGTH_MOST = 253;

export function validateLabels(labels: Readonly<Record<string, string>> | undefined, path: string): Issue[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...(isLabelName(key) ? [] : [{ path, message: `must have names such as app or example.com/tier: got ${key}` }]),
    ...(value === '' || NAME.test(value)
      ? []
      : [{ path: `${path}.${key}`, message: `must be letters, digits, -, _ and .: got ${JSON.stringify(value)}` }]),
  ]);
}

/** Labels by which workloads are chosen: no patterns. */
export function validateSelector(labels: Readonly<Record<string, string>> | undefined, path: string): Issue[] {
  return Object.entries(labels ?? {})
    .filter(([key, value]) => key === '' || key.includes('*') || value.includes('*'))
    .map(([key, value]) => ({ path, message: `must be labels as they are, without *: got ${key}=${value}` }));
}

/** A selector without labels is accepted, and selects everything or nothing. */
export function warnSelector(labels: Readonly<Record<string, string>> | undefined, path: string): Issue[] {
  return Object.keys(labels ?? {}).length === 0 ? [{ path, message: 'must have labels: got none' }] : [];
}

function isLabelName(key: string): boolean {
  const slashAt = key.lastIndexOf('/');
  const prefix = key.slice(0, Math.max(slashAt, 0));
  const name = key.slice(slashAt + 1);
  if (slashAt !== -1 && (prefix.length > PREFIX_LENGTH_MOST || !prefix.split('.').every(isDnsLabel))) return false;
  return name.length <= NAME_LENGTH_MOST && NAME.test(name);
}
