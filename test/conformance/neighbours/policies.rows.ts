/** Cross-origin requests, faults, timeouts, retries. */

import type { Field } from '../envoy/cases.ts';
import { otherwise, type Row, type Rows, to, when } from './row.ts';

const ORIGIN: Field = ['origin', 'https://a.example'];
const PREFLIGHT: Field[] = [
  ORIGIN,
  ['access-control-request-method', 'PUT'],
  ['access-control-request-headers', 'x-a,x-b'],
];
const preflight = (origin: string): Field[] => [['origin', origin], ...PREFLIGHT.slice(1)];
const cors = (corsPolicy: object): object[] => [otherwise('v2', { corsPolicy })];
const ORIGIN_FIELD = 'access-control-allow-origin';

export const CORS: Rows = {
  'a preflight is answered with what is allowed': {
    http: cors({
      allowOrigins: [{ exact: 'https://a.example' }],
      allowMethods: ['GET', 'PUT'],
      allowHeaders: ['x-a', 'x-c'],
      exposeHeaders: ['x-d', 'x-e'],
      maxAge: '24h',
      allowCredentials: true,
    }),
    asks: [
      [
        { line: 'OPTIONS /a', headers: PREFLIGHT },
        {
          status: 200,
          body: '',
          attempts: 0,
          down: {
            [ORIGIN_FIELD]: 'https://a.example',
            'access-control-allow-methods': 'GET,PUT',
            'access-control-allow-headers': 'x-a,x-c',
            'access-control-max-age': '86400',
            'access-control-allow-credentials': 'true',
            'access-control-expose-headers': 'x-d,x-e',
          },
        },
      ],
      [
        { line: 'OPTIONS /a', headers: preflight('https://b.example') },
        { version: 'v2', down: { [ORIGIN_FIELD]: null } },
      ],
      [
        { line: 'OPTIONS /a', headers: [ORIGIN] },
        { version: 'v2', down: { [ORIGIN_FIELD]: 'https://a.example' } },
      ],
      [
        { line: 'GET /a', headers: PREFLIGHT },
        { version: 'v2', down: { 'access-control-allow-methods': null } },
      ],
      [
        { line: 'GET /a', headers: [ORIGIN] },
        {
          version: 'v2',
          down: {
            [ORIGIN_FIELD]: 'https://a.example',
            'access-control-allow-credentials': 'true',
            'access-control-expose-headers': 'x-d,x-e',
            'access-control-max-age': null,
          },
        },
      ],
      ['GET /a', { version: 'v2', down: { [ORIGIN_FIELD]: null, 'access-control-expose-headers': null } }],
      [
        { line: 'GET /a', headers: [['origin', 'https://A.example']] },
        { version: 'v2', down: { [ORIGIN_FIELD]: null } },
      ],
      [
        { line: 'GET /a', headers: [['origin', 'https://a.example:443']] },
        { version: 'v2', down: { [ORIGIN_FIELD]: null } },
      ],
    ],
  },
  'origins by prefix and by regular expression': {
    http: cors({ allowOrigins: [{ prefix: 'https://app' }, { regex: 'https://[a-z]+\\.dev' }] }),
    asks: [
      [{ line: 'GET /', headers: [['origin', 'https://app.one']] }, { down: { [ORIGIN_FIELD]: 'https://app.one' } }],
      [
        { line: 'GET /', headers: [['origin', 'https://application.evil']] },
        { down: { [ORIGIN_FIELD]: 'https://application.evil' } },
      ],
      [{ line: 'GET /', headers: [['origin', 'https://one.dev']] }, { down: { [ORIGIN_FIELD]: 'https://one.dev' } }],
      [{ line: 'GET /', headers: [['origin', 'https://one.dev.evil']] }, { down: { [ORIGIN_FIELD]: null } }],
      [{ line: 'GET /', headers: [['origin', 'https://1.dev']] }, { down: { [ORIGIN_FIELD]: null } }],
      [
        { line: 'OPTIONS /', headers: preflight('https://one.dev') },
        { status: 200, attempts: 0, down: { [ORIGIN_FIELD]: 'https://one.dev', 'access-control-allow-methods': null } },
      ],
    ],
  },
  'stars echo, but for the fields that are exposed': {
    http: cors({
      allowOrigins: [{ exact: '*' }],
      allowMethods: ['*'],
      allowHeaders: ['*'],
      exposeHeaders: ['*'],
      allowCredentials: true,
    }),
    asks: [
      [
        { line: 'OPTIONS /', headers: PREFLIGHT },
        {
          down: {
            [ORIGIN_FIELD]: 'https://a.example',
            'access-control-allow-methods': 'PUT',
            'access-control-allow-headers': 'x-a,x-b',
            'access-control-expose-headers': '*',
          },
        },
      ],
      [{ line: 'GET /', headers: [['origin', 'null']] }, { down: { [ORIGIN_FIELD]: 'null' } }],
    ],
  },
  'the old list of origins': {
    http: cors({ allowOrigin: ['https://a.example'] }),
    asks: [[{ line: 'GET /', headers: [ORIGIN] }, { down: { [ORIGIN_FIELD]: 'https://a.example' } }]],
  },
  'unmatched preflights are answered when they are to be ignored': {
    http: cors({ allowOrigins: [{ exact: 'https://a.example' }], unmatchedPreflights: 'IGNORE' }),
    asks: [
      [
        { line: 'OPTIONS /', headers: preflight('https://b.example') },
        { status: 200, attempts: 0, body: '', down: { [ORIGIN_FIELD]: null } },
      ],
      [{ line: 'OPTIONS /', headers: [ORIGIN] }, 'v2'],
      [{ line: 'OPTIONS /' }, 'v2'],
    ],
  },
  'and forwarded when they are to be forwarded': {
    http: cors({ allowOrigins: [{ exact: 'https://a.example' }], unmatchedPreflights: 'FORWARD' }),
    asks: [[{ line: 'OPTIONS /', headers: preflight('https://b.example') }, 'v2']],
  },
  "the service's own fields are replaced for allowed origins, and passed for others": {
    http: cors({ allowOrigins: [{ exact: 'https://a.example' }] }),
    asks: [
      [
        { line: 'GET /', headers: [ORIGIN, ['x-up-resp', `${ORIGIN_FIELD}=*;access-control-allow-credentials=true`]] },
        { down: { [ORIGIN_FIELD]: 'https://a.example' } },
      ],
      [{ line: 'GET /', headers: [['x-up-resp', `${ORIGIN_FIELD}=*`]] }, { down: { [ORIGIN_FIELD]: '*' } }],
    ],
  },
  "a preflight's own method and fields find its rule": {
    http: [
      when({ method: { exact: 'PUT' } }, 'v1', { corsPolicy: { allowOrigins: [{ exact: '*' }] } }),
      when({ uri: { prefix: '/open' } }, 'v2', { corsPolicy: { allowOrigins: [{ exact: '*' }] } }),
      otherwise('v3'),
    ],
    asks: [
      [{ line: 'OPTIONS /', headers: PREFLIGHT }, 'v3'],
      [
        { line: 'OPTIONS /open', headers: PREFLIGHT },
        { status: 200, attempts: 0 },
      ],
    ],
  },
  'what the proxy answers for the service has the fields, too': {
    http: [
      { route: [{ destination: { host: '@HOST', subset: 'v9' } }], corsPolicy: { allowOrigins: [{ exact: '*' }] } },
    ],
    asks: [
      [
        { line: 'GET /', headers: [ORIGIN] },
        { status: 503, down: { [ORIGIN_FIELD]: 'https://a.example' } },
      ],
    ],
  },
  'a fault comes before': {
    http: cors({ allowOrigins: [{ exact: '*' }] }).map((rule) => ({
      ...rule,
      fault: { abort: { httpStatus: 503, percentage: { value: 100 } } },
    })),
    asks: [
      [
        { line: 'OPTIONS /', headers: PREFLIGHT },
        { status: 503, body: 'fault filter abort', down: { [ORIGIN_FIELD]: null } },
      ],
    ],
  },
  'an age of fractions is refused': { http: cors({ allowOrigins: [{ exact: '*' }], maxAge: '1.5s' }), refused: true },
  'an age of nothing is refused': { http: cors({ allowOrigins: [{ exact: '*' }], maxAge: '0s' }), refused: true },
};

