import { describe, expect, test } from 'vitest';
import { analysed, object } from '../../support/analysis.ts';

const service = (name: string, ports: number[] = [80], metadata = {}) =>
  object('Service', name, { ports: ports.map((port) => ({ name: `http-${port}`, port })) }, metadata);
const virtualService = (name: string, spec: object, metadata = {}) =>
  object('VirtualService', name, { hosts: ['web'], ...spec }, metadata);
const to = (destination: object) => ({ http: [{ route: [{ destination }] }] });
const at = 'spec.http[0].route[0].destination';

describe('destinations (IST0101, IST0112)', () => {
  test.each<[sentence: string, yaml: string, expected: string[]]>([
    ['a Service of the same namespace is found', service('web') + virtualService('vs', to({ host: 'web' })), []],
    [
      'a full name is found from everywhere',
      service('web') + virtualService('vs', to({ host: 'web.default.svc.cluster.local' }), { namespace: 'far' }),
      [],
    ],
    [
      'a short name of another namespace is not',
      service('web') + virtualService('vs', to({ host: 'web' }), { namespace: 'far' }),
      [`IST0101 VirtualService vs ${at}.host`],
    ],
    ['an unknown host is named', virtualService('vs', to({ host: 'web' })), [`IST0101 VirtualService vs ${at}.host`]],
    [
      'a destination that is missing is an unknown host',
      virtualService('vs', { http: [{ route: [{}] }] }),
      [`IST0101 VirtualService vs ${at}.host`],
    ],
    [
      'an unknown mirror is named',
      service('web') +
        virtualService('vs', { http: [{ route: [{ destination: { host: 'web' } }], mirror: { host: 'gone' } }] }),
      ['IST0101 VirtualService vs spec.http[0].mirror.host'],
    ],
    [
      'so is one of several',
      service('web') +
        virtualService('vs', {
          http: [
            {
              route: [{ destination: { host: 'web' } }],
              mirrors: [{ destination: { host: 'web' } }, { destination: { host: 'gone' } }],
            },
          ],
        }),
      ['IST0101 VirtualService vs spec.http[0].mirrors[1].destination.host'],
    ],
    [
      'destinations of tcp and tls count',
      virtualService('vs', {
        tcp: [{ route: [{ destination: { host: 'a' } }] }],
        tls: [{ route: [{ destination: { host: 'b' } }] }],
      }),
      [
        'IST0101 VirtualService vs spec.tcp[0].route[0].destination.host',
        'IST0101 VirtualService vs spec.tls[0].route[0].destination.host',
      ],
    ],
    [
      'a port that the Service has is found',
      service('web', [80, 81]) + virtualService('vs', to({ host: 'web', port: { number: 81 } })),
      [],
    ],
    [
      'one that it has not is named',
      service('web', [80, 81]) + virtualService('vs', to({ host: 'web', port: { number: 82 } })),
      [`IST0101 VirtualService vs ${at}.port`],
    ],
    [
      'one of several ports must be chosen',
      service('web', [80, 81]) + virtualService('vs', to({ host: 'web' })),
      [`IST0112 VirtualService vs ${at}.host`],
    ],
    [
      'a wildcard ServiceEntry covers a host',
      object('ServiceEntry', 'se', { hosts: ['*.example.com'] }) + virtualService('vs', to({ host: 'a.example.com' })),
      [],
    ],
    [
      'but not its own bare suffix',
      object('ServiceEntry', 'se', { hosts: ['*.example.com'] }) + virtualService('vs', to({ host: 'example.com' })),
      [`IST0101 VirtualService vs ${at}.host`],
    ],
    [
      'a Service that is exported elsewhere is not found',
      service('web', [80], { annotations: { 'networking.istio.io/exportTo': 'far' } }) +
        virtualService('vs', to({ host: 'web' })),
      [`IST0101 VirtualService vs ${at}.host`],
    ],
    [
      'a spec of the wrong type breaks nothing',
      '---\n{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: vs}, spec: [1]}\n',
      [],
    ],
    ['nor do lists of the wrong type', virtualService('vs', { http: { route: 'web' }, hosts: 7 }), []],
  ])('%s', (_sentence, yaml, expected) => {
    expect(analysed(['IST0101', 'IST0112'], yaml)).toEqual(expected);
  });
});

