/** Small tables of Istio's own unit tests (test/conformance/istio/unit-tables.json), asked of the functions that decide the same. */

import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { describe, expect, test } from 'vitest';
import { clusterName } from '../../src/mesh/compile/cluster-name.ts';
import { compileFault } from '../../src/mesh/compile/compile-fault.ts';
import { joinEntries, joinMatches } from '../../src/mesh/compile/expand-delegates.ts';
import { matchesLocality } from '../../src/mesh/compile/locality.ts';
import { readResources } from '../../src/mesh/read-resources.ts';
import { durationMsOf } from '../../src/mesh/schema/duration.ts';
import { type GatewayServer, isPlainHttp } from '../../src/mesh/schema/gateway.ts';
import {
  bySpecificity,
  isHostPattern,
  isMeshServerName,
  isSubsetOf,
  qualifyHost,
} from '../../src/mesh/schema/host-name.ts';
import type { HttpMatchSpec } from '../../src/mesh/schema/http-match.ts';
import type { HttpRouteSpec } from '../../src/mesh/schema/http-route.ts';
import { isSubnet } from '../../src/mesh/schema/validate-l4-route.ts';
import { validateLocalities } from '../../src/mesh/schema/validate-locality-lb.ts';
import type { Fault } from '../../src/mesh/table/route-table.ts';

type Row = { test: string; name?: string } & Record<string, unknown>;

const text = (row: Row, key: string) => String(row[key]);

function policyIsValid(trafficPolicy: object): boolean {
  const object = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'tested', namespace: 'default' },
    spec: { host: 'web', trafficPolicy },
  };
  return !readResources([object], { strict: true }).issues.some(({ level }) => level === 'error');
}

function localityIsValid(key: string): (row: Row) => [unknown, unknown] {
  return (row) => [policyIsValid({ loadBalancer: { [key]: row.in }, outlierDetection: {} }), row.err !== true];
}

type Share = { numerator: number };
type EnvoyFault = {
  delay?: { percentage: Share; fixedDelay: string };
  abort?: { percentage: Share; grpcStatus?: number; httpStatus?: number };
} | null;

/** Envoy counts shares in millionths. */
function faultOf(wanted: EnvoyFault): Fault | null {
  if (wanted === null) return null;
  const { delay, abort } = wanted;
  return {
    ...(delay && { delay: { percent: delay.percentage.numerator / 10_000, delayMs: durationMsOf(delay.fixedDelay) } }),
    ...(abort && {
      abort: {
        percent: abort.percentage.numerator / 10_000,
        status: abort.httpStatus ?? 200,
        ...(abort.grpcStatus !== undefined && { grpcStatus: abort.grpcStatus }),
      },
    }),
  };
}

/** What we say, and what Istio says. */
const TABLES: Record<string, (row: Row) => [got: unknown, wanted: unknown]> = {
  TestNameMatches: (row) => {
    const [a, b] = [text(row, 'a'), text(row, 'b')];
    return [isSubsetOf(a, b) || isSubsetOf(b, a), row.out];
  },
  TestNameSubsetOf: (row) => [isSubsetOf(text(row, 'a'), text(row, 'b')), row.out],
  TestMoreSpecific: (row) => [bySpecificity(text(row, 'host1'), text(row, 'host2')) <= 0, row.expected],
  TestResolveShortnameToFQDN: (row) => [
    qualifyHost(text(row, 'name'), (row.meta as { namespace: string }).namespace),
    row.out,
  ],
  TestValidateWildcardDomain: (row) => {
    const domain = text(row, 'in');
    return [isHostPattern(domain) && isIP(domain) === 0, row.out === ''];
  },
  TestValidateWildcardDomainForVirtualServiceBoundToGateway: (row) => {
    const host = text(row, 'in');
    return [isIP(host) === 0 && (isHostPattern(host) || (row.sni === true && isMeshServerName(host))), row.out === ''];
  },
  TestValidateFQDN: (row) => {
    const name = text(row, 'fqdn');
    return [!name.startsWith('*') && isIP(name) === 0 && isHostPattern(name), row.valid];
  },
  TestMostSpecificHostMatch: (row) => {
    const covering = (row.in as string[]).filter((host) => isSubsetOf(text(row, 'needle'), host));
    return [covering.toSorted(bySpecificity)[0] ?? '', row.want];
  },
  TestSubsetKey: (row) => [
    clusterName({ host: text(row, 'hostname'), port: Number(row.port), subset: text(row, 'subset') }),
    row.want,
  ],
  TestLocalityMatch: (row) => {
    const { region = '', zone = '', subZone = '' } = row.locality as Record<string, string>;
    return [matchesLocality(text(row, 'rule'), `${region}/${zone}/${subZone}`), row.match];
  },
  TestTranslateFault: (row) => [
    compileFault(row.fault as HttpRouteSpec['fault']) ?? null,
    faultOf(row.want as EnvoyFault),
  ],
  TestIsHTTPServer: (row) => [isPlainHttp(row.server as GatewayServer), row.expected],
  TestValidationIPAddress: (row) => [isIP(text(row, 'addr')) !== 0, row.ok],
  TestValidationIPSubnet: (row) => [isSubnet(text(row, 'subnet')), row.ok],
  TestValidateLocalities: (row) => [
    validateLocalities(row.localities as string[], 'localities').length === 0,
    row.valid,
  ],
  TestValidateLocalityLbSetting: localityIsValid('localityLbSetting'),
  TestValidateZoneAwareLbSetting: localityIsValid('zoneAwareLbSetting'),
  TestValidateTLS: (row) => [policyIsValid({ tls: row.tls }), row.valid],
  TestHasConflict: (row) => [
    joinEntries(row.root as HttpMatchSpec, row.leaf as HttpMatchSpec) === undefined,
    row.expected,
  ],
  TestMergeHTTPMatchRequests: (row) => [
    joinMatches(row.root as HttpMatchSpec[], row.delegate as HttpMatchSpec[]) ?? null,
    row.expected,
  ],
};

const rows = JSON.parse(readFileSync(new URL('istio/unit-tables.json', import.meta.url), 'utf8')) as Row[];

describe.each(Object.entries(TABLES))('%s', (table, ask) => {
  test.each(rows.filter((row) => row.test === table))('$name$description $a $b', (row) => {
    const [got, wanted] = ask(row);
    expect(got).toEqual(wanted);
  });
});
