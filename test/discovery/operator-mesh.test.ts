/** What an IstioOperator in a folder says about the mesh, and what of it is not in force. */

import { expect, test } from 'vitest';
import { operatorMesh } from '../../src/discovery/operator-mesh.ts';
import type { KubeObject } from '../../src/lib/resource.ts';

const operator = (spec: object): KubeObject => ({
  apiVersion: 'install.istio.io/v1alpha1',
  kind: 'IstioOperator',
  metadata: { name: 'installed', namespace: 'istio-system' },
  spec,
});

/** `SL0302 spec.meshConfig.accessLogFile`. */
function saidOf(spec: object): string[] | undefined {
  return operatorMesh([operator(spec)])?.issues.map(({ code, path }) => `${code} ${path}`);
}

test.each<[sentence: string, spec: object, said: string[]]>([
  ['settings of routes are in force', { meshConfig: { rootNamespace: 'mesh' } }, []],
  ['no settings are as good', {}, []],
  ['what is about installing is not', { profile: 'demo' }, ['SL0324 spec.profile']],
  [
    'nor is what a proxy is told at its start',
    { meshConfig: { accessLogFile: '/dev/stdout', pathNormalization: { normalization: 'MERGE_SLASHES' } } },
    ['SL0302 spec.meshConfig.accessLogFile', 'SL0302 spec.meshConfig.pathNormalization'],
  ],
  ['nor what we do not know', { meshConfig: { trustDomain: 'td' } }, ['SL0302 spec.meshConfig.trustDomain']],
  ['what is not valid is an error', { meshConfig: { rootNamespace: 7 } }, ['SL0300 spec.meshConfig.rootNamespace']],
])('%s', (_sentence, spec, said) => expect(saidOf(spec)).toEqual(said));

test('without one there is nothing to say', () => expect(operatorMesh([])).toBeUndefined());

test('settings that are not valid are not taken', () => {
  expect(operatorMesh([operator({ meshConfig: { rootNamespace: 7 } })])).not.toHaveProperty('settings');
});
