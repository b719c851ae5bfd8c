/** Which fields of a request are never sent on as they came, and how a field is marked for that. */

import type { FieldList } from './field-list.ts';

/** Mark of a field that is not sent on as it is: hop-by-hop, replaced by ours, or not to be trusted. */
export const DROPPED = 1;

/** Mark of a field that concerns this hop only: it is neither sent on nor seen by conditions. */
export const HOP = 2;

/** What a caller may say about a request and is believed. */
export type HeadTrust = {
  /** Where it came in, and from whom. */
  forwarded: boolean;
  /** Whose it is: what a gateway of ours once said. */
  externalAddress: boolean;
  /** What certificate its client has shown. */
  clientCert: boolean;
};

export const NO_TRUST: HeadTrust = { forwarded: false, externalAddress: false, clientCert: false };

/** Fields that concern one hop (RFC 9110 §7.6.1), besides those that Connection names. */
const HOP_FIELDS: ReadonlySet<string> = new Set([
  'keep-alive',
  'proxy-connection',
  'trailer',
  'upgrade',
  'http2-settings',
]);

/** What a caller could tell an Envoy to do: taken from it before anybody looks (envoy-facts: Header operations). */
const ORDERS: ReadonlySet<string> = new Set([
  'x-envoy-force-trace',
  'x-envoy-hedge-on-per-try-timeout',
  'x-envoy-internal',
  'x-envoy-ip-tags',
  'x-envoy-max-retries',
  'x-envoy-original-url',
  'x-envoy-retriable-header-names',
  'x-envoy-retriable-status-codes',
  'x-envoy-retry-grpc-on',
  'x-envoy-retry-on',
  'x-envoy-upstream-alt-stat-name',
  'x-envoy-upstream-rq-per-try-timeout-ms',
  'x-envoy-upstream-rq-timeout-alt-response',
  'x-envoy-upstream-rq-timeout-ms',
]);

/** What only an Envoy inside the mesh says; a gateway takes it from strangers (observed with Envoy 1.40). */
const MESH_FIELDS: ReadonlySet<string> = new Set([
  'x-envoy-decorator-operation',
  'x-envoy-downstream-service-cluster',
  'x-envoy-downstream-service-node',
  'x-envoy-original-path',
]);

/** What the proxy sets itself, and `proxy` (RFC 3875 §4.1.18 reads it as HTTP_PROXY). */
const REPLACED_FIELDS: ReadonlySet<string> = new Set([
  'te',
  'proxy',
  'x-forwarded-proto',
  'x-envoy-attempt-count',
  'x-envoy-expected-rq-timeout-ms',
]);

/** Who claims a certificate without TLS is not even heard by conditions. */
const CLIENT_CERT = 'x-forwarded-client-cert';
const EXTERNAL_ADDRESS = 'x-envoy-external-address';

/** Framing and forwarding names besides those above, which a look-alike with `_` may stand for. */
const FRAMING_FIELDS: ReadonlySet<string> = new Set([
  'content-length',
  'transfer-encoding',
  'x-request-id',
  EXTERNAL_ADDRESS,
]);

/** 1 for the bytes with which a replaced name may begin (but for `upgrade`): most fields need no further look. */
const FIRST_LETTERS: Uint8Array = new Uint8Array(256);
for (const letter of 'fhkptx') FIRST_LETTERS[letter.charCodeAt(0)] = 1;

/** The mark of a field by its name alone: 0 is kept. */
export function markOfReplaced(fields: FieldList, index: number, trust: HeadTrust): number {
  if (fields.hasUnderscore && fields.name(index).includes('_')) return looksLikeOurs(fields.name(index)) ? DROPPED : 0;
  if (FIRST_LETTERS[fields.bytes[fields.nameStart(index)] as number] !== 1) return 0;
  const name = fields.name(index);
  if (HOP_FIELDS.has(name) || ORDERS.has(name) || (!trust.forwarded && MESH_FIELDS.has(name))) return HOP;
  if (name === 'te') return markOfTe(fields.value(index));
  if (name === CLIENT_CERT) return trust.clientCert ? 0 : HOP;
  if (name === EXTERNAL_ADDRESS) return trust.externalAddress ? 0 : HOP;
  return REPLACED_FIELDS.has(name) || (!trust.forwarded && isStrangersWord(name)) ? DROPPED : 0;
}

// RFC 9110 §10.1.4: codings are of this hop. Beside them `trailers` is what conditions may ask for; alone it goes on, as with Envoy.
function markOfTe(value: string): number {
  if (/^trailers$/i.test(value)) return 0;
  return /(^|[ ,])trailers([ ,;]|$)/i.test(value) ? DROPPED : HOP;
}

/** Marks every field whose name is among `names`; once through the fields, however many names an attacker thinks of. */
export function markNamed(fields: FieldList, names: ReadonlySet<string>, mark: number): void {
  for (let index = 0; index < fields.count; index++) if (names.has(fields.name(index))) fields.setMark(index, mark);
}

/** Whether a stranger says with the field who he is or where he came in; a gateway does not believe it (RFC 7239 §8.1). */
function isStrangersWord(name: string): boolean {
  return name === 'forwarded' || name === 'x-real-ip' || name.startsWith('x-forwarded-');
}

/** Whether a name with `_` means ours to servers that take `_` and `-` for the same (CGI, RFC 3875 §4.1.18). */
function looksLikeOurs(name: string): boolean {
  const alike = name.replaceAll('_', '-');
  return (
    [FRAMING_FIELDS, HOP_FIELDS, ORDERS, REPLACED_FIELDS].some((names) => names.has(alike)) || isStrangersWord(alike)
  );
}
