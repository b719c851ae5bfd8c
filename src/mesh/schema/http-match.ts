/** Istio's HTTPMatchRequest: the conditions of one `match` entry, all of which must hold. */

import { z } from 'zod';
import type { Issue } from '../../lib/issue.ts';
import { isDnsLabel } from './dns-label.ts';
import { type StringMatchSpec, stringMatchSchema, validateStringMatch } from './string-match.ts';
import { isTokenClaim } from './token-claim.ts';
import { validateGatewayName } from './validate-gateway-name.ts';
import { validateLabels } from './validate-labels.ts';

const namedMatches = z.record(z.string(), stringMatchSchema);

export const httpMatchSchema = z.object({
  name: z.string().optional(),
  uri: stringMatchSchema.optional(),
  scheme: stringMatchSchema.optional(),
  method: stringMatchSchema.optional(),
  authority: stringMatchSchema.optional(),
  headers: namedMatches.optional(),
  withoutHeaders: namedMatches.optional(),
  queryParams: namedMatches.optional(),
  ignoreUriCase: z.boolean().optional(),
  port: z
    .number()
    .int()
    .min(0)
    .max(65_535)
    .optional()
    .describe('Port of the service on which the request came; 0 is any'),
  sourceLabels: z.record(z.string(), z.string()).optional(),
  sourceNamespace: z.string().optional(),
  gateways: z.array(z.string()).optional(),
  statPrefix: z.string().optional(),
});

export type HttpMatchSpec = z.infer<typeof httpMatchSchema>;

/** Istio's validation of one match entry (istio.md 11). */
export function validateHttpMatch(match: HttpMatchSpec, path: string): Issue[] {
  const pseudo = (['scheme', 'method', 'authority'] as const).flatMap((key) => {
    const condition = match[key];
    return condition === undefined ? [] : validateStringMatch(condition, `${path}.${key}`, 'pseudo');
  });
  return [
    ...(match.uri === undefined ? [] : validateStringMatch(match.uri, `${path}.uri`, 'uri')),
    ...pseudo,
    ...validateNamed(match.headers, `${path}.headers`, 'named'),
    ...validateNamed(match.withoutHeaders, `${path}.withoutHeaders`, 'without'),
    ...validateNamed(match.queryParams, `${path}.queryParams`, 'named'),
    ...headerNames({ ...match.headers, ...match.withoutHeaders }, path),
    ...parameterNames(match.queryParams ?? {}, `${path}.queryParams`),
    ...validateLabels(match.sourceLabels, `${path}.sourceLabels`),
    ...(match.sourceNamespace === undefined || match.sourceNamespace === '' || isDnsLabel(match.sourceNamespace)
      ? []
      : [{ path: `${path}.sourceNamespace`, message: `must be a namespace: got ${match.sourceNamespace}` }]),
    ...(match.gateways ?? []).flatMap((written) => validateGatewayName(written, `${path}.gateways`)),
  ];
}

function validateNamed(
  conditions: Record<string, StringMatchSpec> | undefined,
  path: string,
  where: 'named' | 'without',
): Issue[] {
  return Object.entries(conditions ?? {}).flatMap(([name, condition]) =>
    validateStringMatch(condition, `${path}.${name}`, where),
  );
}

function headerNames(conditions: Record<string, StringMatchSpec>, path: string): Issue[] {
  return Object.keys(conditions)
    .filter((name) => !isTokenClaim(name) && !/^:?[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name))
    .map((name) => ({ path, message: `must have valid header names: got ${JSON.stringify(name)}` }));
}

// Istio accepts it, and Envoy then refuses all routes.
function parameterNames(conditions: Record<string, StringMatchSpec>, path: string): Issue[] {
  return '' in conditions ? [{ path, message: 'must have names of query parameters: got ""' }] : [];
}
