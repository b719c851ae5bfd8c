/** Istio's MeshConfig as far as the bundled proxy acts on it (istio.md §2, §3.5, §7.1): shape, defaults, parsing. */

import { z } from 'zod';
import { type Issue, parseWith } from '../../lib/issue.ts';
import { localityLbSettingSchema } from './destination-rule.ts';
import { unknownFields } from './envelope.ts';
import { retriesSchema } from './http-route.ts';
import { meshTelemetryFields } from './mesh-telemetry-fields.ts';

const exportToSchema = z.array(z.string()).default([]);

const meshConfigSchema = z.object({
  rootNamespace: z.string().min(1).default('istio-system').describe('Where resources for the whole mesh stand'),
  outboundTrafficPolicy: z
    .object({ mode: z.enum(['ALLOW_ANY', 'REGISTRY_ONLY']).default('ALLOW_ANY') })
    .default({ mode: 'ALLOW_ANY' })
    .describe('What becomes of requests for names that nobody knows'),
  defaultHttpRetryPolicy: retriesSchema.optional(),
  localityLbSetting: localityLbSettingSchema.optional(),
  defaultServiceExportTo: exportToSchema,
  defaultVirtualServiceExportTo: exportToSchema,
  defaultDestinationRuleExportTo: exportToSchema,
  pathNormalization: z
    .object({
      normalization: z
        .enum(['DEFAULT', 'NONE', 'BASE', 'MERGE_SLASHES', 'DECODE_AND_MERGE_SLASHES'])
        .default('DEFAULT'),
    })
    .optional()
    .describe('The form in which paths are matched and forwarded'),
  ...meshTelemetryFields,
});

export type MeshSettings = z.infer<typeof meshConfigSchema>;

/** Istio's own. */
export const DEFAULT_MESH: MeshSettings = meshConfigSchema.parse({});

export type ParsedMesh = { ok: true; value: MeshSettings; warnings: Issue[] } | { ok: false; issues: readonly Issue[] };

/** @param input a MeshConfig; what it holds beyond ours is named in the warnings */
export function parseMeshConfig(input: unknown): ParsedMesh {
  const parsed = parseWith(meshConfigSchema, input ?? {});
  return parsed.ok ? { ...parsed, warnings: unknownFields(input ?? {}, parsed.value, []) } : parsed;
}
