/** Who sees resources that say nothing about it: what the mesh says, else everybody (istio.md 2.4). */

import type { MeshSettings } from '../schema/mesh-config.ts';
import type { MeshInput } from './mesh-input.ts';

export function withDefaultExports(input: MeshInput, mesh: MeshSettings): MeshInput {
  const { defaultServiceExportTo, defaultVirtualServiceExportTo, defaultDestinationRuleExportTo } = mesh;
  return {
    ...input,
    services: filled(input.services, defaultServiceExportTo),
    virtualServices: filledSpecs(input.virtualServices, defaultVirtualServiceExportTo),
    destinationRules: filledSpecs(input.destinationRules, defaultDestinationRuleExportTo),
  };
}

type Exported = { exportTo?: readonly string[] | undefined };

function filled<T extends Exported>(list: readonly T[], exportTo: string[]): readonly T[] {
  if (exportTo.length === 0) return list;
  return list.map((each) => ((each.exportTo ?? []).length > 0 ? each : { ...each, exportTo }));
}

function filledSpecs<T extends { spec: Exported }>(list: readonly T[], exportTo: string[]): readonly T[] {
  if (exportTo.length === 0) return list;
  return list.map((each) =>
    (each.spec.exportTo ?? []).length > 0 ? each : { ...each, spec: { ...each.spec, exportTo } },
  );
}
