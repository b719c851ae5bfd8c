/** `pods/binding`: how a scheduler, or a kubelet on its own, puts a pending pod on a node. */

import { toRfc3339 } from '../../../lib/clock.ts';
import type { ApiContext } from '../api-context.ts';
import { fieldsAt, listAt, textAt } from '../builtin/field-access.ts';
import { badRequest, conflict } from '../failure/api-failure.ts';
import { jsonReply, type Reply } from '../http/reply.ts';
import { type ApiRequest, writeModeOf } from '../request/api-request.ts';
import { decodeObject } from '../request/body.ts';
import { liveObject } from '../write/replace.ts';
import { updateObject } from '../write/update.ts';

export function bind(context: ApiContext, request: ApiRequest): Reply {
  const { kind } = request;
  const live = liveObject(context, request);
  const node = textAt(decodeObject(request.body, request.contentType), 'target', 'name') ?? '';
  if (node === '') throw badRequest('target.name: Required value');
  const assigned = textAt(live.object, 'spec', 'nodeName');
  const { name, deletionTimestamp } = live.object.metadata;
  if (deletionTimestamp !== undefined)
    throw conflict(kind, name, `pod ${name} is being deleted, cannot be assigned to a host`);
  if (assigned) throw conflict(kind, name, `pod ${name} is already assigned to node "${assigned}"`);
  const scheduled = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: toRfc3339(context.clock.now()),
  };
  const conditions = listAt(live.object, 'status', 'conditions').filter(({ type }) => type !== 'PodScheduled');
  const next = {
    ...live.object,
    spec: { ...fieldsAt(live.object, 'spec'), nodeName: node },
    status: { ...fieldsAt(live.object, 'status'), conditions: [...conditions, scheduled] },
  };
  updateObject(context, { kind, next, live, mode: writeModeOf(request) });
  return jsonReply({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }, { status: 201 });
}
