import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../../src/lib/resource.ts';
import { podTargets } from '../../../src/platform/metrics-store/pod-targets.ts';

const listen = { 'platform.sluice.dev/listen': '{"8080":"127.0.0.1:41234","9090":"127.0.0.1:41235"}' };
const scraped = { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8080', ...listen };
const pod = (annotations: Record<string, string>, phase = 'Running', deletionTimestamp?: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'app-1',
    namespace: 'test',
    annotations,
    ...(deletionTimestamp !== undefined && { deletionTimestamp }),
  },
  status: { phase },
});
const urls = (one: KubeObject) => podTargets([one]).map(({ url }) => url);

describe('a pod is scraped', () => {
  const cases: Record<string, [pod: KubeObject, urls: string[]]> = {
    'where it really listens': [pod(scraped), ['http://127.0.0.1:41234/metrics']],
    'at its own path': [pod({ ...scraped, 'prometheus.io/path': '/stats?x=1' }), ['http://127.0.0.1:41234/stats?x=1']],
    'at its only port when it names none': [
      pod({ 'prometheus.io/scrape': 'true', 'platform.sluice.dev/listen': '{"80":"127.0.0.1:1"}' }),
      ['http://127.0.0.1:1/metrics'],
    ],
    'not without being asked': [pod(listen), []],
    'not at a port that it does not have': [pod({ ...scraped, 'prometheus.io/port': '1' }), []],
    'not when several ports could be meant': [pod({ 'prometheus.io/scrape': 'true', ...listen }), []],
    'not before it runs': [pod(scraped, 'Pending'), []],
    'not while it is deleted': [pod(scraped, 'Running', '2026-01-01T00:00:00Z'), []],
    'not elsewhere': [pod({ ...scraped, 'prometheus.io/path': '//example.com/' }), []],
    'not when the addresses are no JSON': [pod({ ...scraped, 'platform.sluice.dev/listen': '{' }), []],
    'not when the addresses are strange': [pod({ ...scraped, 'platform.sluice.dev/listen': '{"8080":7}' }), []],
  };

  test.each(Object.entries(cases))('%s', (_name, [one, expected]) => {
    expect(urls(one)).toEqual(expected);
  });

  test('under its own name', () => {
    const labels = { job: 'kubernetes-pods', namespace: 'test', pod: 'app-1' };
    expect(podTargets([pod(scraped)])[0]?.labels).toEqual(labels);
  });
});
