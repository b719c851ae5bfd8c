/** Conditions on uri, headers, query, method, scheme, authority, port and caller. */

import { otherwise, type Rows, to, when } from './row.ts';

const split = (match: object) => [when(match, 'v2'), otherwise('v1')];
const only = (match: object) => [when(match, 'v2')];

export const URI: Rows = {
  'an exact path has neither slash nor more behind it, and no query': {
    http: split({ uri: { exact: '/foo' } }),
    asks: [
      ['GET /foo', 'v2'],
      ['GET /foo?a=b', 'v2'],
      ['GET /foo?', 'v2'],
      ['GET /foo/', 'v1'],
      ['GET /foo/bar', 'v1'],
      ['GET /Foo', 'v1'],
      ['GET //foo', 'v1'],
      ['GET /%66oo', 'v2 /foo'],
      ['GET /x/../foo', 'v2 /foo'],
      ['GET /./foo', 'v2 /foo'],
      ['GET /foo/.', 'v1 /foo/'],
      ['GET /foo#top', 'v2 /foo'],
      ['GET \\foo', 400],
      ['GET /foo%2F', 'v1'],
      ['GET /foo;v=1', 'v1'],
    ],
  },
  'a prefix is a string, not a segment': {
    http: split({ uri: { prefix: '/foo' } }),
    asks: [
      ['GET /foo', 'v2'],
      ['GET /foobar', 'v2'],
      ['GET /foo.txt', 'v2'],
      ['GET /foo/bar', 'v2'],
      ['GET /fo', 'v1'],
      ['GET /FOO', 'v1'],
      ['GET /bar/foo', 'v1'],
      ['GET /bar/..%2Ffoo', 'v1'],
      ['GET /bar/%2e%2e/foo', 'v2 /foo'],
      ['GET /a/../../foo', 'v2 /foo'],
    ],
  },
  'a prefix with a slash does not take the path without': {
    http: split({ uri: { prefix: '/foo/' } }),
    asks: [
      ['GET /foo', 'v1'],
      ['GET /foo/', 'v2'],
      ['GET /foo/x', 'v2'],
      ['GET /foo//', 'v2'],
    ],
  },
  'a query in the configured path never matches': {
    http: split([{ uri: { exact: '/a?b=c' } }, { uri: { prefix: '/a?b' } }]),
    asks: [
      ['GET /a?b=c', 'v1'],
      ['GET /a', 'v1'],
    ],
  },
  'a regular expression covers the path and not the query': {
    http: split({ uri: { regex: '/a|/b/.*' } }),
    asks: [
      ['GET /a', 'v2'],
      ['GET /a?x=1', 'v2'],
      ['GET /ab', 'v1'],
      ['GET /b', 'v1'],
      ['GET /b/', 'v2'],
      ['GET /b/c/d?x', 'v2'],
      ['GET /x/a', 'v1'],
    ],
  },
  'anchors of a regular expression change nothing': {
    http: split({ uri: { regex: '^/a/[0-9]+$' } }),
    asks: [
      ['GET /a/12', 'v2'],
      ['GET /a/12/', 'v1'],
      ['GET /a/', 'v1'],
      ['GET /a/12?b', 'v2'],
    ],
  },
  'a regular expression may ignore case by itself': {
    http: split({ uri: { regex: '(?i)/api/.*' } }),
    asks: [
      ['GET /API/x', 'v2'],
      ['GET /Api/', 'v2'],
      ['GET /api', 'v1'],
    ],
  },
  'ignoreUriCase works for exact and prefix': {
    http: split([
      { uri: { exact: '/One' }, ignoreUriCase: true },
      { uri: { prefix: '/TWO/' }, ignoreUriCase: true },
      { uri: { regex: '/three' }, ignoreUriCase: true },
    ]),
    asks: [
      ['GET /ONE', 'v2'],
      ['GET /one', 'v2'],
      ['GET /one/', 'v1'],
      ['GET /two/X', 'v2'],
      ['GET /three', 'v2'],
      ['GET /Three', 'v1'],
    ],
  },
  'reserved escapes are kept as they are written': {
    http: split([{ uri: { exact: '/a%2Fb' } }, { uri: { exact: '/c%20d' } }, { uri: { exact: '/~e' } }]),
    asks: [
      ['GET /a%2Fb', 'v2 /a%2Fb'],
      ['GET /a%2fb', 'v1 /a%2fb'],
      ['GET /a/b', 'v1'],
      ['GET /c%20d', 'v2'],
      ['GET /%7Ee', 'v2 /~e'],
      ['GET /%7ee', 'v2 /~e'],
      ['GET /%zz', 'v1 /%zz'],
      ['GET /%', 'v1 /%'],
      ['GET /a%00b', 400],
      ['GET /%5Cx', 'v1 /%5Cx'],
      ['GET /a\\b', 'v1 /a/b'],
      ['GET /%2E%2E/a', 'v1 /a'],
    ],
  },
  'what no path may hold is escaped': {
    http: split([{ uri: { exact: '/a%7Cb' } }, { uri: { exact: '/c|d' } }]),
    asks: [
      ['GET /a|b', 'v2 /a%7Cb'],
      ['GET /c|d', 'v1 /c%7Cd'],
      ['GET /{x}/^<">`?a|b', 'v1 /%7Bx%7D/%5E%3C%22%3E%60?a|b'],
    ],
  },
  'a dot segment with a parameter is one': {
    http: split({ uri: { prefix: '/b' } }),
    asks: [
      ['GET /a/..;/b', 'v2 /b'],
      ['GET /a/..;x=y/b', 'v2 /b'],
      ['GET /a/.;/b', 'v1 /a/b'],
      ['GET /a/b/..;', 'v1 /a/'],
      ['GET /a/...;/b', 'v1 /a/...;/b'],
      ['GET /b;c/d', 'v2 /b;c/d'],
    ],
  },
  'the empty prefix takes everything, and so hides the rest': {
    http: [when({ uri: { prefix: '' } }, 'v3'), ...split({ uri: { exact: '/a' } })],
    asks: [
      ['GET /a', 'v3'],
      ['GET /', 'v3'],
    ],
  },
  'the empty exact path takes nothing': {
    http: split({ uri: { exact: '' } }),
    asks: [['GET /', 'v1']],
  },
  'without a rule that takes it, a request gets 404': {
    http: only({ uri: { prefix: '/only' } }),
    asks: [
      ['GET /only', 'v2'],
      ['GET /', { status: 404, body: '' }],
      ['OPTIONS *', 404],
    ],
  },
  'the first of two rules wins, the shorter one, too': {
    http: [when({ uri: { prefix: '/a' } }, 'v1'), when({ uri: { prefix: '/a/b' } }, 'v2'), otherwise('v3')],
    asks: [
      ['GET /a/b', 'v1'],
      ['GET /b', 'v3'],
    ],
  },
  'a long regular expression with classes and counts': {
    http: split({ uri: { regex: '/v[12]/users/[a-z]{2,4}(/orders(/\\d+)?)?' } }),
    asks: [
      ['GET /v1/users/anna', 'v2'],
      ['GET /v2/users/bo/orders/17', 'v2'],
      ['GET /v3/users/bo', 'v1'],
      ['GET /v1/users/annabel', 'v1'],
      ['GET /v1/users/bo/orders/', 'v1'],
    ],
  },
  'an empty regular expression is refused': { http: split({ uri: { regex: '' } }), refused: true },
  'a look-ahead is refused': { http: split({ uri: { regex: '/(?!a).*' } }), refused: true },
  'a bare star is refused': { http: split({ uri: { regex: '*' } }), refused: true },
  'two kinds of match for one path are refused': { http: split({ uri: { exact: '/a', prefix: '/a' } }), refused: true },
};

