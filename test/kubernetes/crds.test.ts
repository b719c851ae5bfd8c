/** A real API server takes the CustomResourceDefinitions of deploy/crds as they are, keeps what they describe and refuses what they forbid. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ANALYSIS_STRATEGIES } from '../../src/canary/canary-analysis.schema.ts';
import { applyObject } from '../../src/kube/apply.ts';
import { connect } from '../../src/kube/connect.ts';
import type { KubeClient, RawResponse } from '../../src/kube/kube-client.ts';
import { CUSTOM_RESOURCE_DEFINITION } from '../../src/kube/resource-types.ts';
import { createWatchCache } from '../../src/kube/watch-cache.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import type { KubeObject } from '../../src/lib/resource.ts';
import { CANARY_EXAMPLE, STAGES } from './canary-example.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { CRD_EXAMPLES } from './crd-examples.ts';

type Condition = { type: string; status: string; message: string };
type Crd = KubeObject & { spec: { names: { kind: string; plural: string } }; status?: { conditions?: Condition[] } };

const FOLDER = join(import.meta.dirname, '../../deploy/crds');
const CRDS = readdirSync(FOLDER).map((file) => parse(readFileSync(join(FOLDER, file), 'utf8')) as Crd);
const PLURALS: Readonly<Record<string, string>> = Object.fromEntries(
  CRDS.map(({ spec: { names } }) => [names.kind, names.plural]),
);

/** The server names no field here, only its sentence does. */
const NOT_ONE = '"spec.analysis" must validate one and only one schema (oneOf)';

let control: ControlPlane;
let client: KubeClient;
let established: ReadonlyMap<string, readonly Condition[]>;
beforeAll(async () => {
  control = await startControlPlane({ controllers: false });
  client = await connect({ kubeconfigPath: control.kubeconfigPath, clock: systemClock, userAgent: 'sluice-test' });
  for (const crd of CRDS) await applyObject(client, CUSTOM_RESOURCE_DEFINITION, crd, { fieldManager: 'sluice' });
  established = await establishedOf(CRDS.map(({ metadata }) => metadata.name));
});
afterAll(async () => {
  await client?.close();
  await control?.stop();
});

test.each(CRDS.map(({ metadata }) => metadata.name))(
  '%s is established, and nothing in its schema is objected to',
  (name) => {
    const conditions = established.get(name) ?? [];
    expect(conditions.map(({ type, status }) => `${type}=${status}`).sort()).toEqual([
      'Established=True',
      'NamesAccepted=True',
    ]);
  },
);

describe('every field that is documented is kept', () => {
  test.each(CRD_EXAMPLES.map((example): [string, KubeObject] => [`${example.kind} ${example.apiVersion}`, example]))(
    '%s',
    async (_title, example) => {
      const created = await send('POST', example);
      const { metadata } = JSON.parse(created.text) as KubeObject;
      expect(created).toMatchObject({ status: 201 });
      expect(specOf(created)).toEqual(specOf(example));

      const { status } = example as { status?: unknown };
      if (status !== undefined) {
        const written = await send('PUT', { ...example, metadata }, `/${metadata.name}/status`);
        expect(JSON.parse(written.text)).toHaveProperty('status', status);
      }
      await send('DELETE', example, `/${metadata.name}`);
    },
  );
});

describe('an analysis has exactly one of iterations, stepWeight, stepWeights and stages', () => {
  const values = { iterations: 3, stepWeight: 10, stepWeights: [1, 10, 50], stages: STAGES };
  const subsets = Array.from({ length: 2 ** ANALYSIS_STRATEGIES.length }, (_, bits) =>
    ANALYSIS_STRATEGIES.filter((_name, index) => (bits >> index) % 2 === 1),
  );
  test.each(subsets.map((given): [string, typeof given] => [given.join(' and ') || 'none', given]))(
    '%s',
    async (_title, given) => {
      const { stepWeight: _, ...rest } = CANARY_EXAMPLE.spec.analysis;
      const chosen = Object.fromEntries(given.map((name) => [name, values[name]]));
      const answer = await dryRun({ analysis: { ...rest, ...chosen } });
      if (given.length === 1) expect(specOf(answer)).toMatchObject({ analysis: chosen });
      else expect(messageOf(answer)).toContain(NOT_ONE);
    },
  );
});

