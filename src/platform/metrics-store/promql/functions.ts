/** Which functions there are and what they take. A name that is not here is an error with a place, never a guess. */

export type ValueType = 'scalar' | 'vector' | 'matrix' | 'string';

export type Signature = {
  args: readonly ValueType[];
  /** How many of the last arguments may be left out; Infinity: the last one may be repeated. */
  optional: number;
  returns: ValueType;
};

const takes = (args: readonly ValueType[], returns: ValueType = 'vector', optional = 0): Signature => ({
  args,
  optional,
  returns,
});
const entries = (names: readonly string[], signature: Signature) => names.map((name) => [name, signature] as const);

export const OVER_RANGE = [
  'rate',
  'increase',
  'delta',
  'irate',
  'idelta',
  'deriv',
  'changes',
  'resets',
  'avg_over_time',
  'min_over_time',
  'max_over_time',
  'sum_over_time',
  'count_over_time',
  'last_over_time',
  'present_over_time',
  'stddev_over_time',
  'stdvar_over_time',
] as const;
export const ELEMENTWISE = ['abs', 'ceil', 'floor', 'exp', 'ln', 'log2', 'log10', 'sqrt', 'sgn'] as const;

export const FUNCTIONS: ReadonlyMap<string, Signature> = new Map<string, Signature>([
  ...entries(OVER_RANGE, takes(['matrix'])),
  ...entries(ELEMENTWISE, takes(['vector'])),
  ...entries(['sort', 'sort_desc', 'absent', 'timestamp'], takes(['vector'])),
  ['absent_over_time', takes(['matrix'])],
  ['quantile_over_time', takes(['scalar', 'matrix'])],
  ['histogram_quantile', takes(['scalar', 'vector'])],
  ['round', takes(['vector', 'scalar'], 'vector', 1)],
  ['clamp', takes(['vector', 'scalar', 'scalar'])],
  ['clamp_min', takes(['vector', 'scalar'])],
  ['clamp_max', takes(['vector', 'scalar'])],
  ['label_replace', takes(['vector', 'string', 'string', 'string', 'string'])],
  ['label_join', takes(['vector', 'string', 'string', 'string'], 'vector', Number.POSITIVE_INFINITY)],
  ['vector', takes(['scalar'])],
  ['scalar', takes(['vector'], 'scalar')],
  ['time', takes([], 'scalar')],
  ['pi', takes([], 'scalar')],
]);
