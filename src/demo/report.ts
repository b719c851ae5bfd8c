/** What the demo says at its end, as data: computed from the ledger and from what was configured when. Pure. */

import { balance, type RoutedRequest, type ServedRequest } from './ledger.ts';
import type { ClientOutcome } from './traffic.ts';

/** From this table version on, the canary got `weight` percent of the unmatched traffic. */
export type RouteChange = { tableVersion: number; weight: number; matched: boolean };

/** One release as it went, before the counting. */
export type ReleaseRecord = {
  /** What people call it: `v2`. */
  revision: string;
  outcome: 'promoted' | 'rolledBack';
  reason: string;
  /** Seconds from the change of the Deployment to the outcome. */
  seconds: number;
  /** First and last table version that belong to this release. */
  firstVersion: number;
  lastVersion: number;
  stages: readonly { name: string; weight: number; match: boolean }[];
};

export type StageReport = {
  name: string;
  /** Configured percentage of the unmatched traffic. */
  weight: number;
  /** Unmatched requests routed while the stage was live. */
  requests: number;
  canaryRequests: number;
  /** Percentage of the unmatched requests that really went to the canary. */
  share: number;
  /** Requests with the stage's header, and how many of them went to the canary. */
  matched: number;
  matchedCanary: number;
};

export type ReleaseReport = {
  revision: string;
  outcome: 'promoted' | 'rolledBack';
  reason: string;
  seconds: number;
  /** Seconds from the first bad answer to the last request on the bad version; 0 when nothing was rolled back. */
  rollbackSeconds: number;
  stages: readonly StageReport[];
};

export type DemoReport = {
  seconds: number;
  requests: { sent: number; applicationErrors: number; lost: number; duplicated: number };
  releases: readonly ReleaseReport[];
};

export type Evidence = {
  seconds: number;
  /** Name of the Deployment that plays the canary. */
  canaryWorkload: string;
  sent: readonly ClientOutcome[];
  routed: readonly RoutedRequest[];
  served: readonly ServedRequest[];
  routeChanges: readonly RouteChange[];
  releases: readonly ReleaseRecord[];
};

/** Counts what really happened. */
export function demoReport(evidence: Evidence): DemoReport {
  const { sent, applicationErrors, lost, duplicated } = balance(evidence.sent, evidence.routed, evidence.served);
  return {
    seconds: round(evidence.seconds),
    requests: { sent, applicationErrors, lost: lost.length, duplicated: duplicated.length },
    releases: evidence.releases.map((release) => ({
      revision: release.revision,
      outcome: release.outcome,
      reason: release.reason,
      seconds: round(release.seconds),
      rollbackSeconds: round(rollbackSeconds(release, evidence.sent)),
      stages: release.stages.map((stage) => stageReport(stage, release, evidence)).filter(wasReached),
    })),
  };
}

/** Everything that is not as it should be, in words; empty after a good run. */
export function flawsOf(
  { requests, releases }: DemoReport,
  expected: Readonly<Record<string, ReleaseReport['outcome']>>,
): string[] {
  const flaws: string[] = [];
  if (requests.lost > 0) flaws.push(`${requests.lost} requests were lost by the platform`);
  if (requests.duplicated > 0) flaws.push(`${requests.duplicated} requests were served twice`);
  for (const [revision, outcome] of Object.entries(expected)) {
    const found = releases.find((release) => release.revision === revision)?.outcome;
    if (found !== outcome) flaws.push(`${revision} should have been ${outcome}: it was ${found ?? 'not released'}`);
  }
  for (const { revision, stages } of releases) flaws.push(...stages.flatMap((stage) => stageFlaws(revision, stage)));
  return flaws;
}

function stageFlaws(
  revision: string,
  { name, weight, requests, canaryRequests, matched, matchedCanary }: StageReport,
): string[] {
  const expected = (requests * weight) / 100;
  const tolerated = Math.max(1, 3 * Math.sqrt(requests * (weight / 100) * (1 - weight / 100)));
  const flaws: string[] = [];
  if (Math.abs(canaryRequests - expected) > tolerated) {
    flaws.push(
      `${revision}, stage ${name}: ${canaryRequests} of ${requests} requests reached the canary, not ${Math.round(expected)}`,
    );
  }
  if (matched !== matchedCanary) {
    flaws.push(
      `${revision}, stage ${name}: ${matched - matchedCanary} of ${matched} requests of staff missed the canary`,
    );
  }
  return flaws;
}

function stageReport(
  { name, weight, match }: ReleaseRecord['stages'][number],
  { firstVersion, lastVersion }: ReleaseRecord,
  { routed, sent, routeChanges, canaryWorkload }: Evidence,
): StageReport {
  const internal = new Set(sent.filter((outcome) => outcome.internal).map(({ id }) => id));
  const live = routed.filter(({ tableVersion, mirror, workload }) => {
    if (mirror || workload === undefined || tableVersion < firstVersion || tableVersion > lastVersion) return false;
    const change = changeAt(routeChanges, tableVersion);
    return change !== undefined && change.weight === weight && change.matched === match;
  });
  const isMatched = ({ id }: RoutedRequest) => match && internal.has(id);
  const isCanary = ({ workload }: RoutedRequest) => workload === canaryWorkload;
  const unmatched = live.filter((request) => !isMatched(request));
  const matched = live.filter(isMatched);
  const canaryRequests = unmatched.filter(isCanary).length;
  return {
    name,
    weight,
    requests: unmatched.length,
    canaryRequests,
    share: unmatched.length === 0 ? 0 : round((canaryRequests / unmatched.length) * 100),
    matched: matched.length,
    matchedCanary: matched.filter(isCanary).length,
  };
}

/** The configuration that a table version served: the latest change at or before it. */
function changeAt(changes: readonly RouteChange[], tableVersion: number): RouteChange | undefined {
  return changes.findLast((change) => change.tableVersion <= tableVersion);
}

function wasReached({ requests, matched }: StageReport): boolean {
  return requests + matched > 0;
}

function rollbackSeconds({ revision, outcome }: ReleaseRecord, sent: readonly ClientOutcome[]): number {
  if (outcome !== 'rolledBack') return 0;
  const onBad = sent.filter(({ version }) => version === revision);
  const firstBadAt = Math.min(...onBad.filter(({ status }) => status >= 500).map(({ answeredAt }) => answeredAt));
  const lastAt = onBad.reduce((last, { sentAt }) => Math.max(last, sentAt), 0);
  return Number.isFinite(firstBadAt) ? Math.max(0, lastAt - firstBadAt) / 1_000 : 0;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