describe('subsets (IST0101)', () => {
  const rule = (host: string, metadata = {}) =>
    object('DestinationRule', 'dr', { host, subsets: [{ name: 'v1' }] }, metadata);
  const subset = `IST0101 VirtualService vs ${at}.subset`;
  test.each<[sentence: string, yaml: string, expected: string[]]>([
    ['that a rule defines are found', rule('web') + virtualService('vs', to({ host: 'web', subset: 'v1' })), []],
    [
      'are found by the full name, too',
      rule('web.default.svc.cluster.local') + virtualService('vs', to({ host: 'web', subset: 'v1' })),
      [],
    ],
    ['that no rule defines are named', rule('web') + virtualService('vs', to({ host: 'web', subset: 'v2' })), [subset]],
    ['of another host do not count', rule('other') + virtualService('vs', to({ host: 'web', subset: 'v1' })), [subset]],
    [
      'of a short host belong to the namespace of the rule',
      rule('web', { namespace: 'far' }) + virtualService('vs', to({ host: 'web', subset: 'v1' })),
      [subset],
    ],
  ])('%s', (_sentence, yaml, expected) => {
    expect(analysed(['IST0101'], service('web') + yaml)).toEqual(expected);
  });
});

describe('gateways (IST0101, IST0132, IST0165)', () => {
  const gateway = (hosts: string[], metadata = {}) =>
    object(
      'Gateway',
      'gw',
      { selector: { istio: 'ingressgateway' }, servers: [{ port: { number: 80 }, hosts }] },
      metadata,
    );
  const attached = (gateways: string[], hosts = ['a.example.com'], metadata = {}) =>
    virtualService('vs', { hosts, gateways }, metadata);
  const missing = 'IST0101 VirtualService vs spec.gateways[0]';
  const unserved = 'IST0132 VirtualService vs spec.gateways[0]';
  test.each<[sentence: string, yaml: string, expected: string[]]>([
    ['the mesh is always there', attached(['mesh']), []],
    ['one that serves the host is fine', gateway(['a.example.com']) + attached(['gw']), []],
    [
      'one is found in another namespace by its full name',
      gateway(['*'], { namespace: 'far' }) + attached(['far/gw']),
      [],
    ],
    ['one of the same namespace is found with a dot for it', gateway(['*']) + attached(['./gw']), []],
    ['one is found by its old long name', gateway(['*']) + attached(['gw.default.svc.cluster.local']), []],
    [
      'an old long name means the namespace that it names',
      gateway(['*']) + attached(['gw.far.svc.cluster.local']),
      [missing, unserved],
    ],
    [
      'a dot means the namespace of the VirtualService',
      gateway(['*'], { namespace: 'far' }) + attached(['./gw']),
      [missing, unserved],
    ],
    ['one that does not exist is named, and serves no host', attached(['gw']), [missing, unserved]],
    ['one that serves other hosts is named', gateway(['b.example.com']) + attached(['gw']), [unserved]],
    ['a wildcard covers', gateway(['*.example.com']) + attached(['gw']), []],
    ['a wildcard of ours meets a narrower host', gateway(['a.example.com']) + attached(['gw'], ['*.example.com']), []],
    [
      'one host of several is enough',
      gateway(['b.example.com']) + attached(['gw'], ['a.example.com', 'b.example.com']),
      [],
    ],
    [
      'a host for another namespace does not count',
      gateway(['./a.example.com'], { namespace: 'far' }) + attached(['far/gw']),
      [unserved],
    ],
    ['a host for every namespace does', gateway(['*/a.example.com'], { namespace: 'far' }) + attached(['far/gw']), []],
    [
      'a generated one is named',
      attached(['ns/web-istio-autogenerated-k8s-gateway-http']),
      ['IST0165 VirtualService vs spec.gateways[0]'],
    ],
  ])('%s', (_sentence, yaml, expected) => {
    expect(analysed(['IST0101', 'IST0132', 'IST0165'], yaml)).toEqual(expected);
  });
});

describe('hosts that two route for the mesh (IST0109)', () => {
  const of = (name: string, hosts: string[], more: object = {}, metadata = {}) =>
    virtualService(name, { hosts, ...more }, metadata);
  const both = ['IST0109 VirtualService a spec.hosts[0]', 'IST0109 VirtualService b spec.hosts[0]'];
  test.each<[sentence: string, yaml: string, expected: string[]]>([
    ['different hosts do not meet', of('a', ['web']) + of('b', ['shop']), []],
    ['the same host is named at both', of('a', ['web']) + of('b', ['web']), both],
    ['a short and a full name are the same', of('a', ['web']) + of('b', ['web.default.svc.cluster.local']), both],
    ['short names of two namespaces are not', of('a', ['web']) + of('b', ['web'], {}, { namespace: 'far' }), []],
    ['what a gateway has does not meet the mesh', of('a', ['web'], { gateways: ['gw'] }) + of('b', ['web']), []],
    ['what both have does', of('a', ['web'], { gateways: ['gw', 'mesh'] }) + of('b', ['web']), both],
    [
      'exports to different namespaces do not meet',
      of('a', ['x.com'], { exportTo: ['one'] }) + of('b', ['x.com'], { exportTo: ['two'] }),
      [],
    ],
    [
      'an export to all meets one to some',
      of('a', ['x.com'], { exportTo: ['one'] }) + of('b', ['x.com'], { exportTo: ['*'] }),
      both,
    ],
    ['there, wildcards meet what they cover', of('a', ['*.x.com'], { exportTo: ['.'] }) + of('b', ['*.com']), both],
    ['elsewhere, the more specific host simply wins', of('a', ['*.x.com']) + of('b', ['*.com']), []],
  ])('%s', (_sentence, yaml, expected) => {
    expect(analysed(['IST0109'], yaml)).toEqual(expected);
  });
});