const fault = (value: object): object[] => [otherwise('v2', { fault: value })];
const all = { percentage: { value: 100 } };

export const FAULT: Rows = {
  'an abort of all': {
    http: fault({ abort: { httpStatus: 503, ...all } }),
    asks: [
      ['GET /', { status: 503, body: 'fault filter abort', attempts: 0, down: { 'content-type': 'text/plain' } }],
      ['HEAD /', { status: 503, body: '' }],
    ],
  },
  'without a share nothing is aborted': {
    http: [
      when({ uri: { prefix: '/a' } }, 'v1', { fault: { abort: { httpStatus: 500 } } }),
      when({ uri: { prefix: '/b' } }, 'v2', { fault: { abort: { httpStatus: 500, percentage: {} } } }),
      when({ uri: { prefix: '/c' } }, 'v3', { fault: { abort: { httpStatus: 500, percentage: { value: 0 } } } }),
    ],
    asks: [
      ['GET /a', 'v1'],
      ['GET /b', 'v2'],
      ['GET /c', 'v3'],
    ],
  },
  'an abort comes after its delay': {
    http: fault({ abort: { httpStatus: 418, ...all }, delay: { fixedDelay: '0.2s', ...all } }),
    asks: [['GET /', { status: 418, body: 'fault filter abort', atLeastMs: 190 }]],
  },
  'a delay in the words of old releases': {
    http: fault({ delay: { fixedDelay: '0.2s', percent: 100 } }),
    asks: [['GET /', { status: 200, version: 'v2', atLeastMs: 190 }]],
  },
  'an abort is not retried, and not mirrored': {
    http: [
      otherwise('v2', {
        fault: { abort: { httpStatus: 503, ...all } },
        retries: { attempts: 3, retryOn: '5xx' },
        mirror: { host: '@HOST', subset: 'v3' },
      }),
    ],
    asks: [['GET /', { status: 503, body: 'fault filter abort', attempts: 0 }]],
  },
  'a gRPC status is told to gRPC in its own way': {
    http: fault({ abort: { grpcStatus: 'UNAVAILABLE', ...all } }),
    asks: [
      [
        { line: 'POST /', headers: [['content-type', 'application/grpc']] },
        { status: 200, body: '', down: { 'grpc-status': '14' } },
      ],
      ['GET /', { status: 200, body: 'fault filter abort' }],
    ],
  },
  'by header': {
    http: [
      when({ headers: { 'x-break': { exact: 'yes' } } }, 'v1', { fault: { abort: { httpStatus: 555, ...all } } }),
      otherwise('v2'),
    ],
    asks: [
      [{ line: 'GET /', headers: [['x-break', 'yes']] }, 555],
      ['GET /', 'v2'],
    ],
  },
  'fields of a caller do not ask for faults': {
    http: fault({ abort: { httpStatus: 503, percentage: { value: 0 } } }),
    asks: [[{ line: 'GET /', headers: [['x-envoy-fault-abort-request', '503']] }, 'v2']],
  },
  'an empty fault is refused': { http: fault({}), refused: true },
  'more than all is refused': {
    http: fault({ abort: { httpStatus: 500, percentage: { value: 101 } } }),
    refused: true,
  },
  'a status of 700 is refused': { http: fault({ abort: { httpStatus: 700, ...all } }), refused: true },
};