export const HEADERS: Rows = {
  'an exact value is compared with each field of that name': {
    http: split({ headers: { 'X-User': { exact: 'anna' } } }),
    asks: [
      [{ line: 'GET /', headers: [['x-user', 'anna']] }, 'v2'],
      [{ line: 'GET /', headers: [['X-USER', ' anna ']] }, 'v2'],
      [{ line: 'GET /', headers: [['x-user', 'Anna']] }, 'v1'],
      [{ line: 'GET /', headers: [['x-user', 'anna,bob']] }, 'v1'],
      [
        {
          line: 'GET /',
          headers: [
            ['x-user', 'bob'],
            ['x-user', 'anna'],
          ],
        },
        'v2',
      ],
      ['GET /', 'v1'],
    ],
  },
  'an empty match asks for presence, an empty exact value for an empty field': {
    http: [when({ headers: { 'x-empty': { exact: '' } } }, 'v3'), ...split({ headers: { 'x-any': {} } })],
    asks: [
      [{ line: 'GET /', headers: [['x-any', '']] }, 'v2'],
      [{ line: 'GET /', headers: [['x-any', 'x']] }, 'v2'],
      [{ line: 'GET /', headers: [['x-empty', '']] }, 'v3'],
      [{ line: 'GET /', headers: [['x-empty', 'x']] }, 'v1'],
      ['GET /', 'v1'],
    ],
  },
  'a prefix and a regular expression': {
    http: [
      when({ headers: { 'x-a': { prefix: 'can' } } }, 'v2'),
      when({ headers: { 'x-b': { regex: 'v[0-9]+' } } }, 'v3'),
      otherwise('v1'),
    ],
    asks: [
      [{ line: 'GET /', headers: [['x-a', 'canary']] }, 'v2'],
      [{ line: 'GET /', headers: [['x-a', 'Canary']] }, 'v1'],
      [{ line: 'GET /', headers: [['x-b', 'v12']] }, 'v3'],
      [{ line: 'GET /', headers: [['x-b', 'v12a']] }, 'v1'],
      [{ line: 'GET /', headers: [['x-b', 'xv1']] }, 'v1'],
    ],
  },
  'regex dot star asks for presence': {
    http: split({ headers: { 'x-a': { regex: '.*' } } }),
    asks: [
      [{ line: 'GET /', headers: [['x-a', '']] }, 'v2'],
      ['GET /', 'v1'],
    ],
  },
  'a header that must be absent': {
    http: split({ withoutHeaders: { 'x-skip': {} } }),
    asks: [
      ['GET /', 'v2'],
      [{ line: 'GET /', headers: [['x-skip', '']] }, 'v1'],
      [{ line: 'GET /', headers: [['x-skip', 'x']] }, 'v1'],
    ],
  },
  'a header that must not have a value': {
    http: split({ withoutHeaders: { 'x-a': { exact: 'no' }, 'x-b': { prefix: 'no' }, 'x-c': { regex: 'no+' } } }),
    asks: [
      ['GET /', 'v2'],
      [{ line: 'GET /', headers: [['x-a', 'no']] }, 'v1'],
      [{ line: 'GET /', headers: [['x-a', 'yes']] }, 'v2'],
      [{ line: 'GET /', headers: [['x-b', 'nope']] }, 'v1'],
      [{ line: 'GET /', headers: [['x-c', 'nooo']] }, 'v1'],
      [{ line: 'GET /', headers: [['x-c', 'noooo!']] }, 'v2'],
    ],
  },
  'withoutHeaders with regex dot star is never satisfied': {
    http: split({ withoutHeaders: { 'x-a': { regex: '.*' } } }),
    asks: [
      ['GET /', 'v1'],
      [{ line: 'GET /', headers: [['x-a', 'x']] }, 'v1'],
    ],
  },
  'one header there and another absent': {
    http: split({ headers: { 'x-a': { exact: '1' } }, withoutHeaders: { 'x-b': { exact: '1' } } }),
    asks: [
      [{ line: 'GET /', headers: [['x-a', '1']] }, 'v2'],
      [
        {
          line: 'GET /',
          headers: [
            ['x-a', '1'],
            ['x-b', '1'],
          ],
        },
        'v1',
      ],
    ],
  },
  'pseudo headers are conditions like others': {
    http: [
      when({ headers: { ':method': { exact: 'DELETE' } } }, 'v2'),
      when({ headers: { ':path': { exact: '/a?b=c' } } }, 'v3'),
      when({ headers: { ':authority': { prefix: '@HOST' } }, uri: { exact: '/authority' } }, 'v2'),
      when({ headers: { host: { regex: '.*:9080' } }, uri: { exact: '/host' } }, 'v2'),
      otherwise('v1'),
    ],
    asks: [
      ['DELETE /', 'v2'],
      ['GET /a?b=c', 'v3'],
      ['GET /a', 'v1'],
      ['GET /authority', 'v2'],
      ['GET /host', 'v1'],
      [{ line: 'GET /host', host: '@HOST:9080' }, 'v2'],
    ],
  },
  'fields of this hop only are gone before': {
    http: split([
      { headers: { 'keep-alive': {} } },
      { headers: { 'x-hop': {} } },
      { headers: { 'proxy-connection': {} } },
    ]),
    asks: [
      [{ line: 'GET /', headers: [['keep-alive', 'timeout=5']] }, 'v1'],
      [{ line: 'GET /', headers: [['proxy-connection', 'keep-alive']] }, 'v1'],
      [
        {
          line: 'GET /',
          headers: [
            ['connection', 'x-hop'],
            ['x-hop', '1'],
          ],
        },
        'v1',
      ],
      [{ line: 'GET /', headers: [['x-hop', '1']] }, 'v2'],
    ],
  },
  'te is kept when it says trailers': {
    http: split({ headers: { te: {} } }),
    asks: [
      [{ line: 'GET /', headers: [['te', 'trailers']] }, 'v2'],
      [{ line: 'GET /', headers: [['te', 'gzip']] }, 'v1'],
    ],
  },
  'what the proxy adds is there when the rules are tried': {
    http: [
      when({ headers: { 'x-forwarded-proto': { exact: 'http' } }, uri: { exact: '/proto' } }, 'v2'),
      when({ headers: { 'x-request-id': {} }, uri: { exact: '/id' } }, 'v2'),
      otherwise('v1'),
    ],
    asks: [
      ['GET /proto', 'v2'],
      ['GET /id', 'v2'],
      [{ line: 'GET /proto', headers: [['x-forwarded-proto', 'https']] }, 'v1'],
    ],
  },
  'names with an underscore are names': {
    http: split({ headers: { x_user: { exact: 'anna' } } }),
    asks: [
      [
        { line: 'GET /', headers: [['x_user', 'anna']] },
        { version: 'v2', up: { x_user: 'anna' } },
      ],
    ],
  },
  'a match of null is refused, where Istio drops the condition': {
    http: split({ headers: { 'x-a': null, 'x-b': { exact: '1' } } }),
    refused: true,
  },
  'orders of a caller to an Envoy are gone before': {
    http: split([{ headers: { 'x-envoy-internal': {} } }, { headers: { 'x-envoy-max-retries': {} } }]),
    asks: [
      [
        { line: 'GET /', headers: [['x-envoy-internal', 'true']] },
        { version: 'v1', up: { 'x-envoy-internal': null } },
      ],
      [{ line: 'GET /', headers: [['x-envoy-max-retries', '9']] }, 'v1'],
    ],
  },
  'the canary cookie of the manuals': {
    http: split({ headers: { cookie: { regex: '^(.*?;)?\\s*(canary=always)(;.*)?$' } } }),
    asks: [
      [{ line: 'GET /', headers: [['cookie', 'canary=always']] }, 'v2'],
      [{ line: 'GET /', headers: [['cookie', 'a=b; canary=always; c=d']] }, 'v2'],
      [{ line: 'GET /', headers: [['cookie', 'a=b;canary=always']] }, 'v2'],
      [{ line: 'GET /', headers: [['cookie', 'canary=alwaysnot']] }, 'v1'],
    ],
  },
  'an empty prefix is refused': { http: split({ headers: { a: { prefix: '' } } }), refused: true },
  'a claim of a token is refused in the mesh': {
    http: split({ headers: { '@request.auth.claims.sub': { exact: 'a' } } }),
    refused: true,
  },
};

