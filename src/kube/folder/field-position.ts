/** From a field path as API servers write it to the node of a YAML document. Pure. */

import { isMap, isScalar, isSeq, type Node } from 'yaml';

type Step = { key: string } | { index: number } | { item: { key: string; value: string } };

/** Offset of the named field, or of the nearest field around it that is there. */
export function offsetOf(root: Node | null, fieldPath: string): number {
  let node: Node | null = root;
  let offset = root?.range?.[0] ?? 0;
  const steps = stepsOf(fieldPath);
  for (let at = 0; at < steps.length; ) {
    const found = descend(node, steps.slice(at));
    if (found === undefined) return offset;
    offset = found.offset;
    node = found.node;
    at += found.taken;
  }
  return offset;
}

/** Reads `spec.containers[0].image`, `metadata.labels[app.kubernetes.io/name]`, `.spec.containers[name="web"].image`. */
function stepsOf(fieldPath: string): Step[] {
  return [...fieldPath.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)].map(([, inBrackets, key = '']): Step => {
    if (inBrackets === undefined) return { key };
    if (/^\d+$/.test(inBrackets)) return { index: Number(inBrackets) };
    const [, itemKey, value] = /^([^=]+)="(.*)"$/.exec(inBrackets) ?? [];
    if (itemKey !== undefined && value !== undefined) return { item: { key: itemKey, value } };
    return { key: inBrackets.replace(/^"(.*)"$/, '$1') };
  });
}

type Found = { node: Node | null; offset: number; taken: number };

function descend(node: Node | null, [step, ...rest]: Step[]): Found | undefined {
  if (step === undefined) return undefined;
  if ('key' in step) return isMap(node) ? byKey(node, step.key, rest) : undefined;
  if (!isSeq(node)) return undefined;
  const items = node.items as Node[];
  const { index, item } = { index: undefined, item: undefined, ...step };
  const found =
    index !== undefined ? items[index] : items.find((one) => isMap(one) && one.get(item?.key) === item?.value);
  return found === undefined ? undefined : { node: found, offset: found.range?.[0] ?? 0, taken: 1 };
}

/** Keys of labels and annotations may hold dots themselves, so the longest joined name that is there wins. */
function byKey(node: Node, first: string, rest: readonly Step[]): Found | undefined {
  if (!isMap(node)) return undefined;
  const names = [first];
  for (const step of rest) {
    if (!('key' in step)) break;
    names.push(step.key);
  }
  for (let taken = names.length; taken > 0; taken--) {
    const name = names.slice(0, taken).join('.');
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === name);
    if (pair === undefined) continue;
    const value = pair.value as Node | null;
    const key = pair.key as Node;
    // A value of several lines is best shown where its name stands.
    const shown = isScalar(value) && value.range !== undefined ? value : key;
    return { node: value, offset: shown.range?.[0] ?? 0, taken };
  }
  return undefined;
}
