/** Label sets. A label that is absent and a label that is empty are the same thing, as everywhere in Prometheus. */

export type Labels = ReadonlyMap<string, string>;

export const METRIC_NAME = '__name__';

/** Sorted by name and without empty values, so that equal label sets have equal keys. */
export function labelsOf(entries: Iterable<readonly [string, string]>): Labels {
  const kept = [...entries].filter(([, value]) => value !== '');
  return new Map(kept.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

/** Identity of a label set made by `labelsOf`. Lengths stand in front, so that no value can imitate a separator. */
export function keyOf(labels: Labels): string {
  let key = '';
  for (const [name, value] of labels) key += `${name.length}:${name}${value.length}:${value}`;
  return key;
}

/** Only the named labels. */
export function keepLabels(labels: Labels, names: ReadonlySet<string>): Labels {
  return new Map([...labels].filter(([name]) => names.has(name)));
}

/** All but the named labels. */
export function dropLabels(labels: Labels, names: ReadonlySet<string>): Labels {
  return new Map([...labels].filter(([name]) => !names.has(name)));
}

const NAME_ONLY: ReadonlySet<string> = new Set([METRIC_NAME]);

/** Whatever is computed from a metric is not that metric any more. */
export function dropName(labels: Labels): Labels {
  return labels.has(METRIC_NAME) ? dropLabels(labels, NAME_ONLY) : labels;
}

/** A copy in which one label has another value; an empty value removes it. */
export function withLabel(labels: Labels, name: string, value: string): Labels {
  return labelsOf([...dropLabels(labels, new Set([name])), [name, value]]);
}
