/** Istio's StringMatch: exactly one of exact, prefix and regex; none of them asks for presence (headers, query parameters). */

import { RE2JS } from 're2js';
import { z } from 'zod';
import { messageOf } from '../../lib/errors.ts';
import type { Issue } from '../../lib/issue.ts';
import type { StringMatch } from '../table/route-table.ts';

export const stringMatchSchema = z.object({
  exact: z.string().optional().describe('The whole value, case-sensitive'),
  prefix: z.string().optional().describe('The beginning of the value'),
  regex: z.string().optional().describe('RE2 regular expression that covers the whole value'),
});

export type StringMatchSpec = z.infer<typeof stringMatchSchema>;

/** The match as the route table knows it. A regex `*` is Istio's old spelling of presence. */
export function toStringMatch({ exact, prefix, regex }: StringMatchSpec): StringMatch {
  if (exact !== undefined) return { kind: 'exact', value: exact };
  if (prefix !== undefined) return { kind: 'prefix', value: prefix };
  if (regex !== undefined && regex !== '*') return { kind: 'regex', value: regex };
  return { kind: 'present' };
}

/** What Istio's validation says about one match (istio.md 11). `where` decides about empty prefixes, presence and `*`. */
export function validateStringMatch(
  match: StringMatchSpec,
  path: string,
  where: 'uri' | 'pseudo' | 'named' | 'without',
): Issue[] {
  const set = (['exact', 'prefix', 'regex'] as const).filter((key) => match[key] !== undefined);
  if (set.length > 1)
    return [{ path, message: `must have only one of exact, prefix and regex: got ${set.join(', ')}` }];
  if (set.length === 0 && (where === 'uri' || where === 'pseudo')) {
    return [{ path, message: 'must have one of exact, prefix and regex: got none' }];
  }
  if (match.prefix === '' && where !== 'uri') {
    return [{ path: `${path}.prefix`, message: 'must not be empty: got ""' }];
  }
  if (match.regex === undefined || (match.regex === '*' && where === 'without')) return [];
  return validateRegex(match.regex, `${path}.regex`);
}

/** RE2 syntax, not empty, at most 1024 characters. */
export function validateRegex(regex: string, path: string): Issue[] {
  if (regex === '') return [{ path, message: 'must not be empty: got ""' }];
  if (regex.length > 1024) return [{ path, message: `must have at most 1024 characters: got ${regex.length}` }];
  try {
    RE2JS.compile(regex);
    return [];
  } catch (thrown) {
    return [
      { path, message: `must be an RE2 regular expression (${messageOf(thrown)}): got ${JSON.stringify(regex)}` },
    ];
  }
}
