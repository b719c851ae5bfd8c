/**
 * A configuration next to a recorded one, with what envoy-facts and Envoy's own behaviour say about it, in few words. In a row
 * `@HOST` is the service of the row, which has one instance of each version v1 to v3 and a subset for each; `@NAME` is its short name.
 */

import type { KubeObject } from '../../../src/lib/resource.ts';
import type { Field } from '../envoy/cases.ts';

export type Ask = {
  /** `GET /path`. */
  line: string;
  /** Host; absent: that of the row. */
  host?: string;
  /** Which listener, as in the recorded cases; absent: the caller's on service port 9080. */
  via?: string;
  headers?: readonly Field[];
  body?: string;
  /** How often; one by one. */
  times?: number;
};

/** What is looked at; what is not named may be anything. Values of fields are joined with ` | `; `null` is absent. */
export type Expected = {
  status?: number;
  version?: string;
  /** As the service saw them. */
  path?: string;
  host?: string;
  up?: Readonly<Record<string, string | null>>;
  /** As the caller saw them. */
  down?: Readonly<Record<string, string | null>>;
  body?: string;
  attempts?: number;
  atLeastMs?: number;
  /** Of repeated requests: how many each version answered; `none` is none of them. */
  versions?: Readonly<Record<string, number>>;
  /** Of repeated requests: how many versions answered. */
  places?: number;
};

export type Row = {
  /** Rules of a VirtualService for @HOST. */
  http?: readonly object[];
  /** More of the VirtualService's spec, in place of the usual `hosts`. */
  spec?: object;
  /** Of the DestinationRule, beside the subsets. */
  rule?: { subsets?: readonly object[]; trafficPolicy?: object };
  /** Further objects. */
  more?: readonly Partial<KubeObject>[];
  /** The VirtualService has to be refused. */
  refused?: true;
  asks?: readonly [ask: string | Ask, expected: string | number | Expected][];
};

/** Rows by sentence. */
export type Rows = Readonly<Record<string, Row>>;

/** Everything to one version. */
export const to = (version: string, weight?: number): object => ({
  destination: { host: '@HOST', subset: version },
  ...(weight !== undefined && { weight }),
});

/** A rule with a match, and with whatever else it does. */
export const when = (match: object | readonly object[], version: string, rest: object = {}): object => ({
  match: [match].flat(),
  route: [to(version)],
  ...rest,
});

/** The rule behind all others. */
export const otherwise = (version: string, rest: object = {}): object => ({ route: [to(version)], ...rest });
