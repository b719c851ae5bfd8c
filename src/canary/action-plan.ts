/**
 * The steps from what is observed to what is desired, in the order in which they must run; empty when there is nothing to do.
 *
 * Invariant: traffic never points at pods that are not there. Pods come before weight on the way up, weight leaves before pods on
 * the way down, and neither side is given up before the other one can serve.
 */

import type { Desired, DesiredRoutes } from './desired.ts';
import type { Observed, ObservedPods, ObservedRoutes } from './observed.ts';
import type { Candidate } from './rollout-record.ts';

export type Action =
  | { do: 'writePrimary'; candidate: Candidate }
  | { do: 'scalePrimary'; replicas: number }
  | { do: 'scaleTarget'; replicas: number }
  | { do: 'writeRoutes'; routes: DesiredRoutes };

export function plan(desired: Desired, { target, primary, routes }: Observed): Action[] {
  const actions: Action[] = [];
  // Pods that are on their way out are still counted as ready: scaled up now, they would pass for the new ones.
  const grows = desired.target === 'asPrimary' && target?.replicas === 0 && target.readyReplicas === 0;
  const shrinks = desired.target === 'zero' && (target?.replicas ?? 0) > 0 && canServe(primary);

  if (desired.primary !== null && desired.primary.revision !== primary?.revision) {
    actions.push({ do: 'writePrimary', candidate: desired.primary });
  } else if (shrinks && target !== undefined && primary !== undefined && target.replicas !== primary.replicas) {
    // At rest the target's replicas are a wish for the primary: somebody applied a manifest with another number.
    actions.push({ do: 'scalePrimary', replicas: target.replicas });
  }
  if (grows) actions.push({ do: 'scaleTarget', replicas: Math.max(1, primary?.replicas ?? 1) });
  if (
    desired.routes !== undefined &&
    !isWritten(desired.routes, routes) &&
    isServable(desired.routes, target, primary)
  ) {
    actions.push({ do: 'writeRoutes', routes: desired.routes });
  }
  // Only behind routes that are written: on the way down the weight leaves first.
  const routesLetGo = desired.routes !== undefined && isWritten(desired.routes, routes);
  if (shrinks && routesLetGo) actions.push({ do: 'scaleTarget', replicas: 0 });
  return actions;
}

export function isWritten(desired: DesiredRoutes, routes: ObservedRoutes | undefined): boolean {
  if (routes === undefined) return false;
  const { weight, mirrorPercent, stage } = routes;
  return desired.weight === weight && desired.mirrorPercent === mirrorPercent && desired.stage === stage;
}

function isServable(
  { weight, match, mirrorPercent }: DesiredRoutes,
  target?: ObservedPods,
  primary?: ObservedPods,
): boolean {
  const needsCanary = weight > 0 || match.length > 0 || mirrorPercent > 0;
  if (needsCanary && !canServe(target)) return false;
  // With nobody ready anywhere, the primary is where traffic belongs.
  return weight === 100 || canServe(primary) || !canServe(target);
}

function canServe(pods: ObservedPods | undefined): boolean {
  return pods !== undefined && pods.readyReplicas > 0;
}
