/** One event under both of its groups, `v1` and `events.k8s.io/v1`: the same set, told with other names. */

import type { KubeObject } from '../../../lib/resource.ts';

/** Names in `v1`, and in `events.k8s.io/v1`. */
const NAMES: ReadonlyArray<readonly [string, string]> = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['reportingComponent', 'reportingController'],
];
const TO_NEW = new Map(NAMES);
const TO_OLD = new Map(NAMES.map(([old, current]) => [current, old]));

/** `event` as the other group names its fields; `v1` always names a reporter, the other one only where there is one. */
export function eventIn({ apiVersion: _apiVersion, ...event }: KubeObject, apiVersion: string): KubeObject {
  const names = apiVersion === 'v1' ? TO_OLD : TO_NEW;
  const renamed = Object.entries(event).map(([name, value]) => [names.get(name) ?? name, value]);
  const said = apiVersion === 'v1' ? renamed : renamed.filter(([, value]) => value !== '');
  const reporter = apiVersion === 'v1' ? { reportingComponent: '', reportingInstance: '' } : {};
  return { apiVersion, ...reporter, ...Object.fromEntries(said) } as KubeObject;
}
