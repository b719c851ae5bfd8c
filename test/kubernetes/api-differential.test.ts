/**
 * The embedded API server answers what a real kube-apiserver answers: every request is sent to both, and status code, reason, causes and
 * body are compared. What may differ stands in `differential/comparable.ts` and `differential/tolerated.ts`, with the reason.
 */

import { execFile } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type ApiPair, type Side, startApiPair } from './differential/api-pair.ts';
import { comparable, outcome } from './differential/comparable.ts';
import { DEFINITION_REQUESTS } from './differential/definition-requests.ts';
import { DEPLOYMENT_REQUESTS, type NamedRequests } from './differential/deployment-requests.ts';
import { EDGE_REQUESTS } from './differential/edge-requests.ts';
import { KUBECTL_COMMANDS } from './differential/kubectl-commands.ts';
import { LIFE_REQUESTS } from './differential/life-requests.ts';
import { OBJECT_REQUESTS } from './differential/object-requests.ts';
import { CUSTOM_RESOURCE_DEFINITION, CUSTOM_RESOURCES, RESOURCE_REQUESTS } from './differential/resource-requests.ts';
import { TOLERATED } from './differential/tolerated.ts';

const SUITES: Record<string, NamedRequests> = {
  'creating a Deployment': DEPLOYMENT_REQUESTS,
  'creating other objects': OBJECT_REQUESTS,
  'the life of objects': LIFE_REQUESTS,
  'custom resources': RESOURCE_REQUESTS,
  'definitions of custom resources': DEFINITION_REQUESTS,
  'the edges of the API': EDGE_REQUESTS,
};

let pair: ApiPair;

beforeAll(async () => {
  pair = await startApiPair();
  // Pods need one, and the controller that makes it does not run here.
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } };
  for (const side of [pair.real, pair.ours]) {
    await side.send({ method: 'POST', path: '/api/v1/namespaces/default/serviceaccounts', body: account });
    const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    await side.send({ method: 'POST', path: definitions, body: CUSTOM_RESOURCE_DEFINITION });
    await vi.waitUntil(() => isServed(side), { timeout: 60_000, interval: 100 });
  }
});

/** A new definition is answered with 404, then 429, before it is served. */
async function isServed(side: Side): Promise<boolean> {
  const body = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'probe' }, spec: { size: 1 } };
  const { status } = await side.send({ method: 'POST', path: `${CUSTOM_RESOURCES}?dryRun=All`, body });
  return status === 201;
}

afterAll(() => pair?.stop());

test('at least 500 requests are compared', () => {
  expect(Object.values(SUITES).flatMap(Object.keys).length).toBeGreaterThanOrEqual(500);
});

test('every tolerated difference names a request and a reason', () => {
  const names = Object.values(SUITES).flatMap(Object.keys);
  for (const [name, { because }] of Object.entries(TOLERATED)) {
    expect(names).toContain(name);
    expect(because.length).toBeGreaterThan(20);
  }
});

describe.each(Object.entries(SUITES))('%s', (_suite, requests) => {
  test.each(Object.entries(requests))('%s', async (name, request) => {
    const real = await pair.real.send(request);
    const ours = await pair.ours.send(request);
    const tolerated = Object.hasOwn(TOLERATED, name) ? TOLERATED[name] : undefined;
    if (tolerated?.differs === 'status') expect(ours.status).toBeLessThan(500);
    else if (tolerated?.differs === 'text') expect(outcome(ours)).toEqual(outcome(real));
    else expect(comparable(ours)).toEqual(comparable(real));
  });
});

describe('kubectl', () => {
  test.each(KUBECTL_COMMANDS)('%s', async (command) => {
    const run = ({ kubeconfigPath }: Side) => kubectl(['--kubeconfig', kubeconfigPath, ...command.split(' ')]);
    expect(await run(pair.ours)).toEqual(await run(pair.real));
  });
});

/** Never synchronous: the embedded server answers from this very process. */
function kubectl(words: readonly string[]): Promise<{ failed: boolean; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(pair.kubectl, words, (error, stdout, stderr) => resolve({ failed: error !== null, stdout, stderr }));
  });
}
