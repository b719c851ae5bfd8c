/**
 * Queries of MetricTemplates and inline queries: `{{ name }}`, `{{ variables.key }}` and friends are replaced, nothing else is
 * computed. A name that does not exist is an error when the template is parsed, not an empty string in the query.
 */

import type { Issue, Parsed } from '../lib/issue.ts';

const NAMES = ['name', 'namespace', 'target', 'service', 'ingress', 'route', 'interval'] as const;

export type TemplateValues = Record<(typeof NAMES)[number], string> & { variables: Readonly<Record<string, string>> };

type TemplateName = (typeof NAMES)[number];
type Part = { kind: 'text'; text: string } | { kind: 'name'; name: TemplateName } | { kind: 'variable'; key: string };

export type QueryTemplate = readonly Part[];

/** A dash inside the braces takes the spaces outside away, as in Go's templates. */
const PLACEHOLDER = /(?:\s*\{\{-\s|\{\{)(.*?)(?:\s-\}\}\s*|\}\})/gs;

/** @param path field path of the query, for the issues */
export function parseQueryTemplate(text: string, path: string): Parsed<QueryTemplate> {
  const parts: Part[] = [];
  const issues: Issue[] = [];
  let end = 0;
  for (const match of text.matchAll(PLACEHOLDER)) {
    parts.push({ kind: 'text', text: text.slice(end, match.index) });
    const part = parsePlaceholder((match[1] ?? '').trim());
    if (part === undefined) issues.push({ path, message: unknownPlaceholder(match[0].trim()) });
    else parts.push(part);
    end = match.index + match[0].length;
  }
  const rest = text.slice(end);
  if (rest.includes('{{')) issues.push({ path, message: `must close what {{ opens: got ${excerpt(rest)}` });
  parts.push({ kind: 'text', text: rest });
  return issues.length > 0 ? { ok: false, issues } : { ok: true, value: parts };
}

/** Fills in the values; a variable that the metric does not define is an issue. */
export function renderQueryTemplate(template: QueryTemplate, values: TemplateValues, path: string): Parsed<string> {
  const issues: Issue[] = [];
  const texts = template.map((part) => {
    if (part.kind === 'text') return part.text;
    if (part.kind === 'name') return values[part.name];
    if (Object.hasOwn(values.variables, part.key)) return values.variables[part.key] ?? '';
    issues.push({ path, message: `must define what the query uses in templateVariables: got no ${part.key}` });
    return '';
  });
  return issues.length > 0 ? { ok: false, issues } : { ok: true, value: texts.join('') };
}

function parsePlaceholder(inside: string): Part | undefined {
  const variable = /^\.?variables\.([A-Za-z_]\w*)$/.exec(inside);
  if (variable?.[1] !== undefined) return { kind: 'variable', key: variable[1] };
  const name = NAMES.find((known) => known === inside);
  return name === undefined ? undefined : { kind: 'name', name };
}

function unknownPlaceholder(found: string): string {
  return `must use only {{ ${NAMES.join(' }}, {{ ')} }} and {{ variables.KEY }}: got ${excerpt(found)}`;
}

function excerpt(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
