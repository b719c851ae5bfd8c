/** Who am I, and may I: there is one user, and it may do everything. */

import { toRfc3339 } from '../../../lib/clock.ts';
import type { ApiContext } from '../api-context.ts';
import { jsonReply, type Reply } from '../http/reply.ts';
import { decodeObject } from '../request/body.ts';

export const ADMIN = { username: 'admin', groups: ['system:masters', 'system:authenticated'] };

const STATUS_OF: Readonly<Record<string, { kind: string; status: object }>> = {
  '/apis/authentication.k8s.io/v1/selfsubjectreviews': {
    kind: 'SelfSubjectReview',
    status: { userInfo: ADMIN },
  },
  '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews': {
    kind: 'SelfSubjectAccessReview',
    status: { allowed: true },
  },
  '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews': {
    kind: 'SelfSubjectRulesReview',
    status: {
      resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
      nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
      incomplete: false,
    },
  },
};

/** @returns `undefined` for a path that is no review */
export function selfReview(
  { clock }: ApiContext,
  { path, body, contentType }: { path: string; body: Buffer; contentType: string | undefined },
): Reply | undefined {
  const review = STATUS_OF[path];
  if (review === undefined) return undefined;
  const { spec = {} } = decodeObject(body, contentType);
  const [, , group, version] = path.split('/');
  const answer = {
    kind: review.kind,
    apiVersion: `${group}/${version}`,
    metadata: { creationTimestamp: toRfc3339(clock.now()) },
    ...(review.kind === 'SelfSubjectReview' ? {} : { spec }),
    status: review.status,
  };
  return jsonReply(answer, { status: 201 });
}
