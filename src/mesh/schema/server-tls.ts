/** The TLS settings of a Gateway's or Sidecar's server (istio.md §6 and §11). */

import { z } from 'zod';
import type { Issue } from '../../lib/issue.ts';

const VERSIONS = ['TLS_AUTO', 'TLSV1_0', 'TLSV1_1', 'TLSV1_2', 'TLSV1_3'] as const;

export const serverTlsSchema = z.object({
  httpsRedirect: z.boolean().optional(),
  mode: z.enum(['PASSTHROUGH', 'SIMPLE', 'MUTUAL', 'AUTO_PASSTHROUGH', 'ISTIO_MUTUAL', 'OPTIONAL_MUTUAL']).optional(),
  serverCertificate: z.string().optional(),
  privateKey: z.string().optional(),
  caCertificates: z.string().optional(),
  caCrl: z.string().optional(),
  caCertCredentialName: z.string().optional(),
  credentialName: z.string().optional(),
  credentialNames: z.array(z.string()).optional(),
  tlsCertificates: z
    .array(
      z.object({
        serverCertificate: z.string().optional(),
        privateKey: z.string().optional(),
        caCertificates: z.string().optional(),
      }),
    )
    .optional(),
  subjectAltNames: z.array(z.string()).optional(),
  verifyCertificateSpki: z.array(z.string()).optional(),
  verifyCertificateHash: z.array(z.string()).optional(),
  minProtocolVersion: z.enum(VERSIONS).optional(),
  maxProtocolVersion: z.enum(VERSIONS).optional(),
  cipherSuites: z.array(z.string()).optional(),
});

export type ServerTls = z.infer<typeof serverTlsSchema>;

const CIPHERS = new Set(
  (
    'ECDHE-ECDSA-AES128-GCM-SHA256 ECDHE-RSA-AES128-GCM-SHA256 ECDHE-ECDSA-AES256-GCM-SHA384 ECDHE-RSA-AES256-GCM-SHA384 ' +
    'ECDHE-ECDSA-CHACHA20-POLY1305 ECDHE-RSA-CHACHA20-POLY1305 ECDHE-ECDSA-AES128-SHA ECDHE-RSA-AES128-SHA ' +
    'ECDHE-ECDSA-AES256-SHA ECDHE-RSA-AES256-SHA AES128-GCM-SHA256 AES256-GCM-SHA384 AES128-SHA AES256-SHA DES-CBC3-SHA'
  ).split(' '),
);

/** What makes the settings of a TLS server unusable. */
export function validateServerTls(tls: ServerTls, path: string): Issue[] {
  const { mode = 'PASSTHROUGH', tlsCertificates = [] } = tls;
  const {
    credentialName = '',
    credentialNames = [],
    serverCertificate = '',
    privateKey = '',
    caCertificates = '',
  } = tls;
  const issue = (field: string, message: string): Issue => ({ path: `${path}.${field}`, message });
  if (mode === 'PASSTHROUGH' || mode === 'AUTO_PASSTHROUGH') return [];
  if (mode === 'ISTIO_MUTUAL') {
    return (['serverCertificate', 'privateKey', 'caCertificates', 'credentialName'] as const)
      .filter((field) => (tls[field] ?? '') !== '')
      .map((field) => issue(field, 'must not be set with ISTIO_MUTUAL, which brings its own certificates'));
  }
  const sources = [credentialName !== '', credentialNames.length > 0, tlsCertificates.length > 0].filter(Boolean);
  const isFromSecret = credentialName !== '' || credentialNames.length > 0;
  if (
    sources.length > 1 ||
    (isFromSecret && serverCertificate !== '') ||
    (tlsCertificates.length > 0 && serverCertificate !== '')
  ) {
    const message = 'must name certificates in one way: credentialName, credentialNames, tlsCertificates or files';
    return [{ path, message }];
  }
  const needsClientCa = mode === 'MUTUAL' || mode === 'OPTIONAL_MUTUAL';
  const crlMisplaced = (tls.caCrl ?? '') !== '' && (isFromSecret || mode === 'SIMPLE');
  return [
    ...(crlMisplaced ? [issue('caCrl', `must not stand beside a credential or mode ${mode}`)] : []),
    ...(isFromSecret ? [] : missingFiles({ serverCertificate, privateKey, tlsCertificates }, issue)),
    ...(needsClientCa && !isFromSecret && caCertificates === ''
      ? [issue('caCertificates', `must be set for ${mode}: got nothing`)]
      : []),
  ];
}

function missingFiles(
  { tlsCertificates = [], ...own }: Pick<ServerTls, 'serverCertificate' | 'privateKey' | 'tlsCertificates'>,
  issue: (field: string, message: string) => Issue,
): Issue[] {
  const pairs = tlsCertificates.length > 0 ? tlsCertificates : [own];
  return pairs.flatMap(({ serverCertificate = '', privateKey = '' }) => [
    ...(serverCertificate === '' ? [issue('serverCertificate', 'must be set: got nothing')] : []),
    ...(privateKey === '' ? [issue('privateKey', 'must be set: got nothing')] : []),
  ]);
}

/** What is accepted although it has no effect, or hardly the one that was meant. */
export function warnServerTls(tls: ServerTls, path: string): Issue[] {
  const { mode = 'PASSTHROUGH', cipherSuites = [], credentialNames = [] } = tls;
  const isPassed = mode === 'PASSTHROUGH' || mode === 'AUTO_PASSTHROUGH';
  const certificates = (
    ['serverCertificate', 'privateKey', 'caCertificates', 'caCrl', 'credentialName'] as const
  ).filter((field) => (tls[field] ?? '') !== '');
  const unknown = cipherSuites.filter((name, index) => !CIPHERS.has(name) || cipherSuites.indexOf(name) !== index);
  const min = VERSIONS.indexOf(tls.minProtocolVersion ?? 'TLS_AUTO');
  const max = VERSIONS.indexOf(tls.maxProtocolVersion ?? 'TLS_AUTO');
  const issue = (field: string, message: string): Issue => ({ path: `${path}.${field}`, message });
  return [
    ...(isPassed ? certificates.map((field) => issue(field, `must not be set with ${mode}: it has no effect`)) : []),
    ...unknown.map((name) => issue('cipherSuites', `must be known and listed once: got ${name}`)),
    ...(credentialNames.length > 2 ? [issue('credentialNames', 'must be at most 2: got more')] : []),
    ...(max > 0 && min > max ? [issue('minProtocolVersion', 'must not be above maxProtocolVersion')] : []),
    ...((min === 1 || min === 2) && cipherSuites.length === 0
      ? [issue('minProtocolVersion', 'must be TLSV1_2 or above where no cipherSuites are listed')]
      : []),
  ];
}
