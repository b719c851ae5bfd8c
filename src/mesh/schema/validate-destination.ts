/** Where a rule may send requests (istio.md 11): one host, perhaps one of its subsets. */

import type { Issue } from '../../lib/issue.ts';
import { isDnsLabel } from './dns-label.ts';
import { isHostPattern } from './host-name.ts';

type Destination = { host: string; subset?: string | undefined };

export function validateDestination(destination: Destination | undefined, path: string): Issue[] {
  if (destination === undefined) return [];
  const { host, subset = '' } = destination;
  return [
    ...(host !== '*' && isHostPattern(host) ? [] : [{ path: `${path}.host`, message: `must be a host: got ${host}` }]),
    ...(subset === '' || isDnsLabel(subset) ? [] : [badSubset(subset, `${path}.subset`)]),
  ];
}

export function badSubset(name: string, path: string): Issue {
  return { path, message: `must be letters, digits and -, at most 63: got ${JSON.stringify(name)}` };
}
