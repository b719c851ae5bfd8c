/** What is done with requests: rewrites, redirects, answers, header operations. */

import { otherwise, type Rows, to, when } from './row.ts';

const rewritten = (uri: object | undefined, to_: string, rest: object = {}) => [
  when({ ...(uri && { uri }), ...rest }, 'v2', { rewrite: { uri: to_ } }),
];

export const REWRITE: Rows = {
  'a prefix is cut off and the rest kept literally': {
    http: rewritten({ prefix: '/a' }, '/b'),
    asks: [
      ['GET /a', 'v2 /b'],
      ['GET /a/x', 'v2 /b/x'],
      ['GET /ax', 'v2 /bx'],
      ['GET /a?q=/a', 'v2 /b?q=/a'],
      ['GET /a/a', 'v2 /b/a'],
      ['GET /a/%2e/x%2Fy', 'v2 /b/x%2Fy'],
    ],
  },
  'slashes are neither added nor taken': {
    http: [
      when({ uri: { prefix: '/one' } }, 'v2', { rewrite: { uri: '/' } }),
      when({ uri: { prefix: '/two/' } }, 'v2', { rewrite: { uri: '/' } }),
      when({ uri: { prefix: '/three/' } }, 'v2', { rewrite: { uri: '/x' } }),
      when({ uri: { prefix: '/four' } }, 'v2', { rewrite: { uri: '/y/' } }),
      when({ uri: { prefix: '/five' } }, 'v2', { rewrite: { uri: 'z' } }),
    ],
    asks: [
      ['GET /one', 'v2 /'],
      ['GET /one/a', 'v2 //a'],
      ['GET /two/a', 'v2 /a'],
      ['GET /three/a', 'v2 /xa'],
      ['GET /four/a', 'v2 /y//a'],
      ['GET /five/a', 'v2 z/a'],
    ],
  },
  'an exact or regular path is replaced whole, and the query kept': {
    http: [
      when({ uri: { exact: '/e' } }, 'v2', { rewrite: { uri: '/new' } }),
      when({ uri: { regex: '/r/.*' } }, 'v3', { rewrite: { uri: '/new' } }),
    ],
    asks: [
      ['GET /e?a=b', 'v2 /new?a=b'],
      ['GET /r/x/y?a', 'v3 /new?a'],
    ],
  },
  'without a path to match the slash is replaced': {
    http: rewritten(undefined, '/all', { headers: { 'x-a': {} } }),
    asks: [[{ line: 'GET /x/y?q', headers: [['x-a', '1']] }, 'v2 /allx/y?q']],
  },
  'a rule without match, too': {
    http: [otherwise('v2', { rewrite: { uri: '/all/' } })],
    asks: [['GET /x', 'v2 /all/x']],
  },
  'each match uses its own prefix': {
    http: [
      when([{ uri: { prefix: '/a/' } }, { uri: { prefix: '/bb/' } }, { uri: { exact: '/c' } }], 'v2', {
        rewrite: { uri: '/n/' },
      }),
    ],
    asks: [
      ['GET /a/x', 'v2 /n/x'],
      ['GET /bb/x', 'v2 /n/x'],
      ['GET /c', 'v2 /n/'],
    ],
  },
  'a prefix in any case': {
    http: [when({ uri: { prefix: '/Old' }, ignoreUriCase: true }, 'v2', { rewrite: { uri: '/new' } })],
    asks: [
      ['GET /OLD/Path', 'v2 /new/Path'],
      ['GET /oldX', 'v2 /newX'],
    ],
  },
  'the path as received is told, also when it stays, and the caller does not say it': {
    http: rewritten({ prefix: '/a' }, '/a'),
    asks: [
      [
        { line: 'GET /a/b?c', headers: [['x-envoy-original-path', '/forged']] },
        { path: '/a/b?c', up: { 'x-envoy-original-path': '/a/b?c' } },
      ],
    ],
  },
  'a query in the target is text': {
    http: rewritten({ exact: '/a' }, '/b?fixed=1'),
    asks: [
      ['GET /a', 'v2 /b?fixed=1'],
      ['GET /a?x=1', 'v2 /b?fixed=1?x=1'],
    ],
  },
  'a regular expression replaces every occurrence': {
    http: [
      when({ uri: { prefix: '/all/' } }, 'v2', { rewrite: { uriRegexRewrite: { match: 'a', rewrite: 'X' } } }),
      when({ uri: { prefix: '/group/' } }, 'v2', {
        rewrite: { uriRegexRewrite: { match: '^/group/([^/]+)/(.*)$', rewrite: '/\\2/by/\\1' } },
      }),
      when({ uri: { prefix: '/whole/' } }, 'v2', {
        rewrite: { uriRegexRewrite: { match: '/whole', rewrite: '<\\0>' } },
      }),
      when({ uri: { prefix: '/none/' } }, 'v2', { rewrite: { uriRegexRewrite: { match: 'zzz', rewrite: 'y' } } }),
      when({ uri: { prefix: '/dollar/' } }, 'v2', {
        rewrite: { uriRegexRewrite: { match: '(dollar)', rewrite: '$1' } },
      }),
      when({ uri: { prefix: '/every/' } }, 'v2', { rewrite: { uriRegexRewrite: { match: '.*', rewrite: '/one' } } }),
    ],
    asks: [
      ['GET /all/banana?a=a', 'v2 /Xll/bXnXnX?a=a'],
      ['GET /group/anna/orders?x', 'v2 /orders/by/anna?x'],
      ['GET /whole/x', 'v2 </whole>/x'],
      ['GET /none/x', { version: 'v2', path: '/none/x', up: { 'x-envoy-original-path': '/none/x' } }],
      ['GET /dollar/x', 'v2 /$1/x'],
      ['GET /every/x?y', 'v2 /one?y'],
    ],
  },
  'a rewrite to nothing is refused': {
    http: [otherwise('v2', { rewrite: { uriRegexRewrite: { match: '/.*', rewrite: '' } } })],
    refused: true,
  },
  'a rewrite to blanks is refused': {
    http: [otherwise('v2', { rewrite: { uriRegexRewrite: { match: 'a', rewrite: 'b c' } } })],
    refused: true,
  },
  'the authority is replaced and told': {
    http: [
      when({ uri: { prefix: '/both' } }, 'v2', { rewrite: { uri: '/n', authority: 'other.example.com:81' } }),
      otherwise('v3', { rewrite: { authority: 'other.example.com' } }),
    ],
    asks: [
      [
        'GET /both',
        { version: 'v2', path: '/n', host: 'other.example.com:81', up: { 'x-envoy-original-host': '@HOST' } },
      ],
      ['GET /x', { version: 'v3', path: '/x', host: 'other.example.com', up: { 'x-envoy-original-path': null } }],
    ],
  },
  'an empty rewrite is refused': { http: [otherwise('v1', { rewrite: {} })], refused: true },
  'two rewrites of one path are refused': {
    http: [otherwise('v1', { rewrite: { uri: '/a', uriRegexRewrite: { match: 'a', rewrite: 'b' } } })],
    refused: true,
  },
  'a rewrite of several destinations': {
    http: [{ match: [{ uri: { prefix: '/a' } }], rewrite: { uri: '/b' }, route: [to('v2', 1), to('v2', 1)] }],
    asks: [['GET /a/c', 'v2 /b/c']],
  },
};

