/** Rules of Istio's validation about DestinationRules (istio.md 11), one row each. */

import { describe, expect, test } from 'vitest';
import { judged, type Rules } from './judged.ts';

const policy = (trafficPolicy: object) => ({ host: 'web', trafficPolicy });
const subset = (more: object) => ({ host: 'web', subsets: [{ name: 'v1', ...more }] });
const hash = (consistentHash: object) => policy({ loadBalancer: { consistentHash } });

const RULES: Rules = {
  'a host alone': [{ host: 'web' }, 'good'],
  'no host': [{}, 'refused'],
  'every host': [{ host: '*' }, 'good'],
  'a wildcard in the middle': [{ host: 'a.*.com' }, 'refused'],
  'a policy of nothing': [policy({}), 'refused'],
  'a subset': [subset({ labels: { version: 'v1' } }), 'good'],
  'a subset without labels': [subset({}), 'good'],
  'a subset without a name': [{ host: 'web', subsets: [{ labels: { version: 'v1' } }] }, 'refused'],
  'a subset with a dot in its name': [subset({ name: 'v1.2' }), 'refused'],
  'a subset with _ in its name': [subset({ name: 'v1_2' }), 'refused'],
  'a subset with a long name': [subset({ name: 'v'.repeat(64) }), 'refused'],
  'two subsets of a name': [{ host: 'web', subsets: [{ name: 'v1' }, { name: 'v1' }] }, 'refused'],
  'a subset with a bad label': [subset({ labels: { 'a b': 'c' } }), 'refused'],
  'a subset with a bad value': [subset({ labels: { version: '@' } }), 'refused'],
  'a subset with a prefixed label': [subset({ labels: { 'example.com/version': 'V_1.2' } }), 'good'],
  'a subset with a policy of nothing': [subset({ trafficPolicy: {} }), 'refused'],
  'null among the subsets': [{ host: 'web', subsets: [null] }, 'refused'],
  'a selector': [{ host: 'web', workloadSelector: { matchLabels: { app: 'client' } } }, 'good'],
  'a selector with a pattern': [{ host: 'web', workloadSelector: { matchLabels: { app: '*' } } }, 'refused'],
  'a selector without labels': [{ host: 'web', workloadSelector: {} }, 'warned'],
  'a selector for its namespace': [
    { host: 'web', workloadSelector: { matchLabels: { app: 'client' } }, exportTo: ['.'] },
    'good',
  ],
  'a selector for everybody': [
    { host: 'web', workloadSelector: { matchLabels: { app: 'client' } }, exportTo: ['*'] },
    'refused',
  ],
  'nobody to export to': [{ host: 'web', exportTo: ['~'] }, 'refused'],
  'its own namespace twice': [{ host: 'web', exportTo: ['.', 'default'] }, 'refused'],
  'everybody and somebody': [{ host: 'web', exportTo: ['*', 'far'] }, 'refused'],
  'a hash of nothing': [hash({}), 'refused'],
  'a hash of a cookie without name': [hash({ httpCookie: { ttl: '0s' } }), 'refused'],
  'a hash of a cookie': [hash({ httpCookie: { name: 'a', ttl: '0s' } }), 'good'],
  'a hash with the old size of a ring': [hash({ useSourceIp: true, minimumRingSize: 10 }), 'warned'],
  'a hash with two sizes': [hash({ useSourceIp: true, minimumRingSize: 10, maglev: { tableSize: 65_537 } }), 'refused'],
  'a Maglev table of no size': [hash({ useSourceIp: true, maglev: {} }), 'refused'],
  'a Maglev table of an even size': [hash({ useSourceIp: true, maglev: { tableSize: 1_000 } }), 'refused'],
  'a Maglev table that is too large': [hash({ useSourceIp: true, maglev: { tableSize: 5_000_011 } }), 'refused'],
  'the largest Maglev table': [hash({ useSourceIp: true, maglev: { tableSize: 4_999_999 } }), 'good'],
  'warm-up without duration': [policy({ loadBalancer: { simple: 'ROUND_ROBIN', warmup: {} } }), 'refused'],
  'warm-up from more than everything': [
    policy({ loadBalancer: { simple: 'ROUND_ROBIN', warmup: { duration: '10s', minimumPercent: 150 } } }),
    'refused',
  ],
  'a pool of nothing': [policy({ connectionPool: {} }), 'refused'],
  'a pool of empty parts': [policy({ connectionPool: { tcp: {}, http: {} } }), 'good'],
  'a negative limit': [policy({ connectionPool: { tcp: { maxConnections: -1 } } }), 'refused'],
  'no time to connect': [policy({ connectionPool: { tcp: { connectTimeout: '0s' } } }), 'refused'],
  'no life of connections': [policy({ connectionPool: { tcp: { maxConnectionDuration: '0s' } } }), 'refused'],
  'an upgrade to what the client speaks': [
    policy({ connectionPool: { http: { h2UpgradePolicy: 'UPGRADE', useClientProtocol: true } } }),
    'refused',
  ],
  'outliers by the old name': [policy({ outlierDetection: { consecutiveErrors: 3 } }), 'warned'],
  'local outliers without splitting': [policy({ outlierDetection: { consecutiveLocalOriginFailures: 3 } }), 'refused'],
  'outliers of more than everything': [policy({ outlierDetection: { maxEjectionPercent: 101 } }), 'refused'],
  'outliers at no interval': [policy({ outlierDetection: { interval: '0s' } }), 'refused'],
  'settings of a port': [
    policy({ portLevelSettings: [{ port: { number: 80 }, loadBalancer: { simple: 'RANDOM' } }] }),
    'good',
  ],
  'settings of no port': [policy({ portLevelSettings: [{ loadBalancer: { simple: 'RANDOM' } }] }), 'refused'],
  'settings of a port that say nothing': [policy({ portLevelSettings: [{ port: { number: 80 } }] }), 'refused'],
  'null among the ports': [policy({ portLevelSettings: [null] }), 'refused'],
  'failover without outliers': [
    policy({ loadBalancer: { localityLbSetting: { failover: [{ from: 'a', to: 'b' }] } } }),
    'warned',
  ],
  'mutual TLS without a key': [policy({ tls: { mode: 'MUTUAL', clientCertificate: 'a' } }), 'refused'],
  'mutual TLS by a credential': [policy({ tls: { mode: 'MUTUAL', credentialName: 'a' } }), 'good'],
  'TLS by a credential and a file': [
    policy({ tls: { mode: 'SIMPLE', credentialName: 'a', caCertificates: 'b' } }),
    'refused',
  ],
  'TLS by a credential and a list of the revoked': [
    policy({ tls: { mode: 'SIMPLE', credentialName: 'a', caCrl: 'b' } }),
    'refused',
  ],
  'TLS that checks and does not': [
    policy({ tls: { mode: 'SIMPLE', insecureSkipVerify: true, caCertificates: 'a' } }),
    'refused',
  ],
  'mutual TLS that checks and does not': [
    policy({
      tls: {
        mode: 'MUTUAL',
        insecureSkipVerify: true,
        clientCertificate: 'a',
        privateKey: 'b',
        subjectAltNames: ['c'],
      },
    }),
    'refused',
  ],
  'TLS of the mesh with files': [policy({ tls: { mode: 'ISTIO_MUTUAL', caCertificates: 'a' } }), 'refused'],
  'a tunnel': [policy({ tunnel: { targetHost: 'a.example.com', targetPort: 443 } }), 'good'],
  'a tunnel to an address': [policy({ tunnel: { targetHost: '1.1.1.1', targetPort: 443 } }), 'good'],
  'a tunnel to a wildcard': [policy({ tunnel: { targetHost: '*.example.com', targetPort: 443 } }), 'refused'],
  'a tunnel to nowhere': [policy({ tunnel: { targetPort: 443 } }), 'refused'],
  'a tunnel without port': [policy({ tunnel: { targetHost: 'a' } }), 'refused'],
  'a tunnel by another protocol': [policy({ tunnel: { protocol: 'GET', targetHost: 'a', targetPort: 1 } }), 'refused'],
  'a tunnel and a proxy protocol': [
    policy({ tunnel: { targetHost: 'a', targetPort: 1 }, proxyProtocol: { version: 'V1' } }),
    'refused',
  ],
  'a proxy protocol': [policy({ proxyProtocol: { version: 'V2' } }), 'good'],
  'a proxy protocol that nobody knows': [policy({ proxyProtocol: { version: 'V3' } }), 'refused'],
};

describe('a DestinationRule', () => {
  test.each(Object.entries(RULES))('%s', (_sentence, [spec, verdict]) => {
    expect(judged('DestinationRule', spec)).toBe(verdict);
  });
});
