/** What is wrong with an input: parsing at the edge reports everything at once, with places. */

import type { z } from 'zod';

export type Issue = {
  /** Field path as Kubernetes writes it: `spec.analysis.stages[1].weight`. */
  path: string;
  /** What was expected and what was found: `must be a duration such as 30s or 5m: got soon`. */
  message: string;
};

export type Parsed<T> = { ok: true; value: T } | { ok: false; issues: readonly Issue[] };

/** A path of keys and indexes as Kubernetes writes it: `['spec', 'hosts', 0]` is `spec.hosts[0]`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

/** Parses `input` with a zod schema; every issue carries its place and the found value. */
export function parseWith<S extends z.ZodType>(schema: S, input: unknown): Parsed<z.output<S>> {
  const result = schema.safeParse(input);
  if (result.success) return { ok: true, value: result.data };
  return {
    ok: false,
    issues: result.error.issues.map((issue) => ({
      path: formatPath(issue.path),
      message: `${demandOf(issue)}: got ${foundAt(input, issue.path)}`,
    })),
  };
}

/** What is allowed, in our words; a schema that brings words of its own is quoted. */
function demandOf(issue: z.core.$ZodIssue): string {
  if (!/^(Invalid|Unrecognized|Too )/.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${/^[aeiou]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}`;
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`;
    case 'unrecognized_keys':
      return `must not have ${issue.keys.join(', ')}`;
    case 'too_small':
      return `must be at least ${issue.minimum}${issue.origin === 'string' || issue.origin === 'array' ? ' long' : ''}`;
    case 'too_big':
      return `must be at most ${issue.maximum}${issue.origin === 'string' || issue.origin === 'array' ? ' long' : ''}`;
    default:
      return issue.message;
  }
}

function foundAt(input: unknown, path: readonly PropertyKey[]): string {
  let found: unknown = input;
  for (const key of path) found = (found as Record<PropertyKey, unknown> | null | undefined)?.[key];
  return found === undefined ? 'nothing' : (JSON.stringify(found)?.slice(0, 200) ?? 'nothing');
}
