/** Rules of Istio's validation about VirtualServices (istio.md 11; what istio.io says of each field), one row each. */

import { describe, expect, test } from 'vitest';
import { judged, type Rules } from './judged.ts';

const route = [{ destination: { host: 'web' } }];
const rule = (more: object) => ({ hosts: ['web'], http: [{ route, ...more }] });
const match = (...conditions: object[]) => rule({ match: conditions });
const to = (destination: object) => ({ hosts: ['web'], http: [{ route: [{ destination }] }] });
const instead = (action: object) => ({ hosts: ['web'], http: [action] });
const atGateway = (more: object) => ({ hosts: ['web.example.com'], gateways: ['gw'], http: [{ route, ...more }] });
const LONG = 'n'.repeat(63);

const HOSTS: Rules = {
  'a name with a dot at its end': [{ hosts: ['web.example.com.'], http: [{ route }] }, 'good'],
  'a wildcard with a dash': [{ hosts: ['*-web.example.com'], http: [{ route }] }, 'good'],
  'a star behind letters': [{ hosts: ['web*.example.com'], http: [{ route }] }, 'refused'],
  'a name with an underscore': [{ hosts: ['web_1.example.com'], http: [{ route }] }, 'refused'],
  'a name that ends with a number': [{ hosts: ['web.1'], http: [{ route }] }, 'refused'],
  'an empty name': [{ hosts: [''], http: [{ route }] }, 'refused'],
  'an address': [{ hosts: ['10.0.0.1'], http: [{ route }] }, 'good'],
  'a label of 63 characters': [{ hosts: [`${LONG}.example.com`], http: [{ route }] }, 'good'],
  'a label of 64': [{ hosts: [`${LONG}n.example.com`], http: [{ route }] }, 'refused'],
  'a name and a wildcard over it': [{ hosts: ['a.example.com', '*.example.com'], http: [{ route }] }, 'refused'],
  'two wildcards, one over the other': [{ hosts: ['*.example.com', '*.com'], http: [{ route }] }, 'refused'],
  'a name beside another': [{ hosts: ['a.example.com', 'b.example.com'], http: [{ route }] }, 'good'],
  'every name at a gateway': [{ hosts: ['*'], gateways: ['gw'], http: [{ route }] }, 'good'],
  'every name for the mesh as well': [{ hosts: ['*'], gateways: ['gw', 'mesh'], http: [{ route }] }, 'refused'],
  'none, with gateways': [{ gateways: ['gw'], http: [{ route }] }, 'refused'],
  none: [{ http: [{ route }] }, 'good'],
};

const GATEWAYS: Rules = {
  'a name': [atGateway({}), 'good'],
  'a name of another namespace': [{ ...atGateway({}), gateways: ['far/gw'] }, 'good'],
  'the old long form': [{ ...atGateway({}), gateways: ['gw.far.svc.cluster.local'] }, 'warned'],
  'nothing before the slash': [{ ...atGateway({}), gateways: ['/gw'] }, 'refused'],
  'nothing behind the slash': [{ ...atGateway({}), gateways: ['far/'] }, 'refused'],
  'a dotted name behind the slash': [{ ...atGateway({}), gateways: ['far/gw.x'] }, 'refused'],
  'two slashes': [{ ...atGateway({}), gateways: ['a/b/c'] }, 'refused'],
};

