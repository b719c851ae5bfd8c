import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Action, isWritten, plan } from '../../src/canary/action-plan.ts';
import type { Desired } from '../../src/canary/desired.ts';
import type { Observed } from '../../src/canary/observed.ts';
import { aCandidate, aPlan, START } from './rollouts.ts';

const count = fc.integer({ min: 0, max: 3 });
const weight = fc.constantFrom(0, 1, 50, 100);
const revision = fc.constantFrom('r1', 'r2');

const anyDesired: fc.Arbitrary<Desired> = fc.record({
  routes: fc.record({
    weight,
    match: fc.constant([]),
    mirrorPercent: fc.constant(0),
    stage: fc.constantFrom('', 'one'),
  }),
  target: fc.constantFrom('zero', 'asPrimary', 'asItIs'),
  primary: revision.map(aCandidate),
});

const pods = fc.record({ replicas: count, readyReplicas: count, ready: fc.boolean(), reason: fc.constant('') });

const anyObserved: fc.Arbitrary<Observed> = fc
  .record({ target: pods, primary: pods, revision, weight, stage: fc.constantFrom('', 'one') })
  .map(({ target, primary, revision: primaryRevision, weight: written, stage }) => ({
    at: START,
    drainMs: 0,
    deleting: false,
    suspended: false,
    plan: aPlan(),
    candidateReproducible: true,
    target: { ...target, candidate: aCandidate('r2') },
    primary: { ...primary, revision: primaryRevision },
    routes: { weight: written, mirrorPercent: 0, stage },
  }));

describe('plan()', () => {
  test('never sends traffic to a side without a ready pod while the other one has one', () => {
    fc.assert(
      fc.property(anyDesired, anyObserved, (desired, observed) => {
        const write = plan(desired, observed).find((action) => action.do === 'writeRoutes');
        if (write === undefined) return;
        if (write.routes.weight > 0) expect(observed.target?.readyReplicas).toBeGreaterThan(0);
        if (write.routes.weight < 100 && observed.primary?.readyReplicas === 0)
          expect(observed.target?.readyReplicas).toBe(0);
      }),
    );
  });

  test('takes the target’s pods away only behind routes that have left them, and with a primary that serves', () => {
    fc.assert(
      fc.property(anyDesired, anyObserved, (desired, observed) => {
        if (!plan(desired, observed).some((action) => action.do === 'scaleTarget' && action.replicas === 0)) return;
        expect(desired.routes !== undefined && isWritten(desired.routes, observed.routes)).toBe(true);
        expect(observed.primary?.readyReplicas).toBeGreaterThan(0);
      }),
    );
  });

  test('brings pods before weight', () => {
    fc.assert(
      fc.property(anyDesired, anyObserved, (desired, observed) => {
        const kinds = plan(desired, observed).map(kindOf);
        const grow = kinds.indexOf('grow');
        const route = kinds.indexOf('writeRoutes');
        if (grow !== -1 && route !== -1) expect(grow).toBeLessThan(route);
      }),
    );
  });
});

function kindOf(action: Action): string {
  return action.do === 'scaleTarget' && action.replicas > 0 ? 'grow' : action.do;
}