const timed = (timeout: string, rest: object = {}): object[] => [otherwise('v2', { timeout, ...rest })];
const doing = (steps: string, line = 'GET /') => ({ line, headers: [['x-up', steps]] as Field[] });

export const TIMEOUT: Rows = {
  'a slow answer is 504': {
    http: timed('0.3s'),
    asks: [
      [doing('hang'), { status: 504, body: 'upstream request timeout', attempts: 1, atLeastMs: 290 }],
      [doing('200'), { status: 200, up: { 'x-envoy-expected-rq-timeout-ms': '300' } }],
    ],
  },
  'it covers all tries': {
    http: timed('0.5s', { retries: { attempts: 5, perTryTimeout: '0.2s', retryOn: '5xx' } }),
    asks: [[doing('hang'), { status: 504, body: 'upstream request timeout', atLeastMs: 490 }]],
  },
  'a try that takes too long is repeated with gateway-error': {
    http: [otherwise('v2', { retries: { attempts: 2, perTryTimeout: '0.2s', retryOn: 'gateway-error' } })],
    asks: [
      [doing('hang,200'), { status: 200, attempts: 2, up: { 'x-envoy-attempt-count': '2' } }],
      [doing('hang'), { status: 504, attempts: 3, body: 'upstream request timeout' }],
    ],
  },
  'and with reset': {
    http: [otherwise('v2', { retries: { attempts: 1, perTryTimeout: '0.2s', retryOn: 'reset' } })],
    asks: [[doing('hang,200'), { status: 200, attempts: 2 }]],
  },
  'and not with connect-failure': {
    http: [otherwise('v2', { retries: { attempts: 2, perTryTimeout: '0.2s', retryOn: 'connect-failure' } })],
    asks: [[doing('hang'), { status: 504, attempts: 1 }]],
  },
  milliseconds: { http: timed('250ms'), asks: [[doing('delay:0.6/200'), { status: 504 }]] },
  'no time at all is refused': { http: timed('0s'), refused: true },
  'less than a millisecond is refused': { http: timed('0.1ms'), refused: true },
  'a number is refused': { http: timed('5'), refused: true },
};