const DESTINATIONS: Rules = {
  'every host': [to({ host: '*' }), 'refused'],
  'no host': [to({ host: '' }), 'refused'],
  'a wildcard': [to({ host: '*.example.com' }), 'good'],
  'a host with a slash': [to({ host: 'a/b' }), 'refused'],
  'a subset with a dot': [to({ host: 'web', subset: 'v1.2' }), 'refused'],
  'a subset with a dash': [to({ host: 'web', subset: 'v1-2' }), 'good'],
  'a port above all': [to({ host: 'web', port: { number: 65_536 } }), 'refused'],
  'port 0': [to({ host: 'web', port: { number: 0 } }), 'refused'],
  'a port without a number': [to({ host: 'web', port: {} }), 'refused'],
  'none at all': [instead({ route: [{}] }), 'refused'],
  'null in the list': [instead({ route: [null] }), 'refused'],
  'a mirror to every host': [rule({ mirror: { host: '*' } }), 'refused'],
  'a mirror without destination': [rule({ mirrors: [{ percentage: { value: 1 } }] }), 'refused'],
  'a mirror of several to a bad subset': [
    rule({ mirrors: [{ destination: { host: 'web', subset: 'a_b' } }] }),
    'refused',
  ],
  'a mirror above 100 per cent': [rule({ mirror: { host: 'web' }, mirrorPercentage: { value: 100.1 } }), 'refused'],
  'the old share of a mirror': [rule({ mirror: { host: 'web' }, mirrorPercent: 10 }), 'warned'],
};

const CONDITIONS: Rules = {
  'an empty entry': [match({}), 'good'],
  'null in the list': [rule({ match: [null] }), 'refused'],
  'a header by null': [match({ headers: { a: null } }), 'refused'],
  'a header by presence': [match({ headers: { a: {} } }), 'good'],
  'a header with a blank': [match({ headers: { 'a b': { exact: 'x' } } }), 'refused'],
  'a header without a name': [match({ headers: { '': { exact: 'x' } } }), 'refused'],
  'a header by a regular expression that is none': [match({ headers: { a: { regex: '(' } } }), 'refused'],
  'a header by an empty regular expression': [match({ headers: { a: { regex: '' } } }), 'refused'],
  'a regular expression of 1024 characters': [match({ uri: { regex: 'a'.repeat(1_024) } }), 'good'],
  'one of 1025': [match({ uri: { regex: 'a'.repeat(1_025) } }), 'refused'],
  'a method by an empty prefix': [match({ method: { prefix: '' } }), 'refused'],
  'a path by an empty prefix': [match({ uri: { prefix: '' } }), 'good'],
  'a path in two ways': [match({ uri: { prefix: '/', exact: '/' } }), 'refused'],
  'a port that is none': [match({ port: 70_000 }), 'refused'],
  'labels of the caller': [match({ sourceLabels: { app: 'client', 'example.com/tier': 'web' } }), 'good'],
  'a label with a bad name': [match({ sourceLabels: { 'a b': 'x' } }), 'refused'],
  'a label with a bad value': [match({ sourceLabels: { app: '@x' } }), 'refused'],
  'a label without value': [match({ sourceLabels: { app: '' } }), 'good'],
  'a namespace of the caller': [match({ sourceNamespace: 'shop' }), 'good'],
  'a namespace that is none': [match({ sourceNamespace: 'a.b' }), 'refused'],
  'a gateway that is none': [match({ gateways: ['$'] }), 'refused'],
  'a claim, at a gateway': [
    atGateway({ match: [{ headers: { '@request.auth.claims.sub': { exact: 'x' } } }] }),
    'good',
  ],
  'a claim in brackets': [
    atGateway({ match: [{ headers: { '@request.auth.claims[a.b][c]': { exact: 'x' } } }] }),
    'good',
  ],
  'no claim at all': [atGateway({ match: [{ headers: { '@request.auth.claims': { exact: 'x' } } }] }), 'refused'],
  'a claim at a gateway and in the mesh': [
    {
      ...atGateway({ match: [{ headers: { '@request.auth.claims.sub': { exact: 'x' } } }] }),
      gateways: ['gw', 'mesh'],
    },
    'refused',
  ],
  'a claim, in the mesh': [match({ headers: { '@request.auth.claims.sub': { exact: 'x' } } }), 'refused'],
  'a claim that must not be, in the mesh': [
    match({ withoutHeaders: { '@request.auth.claims.sub': { exact: 'x' } } }),
    'refused',
  ],
};

