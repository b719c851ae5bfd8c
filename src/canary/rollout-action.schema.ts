/**
 * The RolloutAction: what a person decided about one revision. An object of its own, so that RBAC can let someone approve who may
 * not edit the Canary, and so that a late decision can never hit a newer revision. Only the controller writes its status.
 */

import { z } from 'zod';
import type { KubeObject, ResourceType } from '../lib/resource.ts';

export const ROLLOUT_ACTION: ResourceType = {
  group: 'sluice.dev',
  version: 'v1alpha1',
  kind: 'RolloutAction',
  plural: 'rolloutactions',
  namespaced: true,
};

export const ROLLOUT_ACTIONS = ['Approve', 'Reject', 'Pause', 'Resume', 'Promote', 'Abort', 'Retry'] as const;

export const rolloutActionSpecSchema = z.object({
  /** Name of the Canary in the same namespace. */
  canary: z.string().min(1),
  canaryUid: z.string().optional(),
  /** The revision that was decided about: `status.rollout.revision` of the Canary. */
  revision: z.string().min(1),
  /** Name of the gate (a stage, `confirm-rollout` or `confirm-promotion`); absent: the gate now waited for. */
  gate: z.string().optional(),
  action: z.enum(ROLLOUT_ACTIONS),
  by: z.string().min(1),
  reason: z.string().optional(),
});

export const rolloutActionStatusSchema = z.object({
  outcome: z.enum(['Applied', 'Ignored']).optional(),
  message: z.string().optional(),
  at: z.string().optional(),
});

export type RolloutActionSpec = z.output<typeof rolloutActionSpecSchema>;
export type RolloutActionStatus = z.output<typeof rolloutActionStatusSchema>;
export type RolloutAction = KubeObject & { spec: RolloutActionSpec; status?: RolloutActionStatus };
