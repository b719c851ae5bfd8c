/** Rules of Istio's validation about ServiceEntries and WorkloadEntries (istio.md 11), one row each. */

import { describe, expect, test } from 'vitest';
import { judged, type Rules } from './judged.ts';

const http = { number: 80, name: 'http', protocol: 'HTTP' };
const entry = (more: object) => ({ hosts: ['web.example.com'], ports: [http], ...more });
const fixed = (endpoint: object, more: object = {}) => entry({ resolution: 'STATIC', endpoints: [endpoint], ...more });
const named = (endpoint: object, more: object = {}) => entry({ resolution: 'DNS', endpoints: [endpoint], ...more });
const port = (more: object) => entry({ ports: [{ ...http, ...more }] });
const tcp = { number: 1, name: 'tcp', protocol: 'TCP' };

const ENTRIES: Rules = {
  'a name': [entry({}), 'good'],
  'no name': [entry({ hosts: [] }), 'refused'],
  'every name': [entry({ hosts: ['*'] }), 'refused'],
  'a wildcard': [entry({ hosts: ['*.example.com'] }), 'good'],
  'a wildcard within a label': [entry({ hosts: ['*web.example.com'] }), 'warned'],
  'an address with its network': [entry({ addresses: ['10.0.0.0/8'] }), 'good'],
  'an address with too long a network': [entry({ addresses: ['10.0.0.0/33'] }), 'refused'],
  'a network that is asked of DNS': [entry({ addresses: ['10.0.0.0/8'], resolution: 'DNS' }), 'refused'],
  'two ports of a name': [entry({ ports: [http, { ...http, number: 81 }] }), 'refused'],
  'two ports of a number': [entry({ ports: [http, { ...http, name: 'other' }] }), 'refused'],
  'null among the ports': [entry({ ports: [null] }), 'refused'],
  'a port without a name': [port({ name: '' }), 'refused'],
  'a port with a bad name': [port({ name: 'a_b' }), 'refused'],
  'a port that speaks nothing known': [port({ protocol: 'GOPHER' }), 'refused'],
  'a port that speaks in small letters': [port({ protocol: 'http2' }), 'good'],
  'a port above all': [port({ number: 65_536 }), 'refused'],
  'a target above all': [port({ targetPort: 65_536 }), 'refused'],
  'a port for anything, without address': [entry({ ports: [tcp] }), 'warned'],
  'a port for anything, with an address': [entry({ ports: [tcp], addresses: ['1.1.1.1'] }), 'good'],
  'a selector': [entry({ resolution: 'STATIC', workloadSelector: { labels: { app: 'a' } } }), 'good'],
  'a selector with a pattern': [
    entry({ resolution: 'STATIC', workloadSelector: { labels: { app: 'a*' } } }),
    'refused',
  ],
  'a selector without labels': [entry({ resolution: 'STATIC', workloadSelector: {} }), 'warned'],
  'a selector beside DNS': [entry({ resolution: 'DNS', workloadSelector: { labels: { app: 'a' } } }), 'good'],
  'a selector beside NONE': [entry({ resolution: 'NONE', workloadSelector: { labels: { app: 'a' } } }), 'warned'],
  'a selector and endpoints': [
    fixed({ address: '1.1.1.1' }, { workloadSelector: { labels: { app: 'a' } } }),
    'refused',
  ],
  'endpoints of an address that callers know': [entry({ endpoints: [{ address: '1.1.1.1' }] }), 'refused'],
  'an endpoint': [fixed({ address: '1.1.1.1' }), 'good'],
  'an endpoint by name, without DNS': [fixed({ address: 'a.example.com' }), 'refused'],
  'an endpoint on a port of its own': [fixed({ address: '1.1.1.1', ports: { http: 8080 } }), 'good'],
  'an endpoint on a port of another name': [fixed({ address: '1.1.1.1', ports: { web: 8080 } }), 'refused'],
  'an endpoint on port 0': [fixed({ address: '1.1.1.1', ports: { http: 0 } }), 'refused'],
  'an endpoint with a bad label': [fixed({ address: '1.1.1.1', labels: { a: '@' } }), 'refused'],
  'null among the endpoints': [fixed(null as unknown as object), 'refused'],
  'an endpoint nowhere': [fixed({}), 'refused'],
  'a socket': [fixed({ address: 'unix:///run/web.sock' }), 'good'],
  'a socket without a directory': [fixed({ address: 'unix://web.sock' }), 'refused'],
  'a socket that is a directory': [fixed({ address: 'unix:///run/' }), 'refused'],
  'a socket with ports': [fixed({ address: 'unix:///run/web.sock', ports: { http: 1 } }), 'refused'],
  'a socket for two ports': [
    fixed({ address: 'unix:///run/web.sock' }, { ports: [http, { ...http, number: 81, name: 'b' }] }),
    'refused',
  ],
  'an endpoint of DNS': [named({ address: 'a.example.com' }), 'good'],
  'an endpoint of DNS by address': [named({ address: '1.1.1.1' }), 'good'],
  'an endpoint of DNS by wildcard': [named({ address: '*.example.com' }), 'refused'],
  'an endpoint of DNS by socket': [named({ address: 'unix:///run/web.sock' }), 'refused'],
  'an endpoint of DNS with a bad label': [named({ address: 'a.example.com', labels: { 'a b': 'c' } }), 'refused'],
  'a wildcard of DNS': [entry({ hosts: ['*.example.com'], resolution: 'DNS' }), 'refused'],
  'two endpoints in turn': [
    entry({ resolution: 'DNS_ROUND_ROBIN', endpoints: [{ address: 'a.b' }, { address: 'c.d' }] }),
    'refused',
  ],
  'two names for anything': [
    entry({
      hosts: ['a.b', 'c.d'],
      ports: [tcp],
      addresses: ['1.1.1.1'],
      resolution: 'STATIC',
      endpoints: [{ address: '1.1.1.1' }],
    }),
    'refused',
  ],
  'names that only a request says': [entry({ hosts: ['*.example.com'], resolution: 'DYNAMIC_DNS' }), 'good'],
  'names that only a request says, for anything': [
    entry({ hosts: ['*.example.com'], resolution: 'DYNAMIC_DNS', ports: [tcp], addresses: ['1.1.1.1'] }),
    'refused',
  ],
  'nobody to export to': [entry({ exportTo: ['~'] }), 'good'],
  'nobody and somebody': [entry({ exportTo: ['~', 'far'] }), 'refused'],
};

