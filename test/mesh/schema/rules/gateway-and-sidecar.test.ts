/** Rules of Istio's validation about Gateways and Sidecars (istio.md 11), one row each. */

import { describe, expect, test } from 'vitest';
import { judged, type Rules } from './judged.ts';

const http = { number: 80, name: 'http', protocol: 'HTTP' };
const https = { number: 443, name: 'https', protocol: 'HTTPS' };
const server = (more: object) => ({ servers: [{ port: http, hosts: ['web.example.com'], ...more }] });
const simple = { mode: 'SIMPLE', credentialName: 'cert' };

const GATEWAYS: Rules = {
  'a server': [server({}), 'good'],
  'no server': [{ servers: [] }, 'refused'],
  'null among the servers': [{ servers: [null] }, 'refused'],
  'no host': [server({ hosts: [] }), 'refused'],
  'an address': [server({ hosts: ['1.1.1.1'] }), 'good'],
  'a short name': [server({ hosts: ['web'] }), 'refused'],
  'a wildcard within a label': [server({ hosts: ['*web.example.com'] }), 'refused'],
  'every host of a namespace': [server({ hosts: ['shop/*'] }), 'good'],
  'a host of nobody': [server({ hosts: ['~/web.example.com'] }), 'refused'],
  'nothing before the slash': [server({ hosts: ['/web.example.com'] }), 'refused'],
  'two slashes': [server({ hosts: ['a/b/c.d'] }), 'refused'],
  'no port': [{ servers: [{ hosts: ['web.example.com'] }] }, 'refused'],
  'an unknown protocol': [server({ port: { ...http, protocol: 'GOPHER' } }), 'refused'],
  'no name of a port': [server({ port: { number: 80, protocol: 'HTTP' } }), 'refused'],
  'a target': [server({ port: { ...http, targetPort: 8080 } }), 'refused'],
  'an address to listen on': [server({ bind: '10.0.0.1' }), 'good'],
  'a name to listen on': [server({ bind: 'localhost' }), 'refused'],
  'a socket to listen on': [server({ port: { ...http, number: 0 }, bind: 'unix:///run/gw.sock' }), 'good'],
  'a socket and a port': [server({ bind: 'unix:///run/gw.sock' }), 'refused'],
  'a socket without a directory': [server({ port: { ...http, number: 0 }, bind: 'unix://gw.sock' }), 'refused'],
  'two ports of a name': [{ servers: [server({}).servers[0], server({}).servers[0]] }, 'refused'],
  'a redirect to HTTPS': [server({ tls: { httpsRedirect: true } }), 'good'],
  'a redirect from HTTPS': [server({ port: https, tls: { ...simple, httpsRedirect: true } }), 'warned'],
  'certificates without TLS': [server({ tls: { serverCertificate: 'a' } }), 'refused'],
  'a version of TLS without TLS': [server({ tls: { httpsRedirect: true, minProtocolVersion: 'TLSV1_2' } }), 'good'],
  'TLS on TCP': [server({ port: { number: 1, name: 'tcp', protocol: 'TCP' }, tls: simple }), 'refused'],
  'TLS without settings': [server({ port: https }), 'refused'],
  'TLS by a credential': [server({ port: https, tls: simple }), 'good'],
  'TLS by files': [server({ port: https, tls: { mode: 'SIMPLE', serverCertificate: 'a', privateKey: 'b' } }), 'good'],
  'TLS by half of the files': [server({ port: https, tls: { mode: 'SIMPLE', serverCertificate: 'a' } }), 'refused'],
  'mutual TLS without those who sign': [
    server({ port: https, tls: { mode: 'MUTUAL', serverCertificate: 'a', privateKey: 'b' } }),
    'refused',
  ],
  'TLS of the mesh with a credential': [
    server({ port: https, tls: { mode: 'ISTIO_MUTUAL', credentialName: 'a' } }),
    'refused',
  ],
  'an old TLS without ciphers': [server({ port: https, tls: { ...simple, minProtocolVersion: 'TLSV1_1' } }), 'warned'],
};

const egress = (...listeners: object[]) => ({ egress: listeners });
const ingress = (...listeners: object[]) => ({ ingress: listeners });
const hosts = ['*/*'];
const inbound = (more: object) => ingress({ port: http, defaultEndpoint: '127.0.0.1:8080', ...more });