const retrying = (retries: object): object[] => [otherwise('v2', { retries })];
const tried = (status: number, attempts: number) => ({ status, attempts });

const withField = (steps: string, field: string, line = 'GET /') => ({
  line,
  headers: [
    ['x-up', steps],
    ['x-up-resp', field],
  ] as Field[],
});

/** What follows each list of conditions, by what the service does. */
function conditions(
  retryOn: string | undefined,
  outcomes: Readonly<Record<string, [status: number, attempts: number]>>,
): Row {
  return {
    http: retrying({ attempts: 2, ...(retryOn !== undefined && { retryOn }) }),
    asks: Object.entries(outcomes).map(([steps, [status, attempts]]) => [
      doing(steps, 'POST /'),
      tried(status, attempts),
    ]),
  };
}

export const RETRIES: Rows = {
  'by default no status and no lost connection': conditions(undefined, {
    '503,200': [503, 1],
    'reset,200': [503, 1],
    '500,200': [500, 1],
  }),
  '5xx': conditions('5xx', {
    '500,200': [200, 2],
    '503,501,200': [200, 3],
    '500': [500, 3],
    'reset,200': [200, 2],
    'close,200': [200, 2],
    '429,200': [429, 1],
    '404': [404, 1],
  }),
  'gateway-error': conditions('gateway-error', {
    '502,200': [200, 2],
    '503,200': [200, 2],
    '504,200': [200, 2],
    '500,200': [500, 1],
    '501,200': [501, 1],
    'reset,200': [200, 2],
  }),
  reset: conditions('reset', { 'reset,200': [200, 2], 'close,200': [200, 2], '503,200': [503, 1] }),
  'retriable-4xx': conditions('retriable-4xx', {
    '409,200': [200, 2],
    '404,200': [404, 1],
    '500,200': [500, 1],
    '429,200': [429, 1],
  }),
  'connect-failure': conditions('connect-failure', { 'reset,200': [503, 1], '503,200': [503, 1] }),
  'refused-stream': conditions('refused-stream', { 'reset,200': [503, 1], '503,200': [503, 1] }),
  'reset-before-request': conditions('reset-before-request', { 'reset,200': [503, 1], '503,200': [503, 1] }),
  'a number': conditions('503', { '503,200': [200, 2], '502,200': [502, 1], 'reset,200': [503, 1] }),
  'numbers and names': conditions('404,gateway-error,409', {
    '404,200': [200, 2],
    '502,409,200': [200, 3],
    '500,200': [500, 1],
  }),
  'retriable-status-codes without a number': conditions('retriable-status-codes', {
    '503,200': [503, 1],
    'reset,200': [503, 1],
  }),
  'retriable-status-codes with one': conditions('retriable-status-codes,418', {
    '418,200': [200, 2],
    '503,200': [503, 1],
  }),
  'retriable-headers alone': conditions('retriable-headers', { '503,200': [503, 1] }),
  'the words of gRPC': conditions('cancelled,deadline-exceeded,internal,resource-exhausted,unavailable', {
    '503,200': [503, 1],
  }),
  'envoy-ratelimited needs its field': {
    http: retrying({ attempts: 2, retryOn: 'envoy-ratelimited' }),
    asks: [
      [doing('429,200'), tried(429, 1)],
      [
        {
          line: 'GET /',
          headers: [
            ['x-up', '429'],
            ['x-up-resp', 'x-envoy-ratelimited=true'],
          ],
        },
        tried(429, 3),
      ],
    ],
  },
  'a rate limit is respected otherwise': {
    http: retrying({ attempts: 2, retryOn: '5xx' }),
    asks: [[withField('503', 'x-envoy-ratelimited=true'), tried(503, 1)]],
  },
  'the status of gRPC in the head of an answer, by default, too': {
    http: [
      when({ uri: { prefix: '/internal' } }, 'v1', { retries: { attempts: 1, retryOn: 'internal' } }),
      otherwise('v2'),
    ],
    asks: [
      [withField('200', 'grpc-status=14'), tried(200, 3)],
      [withField('200', 'grpc-status=13'), tried(200, 1)],
      [withField('200', 'grpc-status=13', 'GET /internal'), tried(200, 2)],
      [withField('200', 'grpc-status=0'), tried(200, 1)],
    ],
  },
  'a status that is no failure': {
    http: retrying({ attempts: 1, retryOn: '302' }),
    asks: [[doing('302,200'), tried(200, 2)]],
  },
  'none at all': {
    http: retrying({ attempts: 0 }),
    asks: [[doing('503,200'), tried(503, 1)]],
  },
  one: {
    http: retrying({ attempts: 1, retryOn: '5xx' }),
    asks: [[doing('500,500,200'), { status: 500, attempts: 2, up: { 'x-envoy-attempt-count': '2' } }]],
  },
  'a body is sent again': {
    http: retrying({ attempts: 2, retryOn: '5xx' }),
    asks: [
      [
        { ...doing('500,200', 'PUT /'), body: 'some text' },
        { status: 200, attempts: 2, up: { 'content-length': '9' } },
      ],
    ],
  },
  'the caller does not say how often': {
    http: [otherwise('v2')],
    asks: [
      [
        {
          line: 'POST /',
          headers: [
            ['x-up', '503,200'],
            ['x-envoy-retry-on', '5xx'],
            ['x-envoy-max-retries', '3'],
          ],
        },
        tried(503, 1),
      ],
    ],
  },
  'a long pause between tries': {
    http: retrying({ attempts: 1, retryOn: '5xx', backoff: '10ms' }),
    asks: [[doing('500,200'), tried(200, 2)]],
  },
  'an unknown word is refused': { http: retrying({ attempts: 1, retryOn: 'sometimes' }), refused: true },
  'a status beyond 599 is refused': { http: retrying({ attempts: 1, retryOn: '999' }), refused: true },
  'blanks are refused': { http: retrying({ attempts: 1, retryOn: '5xx, reset' }), refused: true },
  'fewer than none is refused': { http: retrying({ attempts: -1 }), refused: true },
  'conditions without attempts are refused': { http: retrying({ retryOn: '5xx' }), refused: true },
  'a try limit without attempts is refused': { http: retrying({ perTryTimeout: '1s' }), refused: true },
};

