/** What is shown of an Event, under the names of either of its groups. */

import type { KubeObject } from '../../../lib/resource.ts';
import { ageOf } from './duration-text.ts';
import { fieldsAt, numberAt, textAt } from './field-access.ts';

export function eventCount(object: KubeObject): number {
  return numberAt(object, 'series', 'count') ?? numberAt(object, 'count') ?? numberAt(object, 'deprecatedCount') ?? 1;
}

export function lastSeen(object: KubeObject, now: number): string {
  const series = textAt(object, 'series', 'lastObservedTime');
  const last = series ?? textAt(object, 'lastTimestamp') ?? textAt(object, 'deprecatedLastTimestamp');
  return last === undefined ? firstSeen(object, now) : ageOf(last, now);
}

export function firstSeen(object: KubeObject, now: number): string {
  const first = textAt(object, 'firstTimestamp') ?? textAt(object, 'deprecatedFirstTimestamp');
  return ageOf(first ?? textAt(object, 'eventTime'), now);
}

export function regardingText(object: KubeObject): string {
  const regarding = fieldsAt(object, object.involvedObject === undefined ? 'regarding' : 'involvedObject');
  const kind = (textAt(regarding, 'kind') ?? '').toLowerCase();
  return regarding.name === undefined ? kind : `${kind}/${regarding.name}`;
}

export function eventSource(object: KubeObject): string {
  const component =
    textAt(object, 'source', 'component') ||
    textAt(object, 'reportingComponent') ||
    textAt(object, 'reportingController');
  const host = textAt(object, 'source', 'host') || textAt(object, 'reportingInstance');
  return [component, host].filter(Boolean).join(', ');
}
