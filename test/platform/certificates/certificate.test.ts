/** Our certificates as Node's OpenSSL reads them. */

import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { derInteger, derOid, derTime, derValue } from '../../../src/platform/certificates/der.ts';
import { ensureServerCertificates } from '../../../src/platform/certificates/server-certificates.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const DAY_MS = 86_400_000;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-pki-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ['a short length in one byte', derValue(0x04, Buffer.alloc(0x7f)).subarray(0, 2), '047f'],
  ['a long length in its own bytes', derValue(0x04, Buffer.alloc(300)).subarray(0, 4), '0482012c'],
  ['zero', derInteger(Buffer.from([0, 0])), '020100'],
  ['a high first bit with a zero before it', derInteger(Buffer.from([0x80])), '02020080'],
  ['leading zeros away', derInteger(Buffer.from([0, 0, 5])), '020105'],
  ['an identifier with large parts', derOid('1.2.840.10045.4.3.2'), '06082a8648ce3d040302'],
  ['a year before 2050 with two digits', derTime(NOW), Buffer.from('\x17\x0d261121120000Z').toString('hex')],
  [
    'a year from 2050 on with four',
    derTime(Date.parse('2050-01-01T00:00:00Z')),
    Buffer.from('\x18\x0f20500101000000Z').toString('hex'),
  ],
])('DER writes %s', (_, bytes, hex) => {
  expect(Buffer.from(bytes).toString('hex')).toBe(hex);
});

test('the server certificate is signed by the authority, for loopback names', () => {
  const { ca, certificate } = ensureServerCertificates(folder, NOW);
  const [authority, server] = [new X509Certificate(ca), new X509Certificate(certificate)];
  expect(server.verify(authority.publicKey)).toBe(true);
  expect(server.checkIssued(authority)).toBe(true);
  expect([authority.ca, server.ca]).toEqual([true, false]);
  expect(server.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(server.checkHost('localhost')).toBe('localhost');
  expect(server.checkHost('example.com')).toBeUndefined();
});

test('keys are private', () => {
  ensureServerCertificates(folder, NOW);
  for (const name of ['ca.key', 'server.key']) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
});

test('certificates are kept while they are good', () => {
  expect(ensureServerCertificates(folder, NOW + DAY_MS)).toEqual(ensureServerCertificates(folder, NOW));
});

test('the server certificate is renewed before it ends, the authority stays', () => {
  const before = ensureServerCertificates(folder, NOW);
  const after = ensureServerCertificates(folder, NOW + 800 * DAY_MS);
  expect(after.ca).toBe(before.ca);
  expect(after.certificate).not.toBe(before.certificate);
});

test.each([['server.crt'], ['server.key']])('a broken %s is made again', (name) => {
  const before = ensureServerCertificates(folder, NOW);
  writeFileSync(join(folder, name), 'broken');
  const after = ensureServerCertificates(folder, NOW);
  expect(after.ca).toBe(before.ca);
  expect(new X509Certificate(after.certificate).verify(new X509Certificate(after.ca).publicKey)).toBe(true);
  expect(readFileSync(join(folder, 'server.key'), 'utf8')).toBe(after.key);
});