describe('what can be known to be wrong is refused where it is written', () => {
  const { analysis, service } = CANARY_EXAMPLE.spec;
  const { stepWeight: _, ...unstaged } = analysis;
  const staged = (stage: object) => ({ analysis: { ...unstaged, stages: [stage] } });
  const cases: Record<string, { spec: Record<string, unknown>; field: string }> = {
    'an unknown provider': { spec: { provider: 'nobody' }, field: 'spec.provider' },
    'a target that cannot be rolled out': {
      spec: { targetRef: { apiVersion: 'batch/v1', kind: 'Job', name: 'a' } },
      field: 'spec.targetRef.kind',
    },
    'a service without a port': { spec: { service: { ...service, port: undefined } }, field: 'spec.service.port' },
    'a weight of 101': { spec: staged({ weight: 101 }), field: 'spec.analysis.stages[0].weight' },
    'a weight of -1': { spec: staged({ weight: -1 }), field: 'spec.analysis.stages[0].weight' },
    'an approval that is neither required nor none': {
      spec: staged({ weight: 1, approval: 'maybe' }),
      field: 'spec.analysis.stages[0].approval',
    },
    'an unknown type of webhook': {
      spec: { analysis: { ...analysis, webhooks: [{ name: 'a', url: 'http://a/', type: 'later' }] } },
      field: 'spec.analysis.webhooks[0].type',
    },
    'no analysis': { spec: { analysis: undefined }, field: 'spec.analysis' },
  };
  test.each(Object.entries(cases))('%s', async (_title, { spec, field }) => {
    expect(causesOf(await dryRun(spec))).toContain(field);
  });

  test('a field that nobody knows is named when the client asks for strictness', async () => {
    const answer = await dryRun({ canaryAnalysis: {} });
    expect(answer).toMatchObject({
      status: 400,
      text: expect.stringContaining('unknown field \\"spec.canaryAnalysis\\"'),
    });
  });
});

/** Resolves with the conditions of every CRD once the server serves all of them. */
async function establishedOf(names: readonly string[]): Promise<Map<string, readonly Condition[]>> {
  const cache = createWatchCache<Crd>(client, CUSTOM_RESOURCE_DEFINITION, {
    clock: systemClock,
    random: Math.random,
    logger: silentLogger,
  });
  const found = new Map<string, readonly Condition[]>();
  try {
    await new Promise<void>((resolve) => {
      cache.onChange(({ type, object }) => {
        const conditions = object.status?.conditions ?? [];
        if (type === 'deleted' || !conditions.some((one) => one.type === 'Established' && one.status === 'True'))
          return;
        found.set(object.metadata.name, conditions);
        if (names.every((name) => found.has(name))) resolve();
      });
    });
  } finally {
    cache.close();
  }
  return found;
}

function send(method: string, object: KubeObject, rest = '', query = 'fieldValidation=Strict'): Promise<RawResponse> {
  const { apiVersion, kind } = object;
  const path = `/apis/${apiVersion}/namespaces/default/${PLURALS[kind ?? '']}${rest}?${query}`;
  return client.raw({ method, path, ...(method === 'DELETE' ? {} : { body: object }) });
}

function dryRun(spec: Record<string, unknown>): Promise<RawResponse> {
  const canary = { ...CANARY_EXAMPLE, spec: { ...CANARY_EXAMPLE.spec, ...spec } };
  return send('POST', canary, '', 'dryRun=All&fieldValidation=Strict');
}

function specOf(from: RawResponse | KubeObject): unknown {
  return ('text' in from ? (JSON.parse(from.text as string) as KubeObject) : (from as KubeObject & { spec?: unknown }))
    .spec;
}

/** The fields that a 422 names. */
function causesOf({ status, text }: RawResponse): string[] {
  expect(status).toBe(422);
  const { details } = JSON.parse(text) as { details: { causes: { field: string }[] } };
  return details.causes.map(({ field }) => field);
}

function messageOf({ status, text }: RawResponse): string {
  expect(status).toBe(422);
  return (JSON.parse(text) as { message: string }).message;
}