const SIDECARS: Rules = {
  nothing: [{}, 'refused'],
  'a policy alone': [{ outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } }, 'good'],
  'a pool alone': [{ inboundConnectionPool: { tcp: { maxConnections: 1 } } }, 'good'],
  'a pool of nothing': [{ inboundConnectionPool: {} }, 'refused'],
  'a selector without labels': [{ workloadSelector: {}, ...egress({ hosts }) }, 'warned'],
  'a selector with a pattern': [{ workloadSelector: { labels: { a: '*' } }, ...egress({ hosts }) }, 'refused'],
  'a listener without hosts': [egress({ hosts: [] }), 'refused'],
  'null among the listeners': [egress(null as unknown as object), 'refused'],
  'a host without namespace': [egress({ hosts: ['web.example.com'] }), 'refused'],
  'a short name': [egress({ hosts: ['./web'] }), 'refused'],
  'a wildcard within a label': [egress({ hosts: ['./*web.example.com'] }), 'refused'],
  'everything and something': [egress({ hosts: ['*/*', 'far/*'] }), 'warned'],
  'everything of a namespace and some of it': [egress({ hosts: ['far/*', 'far/a.b'] }), 'warned'],
  'some of a namespace and everything of it': [egress({ hosts: ['far/a.b', 'far/*'] }), 'warned'],
  'its namespace by two names': [egress({ hosts: ['./*', 'default/a.b'] }), 'warned'],
  'a listener without port before another': [egress({ hosts }, { hosts, port: http }), 'refused'],
  'a port': [egress({ hosts, port: http }), 'good'],
  'a port twice': [egress({ hosts, port: http }, { hosts, port: http }), 'refused'],
  'a port of an unknown protocol': [egress({ hosts, port: { ...http, protocol: 'GOPHER' } }), 'refused'],
  'a port with a bad name': [egress({ hosts, port: { ...http, name: 'a_b' } }), 'refused'],
  'a target': [egress({ hosts, port: { ...http, targetPort: 1 } }), 'refused'],
  'port 0': [egress({ hosts, port: { ...http, number: 0 } }), 'refused'],
  'a socket': [egress({ hosts, port: { ...http, number: 0 }, bind: 'unix:///run/a.sock' }), 'good'],
  'a socket twice': [
    egress(
      { hosts, port: { ...http, number: 0 }, bind: 'unix:///run/a.sock' },
      { hosts, port: { ...http, number: 0 }, bind: 'unix:///run/a.sock' },
    ),
    'refused',
  ],
  'a socket and a port': [egress({ hosts, port: http, bind: 'unix:///run/a.sock' }), 'refused'],
  'a socket by rules of the kernel': [
    egress({ hosts, port: { ...http, number: 0 }, bind: 'unix:///run/a.sock', captureMode: 'IPTABLES' }),
    'refused',
  ],
  'a way in': [inbound({}), 'good'],
  'a way in to the address of the instance': [inbound({ defaultEndpoint: '0.0.0.0:8080' }), 'good'],
  'a way in to IPv6': [inbound({ defaultEndpoint: '[::1]:8080' }), 'good'],
  'a way in to any address': [inbound({ defaultEndpoint: ':8080' }), 'good'],
  'a way in to a socket': [inbound({ defaultEndpoint: 'unix:///run/a.sock' }), 'good'],
  'a way in to elsewhere': [inbound({ defaultEndpoint: '10.0.0.1:8080' }), 'refused'],
  'a way in to a port above all': [inbound({ defaultEndpoint: '127.0.0.1:70000' }), 'refused'],
  'a way in to no port': [inbound({ defaultEndpoint: '127.0.0.1' }), 'refused'],
  'a way in by an unknown protocol': [inbound({ port: { ...http, protocol: 'GOPHER' } }), 'refused'],
  'a way in without port': [ingress({ defaultEndpoint: '127.0.0.1:8080' }), 'refused'],
  'a way in with a target': [inbound({ port: { ...http, targetPort: 1 } }), 'refused'],
  'a way in with limits for HTTP on TCP': [
    inbound({ port: { number: 1, name: 'tcp', protocol: 'TCP' }, connectionPool: { http: { maxRetries: 1 } } }),
    'warned',
  ],
  'a proxy on the way out': [
    { outboundTrafficPolicy: { mode: 'ALLOW_ANY', egressProxy: { host: 'a.b', port: { number: 1 } } } },
    'good',
  ],
  'a proxy on the way out without port': [
    { outboundTrafficPolicy: { mode: 'ALLOW_ANY', egressProxy: { host: 'a.b' } } },
    'refused',
  ],
  'a proxy on no way out': [
    { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY', egressProxy: { host: 'a.b', port: { number: 1 } } } },
    'refused',
  ],
};

describe.each([
  ['Gateway', GATEWAYS],
  ['Sidecar', SIDECARS],
] as const)('a %s', (kind, rows) => {
  test.each(Object.entries(rows))('%s', (_sentence, [spec, verdict]) => expect(judged(kind, spec)).toBe(verdict));
});

test('a Gateway is called like a DNS label', () => {
  expect(judged('Gateway', server({}), { name: 'gw-1' })).toBe('good');
  expect(judged('Gateway', server({}), { name: 'gw.1' })).toBe('refused');
});

test.each(['VirtualService', 'Gateway'])('a dry run of a %s is refused: only policies have one', (kind) => {
  const spec =
    kind === 'Gateway' ? server({}) : { hosts: ['web'], http: [{ route: [{ destination: { host: 'web' } }] }] };
  expect(judged(kind, spec, { annotations: { 'istio.io/dry-run': 'true' } })).toBe('refused');
});
