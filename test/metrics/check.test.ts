import { describe, expect, test } from 'vitest';
import { boundsOf } from '../../src/metrics/bounds-of.ts';
import { builtinQuery } from '../../src/metrics/builtin-query.ts';
import { type CheckContext, checksOf, type MetricFields } from '../../src/metrics/check.ts';
import { metricTemplateSchema, PROVIDER_TYPES } from '../../src/metrics/metric-template.schema.ts';

const template = {
  provider: { type: 'prometheus' as const, address: 'http://prom:9090' },
  query: 'x{t="{{ target }}"}',
};
const context: CheckContext = {
  name: 'podinfo',
  namespace: 'test',
  target: 'podinfo-deploy',
  service: 'podinfo-svc',
  ingress: 'podinfo-ing',
  route: 'podinfo-route',
  templateOf: (namespace, name) => (namespace === 'metrics' && name === 'latency' ? template : undefined),
};
const checks = (metric: MetricFields) => checksOf(metric, context, 'spec.analysis.metrics[0]');
const issuesOf = (metric: MetricFields) => {
  const parsed = checks(metric);
  return parsed.ok ? [] : parsed.issues.map(({ path, message }) => `${path} ${message}`);
};
const queriesOf = (metric: MetricFields) => {
  const parsed = checks(metric);
  return parsed.ok ? parsed.value.map(({ query }) => query) : parsed.issues;
};

describe('a built-in check', () => {
  const selector = 'reporter="destination",destination_workload_namespace="ns",destination_workload=~"app"';

  test('measures the success rate so that only errors are 0 %, not no data', () => {
    const all = `sum(rate(istio_requests_total{${selector}}[30s]))`;
    const good = `sum(rate(istio_requests_total{${selector},response_code!~"5.*"}[30s]))`;
    const query = builtinQuery('request-success-rate', { namespace: 'ns', target: 'app', interval: '30s' });
    expect(query).toBe(`(${good} or 0 * ${all}) / ${all} * 100`);
  });

  test('measures the 99th percentile of the duration', () => {
    const query = builtinQuery('request-duration', { namespace: 'ns', target: 'app', interval: '1m' });
    expect(query).toBe(
      `histogram_quantile(0.99, sum(rate(istio_request_duration_milliseconds_bucket{${selector}}[1m])) by (le))`,
    );
  });

  test('cannot be broken out of by names', () => {
    const query = builtinQuery('request-duration', { namespace: 'a"} or up{x="', target: 'a.b"|.*', interval: '1m' });
    expect(query).toContain('destination_workload_namespace="a\\"} or up{x=\\""');
    expect(query).toContain('destination_workload=~"a\\\\.b\\"\\\\|\\\\.\\\\*"');
  });
});

describe('bounds', () => {
  const cases: Record<string, [Parameters<typeof boundsOf>[0], ReturnType<typeof boundsOf>]> = {
    'are the range': [
      { name: 'x', thresholdRange: { min: 1, max: 2 } },
      { min: 1, max: 2 },
    ],
    'may be open': [{ name: 'x', thresholdRange: { max: 0 } }, { max: 0 }],
    'prefer the range to the threshold': [{ name: 'x', threshold: 9, thresholdRange: { min: 1 } }, { min: 1 }],
    'take the old threshold of a success rate as a minimum': [
      { name: 'request-success-rate', threshold: 99 },
      { min: 99 },
    ],
    'take any other old threshold as a maximum': [{ name: 'request-duration', threshold: 500 }, { max: 500 }],
    'are absent when nothing is stated': [{ name: 'request-duration' }, {}],
  };

  test.each(Object.entries(cases))('%s', (_name, [metric, bounds]) => {
    expect(boundsOf(metric)).toEqual(bounds);
  });
});

describe('a query with placeholders', () => {
  const cases: Record<string, [query: string, rendered: string]> = {
    'knows every name': [
      '{{ name }} {{namespace}} {{ target }} {{ service }} {{ ingress }} {{ route }} {{ interval }}',
      'podinfo test podinfo-deploy podinfo-svc podinfo-ing podinfo-route 1m',
    ],
    'knows the variables of the metric': ['up{a="{{ variables.dir }}"}', 'up{a="left"}'],
    'keeps braces of selectors': ['up{a="b"}', 'up{a="b"}'],
    'takes spaces away where dashes say so': ['a {{- name -}} b', 'apodinfob'],
  };

  test.each(Object.entries(cases))('%s', (_name, [query, rendered]) => {
    expect(queriesOf({ name: 'x', query, templateVariables: { dir: 'left' } })).toEqual([rendered]);
  });

  const wrong: Record<string, [query: string, issue: RegExp]> = {
    'with an unknown name': ['up{a="{{ nmae }}"}', /must use only .*got \{\{ nmae \}\}/],
    'with an undefined variable': ['{{ variables.none }}', /templateVariables: got no none/],
    'with an inherited name': ['{{ variables.constructor }}', /got no constructor/],
    'that is not closed': ['up{{ name', /must close/],
  };

  test.each(Object.entries(wrong))('is refused %s', (_name, [query, issue]) => {
    expect(issuesOf({ name: 'x', query }).join()).toMatch(issue);
  });
});

describe('a metric', () => {
  test('takes one minute unless it states an interval', () => {
    const parsed = checks({ name: 'request-duration' });
    expect(parsed.ok && parsed.value[0]?.intervalMs).toBe(60_000);
    expect(queriesOf({ name: 'x', query: 'rate(a[{{ interval }}])' })).toEqual(['rate(a[1m])']);
  });

  test('with a template asks the server of the template', () => {
    const parsed = checks({ name: 'x', templateRef: { name: 'latency', namespace: 'metrics' } });
    expect(parsed.ok && parsed.value).toEqual([
      {
        metric: 'x',
        query: 'x{t="podinfo-deploy"}',
        bounds: {},
        intervalMs: 60_000,
        provider: { kind: 'template', namespace: 'metrics', name: 'latency', spec: template.provider },
      },
    ]);
  });

  test('may be built in and inline at once, each a check of its own', () => {
    expect(queriesOf({ name: 'request-duration', query: 'vector(1)' })).toHaveLength(2);
  });

  const wrong: Record<string, [MetricFields, RegExp]> = {
    'whose template does not exist': [
      { name: 'x', templateRef: { name: 'latency' } },
      /templateRef must name .*got test\/latency/,
    ],
    'that is nothing': [{ name: 'x' }, /metrics\[0\] must have a query/],
    'with an interval that is no duration': [
      { name: 'request-duration', interval: 'soon' },
      /interval must be a duration.*got soon/,
    ],
    'with an interval of nothing': [{ name: 'request-duration', interval: '0s' }, /interval must be a duration/],
  };

  test.each(Object.entries(wrong))('is refused %s', (_name, [metric, issue]) => {
    expect(issuesOf(metric).join()).toMatch(issue);
  });
});

describe('the MetricTemplate schema', () => {
  const resource = (type: string) => ({
    apiVersion: 'flagger.app/v1beta1',
    kind: 'MetricTemplate',
    metadata: { name: 'x', namespace: 'y', labels: {} },
    spec: { provider: { type, address: 'http://x', secretRef: { name: 's' }, headers: { a: ['b'] } }, query: 'up' },
  });

  test.each(PROVIDER_TYPES)('accepts a provider of type %s', (type) => {
    expect(metricTemplateSchema.safeParse(resource(type)).success).toBe(true);
  });

  test('refuses an unknown provider', () => {
    expect(metricTemplateSchema.safeParse(resource('oracle')).success).toBe(false);
  });
});
