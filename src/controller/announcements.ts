/** What a turn tells people, from the rollout before and after it: one sentence per decision. */

import { decidingCheck, describeCheck } from '../canary/evidence.ts';
import { phaseOf } from '../canary/flagger-status.ts';
import type { RolloutSnapshot } from '../canary/rollout.machine.ts';
import { stageOf } from '../canary/rollout-context.ts';

export type Announcement = { type: 'Normal' | 'Warning'; message: string };

export function announcementsOf(before: RolloutSnapshot, after: RolloutSnapshot, name: string): Announcement[] {
  const found = [
    stageAnnouncement(before, after, name),
    roundAnnouncement(before, after),
    stateAnnouncement(before, after, name),
  ];
  return found.filter((announcement) => announcement !== undefined);
}

function stageAnnouncement(before: RolloutSnapshot, after: RolloutSnapshot, name: string): Announcement | undefined {
  const stage = stageOf(after.context);
  if (after.value !== 'routing' || stage === undefined || before.value === 'routing') return undefined;
  const matched = stage.match.length > 0 ? ', and the requests it matches' : '';
  return normal(`Advance ${name} canary weight ${stage.weight}${matched} (stage ${stage.name})`);
}

function roundAnnouncement(
  { context: before }: RolloutSnapshot,
  { context: after }: RolloutSnapshot,
): Announcement | undefined {
  if (before.checks === after.checks) return undefined;
  const check = decidingCheck(after.checks);
  if (check === undefined) return undefined;
  if (check.verdict.kind === 'fail') {
    return warning(`Failed check ${after.failures} of ${after.plan?.threshold ?? 1}: ${describeCheck(check)}`);
  }
  return warning(`Held: ${describeCheck(check)}`);
}

function stateAnnouncement(before: RolloutSnapshot, after: RolloutSnapshot, name: string): Announcement | undefined {
  if (before.context.paused === null && after.context.paused !== null) {
    return normal(`Paused ${name}: ${after.context.paused.reason || `by ${after.context.paused.by}`}`);
  }
  if (before.context.paused !== null && after.context.paused === null) return normal(`${name} goes on`);
  if (before.value === after.value && before.context.candidate === after.context.candidate) return undefined;
  const { candidate, reason } = after.context;
  switch (after.value) {
    case 'initialized':
      return normal(`Initialization of ${name} done: the primary serves revision ${candidate?.revision ?? ''}`);
    case 'startingCanary':
      return normal(`New revision ${candidate?.revision ?? ''} of ${name}: scaling up the canary`);
    case 'awaitingStart':
      return warning(`Halted ${name}: gate confirm-rollout is closed`);
    case 'preparing':
      return warning(`Halted ${name}: waiting for its webhooks before traffic may move`);
    case 'awaitingApproval':
      return warning(`Halted ${name}: stage ${stageOf(after.context)?.name ?? ''} waits for approval`);
    case 'awaitingPromotion':
      return warning(`Halted ${name}: gate confirm-promotion is closed`);
    case 'promoting':
      return normal(`Promoting ${name}: copying revision ${candidate?.revision ?? ''} to the primary`);
    case 'finalising':
      return normal(`Routing all traffic of ${name} to the primary`);
    case 'succeeded':
      return normal(`Promotion of ${name} completed: ${reason}`);
    case 'restoringPrimary':
      return warning(`Promotion of ${name} failed, traffic stays on the healthy side: ${reason}`);
    case 'rollingBack':
      return before.value === 'restoringPrimary' ? undefined : ended(after, `Rolling back ${name}: ${reason}`);
    case 'rolledBack':
      return ended(after, `${name} is back on the promoted revision: ${reason}`);
    case 'terminating':
      return normal(`${name} is being deleted: handing the traffic back to the target`);
    default:
      return undefined;
  }
}

function ended(after: RolloutSnapshot, message: string): Announcement {
  return phaseOf(after) === 'Failed' ? warning(message) : normal(message);
}

function normal(message: string): Announcement {
  return { type: 'Normal', message };
}

function warning(message: string): Announcement {
  return { type: 'Warning', message };
}
