import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../../src/lib/resource.ts';
import { mergeMatch } from '../../../src/mesh/render/merge-match.ts';
import { readSplit } from '../../../src/mesh/render/read-split.ts';
import { renderDestinationRules } from '../../../src/mesh/render/render-destination-rules.ts';
import { renderVirtualService } from '../../../src/mesh/render/render-virtual-service.ts';
import type { RouteIntent } from '../../../src/mesh/render/route-intent.ts';
import { parseDestinationRule } from '../../../src/mesh/schema/destination-rule.ts';
import type { HttpMatchSpec } from '../../../src/mesh/schema/http-match.ts';
import type { HttpRouteSpec } from '../../../src/mesh/schema/http-route.ts';
import { parseVirtualService } from '../../../src/mesh/schema/virtual-service.ts';

const intent = (change: Partial<RouteIntent> = {}): RouteIntent => ({
  namespace: 'default',
  name: 'web',
  service: {},
  primaryHost: 'web-primary',
  canaryHost: 'web-canary',
  canaryWeight: 10,
  ...change,
});
const specOf = (object: KubeObject) => object.spec as { hosts: string[]; gateways: string[]; http: HttpRouteSpec[] };
const staff: HttpMatchSpec = { headers: { 'user-type': { exact: 'internal' } } };

describe('the VirtualService of an intent', () => {
  test('is one rule with both weights, primary first', () => {
    expect(renderVirtualService(intent({ canaryWeight: 0 }))).toEqual({
      apiVersion: 'networking.istio.io/v1beta1',
      kind: 'VirtualService',
      metadata: { name: 'web', namespace: 'default' },
      spec: {
        hosts: ['web'],
        gateways: ['mesh'],
        http: [
          {
            route: [
              { destination: { host: 'web-primary' }, weight: 100 },
              { destination: { host: 'web-canary' }, weight: 0 },
            ],
          },
        ],
      },
    });
  });

  test('sends matched requests to the canary first, under every condition of the service too', () => {
    const rendered = renderVirtualService(
      intent({ canaryMatch: [staff], service: { match: [{ uri: { prefix: '/api' } }], port: 8080 } }),
    );
    const [first, second] = specOf(rendered).http;
    expect(first).toEqual({
      match: [{ uri: { prefix: '/api' }, ...staff }],
      route: [{ destination: { host: 'web-canary', port: { number: 8080 } }, weight: 100 }],
    });
    expect(second?.match).toEqual([{ uri: { prefix: '/api' } }]);
  });

  test('adds its name to the hosts unless it or * is there', () => {
    expect(specOf(renderVirtualService(intent({ hosts: ['a.example'] }))).hosts).toEqual(['a.example', 'web']);
    expect(specOf(renderVirtualService(intent({ hosts: ['web', 'b'] }))).hosts).toEqual(['web', 'b']);
    expect(specOf(renderVirtualService(intent({ hosts: ['*'], gateways: ['edge'] }))).hosts).toEqual(['*']);
  });

  test('keeps labels, annotations and owners of others, and its own win', () => {
    const existing: KubeObject = {
      apiVersion: 'networking.istio.io/v1beta1',
      kind: 'VirtualService',
      metadata: {
        name: 'web',
        namespace: 'default',
        resourceVersion: '7',
        labels: { team: 'a', tier: 'old' },
        annotations: { note: 'x' },
      },
    };
    const { metadata } = renderVirtualService(
      intent({
        service: { apex: { labels: { tier: 'new' } } },
        owner: { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'web', uid: 'u1' },
      }),
      existing,
    );
    expect(metadata).toMatchObject({
      resourceVersion: '7',
      labels: { team: 'a', tier: 'new' },
      annotations: { note: 'x' },
    });
    expect(metadata.ownerReferences).toHaveLength(1);
  });

  test('is valid, and its split reads back, for any weight', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), fc.boolean(), fc.boolean(), (canaryWeight, mirrors, matches) => {
        const rendered = renderVirtualService(
          intent({ canaryWeight, mirrorPercent: mirrors ? 20 : 0, ...(matches && { canaryMatch: [staff] }) }),
        );
        expect(parseVirtualService(rendered)).toMatchObject({ ok: true, warnings: [] });
        expect(readSplit(rendered)).toEqual({ canaryWeight, mirrored: mirrors });
      }),
    );
  });

  test('of another hand has no split to read', () => {
    const foreign = { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata: { name: 'x' } };
    expect(readSplit({ ...foreign, spec: { http: [{ route: [{ destination: { host: 'x' } }] }] } })).toBeUndefined();
    expect(readSplit({ ...foreign, spec: 7 })).toBeUndefined();
  });
});

test('the DestinationRules of an intent are named as their hosts and carry the traffic policy', () => {
  const rules = renderDestinationRules(
    intent({ service: { trafficPolicy: { loadBalancer: { simple: 'ROUND_ROBIN' } } } }),
  );
  expect(rules.map(({ metadata }) => metadata.name)).toEqual(['web-canary', 'web-primary']);
  expect(rules.map((rule) => parseDestinationRule(rule).ok)).toEqual([true, true]);
});

describe('two matches merged', () => {
  test.each<[string, HttpMatchSpec, HttpMatchSpec, HttpMatchSpec | undefined]>([
    [
      'keep query parameters of the first',
      { queryParams: { v: { exact: '2' } } },
      { uri: { prefix: '/' } },
      { uri: { prefix: '/' }, queryParams: { v: { exact: '2' } } },
    ],
    ['take the longer prefix', { uri: { prefix: '/a' } }, { uri: { prefix: '/a/b' } }, { uri: { prefix: '/a/b' } }],
    ['vanish for prefixes apart', { uri: { prefix: '/a' } }, { uri: { prefix: '/b' } }, undefined],
    [
      'keep an exact value under a prefix',
      { uri: { exact: '/a/b' } },
      { uri: { prefix: '/a' } },
      { uri: { exact: '/a/b' } },
    ],
    [
      'keep an exact value that a regex covers',
      { uri: { regex: '/a.*' } },
      { uri: { exact: '/ab' } },
      { uri: { exact: '/ab' } },
    ],
    ['vanish for an exact value outside a regex', { uri: { regex: '/a' } }, { uri: { exact: '/ab' } }, undefined],
    [
      'keep a value over presence',
      { headers: { x: {} } },
      { headers: { x: { exact: '1' } } },
      { headers: { x: { exact: '1' } } },
    ],
    [
      'join headers',
      { headers: { x: { exact: '1' } } },
      { headers: { y: {} } },
      { headers: { y: {}, x: { exact: '1' } } },
    ],
    [
      'vanish for two values of a header',
      { headers: { x: { exact: '1' } } },
      { headers: { x: { exact: '2' } } },
      undefined,
    ],
    [
      'exclude what either excludes',
      { withoutHeaders: { x: { exact: 'a.b' } } },
      { withoutHeaders: { x: { prefix: 'c' } } },
      { withoutHeaders: { x: { regex: '(?:a\\.b)|(?:c.*)' } } },
    ],
    ['vanish for two ports', { port: 80 }, { port: 81 }, undefined],
    ['keep common gateways', { gateways: ['a', 'mesh'] }, { gateways: ['mesh'] }, { gateways: ['mesh'] }],
  ])('%s', (_sentence, first, second, expected) => {
    expect(mergeMatch(first, second)).toEqual(expected);
  });
});
