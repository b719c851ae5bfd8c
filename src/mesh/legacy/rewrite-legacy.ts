/**
 * Resources as people find them in old articles, turned into what Istio understands today: what is meant beyond doubt is translated
 * and noticed; `--strict` refuses what Istio refuses (istio.md 1.6).
 */

import { parseWith } from '../../lib/issue.ts';
import type { KubeObject } from '../../lib/resource.ts';
import { type RetriesSpec, retriesSchema } from '../schema/http-route.ts';
import { renewDestinationRule } from './destination-rule-legacy.ts';
import { type Fields, fieldsOf, type LegacyFinding, type LegacySite } from './legacy-finding.ts';
import { MOVED_KINDS, RETIRED_KINDS } from './retired-kinds.ts';
import { renewVirtualService } from './virtual-service-legacy.ts';

export type Rewritten = {
  /** Of the object, when nothing had to be changed. */
  object: KubeObject;
  /** With an error among them the resource is refused. */
  findings: readonly LegacyFinding[];
  /** Retries that a DestinationRule asks for. */
  retries?: RetriesSpec;
};

export function rewriteLegacy(object: KubeObject, { strict }: { strict: boolean }): Rewritten {
  const findings: LegacyFinding[] = [];
  const site: LegacySite = {
    strict,
    translates({ strict: ofIstio, ...found }) {
      const isRefused = strict && ofIstio === 'refused';
      findings.push({ level: isRefused ? 'error' : 'warning', ...found });
      return !isRefused;
    },
    refuses: (found) => findings.push({ level: 'error', ...found }),
  };
  const draft = structuredClone(object);
  moveGroup(draft, site);
  const spec = fieldsOf(draft.spec);
  const retries = spec === undefined ? undefined : renewSpec(draft.kind, spec, site);
  return { object: findings.length === 0 ? object : draft, findings, ...(retries && readRetries(retries, site)) };
}

function readRetries(written: Fields, { refuses }: LegacySite): Pick<Rewritten, 'retries'> {
  const parsed = parseWith(retriesSchema, written);
  if (parsed.ok) return { retries: parsed.value };
  for (const { path, message } of parsed.issues) {
    refuses({ code: 'SL0300', path: `spec.trafficPolicy.retryPolicy.${path}`, message });
  }
  return {};
}

function moveGroup(draft: KubeObject, { translates, refuses }: LegacySite): void {
  const { apiVersion, kind } = draft;
  const group = apiVersion.split('/')[0] ?? '';
  const instead = RETIRED_KINDS[`${group}/${kind}`];
  if (instead !== undefined) {
    refuses({ code: 'SL0323', path: 'kind', message: `must be ${instead}: got ${kind} of ${group}` });
    return;
  }
  const moved = MOVED_KINDS[`${group}/${kind}`];
  if (moved === undefined) return;
  const message = `must be ${moved} for ${kind}: got ${apiVersion}`;
  if (translates({ code: 'SL0322', path: 'apiVersion', message, strict: 'refused' })) draft.apiVersion = moved;
}

function renewSpec(kind: string, spec: Fields, site: LegacySite): Fields | undefined {
  switch (kind) {
    case 'VirtualService':
      renewVirtualService(spec, site);
      return undefined;
    case 'DestinationRule':
      return renewDestinationRule(spec, site);
    case 'Sidecar':
      dropResources(spec, site);
      return undefined;
    default:
      return undefined;
  }
}

function dropResources(spec: Fields, { translates }: LegacySite): void {
  if (spec.resources === undefined) return;
  const message = 'must not be set: a Sidecar has no resources; write them into the pod: it has no effect';
  if (translates({ code: 'SL0320', path: 'spec.resources', message, strict: 'refused' })) delete spec.resources;
}
