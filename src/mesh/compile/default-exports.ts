/** Who sees resources that say nothing about it: what the mesh says, else everybody (istio.md 2.4). */

import { perObject } from '../../lib/per-object.ts';
import type { DestinationRule } from '../schema/destination-rule.ts';
import type { MeshSettings } from '../schema/mesh-config.ts';
import type { VirtualService } from '../schema/virtual-service.ts';
import type { MeshInput, MeshService } from './mesh-input.ts';

/** @returns a function that leaves resources alone which say something themselves, and gives the same answer for the same resource */
export function defaultExports(mesh: MeshSettings): (input: MeshInput) => MeshInput {
  const { defaultServiceExportTo, defaultVirtualServiceExportTo, defaultDestinationRuleExportTo } = mesh;
  const services = filled<MeshService>(defaultServiceExportTo);
  const virtualServices = filledSpecs<VirtualService>(defaultVirtualServiceExportTo);
  const destinationRules = filledSpecs<DestinationRule>(defaultDestinationRuleExportTo);
  return (input) => ({
    ...input,
    services: services(input.services),
    virtualServices: virtualServices(input.virtualServices),
    destinationRules: destinationRules(input.destinationRules),
  });
}

type Exported = { exportTo?: readonly string[] | undefined };
type Fill<T> = (list: readonly T[]) => readonly T[];

function filled<T extends Exported>(exportTo: string[]): Fill<T> {
  if (exportTo.length === 0) return (list) => list;
  const fill = perObject((each: T): T => ((each.exportTo ?? []).length > 0 ? each : { ...each, exportTo }));
  return (list) => list.map(fill);
}

function filledSpecs<T extends { spec: Exported }>(exportTo: string[]): Fill<T> {
  if (exportTo.length === 0) return (list) => list;
  const fill = perObject(
    (each: T): T => ((each.spec.exportTo ?? []).length > 0 ? each : { ...each, spec: { ...each.spec, exportTo } }),
  );
  return (list) => list.map(fill);
}
