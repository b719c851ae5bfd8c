/** From a metric of a Canary to the checks that it stands for: query, bounds, window and who answers. Pure. */

import { parseDuration } from '../lib/duration.ts';
import type { Issue, Parsed } from '../lib/issue.ts';
import { boundsOf, type ThresholdFields } from './bounds-of.ts';
import { builtinQuery, isBuiltinMetric } from './builtin-query.ts';
import type { MetricProviderSpec, MetricTemplateSpec } from './metric-template.schema.ts';
import { parseQueryTemplate, renderQueryTemplate } from './query-template.ts';
import type { Bounds } from './verdict.ts';

/** Window of a metric that states none, built-in or not. */
export const DEFAULT_METRIC_INTERVAL = '1m';

/** Who answers a check: the metrics server of the installation, or the one that a MetricTemplate names. */
export type CheckProvider =
  | { kind: 'metricsServer' }
  | { kind: 'template'; namespace: string; name: string; spec: MetricProviderSpec };

export type Check = {
  /** The metric's name in the Canary. */
  metric: string;
  /** The query, ready to be sent. */
  query: string;
  bounds: Bounds;
  /** The window that the query looks at, in milliseconds: evidence of a stage begins this long after its weight is live. */
  intervalMs: number;
  provider: CheckProvider;
};

/** One entry of `spec.analysis.metrics`. */
export type MetricFields = ThresholdFields & {
  interval?: string | undefined;
  query?: string | undefined;
  templateRef?: { name: string; namespace?: string | undefined } | undefined;
  templateVariables?: Readonly<Record<string, string>> | undefined;
};

/** What the placeholders of queries stand for. */
export type CheckContext = {
  name: string;
  namespace: string;
  target: string;
  service: string;
  ingress: string;
  route: string;
  /** Looks a MetricTemplate up; `undefined` when there is none. */
  templateOf: (namespace: string, name: string) => MetricTemplateSpec | undefined;
};

/**
 * All checks of one metric: a built-in name, an inline query and a template are each a check of their own, as in Flagger.
 *
 * @param path field path of the metric, for the issues: `spec.analysis.metrics[0]`
 */
export function checksOf(metric: MetricFields, context: CheckContext, path: string): Parsed<Check[]> {
  const interval = metric.interval ?? DEFAULT_METRIC_INTERVAL;
  const intervalMs = parseDuration(interval);
  if (intervalMs === undefined || intervalMs <= 0) {
    return failed(`${path}.interval`, `must be a duration such as 30s or 1m: got ${interval}`);
  }
  const base = { metric: metric.name, bounds: boundsOf(metric), intervalMs };
  const found = [
    ...builtinChecks(metric, context, interval),
    ...inlineChecks(metric, context, { interval, path }),
    ...templateChecks(metric, context, { interval, path }),
  ];
  const issues = found.flatMap((part) => (part.ok ? [] : part.issues));
  if (issues.length > 0) return { ok: false, issues };
  if (found.length === 0) {
    return failed(path, `must have a query, a templateRef or a built-in name: got ${metric.name}`);
  }
  return { ok: true, value: found.flatMap((part) => (part.ok ? [{ ...base, ...part.value }] : [])) };
}

type CheckQuery = Pick<Check, 'query' | 'provider'>;
type Place = { interval: string; path: string };

function builtinChecks({ name }: MetricFields, { namespace, target }: CheckContext, interval: string) {
  if (!isBuiltinMetric(name)) return [];
  const query = builtinQuery(name, { namespace, target, interval });
  return [{ ok: true, value: { query, provider: { kind: 'metricsServer' } } } satisfies Parsed<CheckQuery>];
}

function inlineChecks(metric: MetricFields, context: CheckContext, { interval, path }: Place): Parsed<CheckQuery>[] {
  if (metric.query === undefined || metric.query === '') return [];
  const query = render(metric.query, metric, { context, interval, path: `${path}.query` });
  return [query.ok ? { ok: true, value: { query: query.value, provider: { kind: 'metricsServer' } } } : query];
}

function templateChecks(metric: MetricFields, context: CheckContext, { interval, path }: Place): Parsed<CheckQuery>[] {
  if (metric.templateRef === undefined) return [];
  const { name, namespace = context.namespace } = metric.templateRef;
  const template = context.templateOf(namespace, name);
  if (template === undefined) {
    return [failed(`${path}.templateRef`, `must name a MetricTemplate that exists: got ${namespace}/${name}`)];
  }
  const query = render(template.query, metric, { context, interval, path: `${path}.templateRef` });
  if (!query.ok) return [query];
  const provider: CheckProvider = { kind: 'template', namespace, name, spec: template.provider };
  return [{ ok: true, value: { query: query.value, provider } }];
}

function render(
  text: string,
  { templateVariables = {} }: MetricFields,
  { context, interval, path }: Place & { context: CheckContext },
): Parsed<string> {
  const template = parseQueryTemplate(text, path);
  if (!template.ok) return template;
  const { name, namespace, target, service, ingress, route } = context;
  const values = { name, namespace, target, service, ingress, route, interval, variables: templateVariables };
  return renderQueryTemplate(template.value, values, path);
}

function failed(path: string, message: string): { ok: false; issues: readonly Issue[] } {
  return { ok: false, issues: [{ path, message }] };
}
