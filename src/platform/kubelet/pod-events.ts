/** What the kubelet says about a pod: reasons and messages as `kubectl describe pod` shows them of a kubelet anywhere. Pure. */

import type { Announcement } from '../../kube/event-recorder.ts';
import type { Issue } from '../../lib/issue.ts';
import type { Pod } from './pod.ts';

/** Taken on, but a limit or the like is only recorded. */
export function notEnforced(issue: Issue): Announcement {
  return warning('NotEnforced', issueText(issue));
}

/** The process runtime cannot do what the pod asks for. */
export function refused(issue: Issue): Announcement {
  return warning('Refused', issueText(issue));
}

/** Its environment or its process could not be made. */
export function failed(message: string): Announcement {
  return warning('Failed', `Error: ${message}`);
}

export function started(container: string): Announcement {
  return normal('Started', `Started process of container ${container}`);
}

export function backOff({ metadata: { name, namespace, uid } }: Pod, container: string): Announcement {
  return warning('BackOff', `Back-off restarting failed container ${container} in pod ${name}_${namespace}(${uid})`);
}

export function unhealthy(message: string): Announcement {
  return warning('Unhealthy', message);
}

export function killing(container: string, why = ''): Announcement {
  return normal('Killing', `Stopping container ${container}${why}`);
}

/** A fault of a pod with its place: `spec.hostNetwork: is not supported`. */
export function issueText({ path, message }: Issue): string {
  return `${path}: ${message}`;
}

function normal(reason: string, message: string): Announcement {
  return { type: 'Normal', reason, message };
}

function warning(reason: string, message: string): Announcement {
  return { type: 'Warning', reason, message };
}