const redirected = (redirect: object, uri: object = { prefix: '/' }) => [{ match: [{ uri }], redirect }];
const sent = (location: string, status = 301) => ({ status, body: '', attempts: 0, down: { location } });

export const REDIRECT: Rows = {
  'a path replaces the whole path, and the query stays': {
    http: redirected({ uri: '/new' }, { prefix: '/old' }),
    asks: [
      ['GET /old/x?a=b', sent('http://@HOST/new?a=b')],
      [{ line: 'GET /old', host: '@HOST:9080' }, sent('http://@HOST:9080/new')],
      [{ line: 'POST /old', body: 'x' }, sent('http://@HOST/new')],
      ['HEAD /old', sent('http://@HOST/new')],
    ],
  },
  "a query of its own replaces the caller's": {
    http: redirected({ uri: '/new?x=1' }),
    asks: [['GET /old?a=b', sent('http://@HOST/new?x=1')]],
  },
  'an authority drops the port': {
    http: redirected({ authority: 'other.example.com' }),
    asks: [
      [{ line: 'GET /a?b', host: '@HOST:9080' }, sent('http://other.example.com/a?b')],
      [{ line: 'GET /a', headers: [['x-forwarded-proto', 'https']] }, sent('https://other.example.com/a')],
    ],
  },
  'a scheme keeps the port, unless it is 80': {
    http: redirected({ scheme: 'https' }),
    asks: [
      ['GET /a', sent('https://@HOST/a')],
      [{ line: 'GET /a', host: '@HOST:80' }, sent('https://@HOST/a')],
      [{ line: 'GET /a', host: '@HOST:9080' }, sent('https://@HOST:9080/a')],
    ],
  },
  'a port replaces the port': {
    http: redirected({ port: 8443, scheme: 'https' }),
    asks: [
      ['GET /a', sent('https://@HOST:8443/a')],
      [{ line: 'GET /a', host: '@HOST:9080' }, sent('https://@HOST:8443/a')],
    ],
  },
  'the usual port of the scheme has no effect': {
    http: [
      ...redirected({ port: 80 }, { prefix: '/a' }),
      ...redirected({ port: 443, scheme: 'https' }, { prefix: '/b' }),
      ...redirected({ port: 443 }, { prefix: '/c' }),
    ],
    asks: [
      [{ line: 'GET /a', host: '@HOST:9080' }, sent('http://@HOST:9080/a')],
      [{ line: 'GET /b', host: '@HOST:9080' }, sent('https://@HOST:9080/b')],
      [{ line: 'GET /c', host: '@HOST:9080' }, sent('http://@HOST:443/c')],
      [{ line: 'GET /c', host: '@HOST:9080', headers: [['x-forwarded-proto', 'https']] }, sent('https://@HOST:443/c')],
    ],
  },
  'a derived port is the one of the listener': {
    http: [
      ...redirected({ derivePort: 'FROM_REQUEST_PORT', uri: '/n' }, { prefix: '/a' }),
      ...redirected({ derivePort: 'FROM_PROTOCOL_DEFAULT', uri: '/n' }, { prefix: '/b' }),
    ],
    asks: [
      ['GET /a', sent('http://@HOST:9080/n')],
      [{ line: 'GET /a', host: '@HOST:81' }, sent('http://@HOST:9080/n')],
      ['GET /b', sent('http://@HOST/n')],
      [{ line: 'GET /b', host: '@HOST:81' }, sent('http://@HOST:81/n')],
    ],
  },
  'every code that redirects': {
    http: [302, 303, 307, 308].flatMap((redirectCode) =>
      redirected({ uri: '/n', redirectCode }, { exact: `/${redirectCode}` }),
    ),
    asks: [302, 303, 307, 308]
      .map((code) => [`GET /${code}`, sent('http://@HOST/n', code)] as const)
      .map(([a, b]) => [a, b]),
  },
  'a code that does not redirect is refused': { http: redirected({ uri: '/n', redirectCode: 200 }), refused: true },
  'a code that Envoy has no action for is refused': {
    http: redirected({ uri: '/n', redirectCode: 305 }),
    refused: true,
  },
  'a path without a slash gets one': {
    http: [
      ...redirected({ uri: 'new' }, { prefix: '/a' }),
      ...redirected({ uri: 'https://x.example.com/y' }, { prefix: '/b' }),
    ],
    asks: [
      ['GET /a', sent('http://@HOST/new')],
      ['GET /b', sent('http://@HOST/https://x.example.com/y')],
    ],
  },
  'operations on the answer apply': {
    http: [
      {
        redirect: { uri: '/n' },
        headers: { response: { set: { 'x-a': '1', location: '/mine' }, add: { 'x-a': '2' } } },
      },
    ],
    asks: [['GET /', { status: 301, down: { 'x-a': '1 | 2' } }]],
  },
  'a redirect beside a route is refused': { http: [otherwise('v1', { redirect: { uri: '/n' } })], refused: true },
  'a redirect beside a fault is refused': {
    http: [{ redirect: { uri: '/n' }, fault: { abort: { httpStatus: 500, percentage: { value: 100 } } } }],
    refused: true,
  },
  'a redirect with a line break, which would begin a field, is refused': {
    http: [{ redirect: { uri: '/x\r\nset-cookie: a=b' } }],
    refused: true,
  },
  'a redirect of nothing is refused': { http: [{ redirect: {} }], refused: true },
};