const ACTIONS: Rules = {
  none: [instead({}), 'refused'],
  two: [rule({ redirect: { uri: '/' } }), 'refused'],
  'a redirect and a fault': [
    instead({ redirect: { uri: '/' }, fault: { abort: { httpStatus: 500, percentage: { value: 1 } } } }),
    'refused',
  ],
  'a redirect and a rewrite': [instead({ redirect: { uri: '/' }, rewrite: { uri: '/x' } }), 'refused'],
  'a redirect to nowhere': [instead({ redirect: {} }), 'refused'],
  'a redirect with a code alone': [instead({ redirect: { redirectCode: 302 } }), 'refused'],
  'a redirect to a scheme': [instead({ redirect: { scheme: 'https' } }), 'good'],
  'a redirect to a scheme of its own': [instead({ redirect: { scheme: 'ftp' } }), 'refused'],
  'a redirect with a code of success': [instead({ redirect: { uri: '/', redirectCode: 200 } }), 'refused'],
  'a redirect to a port above all': [instead({ redirect: { port: 65_536 } }), 'refused'],
  'a delegate beside a route': [rule({ delegate: { name: 'x' } }), 'refused'],
  'a delegate alone': [instead({ delegate: { name: 'x', namespace: 'y' } }), 'good'],
  'an answer with status 99': [instead({ directResponse: { status: 99 } }), 'refused'],
  'an answer': [instead({ directResponse: { status: 503, body: { string: 'x' } } }), 'good'],
  'an answer in base64': [instead({ directResponse: { status: 200, body: { bytes: 'aGVsbG8=' } } }), 'good'],
  'an answer in base64 without padding': [
    instead({ directResponse: { status: 200, body: { bytes: 'aGVsbG8' } } }),
    'refused',
  ],
  'an answer in base64 for URLs': [instead({ directResponse: { status: 200, body: { bytes: 'a-_4' } } }), 'refused'],
  'an answer in no base64': [instead({ directResponse: { status: 200, body: { bytes: 'a b' } } }), 'refused'],
  'a huge answer in base64': [
    instead({ directResponse: { status: 200, body: { bytes: 'QUJD'.repeat(2 * 1_024 * 1_024) } } }),
    'refused',
  ],
  'a length set by a rule': [rule({ headers: { response: { set: { 'Content-Length': '3' } } } }), 'warned'],
  'a coding added by a destination': [
    {
      hosts: ['web'],
      http: [{ route: [{ ...route[0], headers: { request: { add: { 'transfer-encoding': 'chunked' } } } }] }],
    },
    'warned',
  ],
  'a large answer': [instead({ directResponse: { status: 200, body: { string: 'x'.repeat(101 * 1_024) } } }), 'warned'],
  'an answer that is too large': [
    instead({ directResponse: { status: 200, body: { string: 'x'.repeat(1_024 * 1_024 + 1) } } }),
    'refused',
  ],
  'an answer with a fault': [
    instead({ directResponse: { status: 200 }, fault: { delay: { fixedDelay: '1s', percentage: { value: 1 } } } }),
    'refused',
  ],
  'a rewrite of nothing': [rule({ rewrite: {} }), 'refused'],
  'a rewrite by an expression without replacement': [
    rule({ rewrite: { uriRegexRewrite: { match: '/a' } } }),
    'refused',
  ],
  'a rewrite by a replacement alone': [rule({ rewrite: { uriRegexRewrite: { rewrite: '/a' } } }), 'refused'],
  'a rewrite by an expression': [rule({ rewrite: { uriRegexRewrite: { match: '/a', rewrite: '/b' } } }), 'good'],
};

