/** What Istio refuses or warns about in the traffic policies of a DestinationRule that have the right shape (istio.md §11). */

import type { Issue } from '../../lib/issue.ts';
import type { TrafficPolicySpec } from './destination-rule.ts';
import { isHostPattern } from './host-name.ts';
import { validateLocalityLb, warnLocalityLb } from './validate-locality-lb.ts';

type Blocks = Pick<TrafficPolicySpec, 'loadBalancer' | 'connectionPool' | 'outlierDetection' | 'tls'>;
type LoadBalancer = NonNullable<TrafficPolicySpec['loadBalancer']>;
type ConsistentHash = NonNullable<LoadBalancer['consistentHash']>;

/** The first size that is too large for Maglev. */
const MAGLEV_END = 5_000_011;

export function validateTrafficPolicy(policy: TrafficPolicySpec | undefined, path: string): Issue[] {
  if (policy === undefined) return [];
  if (Object.keys(policy).length === 0) return [{ path, message: 'must have at least one field: got none' }];
  return [
    ...validateBlocks(policy, path),
    ...validateTunnel(policy, path),
    ...(policy.portLevelSettings ?? []).flatMap(({ port: _port, ...blocks }, index) => {
      const place = `${path}.portLevelSettings[${index}]`;
      if (Object.keys(blocks).length === 0) return [{ path: place, message: 'must have a policy: got none' }];
      return validateBlocks(blocks, place);
    }),
  ];
}

export function warnTrafficPolicy(policy: TrafficPolicySpec | undefined, path: string): Issue[] {
  if (policy === undefined) return [];
  return [
    ...warnLocalityLb(policy, path),
    ...(policy.portLevelSettings ?? []).flatMap((blocks, index) =>
      warnLocalityLb(blocks, `${path}.portLevelSettings[${index}]`),
    ),
  ];
}

function validateBlocks({ loadBalancer, connectionPool, outlierDetection, tls }: Blocks, path: string): Issue[] {
  return [
    ...(loadBalancer === undefined ? [] : validateLoadBalancer(loadBalancer, `${path}.loadBalancer`)),
    ...(connectionPool === undefined ? [] : validateConnectionPool(connectionPool, `${path}.connectionPool`)),
    ...(outlierDetection?.consecutiveLocalOriginFailures && !outlierDetection.splitExternalLocalOriginErrors
      ? [
          {
            path: `${path}.outlierDetection.consecutiveLocalOriginFailures`,
            message: 'must stand beside splitExternalLocalOriginErrors: true',
          },
        ]
      : []),
    ...(tls === undefined ? [] : validateClientTls(tls, `${path}.tls`)),
  ];
}

function validateLoadBalancer({ simple, consistentHash, ...locality }: LoadBalancer, path: string): Issue[] {
  return [
    ...(simple !== undefined && consistentHash !== undefined
      ? [{ path, message: 'must have only one of simple and consistentHash: got both' }]
      : []),
    ...(consistentHash === undefined ? [] : validateConsistentHash(consistentHash, `${path}.consistentHash`)),
    ...validateLocalityLb(locality, path),
  ];
}

function validateConsistentHash(hash: ConsistentHash, path: string): Issue[] {
  const keys = (['httpHeaderName', 'httpCookie', 'useSourceIp', 'httpQueryParameterName'] as const).filter(
    (key) => hash[key] !== undefined,
  );
  const { maglev, ringHash, minimumRingSize } = hash;
  const size = maglev?.tableSize ?? 0;
  return [
    ...(keys.length === 1
      ? []
      : [{ path, message: `must have exactly one key to hash: got ${keys.join(', ') || 'none'}` }]),
    ...(maglev !== undefined && ringHash !== undefined
      ? [{ path, message: 'must have only one of ringHash and maglev: got both' }]
      : []),
    ...(minimumRingSize !== undefined && (maglev ?? ringHash) !== undefined
      ? [{ path: `${path}.minimumRingSize`, message: 'must not stand beside ringHash or maglev' }]
      : []),
    ...(maglev === undefined || (isPrime(size) && size < MAGLEV_END)
      ? []
      : [
          {
            path: `${path}.maglev.tableSize`,
            message: `must be a prime number below ${MAGLEV_END}: got ${maglev.tableSize ?? 'none'}`,
          },
        ]),
  ];
}

function isPrime(number: number): boolean {
  if (number < 2) return false;
  for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) return false;
  return true;
}

function validateConnectionPool(pool: NonNullable<TrafficPolicySpec['connectionPool']>, path: string): Issue[] {
  if (Object.keys(pool).length === 0) return [{ path, message: 'must have tcp or http: got neither' }];
  const { h2UpgradePolicy, useClientProtocol } = pool.http ?? {};
  return h2UpgradePolicy === 'UPGRADE' && useClientProtocol === true
    ? [{ path: `${path}.http.h2UpgradePolicy`, message: 'must not be UPGRADE beside useClientProtocol' }]
    : [];
}

const FILES = ['clientCertificate', 'privateKey', 'caCertificates', 'caCrl'] as const;

/** The client's side: files and a named credential exclude each other, and mutual TLS needs a certificate of one's own. */
function validateClientTls(tls: NonNullable<TrafficPolicySpec['tls']>, path: string): Issue[] {
  const { mode = 'DISABLE', credentialName = '', caCertificates = '' } = tls;
  const files = FILES.filter((field) => (tls[field] ?? '') !== '');
  const issue = (field: string, message: string): Issue => ({ path: `${path}.${field}`, message });
  // With mutual TLS a credential may hold the client's certificate alone.
  const isChecked =
    caCertificates !== '' || (mode === 'SIMPLE' && credentialName !== '') || (tls.subjectAltNames ?? []).length > 0;
  if ((mode === 'SIMPLE' || mode === 'MUTUAL') && tls.insecureSkipVerify === true && isChecked) {
    return [issue('insecureSkipVerify', 'must not be true beside what the server is checked by')];
  }
  if (mode === 'ISTIO_MUTUAL' || credentialName !== '') {
    const reason = mode === 'ISTIO_MUTUAL' ? mode : 'credentialName';
    return files.map((field) => issue(field, `must not be set beside ${reason}`));
  }
  if (mode === 'MUTUAL') {
    return (['clientCertificate', 'privateKey'] as const)
      .filter((field) => (tls[field] ?? '') === '')
      .map((field) => issue(field, 'must be set with MUTUAL: got nothing'));
  }
  return [];
}

function validateTunnel({ tunnel, proxyProtocol }: TrafficPolicySpec, path: string): Issue[] {
  if (tunnel === undefined) return [];
  const { protocol = 'CONNECT', targetHost = '', targetPort = 0 } = tunnel;
  return [
    ...(proxyProtocol === undefined
      ? []
      : [{ path, message: 'must have only one of tunnel and proxyProtocol: got both' }]),
    ...(['CONNECT', 'POST'].includes(protocol)
      ? []
      : [{ path: `${path}.tunnel.protocol`, message: `must be CONNECT or POST: got ${protocol}` }]),
    ...(targetHost.startsWith('*') || !isHostPattern(targetHost)
      ? [
          {
            path: `${path}.tunnel.targetHost`,
            message: `must be a name or an address: got ${JSON.stringify(targetHost)}`,
          },
        ]
      : []),
    ...(targetPort === 0 ? [{ path: `${path}.tunnel.targetPort`, message: 'must be from 1 to 65535: got 0' }] : []),
  ];
}
