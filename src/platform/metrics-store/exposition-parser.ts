/**
 * The text that `/metrics` pages consist of (Prometheus documentation, "Exposition formats", version 0.0.4). A page with one
 * wrong line is refused as a whole, as Prometheus does: half a page would look like series that vanished.
 */

import { METRIC_NAME } from './labels.ts';
import { parseFloatText } from './promql/format-float.ts';

export type ExposedSample = {
  /** Includes the metric's name as `__name__`. */
  labels: [string, string][];
  value: number;
  /** Milliseconds since 1970, where the page states one. */
  timeMs?: number;
};

export type MetricMetadata = { type: string; help: string };

export type Exposition = { samples: ExposedSample[]; metadata: Map<string, MetricMetadata> };

export type ExpositionLimits = { samplesMax: number; labelsMax: number; labelValueLengthMax: number };

export class ExpositionError extends Error {
  constructor(line: number, message: string) {
    super(`line ${line}: ${message}`);
    this.name = 'ExpositionError';
  }
}

const DEFAULT_LIMITS: ExpositionLimits = { samplesMax: 50_000, labelsMax: 64, labelValueLengthMax: 1_024 };

const NAME = /[A-Za-z_:][\w:]*/y;
const LABEL = /[ \t]*([A-Za-z_]\w*)[ \t]*=[ \t]*"((?:[^"\\\n]|\\[\s\S])*)"[ \t]*(,?)/y;
const CLOSE = /[ \t]*\}/y;
const REST = /^[ \t]*(\S+)(?:[ \t]+(-?\d+))?[ \t]*$/;
const COMMENT = /^#[ \t]+(HELP|TYPE)[ \t]+([A-Za-z_:][\w:]*)(?:[ \t]+(.*))?$/;

/** @throws ExpositionError with the number of the first wrong line */
export function parseExposition(text: string, limits: ExpositionLimits = DEFAULT_LIMITS): Exposition {
  const exposition: Exposition = { samples: [], metadata: new Map() };
  text.split('\n').forEach((raw, index) => {
    const line = raw.endsWith('\r') ? raw.slice(0, -1).trimStart() : raw.trimStart();
    if (line === '') return;
    if (line.startsWith('#')) {
      readComment(line, exposition.metadata);
      return;
    }
    exposition.samples.push(readSample(line, index + 1, limits));
    if (exposition.samples.length > limits.samplesMax) {
      throw new ExpositionError(index + 1, `a page holds at most ${limits.samplesMax} samples`);
    }
  });
  return exposition;
}

function readComment(line: string, metadata: Exposition['metadata']): void {
  const [, keyword, name, rest = ''] = COMMENT.exec(line) ?? [];
  if (keyword === undefined || name === undefined) return;
  const known = metadata.get(name) ?? { type: 'unknown', help: '' };
  metadata.set(name, keyword === 'TYPE' ? { ...known, type: rest.trim() } : { ...known, help: unescaped(rest) });
}

function readSample(line: string, number: number, limits: ExpositionLimits): ExposedSample {
  NAME.lastIndex = 0;
  const name = NAME.exec(line)?.[0];
  if (name === undefined) throw new ExpositionError(number, `must begin with a metric name: got ${line.slice(0, 60)}`);
  let at = name.length;
  const labels: [string, string][] = [[METRIC_NAME, name]];
  while (line[at] === ' ' || line[at] === '\t') at++;
  if (line[at] === '{') at = readLabels(line, at + 1, { number, labels, limits });
  const [, valueText, timeText] = REST.exec(line.slice(at)) ?? [];
  const value = valueText === undefined ? undefined : parseFloatText(valueText);
  if (value === undefined) throw new ExpositionError(number, `must end with a number: got ${line.slice(at, at + 60)}`);
  return { labels, value, ...(timeText !== undefined && { timeMs: Number(timeText) }) };
}

type LabelTask = { number: number; labels: [string, string][]; limits: ExpositionLimits };

/** @returns where the labels end */
function readLabels(line: string, start: number, { number, labels, limits }: LabelTask): number {
  const seen = new Set([METRIC_NAME]);
  let at = start;
  for (let comma = ','; ; ) {
    CLOSE.lastIndex = at;
    const close = CLOSE.exec(line);
    if (close !== null) return at + close[0].length;
    LABEL.lastIndex = at;
    const [all, name, value, next] = LABEL.exec(line) ?? [];
    if (comma === '' || all === undefined || name === undefined || value === undefined) {
      throw new ExpositionError(number, `must hold labels like name="value": got ${line.slice(at, at + 60)}`);
    }
    if (seen.has(name)) throw new ExpositionError(number, `a label appears once: got ${name} twice`);
    seen.add(name);
    if (value.length > limits.labelValueLengthMax) {
      throw new ExpositionError(
        number,
        `a label value holds at most ${limits.labelValueLengthMax} characters: got ${value.length}`,
      );
    }
    labels.push([name, unescaped(value)]);
    if (seen.size > limits.labelsMax)
      throw new ExpositionError(number, `a series has at most ${limits.labelsMax} labels`);
    comma = next ?? '';
    at += all.length;
  }
}

function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replaceAll(/\\(.)/g, (all, char: string) =>
    char === 'n' ? '\n' : char === '\\' || char === '"' ? char : all,
  );
}
