/**
 * The certificate authority of one data folder and the certificate of its API server. The authority lives as long as the
 * folder, so that kubeconfigs stay valid; the server's certificate is renewed at start when less than a month of it is left.
 */

import { createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EpochMs } from '../../lib/clock.ts';
import { createCertificate } from './certificate.ts';

export type ServerCertificates = { caPath: string; ca: string; certificate: string; key: string };

const DAY_MS = 86_400_000;
const CA_NAME = 'sluice-ca';
const SERVER_NAMES = ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc', '127.0.0.1'];

/** Loads the certificates of `folder`, and makes those that are missing or about to expire. */
export function ensureServerCertificates(folder: string, now: EpochMs): ServerCertificates {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const ca = ensurePair(folder, 'ca', now, (publicKey, own) =>
    createCertificate({
      commonName: CA_NAME,
      publicKey,
      issuer: { commonName: CA_NAME, privateKey: own },
      notBeforeMs: now - DAY_MS,
      notAfterMs: now + 3650 * DAY_MS,
      usage: { kind: 'ca' },
    }),
  );
  const issuer = { commonName: CA_NAME, privateKey: createPrivateKey(ca.key) };
  const server = ensurePair(
    folder,
    'server',
    now,
    (publicKey) =>
      createCertificate({
        commonName: 'sluice-api-server',
        publicKey,
        issuer,
        notBeforeMs: now - DAY_MS,
        notAfterMs: now + 825 * DAY_MS,
        usage: { kind: 'server', names: SERVER_NAMES },
      }),
    ca.certificate,
  );
  return { caPath: join(folder, 'ca.crt'), ca: ca.certificate, certificate: server.certificate, key: server.key };
}

type Pair = { certificate: string; key: string };

function ensurePair(
  folder: string,
  name: string,
  now: EpochMs,
  issue: (publicKey: KeyObject, privateKey: KeyObject) => string,
  signedBy?: string,
): Pair {
  const paths = { certificate: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
  if (existsSync(paths.certificate) && existsSync(paths.key)) {
    const stored = { certificate: readFileSync(paths.certificate, 'utf8'), key: readFileSync(paths.key, 'utf8') };
    if (isUsable(stored, now, signedBy)) return stored;
  }
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const pair = { certificate: issue(publicKey, privateKey), key };
  replaceFile(paths.key, pair.key, 0o600);
  replaceFile(paths.certificate, pair.certificate, 0o644);
  return pair;
}

/** A crash between the two files leaves a pair that does not match; it is made again. */
function isUsable({ certificate, key }: Pair, now: EpochMs, signedBy: string | undefined): boolean {
  try {
    const parsed = new X509Certificate(certificate);
    const issuer = new X509Certificate(signedBy ?? certificate);
    return (
      parsed.checkPrivateKey(createPrivateKey(key)) &&
      parsed.verify(issuer.publicKey) &&
      parsed.validToDate.getTime() - now > 30 * DAY_MS
    );
  } catch {
    return false;
  }
}

function replaceFile(path: string, text: string, mode: number): void {
  writeFileSync(`${path}.draft`, text, { mode });
  renameSync(`${path}.draft`, path);
}
