import { afterEach, describe, expect, test } from 'vitest';
import { applyObject, resolveResourceType } from '../../src/kube/apply.ts';
import { CONFIG_MAP } from '../../src/kube/resource-types.ts';
import type { KubeObject } from '../../src/lib/resource.ts';
import { type Answer, json, type ScriptedApiServer, scriptedApiServer } from '../support/scripted-api-server.ts';

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
