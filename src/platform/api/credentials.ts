/** What callers need to reach this server and no one else has: the bearer token, and the kubeconfig that carries it. */

import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';

/** The token of a data folder; made once, so that copies of the kubeconfig stay valid. */
export function ensureToken(pkiDir: string): string {
  const path = join(pkiDir, 'token');
  const stored = existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
  if (/^[\w-]{43}$/.test(stored)) return stored;
  const token = randomBytes(32).toString('base64url');
  replacePrivately(path, `${token}\n`);
  return token;
}

/** Writes a kubeconfig with the one context `sluice`, readable by its owner alone. */
export function writeKubeconfig(path: string, { url, ca, token }: { url: string; ca: string; token: string }): void {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'sluice',
        cluster: { server: url, 'certificate-authority-data': Buffer.from(ca).toString('base64') },
      },
    ],
    users: [{ name: 'sluice', user: { token } }],
    contexts: [{ name: 'sluice', context: { cluster: 'sluice', user: 'sluice', namespace: 'default' } }],
    'current-context': 'sluice',
  };
  replacePrivately(path, stringify(config, { lineWidth: 0 }));
}

/** Readers see the old file or the new one, never half of one. */
export function replacePrivately(path: string, text: string): void {
  writeFileSync(`${path}.draft`, text, { mode: 0o600 });
  renameSync(`${path}.draft`, path);
}
