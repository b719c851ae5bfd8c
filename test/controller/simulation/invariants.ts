/** What must hold at every single write, whatever happens (reliability.md, invariants I-01 to I-21). Broken ones are collected. */

import type { Canary } from '../../../src/canary/canary.schema.ts';
import { isResting } from '../../../src/canary/next-event.ts';
import type { Deployment } from '../../../src/controller/workload.ts';
import type { KubeObject } from '../../../src/lib/resource.ts';
import { readSplit } from '../../../src/mesh/render/read-split.ts';
import type { FakeWrite } from './fake-api.ts';
import { imageOf, type Simulation } from './simulation.ts';

const THRESHOLD = 2;
const TAKEN_BACK = ['rollingBack', 'rolledBack', 'restoringPrimary', 'terminating'];

/** Watches a simulation; `broken` lists each violation as a sentence. */
export function watchInvariants(simulation: Simulation): { broken: string[]; byHand: <T>(edit: () => T) => T } {
  const broken: string[] = [];
  let isByHand = false;
  const must = (holds: boolean, sentence: string) => {
    if (!holds) broken.push(`${sentence} (state ${simulation.state})`);
  };

  const onStatus = (before: Canary | undefined, after: Canary) => {
    const [was, is] = [before?.status?.rollout, after.status?.rollout];
    if (is === undefined) return;
    must(
      is.failures < THRESHOLD || TAKEN_BACK.includes(is.state),
      'I-06, I-10: the threshold decides in its own write',
    );
    const isSameRun = was?.startedAt !== undefined && was.startedAt === is.startedAt && was.revision === is.revision;
    if (isSameRun) {
      const grown = is.failures - was.failures;
      must(grown === 0 || grown === 1, 'I-07: failures grow by one at most');
      const hasFailed = is.checks.some(({ verdict }) => verdict.kind === 'fail');
      must(grown === 0 || hasFailed, 'I-08: only a failed check counts as failure');
      const isHigher = is.stageIndex > was.stageIndex;
      const hasPassed = is.checks.length > 0 && is.checks.every(({ verdict }) => verdict.kind === 'pass');
      must(!isHigher || hasPassed, 'I-05, I-08: a stage follows only a check that passed');
    }
    if (was !== undefined && was.promotedRevision !== is.promotedRevision && was.state !== 'initializing') {
      must(is.promotedRevision === was.revision, 'I-12: what was analysed is promoted');
    }
    const starts = is.history.map(({ startedAt, revision }) => `${startedAt} ${revision}`);
    must(new Set(starts).size === starts.length, 'I-13: a run ends once');
    if (isResting(is.state)) must((after.status?.canaryWeight ?? 0) === 0, 'I-16: at rest the canary has no weight');
  };

  const onRoutes = (before: KubeObject | undefined, after: KubeObject) => {
    if (isByHand) return;
    const weight = readSplit(after)?.canaryWeight ?? 0;
    must(Number.isInteger(weight) && 0 <= weight && weight <= 100, 'I-01: weights are whole percents');
    const was = before === undefined ? 0 : (readSplit(before)?.canaryWeight ?? 0);
    if (weight <= was) return;
    const { status } = simulation.canary;
    must(weight <= (status?.canaryWeight ?? 0), 'I-21: no weight rises but by a decision that was saved');
    const isHandedOver = ['restoringPrimary', 'shiftingBack', 'promoting'].includes(simulation.state);
    must(weight <= 50 || isHandedOver, 'I-04: no weight above the plan');
    must((simulation.deployment()?.status?.readyReplicas ?? 0) > 0, 'I-03: weight only for pods that are there');
  };

  const onDeployment = (before: Deployment | undefined, after: Deployment) => {
    if (isByHand || before === undefined) return;
    const isDown = after.spec.replicas === 0 && before.spec.replicas !== 0;
    if (after.metadata.name === 'hello-primary') {
      must(!isDown, 'I-11: the primary is never scaled to nothing');
      if (imageOf(before) === imageOf(after)) return;
      const { promoted, candidate } = simulation.canary.status?.rollout ?? {};
      const known = [promoted, candidate].map((run) => imageOf({ spec: { template: run?.template } } as Deployment));
      must(known.includes(imageOf(after)), 'I-12: the primary gets only what the record names');
    } else if (isDown) {
      must(simulation.weight === 0, 'I-11: pods go only after their weight');
    }
  };

  simulation.api.onWrite = ({ kind, before, after }: FakeWrite) => {
    if (after === undefined) return;
    if (kind === 'Canary') onStatus(before as Canary | undefined, after as Canary);
    if (kind === 'VirtualService') onRoutes(before, after);
    if (kind === 'Deployment') onDeployment(before as Deployment | undefined, after as Deployment);
  };
  return {
    broken,
    byHand(edit) {
      isByHand = true;
      try {
        return edit();
      } finally {
        isByHand = false;
      }
    },
  };
}
