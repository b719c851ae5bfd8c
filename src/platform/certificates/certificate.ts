/** One X.509 v3 certificate (RFC 5280 §4.1) over an EC P-256 key, signed with ECDSA and SHA-256. */

import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';
import {
  derBits,
  derExplicit,
  derInteger,
  derOctets,
  derOid,
  derSequence,
  derSet,
  derText,
  derTime,
  derTrue,
  derValue,
} from './der.ts';

export type CertificateRequest = {
  commonName: string;
  publicKey: KeyObject;
  issuer: { commonName: string; privateKey: KeyObject };
  notBeforeMs: number;
  notAfterMs: number;
  /** `ca` signs others, `server` presents itself to clients under `names` (DNS names and IPv4 addresses). */
  usage: { kind: 'ca' } | { kind: 'server'; names: readonly string[] };
};

const ECDSA_WITH_SHA256 = derSequence(derOid('1.2.840.10045.4.3.2'));

/** The certificate as PEM. */
export function createCertificate(request: CertificateRequest): string {
  const body = derSequence(
    derExplicit(0, derInteger(Buffer.from([2]))),
    derInteger(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ECDSA_WITH_SHA256,
    nameOf(request.issuer.commonName),
    derSequence(derTime(request.notBeforeMs), derTime(request.notAfterMs)),
    nameOf(request.commonName),
    spkiOf(request.publicKey),
    derExplicit(3, derSequence(...extensionsOf(request))),
  );
  const signature = sign('sha256', body, request.issuer.privateKey);
  return toPem(derSequence(body, ECDSA_WITH_SHA256, derBits(signature)));
}

function nameOf(commonName: string): Buffer {
  return derSequence(derSet(derSequence(derOid('2.5.4.3'), derText(commonName))));
}

function spkiOf(publicKey: KeyObject): Buffer {
  return publicKey.export({ type: 'spki', format: 'der' });
}

/** Identifies a key; the method is free (RFC 5280 §4.2.1.2), only equality matters. */
function keyIdOf(publicKey: KeyObject): Buffer {
  return createHash('sha256').update(spkiOf(publicKey)).digest().subarray(0, 20);
}

function extensionsOf({ usage, publicKey, issuer }: CertificateRequest): Buffer[] {
  const issuerKeyId = keyIdOf(createPublicKey(issuer.privateKey));
  const identifiers = [
    extension('2.5.29.14', derOctets(keyIdOf(publicKey))),
    extension('2.5.29.35', derSequence(derValue(0x80, issuerKeyId))),
  ];
  if (usage.kind === 'ca') {
    const certSignAndCrlSign = derBits(Buffer.from([0b0000_0110]), 1);
    return [
      criticalExtension('2.5.29.19', derSequence(derTrue())),
      criticalExtension('2.5.29.15', certSignAndCrlSign),
      ...identifiers,
    ];
  }
  const digitalSignature = derBits(Buffer.from([0b1000_0000]), 7);
  return [
    criticalExtension('2.5.29.19', derSequence()),
    criticalExtension('2.5.29.15', digitalSignature),
    extension('2.5.29.37', derSequence(derOid('1.3.6.1.5.5.7.3.1'))),
    extension('2.5.29.17', derSequence(...usage.names.map(alternativeName))),
    ...identifiers,
  ];
}

function extension(oid: string, value: Uint8Array): Buffer {
  return derSequence(derOid(oid), derOctets(value));
}

function criticalExtension(oid: string, value: Uint8Array): Buffer {
  return derSequence(derOid(oid), derTrue(), derOctets(value));
}

function alternativeName(name: string): Buffer {
  return isIPv4(name) ? derValue(0x87, Buffer.from(name.split('.').map(Number))) : derValue(0x82, Buffer.from(name));
}

function toPem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
