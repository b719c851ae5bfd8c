/** Protobuf bodies, as kubectl sends them. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { builtinKinds } from '../../../../src/platform/api/builtin/builtin-kinds.ts';
import { discoveryDocument } from '../../../../src/platform/api/discovery/discovery-documents.ts';
import { openApiV2Document, openApiV2Protobuf } from '../../../../src/platform/api/openapi/openapi-v2.ts';
import { decodeKubernetesProtobuf } from '../../../../src/platform/api/wire/protobuf-body.ts';
import { ProtobufError, readFields } from '../../../../src/platform/api/wire/protobuf-reader.ts';
import { bytesField, concat, message, varint } from '../../../../src/platform/api/wire/protobuf-writer.ts';

const MAGIC = Uint8Array.from([0x6b, 0x38, 0x73, 0x00]);
const entry = (key: string, value: string) => message(bytesField(1, key), bytesField(2, value));
const body = (apiVersion: string, kind: string, raw: Uint8Array) =>
  concat([MAGIC, message(bytesField(1, message(bytesField(1, apiVersion), bytesField(2, kind))), bytesField(2, raw))]);

describe('decodeKubernetesProtobuf()', () => {
  test('reads a ConfigMap', () => {
    const metadata = message(bytesField(1, 'c'), bytesField(11, entry('app', 'x')));
    const raw = message(bytesField(1, metadata), bytesField(2, entry('a', '1')));
    expect(decodeKubernetesProtobuf(body('v1', 'ConfigMap', raw))).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'c', labels: { app: 'x' } },
      data: { a: '1' },
    });
  });

  test('keeps a zero that is not absent: 0 replicas', () => {
    const raw = message(bytesField(2, concat([varint(8), varint(0)])));
    expect(decodeKubernetesProtobuf(body('apps/v1', 'Deployment', raw)).spec).toEqual({ replicas: 0 });
  });

  test('refuses a kind that it does not know', () => {
    expect(() => decodeKubernetesProtobuf(body('example.com/v1', 'Foo', MAGIC))).toThrow('only understood as JSON');
  });

  test('refuses anything else with a ProtobufError, and nothing worse', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeKubernetesProtobuf(body('v1', 'Pod', bytes));
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(ProtobufError);
        }
      }),
    );
  });
});

test('the OpenAPI document is well-formed protobuf that lists PATCH dryRun', () => {
  const document = openApiV2Document(builtinKinds());
  const numbers = new Set(readFields(openApiV2Protobuf(document)).map(({ number }) => number));
  expect([...numbers]).toEqual([1, 2, 8, 9]);
  expect(JSON.stringify(document.paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}'])).toContain('dryRun');
});

describe('discoveryDocument()', () => {
  const ask = (path: string, accept: string) =>
    discoveryDocument({ kinds: builtinKinds(), path, accept, serverAddress: '127.0.0.1:1' });
  const aggregated = (version: string) =>
    `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList,application/json`;

  test.each(['v2', 'v2beta1'])('answers a %s client in its own version', (version) => {
    expect(ask('/apis', aggregated(version))?.body).toMatchObject({ apiVersion: `apidiscovery.k8s.io/${version}` });
  });

  test('answers an old client with groups', () => {
    expect(ask('/apis', 'application/json')?.body).toMatchObject({ kind: 'APIGroupList' });
    expect(ask('/apis/apps/v1', '*/*')?.body).toMatchObject({ kind: 'APIResourceList', groupVersion: 'apps/v1' });
  });

  test('knows nothing of other paths', () => expect(ask('/apis/nowhere/v1', '*/*')).toBeUndefined());
});
