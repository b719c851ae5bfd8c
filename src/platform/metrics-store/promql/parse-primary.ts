/** Operands: literals, parentheses, selectors, function calls and aggregations. */

import { AGGREGATORS, type Aggregation, type Call, type Expr, WITH_PARAMETER } from './ast.ts';
import { FUNCTIONS } from './functions.ts';
import { parseSelector } from './parse-selector.ts';
import { type ParseState, parseExpr } from './parser.ts';
import { parseLabelNames } from './vector-matching.ts';

export function parsePrimary(state: ParseState): Expr {
  const { tokens } = state;
  const { kind, text, value, offset } = tokens.peek();
  if (kind === 'number' || kind === 'string') tokens.take();
  if (kind === 'number') return { kind: 'number', value, at: offset };
  if (kind === 'string') return { kind: 'string', value: text, at: offset };
  if (tokens.takeOperator('(')) {
    const expr = parseExpr(state);
    tokens.expectOperator(')', 'parentheses');
    return { kind: 'paren', expr, at: offset };
  }
  if (tokens.isOperator('{')) return parseSelector(tokens, '');
  if (kind === 'identifier') return parseNamed(state);
  throw tokens.unexpected('the query', 'an expression');
}

function parseNamed(state: ParseState): Expr {
  const { tokens } = state;
  const { text, offset } = tokens.peek();
  const word = text.toLowerCase();
  if (AGGREGATORS.has(word) && (tokens.isOperator('(', 1) || isGrouping(state, 1))) return parseAggregation(state);
  tokens.take();
  if (word === 'inf' || word === 'nan') return { kind: 'number', value: word === 'inf' ? Infinity : NaN, at: offset };
  return tokens.isOperator('(') ? parseCall(state, text, offset) : parseSelector(tokens, text, offset);
}

function isGrouping({ tokens }: ParseState, ahead: number): boolean {
  return (tokens.isKeyword('by', ahead) || tokens.isKeyword('without', ahead)) && tokens.isOperator('(', ahead + 1);
}

/** The grouping may stand before or after the arguments. */
function parseAggregation(state: ParseState): Aggregation {
  const { tokens } = state;
  const { text, offset } = tokens.take();
  const operator = text.toLowerCase();
  const before = parseGrouping(state);
  const args = parseArguments(state);
  const grouping = before ?? parseGrouping(state) ?? { labels: [], without: false };
  const wanted = WITH_PARAMETER.has(operator) ? 2 : 1;
  const expr = args.at(-1);
  if (args.length !== wanted || expr === undefined) {
    throw tokens.fail(
      offset,
      `wrong number of arguments for aggregate expression provided, expected ${wanted}, got ${args.length}`,
    );
  }
  const param = wanted === 2 ? args[0] : undefined;
  return {
    kind: 'aggregation',
    operator,
    param,
    expr,
    grouping: grouping.labels,
    without: grouping.without,
    at: offset,
  };
}

function parseGrouping(state: ParseState): { labels: string[]; without: boolean } | undefined {
  if (!isGrouping(state, 0)) return undefined;
  const without = state.tokens.take().text.toLowerCase() === 'without';
  return { labels: parseLabelNames(state.tokens, 'grouping'), without };
}

function parseCall(state: ParseState, name: string, at: number): Call {
  const { tokens } = state;
  const signature = FUNCTIONS.get(name);
  if (signature === undefined) {
    throw tokens.fail(
      at,
      `unknown function with name ${JSON.stringify(name)} (or not supported by the embedded metrics store)`,
    );
  }
  const args = parseArguments(state);
  const most = signature.optional === Infinity ? Infinity : signature.args.length;
  const least = signature.args.length - (signature.optional === Infinity ? 1 : signature.optional);
  if (args.length < least || most < args.length) {
    const wanted = least === most ? `${least}` : most === Infinity ? `at least ${least}` : `${least} to ${most}`;
    throw tokens.fail(at, `expected ${wanted} argument(s) in call to ${JSON.stringify(name)}, got ${args.length}`);
  }
  return { kind: 'call', name, args, at };
}

function parseArguments(state: ParseState): Expr[] {
  const { tokens } = state;
  tokens.expectOperator('(', 'arguments');
  const args: Expr[] = [];
  while (!tokens.isOperator(')')) {
    args.push(parseExpr(state));
    if (!tokens.takeOperator(',')) break;
    if (tokens.isOperator(')')) throw tokens.unexpected('arguments', 'an expression');
  }
  tokens.expectOperator(')', 'arguments');
  return args;
}
