/** What a Secret of a gateway must hold (istio.md 6): a certificate and its key, under the names of Kubernetes or of Istio. */

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { messageOf } from '../../lib/errors.ts';
import type { KubeObject } from '../../lib/resource.ts';
import { fieldsOf, textOf } from './loose-fields.ts';

const NAMES = [
  ['tls.crt', 'tls.key'],
  ['cert', 'key'],
] as const;

/** @returns why no server can use the Secret; `undefined` when one can */
export function whyUnusable(secret: KubeObject): string | undefined {
  const found = NAMES.map(([certificate, key]) => [textIn(secret, certificate), textIn(secret, key)] as const);
  const pair = found.find(([certificate, key]) => certificate !== '' && key !== '');
  if (pair === undefined) return 'it must hold tls.crt and tls.key, or cert and key';
  try {
    const [certificate, key] = pair;
    const isPair = new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
    return isPair ? undefined : 'its key is not that of its certificate';
  } catch (thrown) {
    return `its certificate or key cannot be read: ${messageOf(thrown)}`;
  }
}

function textIn(secret: KubeObject, name: string): string {
  const { data, stringData } = secret as { data?: unknown; stringData?: unknown };
  const plain = textOf(fieldsOf(stringData)[name]);
  return plain === '' ? Buffer.from(textOf(fieldsOf(data)[name]), 'base64').toString('utf8') : plain;
}
