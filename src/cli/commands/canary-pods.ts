/** The pods of a Canary, its primary's too, and why those that are not ready are not: for `sluice describe`. */

import type { Canary } from '../../canary/canary.schema.ts';
import { DEPLOYMENT, POD } from '../../kube/resource-types.ts';
import type { KubeObject } from '../../lib/resource.ts';
import { renderColumns } from '../columns.ts';
import type { Session } from '../session.ts';

type Terminated = { reason?: string; message?: string; exitCode?: number };
type ContainerStatus = {
  ready?: boolean;
  restartCount?: number;
  state?: { waiting?: { reason?: string; message?: string }; terminated?: Terminated; running?: object };
  lastState?: { terminated?: Terminated };
};
export type CanaryPod = KubeObject & { status?: { phase?: string; containerStatuses?: ContainerStatus[] } };
type Workload = KubeObject & { spec?: { selector?: { matchLabels?: Record<string, string> } } };

/** Empty for targets other than Deployments, and when there are none. */
export async function podsOf({ spec }: Canary, { client, namespace }: Session): Promise<CanaryPod[]> {
  const { kind, name } = spec.targetRef;
  if (kind !== 'Deployment') return [];
  const ofEach = [name, `${name}-primary`].map(async (each) => {
    const workload = await client.get<Workload>(DEPLOYMENT, { namespace, name: each });
    const labels = Object.entries(workload?.spec?.selector?.matchLabels ?? {});
    if (labels.length === 0) return [];
    const labelSelector = labels.map(([key, value]) => `${key}=${value}`).join(',');
    return (await client.list<CanaryPod>(POD, { namespace, labelSelector })).items;
  });
  return (await Promise.all(ofEach)).flat();
}

export function renderPods(pods: readonly CanaryPod[]): string {
  return renderColumns(
    [
      { header: 'POD', cell: ({ metadata }) => metadata.name },
      { header: 'RESTARTS', cell: (pod) => String(containerOf(pod)?.restartCount ?? 0) },
      { header: 'STATE', cell: stateText },
    ],
    pods,
  );
}

function stateText(pod: CanaryPod): string {
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating';
  const container = containerOf(pod);
  if (container?.state?.running !== undefined) return container.ready === true ? 'Ready' : 'Running, not ready';
  const { waiting, terminated } = container?.state ?? {};
  const ended = terminated ?? container?.lastState?.terminated;
  return [
    waiting?.reason ?? ended?.reason ?? pod.status?.phase ?? 'Unknown',
    ended === undefined ? waiting?.message : (ended.message ?? `exit code ${ended.exitCode}`),
  ]
    .filter(Boolean)
    .join(': ');
}

/** Pods of one machine have one container; of several, the first that is not ready tells most. */
function containerOf({ status }: CanaryPod): ContainerStatus | undefined {
  const containers = status?.containerStatuses ?? [];
  return containers.find(({ ready }) => ready !== true) ?? containers[0];
}