const share = (versions: Readonly<Record<string, number>>) => ({ versions });
const many = { line: 'GET /', times: 100 };
const split = (...route: object[]): object[] => [{ route }];

export const WEIGHTS: Rows = {
  'are relative': { http: split(to('v1', 1), to('v2', 3)), asks: [[many, share({ v1: 25, v2: 75 })]] },
  'of any size': {
    http: split(to('v1', 2_000_000_000), to('v2', 2_000_000_000)),
    asks: [[many, share({ v1: 50, v2: 50 })]],
  },
  'of three': {
    http: split(to('v1', 60), to('v2', 30), to('v3', 10)),
    asks: [[many, share({ v1: 60, v2: 30, v3: 10 })]],
  },
  'a destination twice': {
    http: split(to('v1', 10), to('v2', 50), to('v1', 40)),
    asks: [[many, share({ v1: 50, v2: 50 })]],
  },
  'none is nothing': { http: split(to('v1', 0), to('v2', 100)), asks: [[many, share({ v2: 100 })]] },
  'a missing one is none beside another': { http: split(to('v1'), to('v2', 5)), asks: [[many, share({ v2: 100 })]] },
  'a single one does not matter': { http: split(to('v3', 0)), asks: [[many, share({ v3: 100 })]] },
  'per rule': {
    http: [
      { match: [{ uri: { prefix: '/a' } }], route: [to('v1', 20), to('v2', 80)] },
      ...split(to('v2', 10), to('v3', 90)),
    ],
    asks: [
      [{ line: 'GET /a', times: 100 }, share({ v1: 20, v2: 80 })],
      [many, share({ v2: 10, v3: 90 })],
    ],
  },
  'of a destination that is not there': {
    http: split(to('v1', 50), { destination: { host: '@HOST', subset: 'v9' }, weight: 50 }),
    asks: [[many, share({ v1: 50, none: 50 })]],
  },
  'no header and no cookie makes them stick': {
    http: split(to('v1', 50), to('v2', 50)),
    asks: [
      [
        {
          ...many,
          headers: [
            ['cookie', 'a=b'],
            ['x-user', 'anna'],
          ],
        },
        share({ v1: 50, v2: 50 }),
      ],
    ],
  },
  'two missing are refused': { http: split(to('v1'), to('v2')), refused: true },
  'nothing in all is refused': { http: split(to('v1', 0), to('v2', 0)), refused: true },
  'less than nothing is refused': { http: split(to('v1', -1), to('v2', 101)), refused: true },
  'more than 32 bits in all are refused': {
    http: split(to('v1', 2_147_483_647), to('v2', 2_147_483_647), to('v3', 2)),
    refused: true,
  },
  'fractions are refused': { http: split(to('v1', 0.5), to('v2', 99.5)), refused: true },
};
