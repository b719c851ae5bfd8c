/** What a turn tells people, from the rollout before and after it: one sentence per decision. */

import { decidingCheck } from '../canary/evidence.ts';
import { phaseOf } from '../canary/flagger-status.ts';
import type { RolloutSnapshot } from '../canary/rollout.machine.ts';
import { stageOf } from '../canary/rollout-context.ts';
import { explainCheck } from '../metrics/explain-check.ts';

export type Severity = 'info' | 'warn' | 'error';

export type Announcement = {
  type: 'Normal' | 'Warning';
  message: string;
  /** Present on what people want to be told even when they are not looking. */
  alert?: Severity;
};

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
    return warning(`Failed check ${after.failures} of ${after.plan?.threshold ?? 1}: ${explainCheck(check)}`);
  }
  const held = warning(`Held: ${explainCheck(check)}`);
  // Only the first of a row: nobody wants a message per interval.
  return after.inconclusive === 1 ? alerted('warn', held) : held;
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
      return alerted(
        'info',
        normal(`Initialization of ${name} done: the primary serves revision ${candidate?.revision ?? ''}`),
      );
    case 'startingCanary':
      return alerted('info', normal(`New revision ${candidate?.revision ?? ''} of ${name}: scaling up the canary`));
    case 'awaitingStart':
      return alerted('warn', warning(`Halted ${name}: gate confirm-rollout is closed`));
    case 'preparing':
      return alerted('warn', warning(`Halted ${name}: waiting for its webhooks before traffic may move`));
    case 'awaitingApproval':
      return alerted('warn', warning(`Halted ${name}: stage ${stageOf(after.context)?.name ?? ''} waits for approval`));
    case 'awaitingPromotion':
      return alerted('warn', warning(`Halted ${name}: gate confirm-promotion is closed`));
    case 'promoting':
      return normal(`Promoting ${name}: copying revision ${candidate?.revision ?? ''} to the primary`);
    case 'finalising':
      return normal(`Routing all traffic of ${name} to the primary`);
    case 'succeeded':
      return alerted('info', normal(`Promotion of ${name} completed: ${reason}`));
    case 'restoringPrimary':
      return alerted('error', warning(`Promotion of ${name} failed, traffic stays on the healthy side: ${reason}`));
    case 'rollingBack':
      return before.value === 'restoringPrimary'
        ? undefined
        : alerted(severityOfEnd(after), ended(after, `Rolling back ${name}: ${reason}`));
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

function alerted(alert: Severity, announcement: Announcement): Announcement {
  return { ...announcement, alert };
}

function severityOfEnd(after: RolloutSnapshot): Severity {
  return phaseOf(after) === 'Failed' ? 'error' : 'info';
}

function normal(message: string): Announcement {
  return { type: 'Normal', message };
}

function warning(message: string): Announcement {
  return { type: 'Warning', message };
}
