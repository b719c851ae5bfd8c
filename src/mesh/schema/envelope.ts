/** What all Istio objects have around their spec, and how one is parsed: every issue with its place, unknown fields as warnings. */

import { z } from 'zod';
import { formatPath, type Issue, parseWith } from '../../lib/issue.ts';

/** Who an Istio object is, as far as its meaning depends on it (age decides conflicts). */
export type IstioMeta = {
  name: string;
  namespace: string;
  creationTimestamp: string;
  generation: number;
};

export type IstioObject<Spec> = { metadata: IstioMeta; spec: Spec };

/** As `Parsed`, with what was accepted: fields that are unknown (`warnings`), and known ones that somebody should look at (`advice`). */
export type ParsedIstio<T> =
  | { ok: true; value: T; warnings: readonly Issue[]; advice: readonly Issue[] }
  | { ok: false; issues: readonly Issue[] };

const metadataSchema = z.looseObject({
  name: z.string().min(1),
  namespace: z.string().default('default'),
  creationTimestamp: z.string().nullish(),
  generation: z.number().int().optional(),
  annotations: z.record(z.string(), z.string()).nullish(),
  labels: z.record(z.string(), z.string()).nullish(),
});

/** What of the metadata decides whether a spec is valid. */
export type CheckedMeta = Pick<IstioMeta, 'name' | 'namespace'> & {
  labels?: Readonly<Record<string, string>> | null | undefined;
};

type Checks<Spec> = {
  schema: z.ZodType<Spec>;
  kind: string;
  /** Semantic validation of a spec that has the right shape. */
  validate: (spec: Spec, metadata: CheckedMeta) => Issue[];
  /** What is valid, though hardly meant. */
  warn?: (spec: Spec, metadata: Pick<IstioMeta, 'namespace'>) => Issue[];
  /** Unknown fields below these paths are errors: a misspelled condition there would widen a rule. */
  strictBelow: readonly string[];
};

/** Parses one object; a bad one yields issues and never throws. */
export function parseIstio<Spec>(object: unknown, { schema, kind, validate, warn, strictBelow }: Checks<Spec>) {
  const envelope = z.looseObject({
    apiVersion: z.string().regex(/^networking\.istio\.io\/(v1|v1beta1|v1alpha3)$/, {
      error: 'must be networking.istio.io/v1, /v1beta1 or /v1alpha3',
    }),
    kind: z.literal(kind, { error: `must be ${kind}` }),
    metadata: metadataSchema,
    spec: schema,
  });
  const parsed = parseWith(envelope, object);
  if (!parsed.ok) return parsed;
  const { metadata, spec } = parsed.value as { metadata: z.infer<typeof metadataSchema>; spec: Spec };
  const unknown = unknownFields((object as { spec: unknown }).spec, spec, ['spec']);
  const isStrict = ({ path }: Issue) => strictBelow.some((prefix) => path.startsWith(prefix));
  const issues = [...validateAnnotations(metadata), ...unknown.filter(isStrict), ...validate(spec, metadata)];
  if (issues.length > 0) return { ok: false, issues } satisfies ParsedIstio<never>;
  const value: IstioObject<Spec> = {
    metadata: {
      name: metadata.name,
      namespace: metadata.namespace,
      creationTimestamp: metadata.creationTimestamp ?? '',
      generation: metadata.generation ?? 0,
    },
    spec,
  };
  const warnings = unknown.filter((issue) => !isStrict(issue));
  return { ok: true, value, warnings, advice: warn?.(spec, metadata) ?? [] } satisfies ParsedIstio<IstioObject<Spec>>;
}

// Only an AuthorizationPolicy can be tried without being in force; for others it would be in force unseen.
function validateAnnotations({ annotations }: z.infer<typeof metadataSchema>): Issue[] {
  const path = 'metadata.annotations["istio.io/dry-run"]';
  return annotations?.['istio.io/dry-run'] === undefined ? [] : [{ path, message: 'must not be set on this kind' }];
}

/** Fields that stand in the input and that the schema did not take over. */
export function unknownFields(input: unknown, output: unknown, path: readonly (string | number)[]): Issue[] {
  if (Array.isArray(input)) {
    return input.flatMap((item, index) =>
      unknownFields(item, (output as unknown[] | undefined)?.[index], [...path, index]),
    );
  }
  if (typeof input !== 'object' || input === null || typeof output !== 'object' || output === null) return [];
  return Object.entries(input).flatMap(([key, value]) =>
    key in output
      ? unknownFields(value, (output as Record<string, unknown>)[key], [...path, key])
      : [{ path: formatPath([...path, key]), message: `must be a known field: got ${key}` }],
  );
}