export const DIRECT: Rows = {
  'a status and a text': {
    http: [
      { match: [{ uri: { prefix: '/t' } }], directResponse: { status: 503, body: { string: 'closed' } } },
      { directResponse: { status: 204 } },
    ],
    asks: [
      [
        'GET /t',
        { status: 503, body: 'closed', attempts: 0, down: { 'content-type': 'text/plain', 'content-length': '6' } },
      ],
      ['HEAD /t', { status: 503, body: '', down: { 'content-length': '6' } }],
      ['GET /', { status: 204, body: '', down: { 'content-type': null } }],
    ],
  },
  'bytes in base64': {
    http: [{ directResponse: { status: 200, body: { bytes: 'aGVsbG8=' } } }],
    asks: [['GET /', { status: 200, body: 'hello' }]],
  },
  'operations on the answer, content-type among them': {
    http: [
      {
        directResponse: { status: 200, body: { string: '{}' } },
        headers: {
          response: { set: { 'content-type': 'application/json', 'x-code': '%RESPONSE_CODE%' }, remove: ['x-none'] },
        },
      },
    ],
    asks: [['GET /', { body: '{}', down: { 'content-type': 'application/json', 'x-code': '0' } }]],
  },
  'a text is no template': {
    http: [{ directResponse: { status: 200, body: { string: '%REQ(:path)% 100%' } } }],
    asks: [['GET /', { body: '%REQ(:path)% 100%' }]],
  },
  'CORS has no part in it': {
    http: [{ directResponse: { status: 200 }, corsPolicy: { allowOrigins: [{ exact: 'https://a.example' }] } }],
    asks: [
      [
        {
          line: 'OPTIONS /',
          headers: [
            ['origin', 'https://a.example'],
            ['access-control-request-method', 'GET'],
          ],
        },
        { status: 200, down: { 'access-control-allow-origin': null } },
      ],
    ],
  },
  'a status of 600 is refused': { http: [{ directResponse: { status: 600 } }], refused: true },
  'a status of 100 is refused': { http: [{ directResponse: { status: 100 } }], refused: true },
  'no status is refused': { http: [{ directResponse: {} }], refused: true },
  'a fault beside it is refused': {
    http: [{ directResponse: { status: 200 }, fault: { delay: { fixedDelay: '1s', percentage: { value: 1 } } } }],
    refused: true,
  },
};

