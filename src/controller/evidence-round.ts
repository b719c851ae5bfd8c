/** One round of checks of the present stage: queries out, verdicts back. It never rejects; what goes wrong is a verdict. */

import type { CanarySpec } from '../canary/canary.schema.ts';
import type { Stage } from '../canary/rollout-plan.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import type { Clock } from '../lib/clock.ts';
import { formatDuration } from '../lib/duration.ts';
import { boundsOf } from '../metrics/bounds-of.ts';
import { type Check, type CheckContext, checksOf } from '../metrics/check.ts';
import { judge } from '../metrics/judge.ts';
import type { MetricProvider } from '../metrics/metric-provider.ts';
import { metricTemplateSpecSchema } from '../metrics/metric-template.schema.ts';
import type { CheckResult, Verdict } from '../metrics/verdict.ts';
import type { ControllerCaches } from './controller-caches.ts';
import { templateProvider } from './template-provider.ts';

export type MetricsProviderFor = (address: string | undefined) => MetricProvider;

type RoundInput = {
  name: string;
  namespace: string;
  spec: CanarySpec;
  stage: Stage;
  templates: ControllerCaches['metricTemplates'];
  providerFor: MetricsProviderFor;
  client: Pick<KubeClient, 'get'>;
  clock: Clock;
  signal: AbortSignal;
};

export async function evidenceRound({ stage, ...input }: RoundInput): Promise<CheckResult[]> {
  const rounds = stage.checks.map(async (planned, index): Promise<CheckResult[]> => {
    const { metric, bounds, intervalMs, query, templateRef, templateVariables } = planned;
    const fields = { name: metric, thresholdRange: bounds, interval: formatDuration(intervalMs) };
    const parsed = checksOf(
      { ...fields, query, templateRef, templateVariables },
      checkContext(input),
      `spec.analysis.metrics[${index}]`,
    );
    if (parsed.ok) return Promise.all(parsed.value.map((check) => runCheck(check, input)));
    const reason = parsed.issues.map(({ path, message }) => `${path} ${message}`).join('; ');
    // A check that cannot be asked says nothing about the new version; it holds the rollout and says why.
    const verdict: Verdict = { kind: 'inconclusive', cause: 'unreachable', reason };
    return [{ metric, bounds: boundsOf(fields), verdict }];
  });
  return (await Promise.all(rounds)).flat();
}

async function runCheck(check: Check, input: Omit<RoundInput, 'stage'>): Promise<CheckResult> {
  const { metric, bounds, query } = check;
  const provider = await providerOf(check, input);
  const sample = await provider.query(query, input.signal);
  return { metric, bounds, verdict: judge(sample, bounds, metric) };
}

async function providerOf({ provider }: Check, input: Omit<RoundInput, 'stage'>): Promise<MetricProvider> {
  if (provider.kind === 'metricsServer') return input.providerFor(input.spec.metricsServer);
  // A template without an address means the metrics server of the installation.
  const { type, address } = provider.spec;
  return type === 'prometheus' && address === undefined
    ? input.providerFor(undefined)
    : templateProvider(provider, input);
}

function checkContext({ name, namespace, spec, templates }: Omit<RoundInput, 'stage'>): CheckContext {
  const target = spec.targetRef.name;
  return {
    name,
    namespace,
    target,
    service: spec.service?.name ?? target,
    ingress: spec.ingressRef?.name ?? '',
    route: spec.routeRef?.name ?? '',
    templateOf: (place, template) => {
      const parsed = metricTemplateSpecSchema.safeParse(templates.get(place, template)?.spec);
      return parsed.success ? parsed.data : undefined;
    },
  };
}
