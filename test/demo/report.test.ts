import { describe, expect, test } from 'vitest';
import type { RoutedRequest, ServedRequest } from '../../src/demo/ledger.ts';
import { balance } from '../../src/demo/ledger.ts';
import { demoReport, type Evidence, flawsOf, type ReleaseRecord } from '../../src/demo/report.ts';
import type { ClientOutcome } from '../../src/demo/traffic.ts';

const sent = (id: string, more: Partial<ClientOutcome> = {}): ClientOutcome => ({
  id,
  sentAt: 0,
  answeredAt: 0,
  internal: false,
  status: 200,
  version: 'v2',
  ...more,
});
const routed = (id: string, more: Partial<RoutedRequest> = {}): RoutedRequest => ({
  id,
  tableVersion: 1,
  workload: 'hello-primary',
  mirror: false,
  ...more,
});
const served = (id: string): ServedRequest => ({ id, version: 'v2', status: 200 });
const lostByPlatform: ClientOutcome = { id: 'a', sentAt: 0, answeredAt: 0, internal: false, status: 503 };

describe('balance()', () => {
  const cases: Record<
    string,
    {
      client: ClientOutcome[];
      proxy: RoutedRequest[];
      service: ServedRequest[];
      finds: { lost?: string[]; duplicated?: string[]; applicationErrors?: number };
    }
  > = {
    'finds nothing wrong when every request was served once': {
      client: [sent('a')],
      proxy: [routed('a')],
      service: [served('a')],
      finds: {},
    },
    'counts an answer of the platform as lost': {
      client: [lostByPlatform],
      proxy: [routed('a')],
      service: [],
      finds: { lost: ['a'] },
    },
    'counts an answer that no service gave as lost': {
      client: [sent('a')],
      proxy: [routed('a')],
      service: [],
      finds: { lost: ['a'] },
    },
    'counts an error of the application as such': {
      client: [sent('a', { status: 500 })],
      proxy: [routed('a')],
      service: [served('a')],
      finds: { applicationErrors: 1 },
    },
    'finds a request that was served twice': {
      client: [sent('a')],
      proxy: [routed('a')],
      service: [served('a'), served('a')],
      finds: { duplicated: ['a'] },
    },
    'does not count a mirror as a duplicate': {
      client: [sent('a')],
      proxy: [routed('a'), routed('a', { mirror: true })],
      service: [served('a'), served('a')],
      finds: {},
    },
  };
  test.each(Object.entries(cases))('%s', (_name, { client, proxy, service, finds }) => {
    expect(balance(client, proxy, service)).toEqual({
      sent: 1,
      applicationErrors: 0,
      lost: [],
      duplicated: [],
      ...finds,
    });
  });
});

const release: ReleaseRecord = {
  revision: 'v2',
  outcome: 'rolledBack',
  reason: 'because',
  seconds: 3,
  firstVersion: 2,
  lastVersion: 5,
  stages: [
    { name: 'staff', weight: 10, match: true },
    { name: 'half', weight: 50, match: false },
  ],
};

function evidence(more: Partial<Evidence>): Evidence {
  return {
    seconds: 10,
    canaryWorkload: 'hello',
    sent: [],
    routed: [],
    served: [],
    routeChanges: [
      { tableVersion: 1, weight: 0, matched: false },
      { tableVersion: 3, weight: 10, matched: true },
      { tableVersion: 6, weight: 0, matched: false },
    ],
    releases: [release],
    ...more,
  };
}

describe('demoReport()', () => {
  const ids = Array.from({ length: 20 }, (_, index) => `id-${index}`);
  const report = demoReport(
    evidence({
      sent: ids.map((id, index) =>
        sent(id, {
          internal: index >= 10,
          sentAt: index * 100,
          answeredAt: index * 100,
          status: index === 4 ? 500 : 200,
        }),
      ),
      served: ids.map(served),
      routed: ids.map((id, index) =>
        routed(id, { tableVersion: 4, workload: index === 0 || index >= 10 ? 'hello' : 'hello-primary' }),
      ),
    }),
  );

  test('counts the share of a stage over unmatched requests only', () => {
    expect(report.releases[0]?.stages).toEqual([
      { name: 'staff', weight: 10, requests: 10, canaryRequests: 1, share: 10, matched: 10, matchedCanary: 10 },
    ]);
  });

  test('measures the rollback from the first bad answer to the last request on the bad version', () => {
    expect(report.releases[0]?.rollbackSeconds).toBe(1.5);
  });

  test('leaves out requests of versions that belong to another release', () => {
    const other = demoReport(
      evidence({ sent: [sent('a')], served: [served('a')], routed: [routed('a', { tableVersion: 1 })] }),
    );
    expect(other.releases[0]?.stages).toEqual([]);
  });
});

describe('flawsOf()', () => {
  const stage = {
    name: 'half',
    weight: 50,
    requests: 100,
    canaryRequests: 50,
    share: 50,
    matched: 0,
    matchedCanary: 0,
  };
  const good = {
    seconds: 1,
    requests: { sent: 100, applicationErrors: 0, lost: 0, duplicated: 0 },
    releases: [
      { revision: 'v2', outcome: 'promoted' as const, reason: '', seconds: 1, rollbackSeconds: 0, stages: [stage] },
    ],
  };
  const cases: Record<string, { report: typeof good; flaws: string[] }> = {
    'finds none in a good run': { report: good, flaws: [] },
    'accepts a share at three standard deviations': {
      report: { ...good, releases: [{ ...good.releases[0]!, stages: [{ ...stage, canaryRequests: 65 }] }] },
      flaws: [],
    },
    'names a share beyond three standard deviations': {
      report: { ...good, releases: [{ ...good.releases[0]!, stages: [{ ...stage, canaryRequests: 66 }] }] },
      flaws: ['v2, stage half: 66 of 100 requests reached the canary, not 50'],
    },
    'names requests of staff that missed the canary': {
      report: { ...good, releases: [{ ...good.releases[0]!, stages: [{ ...stage, matched: 5, matchedCanary: 4 }] }] },
      flaws: ['v2, stage half: 1 of 5 requests of staff missed the canary'],
    },
    'names lost requests': {
      report: { ...good, requests: { ...good.requests, lost: 2 } },
      flaws: ['2 requests were lost by the platform'],
    },
  };
  test.each(Object.entries(cases))('%s', (_name, { report, flaws }) => {
    expect(flawsOf(report, { v2: 'promoted' })).toEqual(flaws);
  });

  test('names a release that ended otherwise than it should', () => {
    expect(flawsOf(good, { v2: 'rolledBack', v3: 'promoted' })).toEqual([
      'v2 should have been rolledBack: it was promoted',
      'v3 should have been promoted: it was not released',
    ]);
  });
});
