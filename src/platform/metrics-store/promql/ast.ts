/** What a query means, as plain data. Every node knows where it began in the text. */

export type MatchOperator = '=' | '!=' | '=~' | '!~';

export type Matcher = {
  name: string;
  operator: MatchOperator;
  value: string;
  /** Whether a value (empty when the label is absent) matches. */
  matches: (value: string) => boolean;
};

export type VectorSelector = {
  kind: 'vector';
  name: string;
  matchers: readonly Matcher[];
  offsetMs: number;
  at: number;
};
export type MatrixSelector = { kind: 'matrix'; vector: VectorSelector; rangeMs: number; at: number };
export type Subquery = {
  kind: 'subquery';
  expr: Expr;
  rangeMs: number;
  /** Absent: the default evaluation interval. */
  stepMs: number | undefined;
  offsetMs: number;
  at: number;
};
export type Call = { kind: 'call'; name: string; args: readonly Expr[]; at: number };
export type Aggregation = {
  kind: 'aggregation';
  operator: string;
  param: Expr | undefined;
  expr: Expr;
  grouping: readonly string[];
  without: boolean;
  at: number;
};
export type VectorMatching = {
  on: boolean;
  labels: readonly string[];
  /** Which side may have several elements per match. */
  group: 'left' | 'right' | undefined;
  include: readonly string[];
};
export type Binary = {
  kind: 'binary';
  operator: string;
  left: Expr;
  right: Expr;
  bool: boolean;
  matching: VectorMatching | undefined;
  at: number;
};

export type Expr =
  | { kind: 'number'; value: number; at: number }
  | { kind: 'string'; value: string; at: number }
  | { kind: 'paren'; expr: Expr; at: number }
  | { kind: 'unary'; operator: '+' | '-'; expr: Expr; at: number }
  | VectorSelector
  | MatrixSelector
  | Subquery
  | Call
  | Aggregation
  | Binary;

export const AGGREGATORS: ReadonlySet<string> = new Set([
  'sum',
  'avg',
  'min',
  'max',
  'count',
  'group',
  'stddev',
  'stdvar',
  'topk',
  'bottomk',
  'quantile',
  'count_values',
]);
/** Aggregations that take a parameter before the vector. */
export const WITH_PARAMETER: ReadonlySet<string> = new Set(['topk', 'bottomk', 'quantile', 'count_values']);
export const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '>', '<', '>=', '<=']);
export const SET_OPERATORS: ReadonlySet<string> = new Set(['and', 'or', 'unless']);