export const QUERY: Rows = {
  'parameters are compared as they are written, the first of each name': {
    http: split({ queryParams: { user: { exact: 'jason' } } }),
    asks: [
      ['GET /?user=jason', 'v2'],
      ['GET /?a=1&user=jason&b', 'v2'],
      ['GET /?user=bob&user=jason', 'v1'],
      ['GET /?user=jason&user=bob', 'v2'],
      ['GET /?user=ja%73on', 'v1'],
      ['GET /?%75ser=jason', 'v1'],
      ['GET /?User=jason', 'v1'],
      ['GET /?user=Jason', 'v1'],
      ['GET /?xuser=jason', 'v1'],
      ['GET /?user=jason;a=b', 'v1'],
      ['GET /?&&user=jason&', 'v2'],
      ['GET /?user', 'v1'],
      ['GET /', 'v1'],
      ['GET /user=jason', 'v1'],
    ],
  },
  'presence, and the empty value': {
    http: [when({ queryParams: { empty: { exact: '' } } }, 'v3'), ...split({ queryParams: { debug: {} } })],
    asks: [
      ['GET /?debug', 'v2'],
      ['GET /?debug=', 'v2'],
      ['GET /?debug=1', 'v2'],
      ['GET /?debugger', 'v1'],
      ['GET /?empty', 'v3'],
      ['GET /?empty=', 'v3'],
      ['GET /?empty=1', 'v1'],
    ],
  },
  'prefix and regular expression': {
    http: [
      when({ queryParams: { a: { prefix: 'x' } } }, 'v2'),
      when({ queryParams: { b: { regex: '\\d+' } } }, 'v3'),
      otherwise('v1'),
    ],
    asks: [
      ['GET /?a=xyz', 'v2'],
      ['GET /?a=yx', 'v1'],
      ['GET /?b=123', 'v3'],
      ['GET /?b=12a', 'v1'],
      ['GET /?b=', 'v1'],
    ],
  },
  'several parameters, all of them': {
    http: split({ queryParams: { a: { exact: '1' }, b: { exact: '2' } } }),
    asks: [
      ['GET /?b=2&a=1', 'v2'],
      ['GET /?a=1', 'v1'],
    ],
  },
  'blanks are not decoded': {
    http: split([{ queryParams: { q: { exact: 'a%20b' } } }, { queryParams: { q: { exact: 'a+b' } } }]),
    asks: [
      ['GET /?q=a%20b', 'v2'],
      ['GET /?q=a+b', 'v2'],
    ],
  },
};