const POLICIES: Rules = {
  'a timeout of 0': [rule({ timeout: '0s' }), 'refused'],
  'a timeout of less than a millisecond': [rule({ timeout: '100us' }), 'refused'],
  'a timeout with parts of a millisecond': [rule({ timeout: '1.5ms' }), 'refused'],
  'fewer than no retries': [rule({ retries: { attempts: -1 } }), 'refused'],
  'no retries': [rule({ retries: { attempts: 0 } }), 'good'],
  'no retries, under conditions': [rule({ retries: { attempts: 0, retryOn: '5xx' } }), 'refused'],
  'no retries, elsewhere': [rule({ retries: { attempts: 0, retryRemoteLocalities: true } }), 'refused'],
  'retries on a status': [rule({ retries: { attempts: 1, retryOn: '5xx,503' } }), 'good'],
  'retries on a status that nobody knows': [rule({ retries: { attempts: 1, retryOn: '599' } }), 'refused'],
  'retries on nothing between commas': [rule({ retries: { attempts: 1, retryOn: '5xx,,reset' } }), 'refused'],
  'retries with a blank': [rule({ retries: { attempts: 1, retryOn: '5xx, reset' } }), 'refused'],
  'a pause of 0 between tries': [rule({ retries: { attempts: 1, backoff: '0s' } }), 'refused'],
  'no fault': [rule({ fault: {} }), 'refused'],
  'a delay of no length': [rule({ fault: { delay: { percentage: { value: 1 } } } }), 'good'],
  'a delay of 0': [rule({ fault: { delay: { fixedDelay: '0s', percentage: { value: 1 } } } }), 'refused'],
  'a growing delay': [rule({ fault: { delay: { exponentialDelay: '1s', percentage: { value: 1 } } } }), 'refused'],
  'the old share of a delay': [rule({ fault: { delay: { fixedDelay: '1s', percent: 10 } } }), 'warned'],
  'a share that is too small': [
    rule({ fault: { abort: { httpStatus: 500, percentage: { value: 0.00001 } } } }),
    'refused',
  ],
  'the smallest share': [rule({ fault: { abort: { httpStatus: 500, percentage: { value: 0.0001 } } } }), 'good'],
  'a share above 100': [rule({ fault: { abort: { httpStatus: 500, percentage: { value: 101 } } } }), 'refused'],
  'an abort without error': [rule({ fault: { abort: { percentage: { value: 1 } } } }), 'warned'],
  'an abort in HTTP/2': [rule({ fault: { abort: { http2Error: 'x', percentage: { value: 1 } } } }), 'refused'],
  'an abort in gRPC': [rule({ fault: { abort: { grpcStatus: 'NOT_FOUND', percentage: { value: 1 } } } }), 'good'],
  'an abort that gRPC does not know': [
    rule({ fault: { abort: { grpcStatus: 'GONE', percentage: { value: 1 } } } }),
    'refused',
  ],
  'an abort in two ways': [
    rule({ fault: { abort: { grpcStatus: 'NOT_FOUND', httpStatus: 500, percentage: { value: 1 } } } }),
    'refused',
  ],
  'an abort with a status that is none': [
    rule({ fault: { abort: { httpStatus: 700, percentage: { value: 1 } } } }),
    'refused',
  ],
  origins: [rule({ corsPolicy: { allowOrigins: [{ exact: '*' }, { regex: '.*' }] } }), 'good'],
  'an empty origin': [rule({ corsPolicy: { allowOrigins: [{ exact: '' }] } }), 'refused'],
  'an origin of no kind': [rule({ corsPolicy: { allowOrigins: [{}] } }), 'refused'],
  'an origin by a bad expression': [rule({ corsPolicy: { allowOrigins: [{ regex: '(' }] } }), 'refused'],
  'an unknown method': [rule({ corsPolicy: { allowMethods: ['get'] } }), 'refused'],
  'every header': [rule({ corsPolicy: { allowHeaders: ['*'], exposeHeaders: ['*'] } }), 'good'],
  'a header that is none': [rule({ corsPolicy: { allowHeaders: ['a b'] } }), 'refused'],
  'a header that is none, exposed': [rule({ corsPolicy: { exposeHeaders: ['a:b'] } }), 'refused'],
  'an age in parts of a second': [rule({ corsPolicy: { maxAge: '1500ms' } }), 'refused'],
  'weights of nothing': [
    instead({ route: [{ destination: { host: 'a' } }, { destination: { host: 'b' } }] }),
    'refused',
  ],
  'a negative weight': [instead({ route: [{ destination: { host: 'a' }, weight: -1 }] }), 'refused'],
  'one destination of weight 0': [instead({ route: [{ destination: { host: 'a' }, weight: 0 }] }), 'good'],
};

