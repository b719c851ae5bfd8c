/**
 * Rules that hand over to another VirtualService, replaced by that one's rules (envoy-facts: Delegation). A delegate has no hosts
 * of its own; each of its match entries is joined with each of the rule that names it.
 */

import type { Memo } from '../../lib/memo.ts';
import { qualifyHost } from '../schema/host-name.ts';
import type { HttpMatchSpec } from '../schema/http-match.ts';
import type { DestinationSpec, HttpRouteSpec } from '../schema/http-route.ts';
import type { StringMatchSpec } from '../schema/string-match.ts';
import type { VirtualService } from '../schema/virtual-service.ts';
import { createReports, type Reports, type TableIssue } from './table-issue.ts';
import { isVisibleIn } from './visibility.ts';

type Delegates = { delegateOf: (key: string) => VirtualService | undefined };

/** A VirtualService with the rules of its delegates in place, and what there is to say about them. */
type Expanded = { virtualService: VirtualService; found: ReadonlyMap<string, TableIssue> };

export type ExpandedMemo = Memo<VirtualService, Delegates, Expanded>;

/** The VirtualServices that have hosts, with the rules of their delegates in place. */
export function expandDelegates(
  virtualServices: readonly VirtualService[],
  { reports, memo }: { reports: Reports; memo: ExpandedMemo },
): VirtualService[] {
  const hasHosts = ({ spec }: VirtualService) => (spec.hosts ?? []).length > 0;
  const delegates = new Map(
    virtualServices
      .filter((one) => !hasHosts(one))
      .map((one) => [`${one.metadata.namespace}/${one.metadata.name}`, one]),
  );
  const world = { delegateOf: (key: string) => delegates.get(key) };
  return virtualServices.filter(hasHosts).map((root) => {
    if (!root.spec.http?.some(({ delegate }) => delegate !== undefined)) return root;
    const { virtualService, found } = memo.of(root, world, expand);
    reports.add(found);
    return virtualService;
  });
}

function expand(root: VirtualService, { delegateOf }: Delegates): Expanded {
  const reports = createReports();
  const report = reports.about('VirtualService', root.metadata);
  const http = (root.spec.http ?? []).flatMap((rule, index) => {
    if (rule.delegate === undefined) return [rule];
    const { name = '', namespace = root.metadata.namespace } = rule.delegate;
    const found = `${namespace}/${name}`;
    const delegate = delegateOf(found);
    if (delegate !== undefined && isVisibleIn(delegate, root.metadata.namespace)) return joinRules(rule, delegate);
    report('SL0303', `spec.http[${index}].delegate`, `must be a VirtualService without hosts: got ${found}`);
    return [];
  });
  return { virtualService: { ...root, spec: { ...root.spec, http } }, found: reports.found };
}

function joinRules(
  { delegate: _, match: rootMatch, ...inherited }: HttpRouteSpec,
  leaf: VirtualService,
): HttpRouteSpec[] {
  return (leaf.spec.http ?? []).flatMap((rule) => {
    if (rule.delegate !== undefined) return [];
    const match = joinMatches(rootMatch, rule.match);
    if (match === undefined) return [];
    return [{ ...inherited, ...qualified(rule, leaf.metadata.namespace), match }];
  });
}

/** Each entry of the leaf with every entry of the root that it fits under; `undefined` when one fits under none (istio.md 3.3). */
export function joinMatches(root: HttpMatchSpec[] = [], leaf: HttpMatchSpec[] = []): HttpMatchSpec[] | undefined {
  if (root.length === 0 || leaf.length === 0) return root.length === 0 ? leaf : root;
  const joined = leaf.map((entry) => root.flatMap((outer) => joinEntries(outer, entry) ?? []));
  return joined.some((entries) => entries.length === 0) ? undefined : joined.flat();
}

/** What holds when both hold; `undefined` when Istio takes one for a contradiction of the other. */
export function joinEntries(root: HttpMatchSpec, leaf: HttpMatchSpec): HttpMatchSpec | undefined {
  for (const key of ['uri', 'scheme', 'method', 'authority'] as const) {
    if (contradicts(root[key], leaf[key])) return undefined;
  }
  for (const key of ['headers', 'withoutHeaders', 'queryParams'] as const) {
    for (const [name, match] of Object.entries(leaf[key] ?? {})) {
      if (contradicts(root[key]?.[name], match)) return undefined;
    }
  }
  if (root.port !== undefined && leaf.port !== undefined && root.port !== leaf.port) return undefined;
  if ((root.ignoreUriCase ?? false) !== (leaf.ignoreUriCase ?? false)) return undefined;
  if ((root.sourceNamespace ?? '') !== '' && (leaf.sourceNamespace ?? root.sourceNamespace) !== root.sourceNamespace)
    return undefined;
  if (root.gateways?.length && leaf.gateways?.some((gateway) => !root.gateways?.includes(gateway))) return undefined;
  for (const [name, value] of Object.entries(leaf.sourceLabels ?? {})) {
    if ((root.sourceLabels?.[name] ?? value) !== value) return undefined;
  }
  const names = [root.name, leaf.name].filter((name) => name !== undefined && name !== '');
  return {
    ...root,
    ...leaf,
    ...(names.length > 0 && { name: names.join('-') }),
    ...joined('headers', root, leaf),
    ...joined('withoutHeaders', root, leaf),
    ...joined('queryParams', root, leaf),
    ...joined('sourceLabels', root, leaf),
  };
}

function joined<Key extends 'headers' | 'withoutHeaders' | 'queryParams' | 'sourceLabels'>(
  key: Key,
  root: HttpMatchSpec,
  leaf: HttpMatchSpec,
): Partial<HttpMatchSpec> {
  return root[key] === undefined && leaf[key] === undefined ? {} : { [key]: { ...root[key], ...leaf[key] } };
}

// Whether a value that the leaf asks for could not be one that the root let pass, as far as Istio looks.
function contradicts(root: StringMatchSpec | undefined, leaf: StringMatchSpec | undefined): boolean {
  if (root === undefined || leaf === undefined) return false;
  if (root.regex !== undefined) return true;
  if (root.exact !== undefined) return leaf.exact !== root.exact;
  if (root.prefix === undefined) return false;
  const wanted = leaf.exact ?? leaf.prefix;
  return wanted === undefined || !wanted.startsWith(root.prefix);
}

/** The rule with its short host names completed, since it is compiled as a part of another namespace's VirtualService. */
function qualified(rule: HttpRouteSpec, namespace: string): HttpRouteSpec {
  const complete = (destination: DestinationSpec) => ({
    ...destination,
    host: qualifyHost(destination.host, namespace),
  });
  const each = <T extends { destination: DestinationSpec }>(list: T[]) =>
    list.map((one) => ({ ...one, destination: complete(one.destination) }));
  return {
    ...rule,
    ...(rule.route && { route: each(rule.route) }),
    ...(rule.mirror && { mirror: complete(rule.mirror) }),
    ...(rule.mirrors && { mirrors: each(rule.mirrors) }),
  };
}