export const OTHER: Rows = {
  methods: {
    http: [
      when({ method: { exact: 'POST' } }, 'v2'),
      when({ method: { prefix: 'P' } }, 'v3'),
      when({ method: { regex: 'GET|HEAD' } }, 'v1'),
    ],
    asks: [
      ['POST /', 'v2'],
      ['PUT /', 'v3'],
      ['PATCH /', 'v3'],
      ['GET /', 'v1'],
      ['DELETE /', 404],
      ['get /', 400],
      ['BREW /', 400],
    ],
  },
  'the scheme follows a trusted x-forwarded-proto': {
    http: split({ scheme: { exact: 'https' } }),
    asks: [
      ['GET /', 'v1'],
      [{ line: 'GET /', headers: [['x-forwarded-proto', 'https']] }, 'v2'],
      [{ line: 'GET /', headers: [['x-forwarded-proto', 'HTTPS']] }, 'v2'],
      [{ line: 'GET /', headers: [['x-forwarded-proto', 'http']] }, 'v1'],
      [{ line: 'GET https://@HOST/a' }, 'v2 /a'],
      [{ line: 'GET http://@HOST/a' }, 'v1 /a'],
    ],
  },
  'the scheme by prefix and by regular expression': {
    http: [when({ scheme: { prefix: 'https' } }, 'v2'), when({ scheme: { regex: 'https?' } }, 'v3')],
    asks: [
      ['GET /', 'v3'],
      [{ line: 'GET /', headers: [['x-forwarded-proto', 'https']] }, 'v2'],
    ],
  },
  'the authority is compared as received, with its port': {
    http: [
      when({ authority: { exact: '@HOST' } }, 'v2'),
      when({ authority: { regex: '.*:9080' } }, 'v3'),
      otherwise('v1'),
    ],
    asks: [
      ['GET /', 'v2'],
      [{ line: 'GET /', host: '@HOST:9080' }, 'v3'],
      [{ line: 'GET /', host: '@HOST:1' }, 'v1'],
      [{ line: 'GET /', host: '@HOST.' }, 'v1'],
      [
        { line: 'GET http://@HOST/', host: 'other' },
        { version: 'v2', host: '@HOST' },
      ],
    ],
  },
  'the port is the one on which the caller came': {
    http: [when({ port: 9080 }, 'v2'), when({ port: 80 }, 'v3')],
    asks: [
      ['GET /', 'v2'],
      [{ line: 'GET /', host: '@HOST:80' }, 'v2'],
    ],
  },
  'labels and namespace of the caller': {
    http: [
      when({ sourceLabels: { app: 'other' } }, 'v3'),
      when({ sourceLabels: { app: 'client', tier: 'db' } }, 'v3'),
      when({ sourceNamespace: 'elsewhere' }, 'v3'),
      when({ sourceLabels: { app: 'client' }, sourceNamespace: 'default', uri: { prefix: '/mine' } }, 'v2'),
      otherwise('v1'),
    ],
    asks: [
      ['GET /mine', 'v2'],
      ['GET /', 'v1'],
    ],
  },
  'gateways of a match': {
    spec: { gateways: ['mesh', 'my-gateway'] },
    http: [
      when({ gateways: ['my-gateway'], uri: { prefix: '/' } }, 'v3'),
      when({ gateways: ['mesh'], uri: { prefix: '/m' } }, 'v2'),
      otherwise('v1'),
    ],
    asks: [
      ['GET /m', 'v2'],
      ['GET /', 'v1'],
    ],
  },
  'a VirtualService of another gateway does not concern the mesh': {
    spec: { gateways: ['my-gateway'] },
    http: [{ directResponse: { status: 418 } }],
    asks: [['GET /', 200]],
  },
  'any entry of a match is enough': {
    http: split([
      { uri: { exact: '/a' } },
      { headers: { 'x-a': {} } },
      { method: { exact: 'PUT' }, queryParams: { q: {} } },
    ]),
    asks: [
      ['GET /a', 'v2'],
      [{ line: 'GET /', headers: [['x-a', '1']] }, 'v2'],
      ['PUT /?q', 'v2'],
      ['PUT /', 'v1'],
      ['GET /?q', 'v1'],
    ],
  },
  'a rule with an empty list of matches takes all': {
    http: [{ match: [], route: [to('v2')] }, otherwise('v1')],
    asks: [['GET /', 'v2']],
  },
};
