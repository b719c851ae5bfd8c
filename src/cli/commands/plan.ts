/** `sluice plan -f PATH`: offline. Every Canary of the file or folder is planned, and every flaw is named with its place. */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LineCounter, parseAllDocuments } from 'yaml';
import { CANARY, parseCanarySpec } from '../../canary/canary.schema.ts';
import { compilePlan, expectedDurationMs, type RolloutPlan } from '../../canary/rollout-plan.ts';
import { messageOf, SluiceError } from '../../lib/errors.ts';
import type { Issue } from '../../lib/issue.ts';
import { apiVersionOf, type KubeObject } from '../../lib/resource.ts';
import { type PlanSubject, renderPlan } from '../../view/render-plan.ts';
import { EXIT } from '../exit-code.ts';
import type { Surroundings } from '../surroundings.ts';

type Planned = { subject: PlanSubject; plan: RolloutPlan };
type YamlDocument = ReturnType<typeof parseAllDocuments>[number];

export async function plan(
  { file, output }: { file: string; output?: 'json' | undefined },
  { stdout, stderr }: Pick<Surroundings, 'stdout' | 'stderr'>,
): Promise<number> {
  const plans = manifestsOf(file).map(readPlans);
  const planned = plans.flatMap((each) => each.planned);
  const flaws = plans.flatMap((each) => each.flaws);
  for (const flaw of flaws) stderr.write(`SL0001: ${flaw}\n`);
  if (planned.length > 0) {
    const text = output === 'json' ? JSON.stringify(planned.map(asJson), null, 2) : planned.map(asText).join('\n\n');
    stdout.write(`${text}\n`);
  }
  if (planned.length + flaws.length === 0) throw new SluiceError('SL0001', `${file} holds no Canary`);
  return flaws.length === 0 ? EXIT.ok : EXIT.usage;
}

/** The plans of a file's Canaries; flaws as `file:line:column: path: message`. */
export function readPlans(file: string): { planned: Planned[]; flaws: string[] } {
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(readText(file), { lineCounter }) as YamlDocument[];
  const planned: Planned[] = [];
  const flaws: string[] = [];
  const placeOf = (offset: number): string => {
    const { line, col } = lineCounter.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  for (const document of documents) {
    flaws.push(...document.errors.map(({ pos, message }) => `${placeOf(pos[0])}: ${message.split('\n')[0]}`));
    if (document.errors.length > 0) continue;
    const object = document.toJS() as KubeObject | null;
    if (object?.kind !== CANARY.kind || object.apiVersion !== apiVersionOf(CANARY)) continue;
    const spec = parseCanarySpec(object);
    const compiled = spec.ok ? compilePlan(spec.value) : spec;
    if (spec.ok && compiled.ok)
      planned.push({ subject: subjectOf(object, spec.value.targetRef), plan: compiled.value });
    else if (!compiled.ok) {
      flaws.push(
        ...compiled.issues.map((issue) => `${placeOf(offsetOf(document, issue))}: ${issue.path}: ${issue.message}`),
      );
    }
  }
  return { planned, flaws };
}

/** @throws SluiceError SL0120 */
function manifestsOf(path: string): string[] {
  return readable(path, () => {
    if (!statSync(path).isDirectory()) return [path];
    return readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ya?ml|json)$/.test(name) && !/(^|[\\/])(\.|node_modules[\\/])/.test(name))
      .sort()
      .map((name) => join(path, name));
  });
}

function readText(file: string): string {
  return readable(file, () => readFileSync(file, 'utf8'));
}

function readable<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw new SluiceError('SL0120', `${path} cannot be read: ${messageOf(thrown)}`, { cause: thrown });
  }
}

function subjectOf({ metadata }: KubeObject, { kind, name }: { kind: string; name: string }): PlanSubject {
  return { name: metadata.name, namespace: metadata.namespace ?? 'default', target: `${kind}/${name}` };
}

/** Where the field stands, or the nearest parent that is there: a missing field has no place of its own. */
function offsetOf(document: YamlDocument, { path }: Issue): number {
  const keys = path.split(/[.[\]]+/).filter((key) => key !== '');
  for (let length = keys.length; length > 0; length--) {
    const node = document.getIn(keys.slice(0, length).map(toKey), true) as
      | { range?: [number, number, number] }
      | undefined;
    if (node?.range !== undefined) return node.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}

function toKey(text: string): string | number {
  return /^\d+$/.test(text) ? Number(text) : text;
}

function asText({ subject, plan: compiled }: Planned): string {
  return renderPlan(subject, compiled);
}

function asJson({ subject, plan: compiled }: Planned): object {
  return { ...subject, expectedSeconds: expectedDurationMs(compiled) / 1_000, ...compiled };
}
