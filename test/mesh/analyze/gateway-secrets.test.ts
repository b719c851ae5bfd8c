/** IST0161: what a Secret must hold for a Gateway's server. */

import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { analysed, object } from '../../support/analysis.ts';
import { TEST_CERTIFICATE, TEST_KEY } from '../../support/test-certificate.ts';

const OTHER_KEY = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
}).privateKey;

const base64 = (values: Record<string, string>) =>
  Object.fromEntries(Object.entries(values).map(([name, text]) => [name, Buffer.from(text).toString('base64')]));
const secret = (holds: object) =>
  `---\n${JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'istio-system' }, ...holds })}\n`;
const GATEWAY = object('Gateway', 'gw', {
  selector: { istio: 'ingressgateway' },
  servers: [
    {
      port: { number: 443, name: 'https', protocol: 'HTTPS' },
      hosts: ['a.com'],
      tls: { mode: 'SIMPLE', credentialName: 's' },
    },
  ],
});

test.each<[sentence: string, holds: object, isUsable: boolean]>([
  [
    'a pair under the names of Kubernetes',
    { data: base64({ 'tls.crt': TEST_CERTIFICATE, 'tls.key': TEST_KEY }) },
    true,
  ],
  [
    "a pair under Istio's names",
    { data: base64({ cert: TEST_CERTIFICATE, key: TEST_KEY, cacert: TEST_CERTIFICATE }) },
    true,
  ],
  ['a pair in plain text', { stringData: { 'tls.crt': TEST_CERTIFICATE, 'tls.key': TEST_KEY } }, true],
  ['nothing', {}, false],
  ['nothing that could be read', { data: 7 }, false],
  ['a certificate without key', { data: base64({ 'tls.crt': TEST_CERTIFICATE }) }, false],
  ['names of both kinds, mixed', { data: base64({ 'tls.crt': TEST_CERTIFICATE, key: TEST_KEY }) }, false],
  ['text that is no certificate', { data: base64({ 'tls.crt': 'certificate', 'tls.key': TEST_KEY }) }, false],
  ['text that is no key', { data: base64({ 'tls.crt': TEST_CERTIFICATE, 'tls.key': 'key' }) }, false],
  ['the key of another certificate', { data: base64({ 'tls.crt': TEST_CERTIFICATE, 'tls.key': OTHER_KEY }) }, false],
  ['a pair that is not written in base64', { data: { 'tls.crt': TEST_CERTIFICATE, 'tls.key': TEST_KEY } }, false],
])('%s', (_sentence, holds, isUsable) => {
  const expected = isUsable ? [] : ['IST0161 Gateway gw spec.servers[0].tls.credentialName'];
  expect(analysed(['IST0101', 'IST0161'], secret(holds) + GATEWAY)).toEqual(expected);
});