const request = (operations: object) => ({ headers: { request: operations } });
const response = (operations: object) => ({ headers: { response: operations } });

export const OPERATIONS: Rows = {
  'set replaces all fields of a name, add appends one': {
    http: [otherwise('v2', request({ set: { 'X-Set': 'new' }, add: { 'X-Add': 'two', 'x-fresh': '1' } }))],
    asks: [
      [
        {
          line: 'GET /',
          headers: [
            ['x-set', 'a'],
            ['x-set', 'b'],
            ['x-add', 'one'],
          ],
        },
        { up: { 'x-set': 'new', 'x-add': 'one | two', 'x-fresh': '1' } },
      ],
    ],
  },
  'remove comes first': {
    http: [otherwise('v2', request({ remove: ['x-gone', 'x-both'], set: { 'x-both': 'kept' } }))],
    asks: [
      [
        {
          line: 'GET /',
          headers: [
            ['x-gone', '1'],
            ['X-Gone', '2'],
            ['x-both', 'old'],
          ],
        },
        { up: { 'x-gone': null, 'x-both': 'kept' } },
      ],
    ],
  },
  'set with add of one name gives both': {
    http: [otherwise('v2', request({ set: { 'x-a': '1' }, add: { 'x-a': '2' } }))],
    asks: [[{ line: 'GET /', headers: [['x-a', '0']] }, { up: { 'x-a': '1 | 2' } }]],
  },
  'an empty value does nothing': {
    http: [otherwise('v2', request({ set: { 'x-a': '' }, add: { 'x-b': '' } }))],
    asks: [[{ line: 'GET /', headers: [['x-a', 'kept']] }, { up: { 'x-a': 'kept', 'x-b': null } }]],
  },
  'of one destination its own operations come last': {
    http: [
      {
        headers: { request: { set: { 'x-a': 'rule', 'x-r': 'rule' }, add: { 'x-l': 'rule' }, remove: ['x-g'] } },
        route: [
          { ...to('v2'), headers: { request: { set: { 'x-a': 'own' }, add: { 'x-l': 'own' }, remove: ['x-h'] } } },
        ],
      },
    ],
    asks: [
      [
        {
          line: 'GET /',
          headers: [
            ['x-g', '1'],
            ['x-h', '1'],
          ],
        },
        { up: { 'x-a': 'own', 'x-r': 'rule', 'x-l': 'rule | own', 'x-g': null, 'x-h': null } },
      ],
    ],
  },
  'of several destinations the rule comes last': {
    http: [
      {
        headers: { request: { set: { 'x-a': 'rule' }, add: { 'x-l': 'rule' } } },
        route: [
          { ...to('v2', 1), headers: { request: { set: { 'x-a': 'own', 'x-o': 'own' }, add: { 'x-l': 'own' } } } },
          { ...to('v2', 1), headers: { request: { set: { 'x-a': 'own', 'x-o': 'own' }, add: { 'x-l': 'own' } } } },
        ],
      },
    ],
    asks: [['GET /', { up: { 'x-a': 'rule', 'x-o': 'own', 'x-l': 'own | rule' } }]],
  },
  'Host is set, and told': {
    http: [
      when({ uri: { prefix: '/h' } }, 'v2', request({ set: { Host: 'other.example.com' } })),
      otherwise('v3', request({ set: { ':authority': 'third.example.com' } })),
    ],
    asks: [
      ['GET /h', { host: 'other.example.com', up: { 'x-envoy-original-host': '@HOST' } }],
      ['GET /', { host: 'third.example.com', up: { 'x-envoy-original-host': '@HOST' } }],
    ],
  },
  'commands are filled in': {
    http: [
      otherwise('v2', {
        headers: {
          request: {
            set: {
              'x-path': '%REQ(:path)%',
              'x-copy': '%REQ(x-in)%',
              'x-none': '%REQ(x-absent)%',
              'x-mix': 'a%%b-%PROTOCOL%',
              'x-id': '%REQ(x-request-id)%',
              'x-early': '%RESPONSE_CODE%%UPSTREAM_HOST%',
            },
          },
          response: {
            set: { 'x-code': '%RESPONSE_CODE%', 'x-up-type': '%RESP(content-type)%', 'x-was': '%REQ(x-in)%' },
          },
        },
      }),
    ],
    asks: [
      [
        {
          line: 'GET /p?q',
          headers: [
            ['x-in', 'one'],
            ['x-in', 'two'],
            ['x-request-id', 'my-id'],
            ['x-none', 'kept'],
          ],
        },
        {
          up: {
            'x-path': '/p?q',
            'x-copy': 'one',
            'x-none': 'kept',
            'x-mix': 'a%b-HTTP/1.1',
            'x-id': 'my-id',
            'x-early': '0',
          },
          down: { 'x-code': '200', 'x-up-type': 'text/plain', 'x-was': 'one' },
        },
      ],
    ],
  },
  'an answer is told of the request as it went upstream': {
    http: [
      when({ uri: { prefix: '/old' } }, 'v2', {
        rewrite: { uri: '/new' },
        headers: {
          request: { set: { 'x-in': 'ours' } },
          response: { set: { 'x-path': '%REQ(:path)%', 'x-was': '%REQ(x-in)%' } },
        },
      }),
    ],
    asks: [[{ line: 'GET /old/a', headers: [['x-in', 'theirs']] }, { down: { 'x-path': '/new/a', 'x-was': 'ours' } }]],
  },
  'fields of the answer': {
    http: [otherwise('v2', response({ set: { 'x-a': 'new' }, add: { 'x-b': '2' }, remove: ['x-c'] }))],
    asks: [
      [
        { line: 'GET /', headers: [['x-up-resp', 'x-a=old;x-b=1;x-c=1;x-d=1']] },
        { down: { 'x-a': 'new', 'x-b': '1 | 2', 'x-c': null, 'x-d': '1' } },
      ],
    ],
  },
  'operations on the answer apply to what the proxy says itself': {
    http: [
      {
        match: [{ uri: { prefix: '/nc' } }],
        route: [{ destination: { host: '@HOST', subset: 'v9' } }],
        ...response({ set: { 'x-a': '1' } }),
      },
      otherwise('v1', {
        ...response({ set: { 'x-a': '1' } }),
        fault: { abort: { httpStatus: 418, percentage: { value: 100 } } },
      }),
    ],
    asks: [
      ['GET /nc', { status: 503, body: '', down: { 'x-a': '1' } }],
      ['GET /', { status: 418, body: 'fault filter abort', down: { 'x-a': '1' } }],
    ],
  },
  'what the proxy adds may be replaced and removed': {
    http: [
      otherwise(
        'v2',
        request({ set: { 'x-forwarded-proto': 'https', 'x-request-id': 'fixed' }, remove: ['x-forwarded-for'] }),
      ),
    ],
    asks: [
      [
        { line: 'GET /', headers: [['x-forwarded-for', '1.2.3.4']] },
        { up: { 'x-forwarded-proto': 'https', 'x-request-id': 'fixed', 'x-forwarded-for': null } },
      ],
    ],
  },
  'a bare percent sign is refused': { http: [otherwise('v1', request({ set: { a: '100%' } }))], refused: true },
  'a cut command is refused': { http: [otherwise('v1', request({ set: { a: '%REQ(a):3%' } }))], refused: true },
  'an unknown command is refused': { http: [otherwise('v1', request({ set: { a: '%WHAT%' } }))], refused: true },
  'setting the path is refused': { http: [otherwise('v1', request({ set: { ':path': '/a' } }))], refused: true },
  'removing Host is refused': { http: [otherwise('v1', request({ remove: ['Host'] }))], refused: true },
};