describe('rules that get no request (IST0130, IST0131)', () => {
  const rules = (...matches: (object[] | undefined)[]) =>
    virtualService('vs', { http: matches.map((match) => ({ ...(match && { match }), route: [] })) });
  const prefix = (path: string, more = {}) => ({ uri: { prefix: path }, ...more });
  const rule = (index: number) => `IST0130 VirtualService vs spec.http[${index}]`;
  const match = (index: number, position = 0) => `IST0131 VirtualService vs spec.http[${index}].match[${position}]`;
  test.each<[sentence: string, yaml: string, expected: string[]]>([
    ['different matches are fine', rules([prefix('/a')], [prefix('/b')]), []],
    ['a last rule without match is fine', rules([prefix('/a')], undefined), []],
    ['nothing comes after a rule without match', rules(undefined, [prefix('/a')], undefined), [rule(1), rule(2)]],
    ['a repeated match leaves its rule nothing', rules([prefix('/a')], [prefix('/a')]), [rule(1), match(1)]],
    [
      'the name of a match makes no difference',
      rules([prefix('/a', { name: 'x' })], [prefix('/a')]),
      [rule(1), match(1)],
    ],
    ['one repeated match of two leaves the other', rules([prefix('/a')], [prefix('/a'), prefix('/b')]), [match(1)]],
    ['a longer prefix comes too late', rules([prefix('/a')], [prefix('/ab')]), [match(1)]],
    ['a shorter one does not', rules([prefix('/ab')], [prefix('/a')]), []],
    [
      'further conditions come too late, too',
      rules([prefix('/a')], [prefix('/ab', { method: { exact: 'GET' } })]),
      [match(1)],
    ],
    [
      'different methods do not meet',
      rules([prefix('/a', { method: { exact: 'GET' } })], [prefix('/ab', { method: { exact: 'POST' } })]),
      [],
    ],
    ['within one rule it is the same', rules([prefix('/a'), prefix('/ab')]), [match(0, 1)]],
    ['an exact path below a prefix is left alone, as Istio does', rules([prefix('/a'), { uri: { exact: '/a' } }]), []],
    [
      'tcp rules are judged alike',
      virtualService('vs', { tcp: [{ match: [{ port: 1 }] }, { match: [{ port: 1 }] }] }),
      ['IST0130 VirtualService vs spec.tcp[1]', 'IST0131 VirtualService vs spec.tcp[1].match[0]'],
    ],
  ])('%s', (_sentence, yaml, expected) => {
    expect(analysed(['IST0130', 'IST0131'], yaml)).toEqual(expected);
  });
});

describe('what else is said', () => {
  const split = virtualService('mesh', { http: [{ route: [{ destination: { host: 'web', subset: 'v1' } }] }] });
  const fromGateway = (destination: object, gateways = ['gw']) =>
    virtualService('in', { ...to(destination), hosts: ['x.com'], gateways });
  test.each<[sentence: string, yaml: string, expected: string[]]>([
    [
      'subset rules do not touch what enters by a gateway',
      split + fromGateway({ host: 'web' }),
      ['IST0140 VirtualService in spec.http[0].route[0].destination.host'],
    ],
    ['a gateway rule that names subsets is fine', split + fromGateway({ host: 'web', subset: 'v1' }), []],
    ['so is one for the mesh', split + fromGateway({ host: 'web' }, ['mesh']), []],
    [
      'a delay by percent is deprecated',
      virtualService('vs', { http: [{ fault: { delay: { percent: 5 } } }] }),
      ['IST0002 VirtualService vs spec.http[0].fault.delay.percent'],
    ],
    [
      'one by percentage is not',
      virtualService('vs', { http: [{ fault: { delay: { percentage: { value: 5 } } } }] }),
      [],
    ],
  ])('%s', (_sentence, yaml, expected) => {
    expect(analysed(['IST0140', 'IST0002'], yaml)).toEqual(expected);
  });
});