const OPERATIONS: Rules = {
  'on Host': [rule({ headers: { request: { set: { host: 'x' } } } }), 'good'],
  'on Host twice': [rule({ headers: { request: { set: { host: 'x' }, add: { ':authority': 'y' } } } }), 'refused'],
  'on Host beside a rewrite': [
    rule({ rewrite: { authority: 'a' }, headers: { request: { set: { ':authority': 'x' } } } }),
    'refused',
  ],
  'on Host of an answer': [rule({ headers: { response: { set: { host: 'x' } } } }), 'refused'],
  'that remove Host': [rule({ headers: { request: { remove: ['Host'] } } }), 'refused'],
  'on another pseudo field': [rule({ headers: { request: { set: { ':path': 'x' } } } }), 'refused'],
  'on a name that is empty': [rule({ headers: { request: { add: { '': 'x' } } } }), 'refused'],
  'with a lone per cent': [rule({ headers: { request: { add: { a: '100%' } } } }), 'refused'],
  'with a doubled per cent': [rule({ headers: { request: { add: { a: '100%%' } } } }), 'good'],
  'of one destination': [
    instead({ route: [{ destination: { host: 'a' }, headers: { response: { set: { ':status': '1' } } } }] }),
    'refused',
  ],
};

const CONNECTIONS: Rules = {
  'by name': [{ hosts: ['a.example.com'], tls: [{ match: [{ sniHosts: ['a.example.com'] }], route }] }, 'good'],
  'by a name between networks': [
    {
      hosts: ['outbound_.80_._.a.b'],
      gateways: ['gw'],
      tls: [{ match: [{ sniHosts: ['outbound_.80_._.a.b'] }], route }],
    },
    'good',
  ],
  'by half a name between networks': [
    { hosts: ['outbound_.80_._'], gateways: ['gw'], tls: [{ match: [{ sniHosts: ['outbound_.80_._'] }], route }] },
    'refused',
  ],
  'by a name between networks, in the mesh': [
    { hosts: ['outbound_.80_._.a.b'], tls: [{ match: [{ sniHosts: ['outbound_.80_._.a.b'] }], route }] },
    'refused',
  ],
  'by an address': [{ hosts: ['1.1.1.1'], tls: [{ match: [{ sniHosts: ['1.1.1.1'] }], route }] }, 'warned'],
  'by a name of somebody else': [{ hosts: ['a.b'], tls: [{ match: [{ sniHosts: ['c.d'] }], route }] }, 'refused'],
  'by no name': [{ hosts: ['a.b'], tls: [{ match: [{}], route }] }, 'refused'],
  'by no condition': [{ hosts: ['a.b'], tls: [{ route }] }, 'refused'],
  'to nowhere': [{ hosts: ['a.b'], tcp: [{}] }, 'refused'],
  'to every host': [{ hosts: ['a.b'], tcp: [{ route: [{ destination: { host: '*' } }] }] }, 'refused'],
  'to a bad subset': [{ hosts: ['a.b'], tcp: [{ route: [{ destination: { host: 'a', subset: 'x.y' } }] }] }, 'refused'],
  'from a bad network': [
    { hosts: ['a.b'], tcp: [{ match: [{ destinationSubnets: ['1.1.1.1/33'] }], route }] },
    'refused',
  ],
  'from a bad label': [{ hosts: ['a.b'], tcp: [{ match: [{ sourceLabels: { a: '@' } }], route }] }, 'refused'],
  'by a bad gateway': [{ hosts: ['a.b'], tcp: [{ match: [{ gateways: ['$'] }], route }] }, 'refused'],
  'at port 0': [{ hosts: ['a.b'], tcp: [{ match: [{ port: 0 }], route }] }, 'good'],
};

const TABLES = { HOSTS, GATEWAYS, DESTINATIONS, CONDITIONS, ACTIONS, POLICIES, OPERATIONS, CONNECTIONS };

describe.each(Object.entries(TABLES))('%s', (_about, rows) => {
  test.each(Object.entries(rows))('%s', (_sentence, [spec, verdict]) => {
    expect(judged('VirtualService', spec)).toBe(verdict);
  });
});
