import { afterEach, describe, expect, test } from 'vitest';
import { applyObject, resolveResourceType, updateWithRetry } from '../../src/kube/apply.ts';
import { CONFIG_MAP } from '../../src/kube/resource-types.ts';
import type { KubeObject } from '../../src/lib/resource.ts';
import {
  type Answer,
  failure,
  json,
  type ScriptedApiServer,
  scriptedApiServer,
} from '../support/scripted-api-server.ts';

let server: ScriptedApiServer;
afterEach(() => server.close());
const clientOf = async (answer: Answer) => {
  server = await scriptedApiServer(answer);
  return server.client();
};
const counter = (version: number, count: number): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'shop', name: 'a', resourceVersion: String(version) },
  count,
});
const REF = { type: CONFIG_MAP, ref: { namespace: 'shop', name: 'a' } };

describe('updateWithRetry()', () => {
  test('decides anew on what is there after a conflict', async () => {
    let version = 1;
    const client = await clientOf(({ method, body }, response) => {
      if (method === 'GET') return json(response, 200, counter(version, version * 10));
      // Somebody else was faster twice.
      if (version < 3) {
        version += 1;
        return json(response, 409, failure(409, 'Conflict'));
      }
      return json(response, 200, JSON.parse(body));
    });
    const updated = await updateWithRetry(client, REF, (current) => ({ ...current, count: Number(current.count) + 1 }));
    expect(updated).toMatchObject({ count: 31, metadata: { resourceVersion: '3' } });
  });

  test('gives up after five conflicts', async () => {
    const client = await clientOf(({ method }, response) =>
      method === 'GET' ? json(response, 200, counter(1, 0)) : json(response, 409, failure(409, 'Conflict')),
    );
    await expect(updateWithRetry(client, REF, (current) => current)).rejects.toMatchObject({ reason: 'Conflict' });
    expect(server.requests.filter(({ method }) => method === 'PUT')).toHaveLength(5);
  });

  test('writes nothing when nothing is wanted, or nothing is there', async () => {
    const client = await clientOf((_request, response) => json(response, 200, counter(1, 0)));
    expect(await updateWithRetry(client, REF, () => undefined)).toMatchObject({ count: 0 });
    expect(server.requests).toHaveLength(1);
  });
});

test('applyObject() sends the manifest as a server-side apply', async () => {
  const client = await clientOf((_request, response) => json(response, 200, counter(1, 0)));
  await applyObject(client, CONFIG_MAP, counter(1, 0), { fieldManager: 'sluice' });
  expect(server.requests[0]).toMatchObject({
    method: 'PATCH',
    url: '/api/v1/namespaces/shop/configmaps/a?fieldManager=sluice',
    headers: { 'content-type': 'application/apply-patch+yaml' },
  });
});

describe('resolveResourceType()', () => {
  const canary = { name: 'canaries', kind: 'Canary', namespaced: true };

  test('asks once, and again when the kind is not known: it may have been installed since', async () => {
    let installed: object[] = [{ name: 'canaries/status', kind: 'Canary', namespaced: true }];
    const client = await clientOf(({ url }, response) =>
      url === '/apis/flagger.app/v1beta1' ? json(response, 200, { resources: installed }) : json(response, 404, {}),
    );
    expect(await resolveResourceType(client, 'flagger.app/v1beta1', 'Canary')).toBeUndefined();
    installed = [canary];
    const type = { group: 'flagger.app', version: 'v1beta1', kind: 'Canary', plural: 'canaries', namespaced: true };
    expect(await resolveResourceType(client, 'flagger.app/v1beta1', 'Canary')).toEqual(type);
    expect(await resolveResourceType(client, 'flagger.app/v1beta1', 'Canary')).toEqual(type);
    expect(server.requests).toHaveLength(2);
  });

  test('knows no kind of a group that is not served', async () => {
    const client = await clientOf((_request, response) => json(response, 404, {}));
    expect(await resolveResourceType(client, 'nobody.io/v1', 'Thing')).toBeUndefined();
  });
});