const WORKLOADS: Rules = {
  'an address': [{ address: '1.1.1.1' }, 'good'],
  'a name': [{ address: 'a.example.com' }, 'good'],
  'a wildcard': [{ address: '*.example.com' }, 'refused'],
  'a socket': [{ address: 'unix:///run/web.sock' }, 'good'],
  'an abstract socket': [{ address: 'unix://@web' }, 'good'],
  'a socket with ports': [{ address: 'unix:///run/web.sock', ports: { http: 1 } }, 'refused'],
  'a port with a bad name': [{ address: '1.1.1.1', ports: { a_b: 1 } }, 'refused'],
  'a bad label': [{ address: '1.1.1.1', labels: { a: '@' } }, 'refused'],
  'a network alone': [{ network: 'far' }, 'warned'],
  nothing: [{}, 'refused'],
};

describe.each([
  ['ServiceEntry', ENTRIES],
  ['WorkloadEntry', WORKLOADS],
] as const)('a %s', (kind, rows) => {
  test.each(Object.entries(rows))('%s', (_sentence, [spec, verdict]) => expect(judged(kind, spec)).toBe(verdict));
});

test.each([
  ['MESH_INTERNAL', 'shared', 'refused'],
  ['MESH_INTERNAL', 'none', 'good'],
  ['MESH_EXTERNAL', 'shared', 'good'],
] as const)('names that only a request says, %s and with waypoint %s', (location, waypoint, verdict) => {
  const spec = entry({ hosts: ['*.example.com'], resolution: 'DYNAMIC_DNS', location });
  expect(judged('ServiceEntry', spec, { labels: { 'istio.io/use-waypoint': waypoint } })).toBe(verdict);
});
