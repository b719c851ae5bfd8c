/** IST0144: an application that runs as the proxy's own user goes past the proxy. */

import type { KubeObject } from '../../lib/resource.ts';
import type { ReportMessage } from './analysis-message.ts';
import type { AnalyzedWorld } from './analyzed-world.ts';
import { type Fields, fieldsOf, listOf } from './loose-fields.ts';

const PROXY_UID = 1_337;

export function analyzeApplicationUsers({ ofKind }: AnalyzedWorld, report: ReportMessage): void {
  const judge = (object: KubeObject, path: string, spec: Fields) => {
    const containers = listOf(spec.containers).map(fieldsOf);
    const users = [spec, ...containers.filter(({ name }) => name !== 'istio-proxy')];
    if (!users.some(({ securityContext }) => fieldsOf(securityContext).runAsUser === PROXY_UID)) return;
    report('IST0144', object, path, `User ${PROXY_UID} is the proxy's own: run the application as another one`);
  };
  for (const pod of ofKind('Pod')) judge(pod, 'spec', fieldsOf(pod.spec));
  for (const deployment of ofKind('Deployment')) {
    judge(deployment, 'spec.template.spec', fieldsOf(fieldsOf(fieldsOf(deployment.spec).template).spec));
  }
}
